"""The values of one VEVENT: texts, times in the event's zone, lists of dates."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Event as Component
from icalendar import vText
from icalendar.prop import vBroken

from bot.events.readers import moments, rules
from bot.events.readers.ics_zones import Zones, later, wall
from bot.events.readers.result import RefusedError

_ESCAPED = re.compile(r"\\([\\;,nN])")
Dated = tuple[datetime, timedelta | datetime | None]
"""A start in the event's zone, and how long it lasts or when it ends if its RDATE is a period."""


def values(component: Component, name: str) -> list[Any]:
    """Return the values of a property that may stand there never, once or often."""
    found = component.get(name)
    if found is None:
        return []
    # What could not be read was named when the event was parsed.
    return [each for each in (found if isinstance(found, list) else [found]) if not isinstance(each, vBroken)]


def single(component: Component, name: str) -> Any:
    """Return the value of a property that may stand there once."""
    found = values(component, name)
    if len(found) > 1:
        raise RefusedError(name, "stands there more than once; keep one")
    return found[0] if found else None


def text_of(value: Any) -> str:
    """Return a value as text; our own properties come escaped, since the parser does not know them."""
    if isinstance(value, vText):
        return str(value)
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], str(value))


def first_text(component: Component, name: str) -> str:
    """Return the first value of a property as text, or nothing."""
    found = values(component, name)
    return text_of(found[0]) if found else ""


@dataclass(frozen=True)
class When:
    """Reads the times of an event.

    ``floating`` is the zone of times that name none. ``zone`` is the event's own, None as long as it is not known.
    """

    zones: Zones
    floating: ZoneInfo
    zone: ZoneInfo | None = None
    all_day: bool = False
    start: time = time()

    def raw(self, value: date | datetime, tzid: str | None, column: str) -> datetime | date:
        """Return a time with its zone, or a date."""
        if not isinstance(value, date):
            raise RefusedError(column, "is neither a date nor a time; write 20270310T190000, or a date for all day")
        if not isinstance(value, datetime):
            if not moments.FIRST_YEAR <= value.year <= moments.LAST_YEAR:
                raise RefusedError(column, f"the year {value.year} makes no sense; correct it")
            return value
        moments.in_sense(value, column)
        if value.utcoffset() == timedelta(0) and (tzid is None or tzid.upper() == "UTC"):
            return value.replace(tzinfo=UTC)
        return value.replace(tzinfo=self.zones.find(tzid, column) if tzid else self.floating)

    def of(self, value: date | datetime, tzid: str | None, column: str) -> datetime:
        """Return a time in the event's zone; a date is midnight for an all-day event, else its usual time."""
        found = self.raw(value, tzid, column)
        if not isinstance(found, datetime):
            return datetime.combine(found, time() if self.all_day else self.start, tzinfo=self.zone)
        local = wall(found, self.zone) if self.zone else found
        return datetime.combine(local.date(), time(), tzinfo=self.zone) if self.all_day else local

    def many(self, component: Component, name: str) -> list[Dated]:
        """Return the dates of RDATE or EXDATE."""
        dates: list[Dated] = []
        lines = values(component, name)
        if (count := sum(len(line.dts) for line in lines)) > rules.MAX_DATES:
            raise RefusedError(name, f"has {count} dates; {rules.MAX_DATES} are allowed")
        for values_of_line in lines:
            tzid = tzid_of(values_of_line)
            for each in values_of_line.dts:
                value, length = each.dt if isinstance(each.dt, tuple) else (each.dt, None)
                start = self.of(value, tzid, name)
                dates.append((start, self.of(length, tzid, name) if isinstance(length, datetime) else length))
        return dates


def tzid_of(value: Any) -> str | None:
    """Return the TZID of a property's value, or None."""
    tzid = value.params.get("TZID")
    return str(tzid) if tzid else None


def end_of(component: Component, start: datetime, when: When) -> datetime | None:
    """Return the end of an event: of an all-day one its last day (DTEND is the day after), None if nothing says it."""
    end, duration = single(component, "DTEND"), single(component, "DURATION")
    if end is None and duration is None:
        return None
    if end is None:
        if not isinstance(duration.dt, timedelta) or not timedelta(0) <= duration.dt < timedelta(days=36_600):
            raise RefusedError("DURATION", "is negative or endless; correct it")
        found = start + timedelta(days=duration.dt.days) if when.all_day else later(start, duration.dt)
    else:
        if not when.all_day and not isinstance(end.dt, datetime):
            raise RefusedError("DTEND", "is a date, but the start has a time; give both in one way")
        found = when.of(end.dt, tzid_of(end), "DTEND")
    moments.in_sense(found, "DTEND")
    moments.ordered(start, found, "DTEND")
    if when.all_day:
        if found == start and (duration is not None or end is not None):
            return None
        return found - timedelta(days=1)
    return found
