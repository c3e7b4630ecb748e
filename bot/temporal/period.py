"""Periods: spans that still wait for their year, month or week ("24 December", "Friday", "Easter").

A period is placed by a frame: the visitor's now and, when the text said so, a year or the past.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.temporal import calendar
from bot.temporal.reading import Span

Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Frame:
    """What a period is placed by.

    ``now`` is wall-clock time in ``zone``. ``past`` asks for the latest occurrence instead of the coming one;
    ``inclusive`` lets a weekday that is today count as today, as the start of a range does.
    """

    now: datetime
    zone: ZoneInfo
    past: bool = False
    inclusive: bool = False

    @property
    def today(self) -> date:
        """The visitor's date."""
        return self.now.date()

    def zone_time(self, distance: timedelta) -> datetime:
        """Return the wall clock after ``distance`` of real time, to the minute; clocks may change in between."""
        moment = (self.now.replace(tzinfo=self.zone).astimezone(UTC) + distance).astimezone(self.zone)
        return moment.replace(second=0, microsecond=0, tzinfo=None)

    def moved_to(self, day: date) -> "Frame":
        """Return a frame that looks forward from ``day``."""
        return replace(self, now=calendar.midnight(day), past=False, inclusive=True)


@dataclass(frozen=True)
class Period:
    """A named time. ``at`` gives its spans in a frame, the main reading first.

    ``grain`` is the calendar unit that it is as long as ("days" for several). ``in_year`` is there as long as a year
    may still be added; ``weekday``, ``day`` (of a month) and ``month`` tell what other words may complete.
    """

    kind: str
    grain: str
    at: Callable[[Frame], Spans]
    in_year: Callable[[int], Spans] | None = None
    weekday: int | None = None
    day: int | None = None
    month: int | None = None
    dated: bool = False

    def map(self, change: Callable[[Span], Spans], kind: str, grain: str) -> "Period":
        """Return the period whose every span is changed by ``change``."""
        if (in_year := self.in_year) is not None:
            return yearly(kind, grain, lambda year: _flat(change, in_year(year)))
        return Period(kind, grain, lambda frame: _flat(change, self.at(frame)), dated=self.dated)


def _flat(change: Callable[[Span], Spans], spans: Spans) -> Spans:
    results = [change(span) for span in spans]
    mains = [result[0] for result in results if result]
    others = [span for result in results for span in result[1:]]
    return tuple(dict.fromkeys(mains + others))


def fixed(kind: str, grain: str, *spans: Span | None, dated: bool = True) -> Period:
    """Return a period that lies fast; None among ``spans`` is left out."""
    given = tuple(dict.fromkeys(span for span in spans if span is not None))
    return Period(kind, grain, lambda frame: given, dated=dated)


def yearly(
    kind: str,
    grain: str,
    in_year: Callable[[int], Spans],
    *,
    month: int | None = None,
    day: int | None = None,
) -> Period:
    """Return a period that comes each year: its next occurrence that is not over, the past one as the other reading."""

    def at(frame: Frame) -> Spans:
        today, year = calendar.midnight(frame.today), frame.today.year
        back = [*range(year, year - REACH, -1)]
        if frame.past:
            return next((s for y in back if (s := in_year(y)) and s[0].start and s[0].start <= frame.now), ())
        ahead = range(year - 1, year + REACH)  # last year's winter may still last
        coming = next((s for y in ahead if (s := in_year(y)) and s[0].end and s[0].end > today), ())
        over = next((s[0] for y in back if (s := in_year(y)) and s[0].end and s[0].end <= today), None)
        recent = over is not None and over.end is not None and (today - over.end).days < RECENT_DAYS
        return (*coming, over) if coming and over is not None and recent else coming

    return Period(kind, grain, at, in_year=in_year, month=month, day=day)


REACH = 9  # years: 29 February is up to eight away
RECENT_DAYS = 92  # "in October", asked in November, may mean the one that is over


def in_year(period: Period, year: int) -> Period | None:
    """Return ``period`` in ``year``, or None if it takes no year or that year lacks it."""
    if period.in_year is None or not calendar.FIRST_YEAR <= year <= calendar.LAST_YEAR:
        return None
    spans = period.in_year(year)
    return replace(fixed(period.kind, period.grain, *spans), month=period.month, day=period.day) if spans else None


def date_period(month: int, day: int) -> Period:
    """Return a day of a month, of any year."""

    def days(year: int) -> Spans:
        found = calendar.make(year, month, day)
        return (calendar.days(found),) if found else ()

    return yearly("date", "day", days, month=month, day=day)


def month_period(month: int) -> Period:
    """Return a month of any year."""
    return yearly("month", "month", lambda year: (calendar.month(year, month),), month=month)


def day_of_month(day: int) -> Period:
    """Return a day of any month ("on the 15th"): the next such date."""

    def at(frame: Frame) -> Spans:
        step = -1 if frame.past else 1
        for ahead in range(12):
            month = calendar.add_months(frame.today.replace(day=1), step * ahead)
            found = calendar.make(month.year, month.month, day)
            if found and (found <= frame.today if frame.past else found >= frame.today):
                return (calendar.days(found),)
        return ()

    return Period("date", "day", at, day=day)


def weekday_period(weekday: int) -> Period:
    """Return a day of the week: the coming one; said on that very day, the one in a week (or today)."""

    def at(frame: Frame) -> Spans:
        found = calendar.weekday_from(frame.today, weekday)
        if frame.past:
            ago = (frame.today.weekday() - weekday) % 7
            return (calendar.days(frame.today - timedelta(days=ago)),)
        if found > frame.today or frame.inclusive:
            return (calendar.days(found),)
        return calendar.days(found + timedelta(days=7)), calendar.days(found)

    return Period("weekday", "day", at, weekday=weekday)
