"""When a subscriber may be written to: zones, quiet hours across midnight, the next morning or Sunday; pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DEFAULT_ZONES = {"de": "Europe/Berlin", "en": "Europe/Berlin", "zh": "Asia/Shanghai"}
QUIET_FROM, QUIET_UNTIL = time(21), time(8)
MORNING = time(10)
SUNDAY = 6
SHORTLY = timedelta(hours=2)
"""Before the start: when an event is so near that its eve is past."""
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Hours:
    """A subscriber's zone and quiet hours; equal ends mean none."""

    zone: str
    quiet_from: time = QUIET_FROM
    quiet_until: time = QUIET_UNTIL

    def is_quiet(self, moment: datetime) -> bool:
        """Whether nothing may be sent at ``moment``."""
        clock = moment.astimezone(_zone(self.zone)).time()
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= clock < self.quiet_until
        return clock >= self.quiet_from or clock < self.quiet_until

    def allowed(self, moment: datetime) -> datetime:
        """Return ``moment``, or when the quiet hours that it lies in end."""
        if not self.is_quiet(moment):
            return moment
        local = moment.astimezone(_zone(self.zone))
        end = self._at(local.date(), self.quiet_until)
        return end if end > moment else self._at(local.date() + timedelta(days=1), self.quiet_until)

    def next_morning(self, after: datetime) -> datetime:
        """Return when the next daily message is due, later than ``after``."""
        day = after.astimezone(_zone(self.zone)).date()
        mornings = (self.allowed(self._at(day + timedelta(days=more), MORNING)) for more in (-1, 0, 1, 2))
        return next(morning for morning in mornings if morning > after)

    def next_sunday(self, after: datetime) -> datetime:
        """Return when the next weekly message is due, later than ``after``."""
        day = after.astimezone(_zone(self.zone)).date()
        ahead = (SUNDAY - day.weekday()) % 7
        sundays = (self.allowed(self._at(day + timedelta(days=ahead + more), MORNING)) for more in (-7, 0, 7))
        return next(sunday for sunday in sundays if sunday > after)

    def reminding(self, start: datetime, now: datetime, all_day: bool = False) -> datetime | None:
        """Return when to remind of an event: in the morning of the day before, else two hours before it.

        None if the event is nearer than that, or if there is no moment left outside the quiet hours.
        """
        day = (start if all_day else start.astimezone(_zone(self.zone))).date()
        eve = self.allowed(self._at(day - timedelta(days=1), MORNING))
        if now < eve < start:
            return eve
        shortly = self._last_allowed(start - SHORTLY)
        return shortly if shortly > now else None

    def _last_allowed(self, moment: datetime) -> datetime:
        """Return ``moment``, or the last minute before the quiet hours that it lies in."""
        if not self.is_quiet(moment):
            return moment
        local = moment.astimezone(_zone(self.zone))
        begin = self._at(local.date(), self.quiet_from)
        return (begin if begin <= moment else self._at(local.date() - timedelta(days=1), self.quiet_from)) - _MINUTE

    def _at(self, day: date, clock: time) -> datetime:
        # By way of UTC: a time that the change of clocks skips is the one an hour later.
        return datetime.combine(day, clock, _zone(self.zone)).astimezone(UTC).astimezone(_zone(self.zone))


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def default_zone(language: str) -> str:
    """Return the zone that is taken for a visitor of a language."""
    return DEFAULT_ZONES.get(language, DEFAULT_ZONES["de"])
