"""Writes iCalendar (RFC 5545) that reads back as it was: our own fields and languages are X-BB properties."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Timezone, vRecur, vText
from icalendar import Event as Component

from bot.events.model import City, Event, Occurrence, Override, Status
from bot.events.readers import moments, rules
from bot.languages import LANGUAGES

PRODUCT = "-//Berlin-Beijing Assistant//Event calendar//EN"
_STATUS = {Status.SCHEDULED: "CONFIRMED", Status.CANCELLED: "CANCELLED", Status.POSTPONED: "TENTATIVE"}
_ZONE_FROM, _ZONE_TO = date(2020, 1, 1), date(2040, 1, 1)


def to_ics(
    events: Iterable[Event],
    now: datetime,
    name: str,
    language: str = "de",
    stamps: Mapping[str, datetime] | None = None,
) -> bytes:
    """Return a calendar of events, recurrences and their changed dates included.

    ``language`` chooses the SUMMARY and DESCRIPTION that calendar programs show; the other languages stand beside it.
    ``stamps`` are the last changes by uid (DTSTAMP), ``now`` where one is not known: the same events and stamps give
    the same bytes.
    """
    calendar = _calendar(name)
    zones: set[str] = set()
    components: list[Component] = []
    for event in events:
        zones.add(event.timezone)
        components += _series(event, language, (stamps or {}).get(event.uid, now))
    return _bytes(calendar, zones, components)


def occurrence_ics(occurrence: Occurrence, now: datetime, name: str, language: str = "de") -> bytes:
    """Return a calendar with one date, for "add to calendar"; its UID stays when the date is moved."""
    event, uid = occurrence.event, occurrence.event.uid
    if event.rrule or event.rdates:
        first = occurrence.moved_from or occurrence.start
        uid = f"{uid}#{first:%Y%m%d}" if event.all_day else f"{uid}#{first:%Y%m%dT%H%M%S}"
    single = replace(
        event, uid=uid, start=occurrence.start, end=occurrence.end, status=occurrence.status, rrule="", rdates=(),
        exdates=(), overrides=(),
    )  # fmt: skip
    return to_ics([single], now, name, language)


def _calendar(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", _Text(name), encode=False)
    return calendar


def _bytes(calendar: Calendar, zones: set[str], components: list[Component]) -> bytes:
    text: bytes = calendar.to_ical()
    body = b"".join(_zone(zone) for zone in sorted(zones - {"UTC"})) + b"".join(each.to_ical() for each in components)
    return text.replace(b"END:VCALENDAR\r\n", body + b"END:VCALENDAR\r\n")


@lru_cache(maxsize=64)
def _zone(name: str) -> bytes:
    text: bytes = Timezone.from_tzid(name, first_date=_ZONE_FROM, last_date=_ZONE_TO).to_ical()
    return text


def _series(event: Event, language: str, stamp: datetime) -> list[Component]:
    master = _component(event, language, stamp)
    if event.rrule:
        master.add("RRULE", vRecur.from_ical(rules.checked(event.rrule, event.start, event.all_day)))
    for name, dates in (("RDATE", event.rdates), ("EXDATE", event.exdates)):
        if dates:
            _add_times(master, name, sorted(set(dates)), event)
    changes = sorted(event.overrides, key=lambda each: (each.recurrence_id, each.and_following))
    return [master, *(_changed(event, override, language, stamp) for override in changes)]


def _changed(event: Event, override: Override, language: str, stamp: datetime) -> Component:
    start = override.start or override.recurrence_id
    usual_end = start + (event.end - event.start) if event.end else None
    once = replace(
        event, start=start, end=override.end or usual_end, status=override.status, venue=override.venue or event.venue,
        titles={**event.titles, **override.titles},
    )  # fmt: skip
    component = _component(once, language, stamp)
    parameters = {"RANGE": "THISANDFUTURE"} if override.and_following else {}
    _add_time(component, "RECURRENCE-ID", override.recurrence_id, event, parameters)
    return component


def _component(event: Event, language: str, stamp: datetime) -> Component:
    component = Component()
    _add_text(component, "UID", event.uid)
    component.add("DTSTAMP", stamp.astimezone(UTC).replace(microsecond=0))
    component.add("SEQUENCE", event.sequence)
    _add_time(component, "DTSTART", event.start, event)
    if event.end is not None:
        _add_time(component, "DTEND", event.end + timedelta(days=1) if event.all_day else event.end, event)
    component.add("STATUS", _STATUS[event.status])
    if event.status is Status.POSTPONED:
        _add_text(component, "X-BB-STATUS", event.status.value)
    _add_texts(component, "SUMMARY", event.titles, language)
    _add_texts(component, "DESCRIPTION", event.summaries, language)
    _add_place(component, event)
    _add_our_own(component, event)
    return component


def _add_our_own(component: Component, event: Event) -> None:
    component.add("CATEGORIES", [event.category.value.capitalize()])
    _add_text(component, "X-BB-CATEGORY", event.category.value)
    if event.free is not None:
        _add_text(component, "X-BB-FREE", "yes" if event.free else "no")
    if event.languages:
        _add_text(component, "X-BB-LANGUAGES", ";".join(event.languages))
    if event.price:
        _add_text(component, "X-BB-PRICE", event.price)
    if event.url:
        component.add("URL", event.url)


def _add_place(component: Component, event: Event) -> None:
    city = event.city.value.capitalize()
    if not event.venue:
        _add_text(component, "LOCATION", city)
    elif event.city is City.ONLINE or city.lower() in event.venue.lower():
        _add_text(component, "LOCATION", event.venue)
    else:
        _add_text(component, "LOCATION", f"{event.venue}, {city}")
    _add_text(component, "X-BB-VENUE", event.venue)
    _add_text(component, "X-BB-CITY", event.city.value)
    if event.timezone != moments.ZONES[event.city] and (event.all_day or event.timezone == "UTC"):
        _add_text(component, "X-BB-TIMEZONE", event.timezone)  # neither a date nor a time in UTC says it


def _add_texts(component: Component, name: str, texts: Mapping[str, str], language: str) -> None:
    """Add the asked language's text under its usual name, which may stand there once only, the others under our own."""
    present = [tag for tag in (language, *LANGUAGES) if texts.get(tag)]
    for number, tag in enumerate(dict.fromkeys(present)):
        _add_text(component, f"X-BB-{name}" if number else name, texts[tag], tag)


class _Text(vText):
    r"""A text whose every character is kept: the library's own escaping takes a typed "\\N" for a line break."""

    def to_ical(self) -> bytes:
        escaped = str(self).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
        return escaped.encode()


def _add_text(component: Component, name: str, value: str, language: str = "") -> None:
    # Encoded here: the library writes properties that it does not know as they are, without escaping.
    component.add(name, _Text(value, params={"LANGUAGE": language} if language else {}), encode=False)


def _add_time(
    component: Component, name: str, moment: datetime, event: Event, parameters: Mapping[str, str] | None = None
) -> None:
    component.add(name, _value(moment, event), parameters=dict(parameters or {}))


def _add_times(component: Component, name: str, dates: list[datetime], event: Event) -> None:
    component.add(
        name, [_value(moment, event) for moment in dates], parameters={"VALUE": "DATE"} if event.all_day else {}
    )


def _value(moment: datetime, event: Event) -> date | datetime:
    return moment.date() if event.all_day else moment.replace(tzinfo=ZoneInfo(event.timezone), fold=0)
