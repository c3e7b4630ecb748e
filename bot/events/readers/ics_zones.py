"""The time zones of an iCalendar file: IANA names, Windows names, and the file's own definitions."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from bot.events.readers import moments
from bot.events.readers.result import RefusedError

_FIRST_GUESSES = ("Europe/Berlin", "Asia/Shanghai", "UTC", "Europe/London", "America/New_York")
# A day of each month, over years with every kind of change.
_PROBES = tuple(datetime(2025, 1, 15, 12) + timedelta(days=30 * step) for step in range(60))  # noqa: DTZ001
_BROKEN = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError)


class Zones:
    """Finds the IANA zone of each TZID of a file. ``definitions`` are its VTIMEZONEs as text, by TZID."""

    def __init__(self, definitions: dict[str, str]) -> None:
        self._definitions = definitions
        self._found: dict[str, ZoneInfo | None] = {}

    def find(self, tzid: str, column: str) -> ZoneInfo:
        """Return the zone; refuse a name that neither the world nor the file knows."""
        if tzid not in self._found:
            self._found[tzid] = named(tzid) or self._defined(tzid)
        zone = self._found[tzid]
        if zone is None:
            raise RefusedError(
                column, f"the time zone '{tzid[:60]}' is unknown; write an IANA zone such as TZID=Europe/Berlin"
            )
        return zone

    def _defined(self, tzid: str) -> ZoneInfo | None:
        definition = self._definitions.get(tzid)
        if definition is None:
            return None
        location = re.search(r"^X-LIC-LOCATION[^:\r\n]*:(.+?)\r?$", definition, re.MULTILINE)
        if location and (zone := named(location[1].strip())):
            return zone
        # Other frequencies than a year's make no zone, but millions of changes to compute.
        if any(freq.upper() != "YEARLY" for freq in re.findall(r"FREQ=(\w*)", definition, re.IGNORECASE)):
            return None
        try:
            component = Timezone.from_ical(definition)
            if not isinstance(component, Timezone):
                return None
            behaviour = component.to_tz()
            return _that_behaves(tuple(behaviour.utcoffset(probe) for probe in _PROBES))
        except _BROKEN:
            return None


def named(tzid: str) -> ZoneInfo | None:
    """Return the zone of an IANA name, also at the end of a path, or of a Windows name."""
    name = tzid.strip().strip('"')
    parts = name.strip("/").split("/")
    candidates = [WINDOWS_TO_OLSON.get(name, name), "/".join(parts[-2:]), "/".join(parts[-3:])]
    for candidate in candidates:
        try:
            return moments.zone(candidate)
        except RefusedError:
            continue
    return None


@lru_cache(maxsize=64)
def _that_behaves(offsets: tuple[timedelta | None, ...]) -> ZoneInfo | None:
    """Return the first zone with these offsets at the probes: its own name does not matter to a calendar."""
    for name in (*_FIRST_GUESSES, *sorted(available_timezones())):
        zone = ZoneInfo(name)
        if all(zone.utcoffset(probe) == offset for probe, offset in zip(_PROBES, offsets, strict=True)):
            return zone
    return None


def wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return a moment as a time in ``zone`` without the fold, which no table or calendar can hold."""
    return moment.astimezone(zone).replace(fold=0)


def later(start: datetime, duration: timedelta) -> datetime:
    """Return ``start`` plus a duration: whole days on the wall clock, the rest exactly (RFC 5545 section 3.3.6)."""
    days = start + timedelta(days=duration.days)
    return wall(days.astimezone(UTC) + timedelta(seconds=duration.seconds), start.tzinfo)  # type: ignore[arg-type]
