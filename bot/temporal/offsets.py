"""Distances from today: "in two weeks" is a day, "in the next two weeks" a range."""

from datetime import date, datetime, time, timedelta

from bot.temporal import calendar
from bot.temporal.period import Frame, Period, fixed
from bot.temporal.reading import Span

HOURS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
LIMITS = {"minute": 100_000, "hour": 5_000, "day": 20_000, "week": 3_000, "weekend": 3_000}
OTHER_LIMIT = 70  # years, and as few months or quarters, keep the date inside the calendar


def _allowed(count: int, unit: str) -> bool:
    return abs(count) <= LIMITS.get(unit, OTHER_LIMIT)


def moved(day: date, count: int, unit: str) -> date | None:
    """Return ``day`` moved by whole units, or None for hours and for distances beyond the calendar."""
    return calendar.shift(day, unit, count) if unit not in HOURS and _allowed(count, unit) else None


def offset(frame: Frame, count: int, unit: str) -> Period | None:
    """Return the time ``count`` units from now; for longer units, the week or month around it is the other reading."""
    if not _allowed(count, unit):
        return None
    if unit in HOURS:
        moment = frame.zone_time(HOURS[unit] * count)
        return fixed("offset", "hour", Span(moment, moment + timedelta(hours=1)))
    target = calendar.shift(frame.today, unit, count)
    if unit == "weekend":
        return fixed("offset", "weekend", calendar.containing(unit, target))
    moment = datetime.combine(target, time(frame.now.hour, frame.now.minute))
    around = calendar.containing(unit, target) if unit != "day" else None
    return fixed("offset", "day", calendar.days(target), around, Span(moment, moment + timedelta(hours=1)))


def ahead(frame: Frame, count: int, unit: str) -> Period | None:
    """Return the range from today over the next ``count`` units, or over the last ones if it is negative."""
    if not _allowed(count, unit) or count == 0:
        return None
    today = frame.today
    if unit in HOURS:
        moment = frame.zone_time(HOURS[unit] * count)
        return fixed("range", "days", Span(min(moment, frame.now), max(moment, frame.now)))
    edge = calendar.shift(today, unit if unit != "weekend" else "week", count)
    if count < 0:
        return fixed("range", "days", calendar.until(edge, today), calendar.until(edge, today + calendar.DAY))
    tomorrow = today + calendar.DAY
    return fixed(
        "range",
        "days",
        calendar.until(today, edge),
        calendar.until(today, edge + calendar.DAY),
        calendar.until(tomorrow, edge + calendar.DAY),
        Span(frame.now, calendar.midnight(edge)) if edge > today else None,
    )
