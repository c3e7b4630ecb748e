"""The calendar algebra: units of the calendar as half-open spans, shared by all languages.

Weeks start on Monday, a weekend is Saturday and Sunday, seasons are the meteorological ones.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from bot.temporal.reading import Span

DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 1900, 2100
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
WEEKDAYS_OF_PART = {"start": (0, 2), "mid": (2, 4), "end": (4, 7), "half1": (0, 3), "half2": (3, 7)}


def midnight(day: date) -> datetime:
    """Return the first moment of ``day``."""
    return datetime.combine(day, time())


def days(first: date, count: int = 1) -> Span:
    """Return ``count`` whole days from ``first``."""
    return Span(midnight(first), midnight(first + count * DAY))


def until(first: date, end: date) -> Span:
    """Return the whole days from ``first`` to the day before ``end``."""
    return Span(midnight(first), midnight(end))


def make(year: int, month: int, day: int) -> date | None:
    """Return a date, or None if the calendar has no such day or the year is outside the readable ones."""
    try:
        return date(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None


def full_year(number: int) -> int:
    """Return the year that two or four figures name: up to 50 of this century, above of the last one."""
    return number if number >= 100 else number + (2000 if number <= 50 else 1900)


def add_months(day: date, count: int) -> date:
    """Return ``day`` moved by months; a day that the month lacks becomes its last (31 January + 1 = 28 February)."""
    index = day.year * 12 + day.month - 1 + count
    year, month = divmod(index, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - DAY).day
    return date(year, month + 1, min(day.day, last))


def shift(day: date, unit: str, count: int) -> date:
    """Return ``day`` moved by ``count`` units (day, week, weekend, month, quarter, half, season, year)."""
    if unit in ("day", "week", "weekend"):
        return day + timedelta(days=count if unit == "day" else 7 * count)
    return add_months(day, count * {"month": 1, "quarter": 3, "season": 3, "half": 6, "year": 12}[unit])


def containing(unit: str, day: date) -> Span:
    """Return the calendar unit that ``day`` lies in; for a weekend, that of its week."""
    monday = day - timedelta(days=day.weekday())
    if unit == "day":
        return days(day)
    if unit == "week":
        return days(monday, 7)
    if unit == "weekend":
        return days(monday + 5 * DAY, 2)
    length = {"month": 1, "quarter": 3, "half": 6, "year": 12, "season": 3}[unit]
    offset = day.month % 3 if unit == "season" else (day.month - 1) % length
    first = add_months(day.replace(day=1), -offset)
    return until(first, add_months(first, length))


def month(year: int, number: int) -> Span:
    """Return a calendar month."""
    return containing("month", date(year, number, 1))


def season(year: int, name: str) -> Span:
    """Return the season that starts in ``year``; its winter runs into the next year."""
    first = date(year, SEASONS[name], 1)
    return until(first, add_months(first, 3))


def iso_week(year: int, number: int) -> Span | None:
    """Return an ISO week (KW 50, week 50), or None if the year has no such week."""
    try:
        return days(date.fromisocalendar(year, number, 1), 7)
    except ValueError:
        return None


def weekday_from(day: date, weekday: int) -> date:
    """Return the first ``weekday`` (0 is Monday) on or after ``day``."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _dates(span: Span) -> Iterator[date]:
    if span.start is None or span.end is None:
        return
    day = span.start.date()
    while midnight(day) < span.end:
        yield day
        day += DAY


def nth(span: Span, what: str | int, number: int) -> tuple[Span, ...]:
    """Return the ``number``-th (−1 is the last) weekday, weekend, day, week or month of ``span``.

    For a week, speakers differ: the first reading counts seven days from the first, the others whole calendar weeks.
    """
    if span.start is None or span.end is None or number == 0:
        return ()
    if what == "week":
        return _nth_week(span, number)
    if what == "month":
        starts = [day for day in _dates(span) if day.day == 1]
    elif what == "day":
        starts = list(_dates(span))
    else:
        weekday = 5 if what == "weekend" else what
        starts = [day for day in _dates(span) if day.weekday() == weekday]
    index = number - 1 if number > 0 else number
    if not -len(starts) <= index < len(starts):
        return ()
    return (containing(what if isinstance(what, str) else "day", starts[index]),)


def _nth_week(span: Span, number: int) -> tuple[Span, ...]:
    assert span.start is not None and span.end is not None  # noqa: S101  # nth() has checked
    first, end = span.start.date(), span.end.date()
    if number < 0:
        return days(end + 7 * number * DAY, 7), containing("week", end - DAY + 7 * (number + 1) * DAY)
    counted = first + 7 * (number - 1) * DAY
    if counted >= end:
        return ()
    full = days(weekday_from(first, 0) + 7 * (number - 1) * DAY, 7)
    return until(counted, min(counted + 7 * DAY, end)), full, containing("week", counted)


def part(span: Span, unit: str, which: str) -> tuple[Span, ...]:
    """Return the start, mid or end (or half1, half2) of ``span``, a week, month, quarter, season, half or year."""
    if span.start is None or span.end is None:
        return ()
    first, end = span.start.date(), span.end.date()
    if which == "rest":
        return (span,)
    if unit == "week":
        low, high = WEEKDAYS_OF_PART[which]
        return (days(first + low * DAY, high - low),)
    if unit == "month":
        edges = {"start": (1, 11), "mid": (11, 21), "end": (21, 0), "half1": (1, 16), "half2": (16, 0)}[which]
        return (until(first.replace(day=edges[0]), first.replace(day=edges[1]) if edges[1] else end),)
    months = (end.year - first.year) * 12 + end.month - first.month
    if which in ("half1", "half2"):
        middle = add_months(first, months // 2)
        return (until(first, middle) if which == "half1" else until(middle, end),)
    if unit == "year":
        inner, wide = {"start": ((0, 1), (0, 3)), "mid": ((5, 7), (3, 9)), "end": ((11, 12), (9, 12))}[which]
    else:
        inner = wide = {"start": (0, 1), "mid": (1, months - 1), "end": (months - 1, months)}[which]
    spans = (until(add_months(first, low), add_months(first, high)) for low, high in (inner, wide) if low < high)
    return tuple(dict.fromkeys(spans))


def hull(first: Span, second: Span) -> Span | None:
    """Return the span from the start of ``first`` to the end of ``second``, or None if that is empty."""
    if first.start is not None and second.end is not None and first.start >= second.end:
        return None
    return Span(first.start, second.end)


def intersect(first: Span, second: Span) -> Span | None:
    """Return what lies in both spans, or None."""
    starts = [span.start for span in (first, second) if span.start is not None]
    ends = [span.end for span in (first, second) if span.end is not None]
    start, end = max(starts, default=None), min(ends, default=None)
    return None if start is not None and end is not None and start >= end else Span(start, end)
