"""Times of day: "19 Uhr", "half past seven", 下午三点, and the parts of a day."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.temporal import calendar
from bot.temporal.period import Frame
from bot.temporal.reading import Span

HOUR = 60
NOON = 12 * HOUR
DAY = 24 * HOUR
DAYPARTS = {
    "early": (6 * HOUR, 12 * HOUR),
    "morning": (6 * HOUR, 12 * HOUR),
    "noon": (11 * HOUR, 14 * HOUR),
    "afternoon": (12 * HOUR, 18 * HOUR),
    "evening": (18 * HOUR, DAY),
    "dusk": (17 * HOUR, 20 * HOUR),
    "night": (22 * HOUR, DAY + 6 * HOUR),
    "latenight": (18 * HOUR, DAY),  # "Friday night" in English is the evening
    "small_hours": (0, 6 * HOUR),
    "daytime": (6 * HOUR, 18 * HOUR),
}


@dataclass(frozen=True)
class Clock:
    """Minutes of a day, half-open; ``end`` may run past 24 h.

    ``loose`` marks an hour up to twelve that no word placed before or after noon; with ``late_first`` it is
    rather the later one.
    """

    start: int
    end: int
    kind: str
    loose: bool = False
    late_first: bool = False

    def on(self, day: date, frame: Frame, zone: ZoneInfo | None = None) -> tuple[Span, ...]:
        """Return the spans on ``day``, in the frame's zone; ``zone`` is the one that the text named."""
        spans = [_span(self, day, frame.zone, zone)]
        if self.loose:
            spans.append(_span(self.later(), day, frame.zone, zone))
            over = spans[0].end is not None and spans[0].end <= frame.now and day == frame.today
            if over or self.late_first:
                spans.reverse()  # an hour that is over today: its twin in the afternoon is meant
        return tuple(spans)

    def later(self) -> "Clock":
        """Return the same twelve hours later."""
        end = self.end if self.end >= DAY else self.end + NOON
        return replace(self, start=self.start + NOON, end=end, loose=False, late_first=False)

    def times(self) -> tuple[time, time]:
        """Return start and end as times of day; midnight is 00:00."""
        return _time(self.start), _time(self.end)


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _span(clock: Clock, day: date, home: ZoneInfo, zone: ZoneInfo | None) -> Span:
    start = calendar.midnight(day) + timedelta(minutes=clock.start)
    end = calendar.midnight(day) + timedelta(minutes=clock.end)
    if zone is None or zone.key == home.key:
        return Span(start, end)
    first = _convert(start, zone, home)
    return Span(first, first + (end - start))


def _convert(moment: datetime, zone: ZoneInfo, home: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=zone).astimezone(home).replace(tzinfo=None)


def instant(hour: int, minute: int = 0, *, loose: bool = False) -> Clock | None:
    """Return a time of day, one hour long, or None if the clock has no such time."""
    if not (0 <= hour <= 24 and 0 <= minute < 60) or (hour == 24 and minute):
        return None
    start = hour * HOUR + minute
    return Clock(start, start + HOUR, "instant", loose=loose and 0 < hour <= 12)


def daypart(name: str) -> Clock:
    """Return a part of the day by its name in DAYPARTS."""
    start, end = DAYPARTS[name]
    return Clock(start, end, "daypart")


def within(clock: Clock, part: Clock) -> Clock:
    """Return ``clock`` placed by the part of day said with it: seven "in the evening" is 19:00."""
    if not clock.loose:
        return clock
    early = replace(clock, start=clock.start % NOON, end=clock.start % NOON + clock.end - clock.start, loose=False)
    for candidate in (early, early.later(), replace(early, start=early.start + DAY, end=early.end + DAY)):
        if part.start <= candidate.start < part.end:
            return candidate
    # "eleven in the afternoon" does not exist; noon's neighbours and a late afternoon do
    return early.later() if part.start >= 11 * HOUR else replace(clock, loose=False)


def meridiem(clock: Clock, half: str) -> Clock | None:
    """Return ``clock`` with am or pm, or None for 19 am."""
    if not 0 < clock.start // HOUR <= 12:
        return clock if half == "pm" and clock.start // HOUR > 12 else None
    start = clock.start % NOON + (NOON if half == "pm" else 0)
    return Clock(start, start + clock.end - clock.start, clock.kind)


def earlier(clock: Clock, minutes: int) -> Clock | None:
    """Return ``clock`` some minutes earlier, or None if that is the day before."""
    start = clock.start - minutes
    return replace(clock, start=start, end=clock.end - minutes) if start >= 0 else None


def since(clock: Clock) -> Clock:
    """Return from ``clock`` on to midnight."""
    return Clock(clock.start, max(DAY, clock.start + HOUR), "open", clock.loose, clock.late_first)


def before(clock: Clock, *, inclusive: bool = False) -> Clock | None:
    """Return from midnight to ``clock``, None if nothing is before it."""
    end = clock.end if inclusive and clock.kind == "daypart" else clock.start
    return Clock(0, end, "open") if end > 0 else None


def between(first: Clock, last: Clock) -> Clock | None:
    """Return from one time to another; "2 to 4 pm" and 下午两点到四点 share the half of the day."""
    late_first = first.late_first
    if first.loose and not last.loose:
        twin = first.later()
        first = twin if last.start >= NOON and twin.start < last.start else replace(first, loose=False)
    if last.loose and not first.loose and last.start <= first.start:
        last = last.later()
    loose = first.loose and last.loose
    end = last.start if last.kind == "instant" else last.end
    if end <= first.start:
        if loose:
            end, loose = end + NOON, False
        elif end + DAY - first.start < DAY:
            end += DAY
    return Clock(first.start, end, "range", loose, loose and late_first) if end > first.start else None


def narrow(first: Clock, second: Clock) -> Clock | None:
    """Return what lies in both parts of the day ("morgens früh"), or None."""
    start, end = max(first.start, second.start), min(first.end, second.end)
    return Clock(start, end, "daypart") if start < end else None
