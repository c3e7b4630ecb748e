"""How two times that belong together make one: a day and an hour, a week and a weekday, a month and a year."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.temporal import calendar
from bot.temporal.clock import Clock
from bot.temporal.period import Frame, Period, fixed, in_year
from bot.temporal.reading import Span

LONGER = {grain: rank for rank, grain in enumerate(("hour", "day", "weekend", "week", "days", "month", "season"))}
LONGER |= {"quarter": 7, "half": 8, "year": 9}


def combine(first: Period, second: Period, frame: Frame) -> Period | None:
    """Return the period that two neighbours name together, or None if they are two times."""
    for one, other in ((first, second), (second, first)):
        if one.grain == "year" and other.in_year is not None:
            spans = one.at(frame)
            return in_year(other, spans[0].start.year) if spans and spans[0].start else None
    for one, other in ((first, second), (second, first)):
        if other.weekday is not None and one.weekday is None:
            return other if one.kind == "workdays" else _weekday_in(one, other, frame)
    for one, other in ((first, second), (second, first)):
        if other.day is not None and other.month is None and one.grain == "month":
            return _day_in_month(one, other.day)
        if other.kind == "weekend" and not other.dated and one.grain in ("month", "season", "quarter"):
            return one
        if other.kind == "workdays":
            return one if one.grain != "week" else one.map(_working_week, "workdays", "days")
        if other.kind == "weekday" and other.dated and one.kind in ("date", "holiday", "day"):
            return _contradicted(one, other.at(frame))
    return _overlap(first, second, frame)


def _weekday_in(base: Period, weekday: Period, frame: Frame) -> Period | None:
    """Wednesday of next week; Wednesday, 3 December (the date wins, a wrong weekday is the other reading)."""
    day = weekday.weekday
    if base.grain in ("week", "weekend"):
        return base.map(lambda span: calendar.nth(span, day, 1) if day is not None else (), "weekday", "day")
    if base.grain == "day" and base.kind != "weekday":
        return _contradicted(base, weekday.at(replace(frame, inclusive=True)))
    if base.grain in ("month", "season", "quarter", "year"):
        return base
    return None


def _working_week(span: Span) -> tuple[Span, ...]:
    return (calendar.days(span.start.date(), 5),) if span.start else ()


def _contradicted(base: Period, weekday: tuple[Span, ...]) -> Period:
    def at(frame: Frame) -> tuple[Span, ...]:
        spans = base.at(frame)
        if not spans or not weekday or spans[0].start is None or weekday[0].start is None:
            return spans
        same = spans[0].start.weekday() == weekday[0].start.weekday()
        return spans[:1] if same else (*spans, weekday[0])

    return replace(base, at=at, in_year=base.in_year)


def _day_in_month(base: Period, day: int) -> Period:
    def change(span: Span) -> tuple[Span, ...]:
        found = calendar.make(span.start.year, span.start.month, day) if span.start else None
        return (calendar.days(found),) if found else ()

    return base.map(change, "date", "day")


def _overlap(first: Period, second: Period, frame: Frame) -> Period | None:
    """Return the shorter time if it lies inside the longer one, looking for it from the longer one's start."""
    short, long = sorted((first, second), key=lambda period: LONGER.get(period.grain, 4))
    frames = long.at(frame)
    if not frames or short.grain == long.grain or frames[0].start is None:
        return None
    placed = short.at(frame if short.dated else frame.moved_to(frames[0].start.date()))
    shared = calendar.intersect(placed[0], frames[0]) if placed else None
    return fixed(short.kind, short.grain, shared) if shared is not None and shared == placed[0] else None


def at_time(period: Period, clock: Clock, frame: Frame, zone: ZoneInfo | None) -> Period | None:
    """Return ``period`` at a time of day, or None if it is longer than a day."""
    spans = period.at(frame)
    if not spans or spans[0].start is None or spans[0].end is None:
        return None
    if spans[0].end - spans[0].start != timedelta(days=1) or period.kind == "open":
        return None

    def at(moment: Frame) -> tuple[Span, ...]:
        found = [clock.on(span.start.date(), moment, zone) for span in period.at(moment) if span.start is not None]
        return tuple(dict.fromkeys([one[0] for one in found] + [span for one in found for span in one[1:]]))

    return Period(clock.kind, "hour", at, dated=True)
