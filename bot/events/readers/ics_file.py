"""Reads an iCalendar file (RFC 5545), event by event."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from icalendar import Event as Component
from icalendar.error import GloballyUniqueTZIDGuessed

from bot.events.model import Event
from bot.events.readers import text
from bot.events.readers.ics_event import Calendar, event
from bot.events.readers.ics_split import split
from bot.events.readers.ics_values import first_text, single, values
from bot.events.readers.ics_zones import Zones, named
from bot.events.readers.result import EventFileError, ReadResult, RefusedError, Warn, Warned
from bot.events.readers.rows import Options

_NEEDED = {"UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SEQUENCE"}


@dataclass
class _Series:
    number: int
    master: Component | None = None
    changes: list[Component] = field(default_factory=list)
    again: list[tuple[int, Component]] = field(default_factory=list)


def read(content: str, name: str, options: Options) -> ReadResult:
    """Return the events of an iCalendar file; numbers count its VEVENTs from 1.

    Raises:
        EventFileError: there is no VEVENT in it at all.
    """
    pieces = split(content)
    if not pieces.events and "VERSION" not in pieces.properties and "PRODID" not in pieces.properties:
        raise EventFileError(f"{name}: there is no event (VEVENT) in it; export the calendar again")
    result = ReadResult()
    zone_name = pieces.properties.get("X-WR-TIMEZONE", "")
    zones = Zones(pieces.zones)
    calendar = Calendar(
        zones,
        named(zone_name) if zone_name else None,
        options.city,
        pieces.properties.get("METHOD", "").upper() == "CANCEL",
    )
    if zone_name and calendar.zone is None:
        result.warnings.append(Warned(0, "X-WR-TIMEZONE", f"'{zone_name[:60]}' is unknown; left aside"))
    with warnings.catch_warnings():
        # Zones are found by their names here; the library's own guesses are not used.
        warnings.simplefilter("ignore", GloballyUniqueTZIDGuessed)
        for series in _grouped(pieces.events, result).values():
            _take(series, calendar, result)
    return result


def _grouped(blocks: list[str | None], result: ReadResult) -> dict[str, _Series]:
    """Return the VEVENTs by UID, each with those that change its dates."""
    found: dict[str, _Series] = {}
    for number, block in enumerate(blocks, 1):
        try:
            component = _parsed(block)
        except RefusedError as problem:
            result.take(number, "", _raising(problem))
            continue
        uid = first_text(component, "UID")
        try:
            _check(component, lambda column, reason: result.warnings.append(Warned(number, column, reason, uid)))  # noqa: B023
        except RefusedError as problem:
            result.take(number, uid, _raising(problem))
            continue
        series = found.setdefault(uid, _Series(number))
        if values(component, "RECURRENCE-ID"):
            series.changes.append(component)
        elif series.master is None:
            series.master, series.number = component, number
        else:
            series.again.append((number, component))
    return found


def _parsed(block: str | None) -> Component:
    if block is None:
        raise RefusedError("END", "the event has no end or is endless; export the calendar again")
    try:
        component = Component.from_ical(block)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, OSError) as error:
        raise RefusedError("BEGIN", f"the event cannot be read ({str(error)[:120]}); export it again") from error
    if not isinstance(component, Component):
        raise RefusedError("BEGIN", "is no event; export the calendar again")
    return component


def _check(component: Component, warn: Warn) -> None:
    """Refuse an event with a broken line that it cannot do without; name the others."""
    for name, problem in component.errors:
        if name in _NEEDED:
            raise RefusedError(name, f"cannot be read ({str(problem)[:120]}); correct it")
        warn(name or "line", f"left aside: {str(problem)[:160]}")


def _raising(problem: RefusedError) -> Callable[[Warn], Event]:
    def read_nothing(warn: Warn) -> Event:
        raise problem

    return read_nothing


def _take(series: _Series, calendar: Calendar, result: ReadResult) -> None:
    if series.master is not None:
        master = series.master
        uid = first_text(master, "UID")
        result.take(series.number, uid, lambda warn: event(master, series.changes, calendar, warn))
        for number, component in series.again:
            result.take(number, uid, lambda warn: event(component, [], calendar, warn))  # noqa: B023
        return
    for component in series.changes:
        result.take(series.number, first_text(component, "UID"), lambda warn: _alone(component, calendar, warn))  # noqa: B023


def _alone(component: Component, calendar: Calendar, warn: Warn) -> Event:
    """Return a changed date whose series is not in the file as an event of its own."""
    made = event(component, [], calendar, warn)
    warn("RECURRENCE-ID", "the series of this date is not in the file; taken as a single event")
    at = single(component, "RECURRENCE-ID").dt
    if not isinstance(at, date):
        raise RefusedError("RECURRENCE-ID", "is no date of the series; export the calendar again")
    stamp = f"{at:%Y%m%dT%H%M%S}" if isinstance(at, datetime) else f"{at:%Y%m%d}"
    return replace(made, uid=text.uid(f"{made.uid}#{stamp}", "UID"), rrule="", rdates=(), exdates=())
