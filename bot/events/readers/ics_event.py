"""A VEVENT, with those that change single dates of it, becomes an event."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Event as Component

from bot.events.model import Category, City, Event, Override, Status
from bot.events.readers import moments, rules, text, words
from bot.events.readers.ics_values import When, end_of, first_text, single, text_of, tzid_of, values
from bot.events.readers.ics_zones import Zones, later
from bot.events.readers.result import RefusedError, Warn
from bot.languages import supported

_CENTRES = {City.BERLIN: (52.52, 13.40, 0.6), City.BEIJING: (39.90, 116.40, 1.2)}
_STATUS = {"CANCELLED": Status.CANCELLED, "CONFIRMED": Status.SCHEDULED, "TENTATIVE": Status.SCHEDULED}


@dataclass(frozen=True)
class Calendar:
    """What a VEVENT needs to know of the file around it. ``zone`` is X-WR-TIMEZONE's, ``city`` the import's."""

    zones: Zones
    zone: ZoneInfo | None
    city: City | None
    cancelled: bool = False


def event(component: Component, changes: Sequence[Component], calendar: Calendar, warn: Warn) -> Event:
    """Return the event of a VEVENT; ``changes`` are the VEVENTs of the same UID with a RECURRENCE-ID.

    Raises:
        RefusedError: it cannot be taken; the property and the reason are named.
    """
    if first_text(component, "CLASS").upper() in ("PRIVATE", "CONFIDENTIAL"):
        raise RefusedError("CLASS", "is not public, so visitors must not see it; make the event public to show it")
    city = _city(component, calendar)
    start, when = _start(component, city, calendar, warn)
    zone = when.zone or when.floating
    titles, summaries = _texts(component, warn)
    if not titles:
        raise RefusedError("SUMMARY", "no title in any language; write one")
    rule = _rule(component, start, when)
    rdates = when.many(component, "RDATE")
    made = Event(
        uid=text.uid(first_text(component, "UID"), "UID"),
        status=Status.CANCELLED if calendar.cancelled else _status(component, warn),
        start=start,
        end=end_of(component, start, when),
        all_day=when.all_day,
        timezone=str(zone.key),
        city=city,
        venue=_venue(component, warn),
        category=_category(component, warn),
        free=_free(component),
        languages=_languages(component),
        url=_url(component, city, warn),
        titles=titles,
        summaries=summaries,
        price=text.capped(text.line(first_text(component, "X-BB-PRICE")), "price", "X-BB-PRICE", warn),
        rrule=rule,
        rdates=tuple(sorted({moment for moment, _ in rdates})),
        exdates=tuple(sorted({moment for moment, _ in when.many(component, "EXDATE")})),
        sequence=_sequence(component),
    )
    periods = [_period(moment, length, when) for moment, length in rdates if length is not None]
    return replace(made, overrides=_overrides(made, periods, changes, when, warn))


def _start(component: Component, city: City, calendar: Calendar, warn: Warn) -> tuple[datetime, When]:
    begin = single(component, "DTSTART")
    if begin is None:
        raise RefusedError("DTSTART", "is missing; write the start")
    own = first_text(component, "X-BB-TIMEZONE")
    home = moments.zone(own, "X-BB-TIMEZONE") if own else calendar.zone or moments.zone(moments.ZONES[city])
    when = When(calendar.zones, home)
    raw = when.raw(begin.dt, tzid_of(begin), "DTSTART")
    if not isinstance(raw, datetime):
        when = replace(when, zone=home, all_day=True)
        return datetime.combine(raw, time(), tzinfo=home), when
    zone = home if raw.tzinfo is None or str(raw.tzinfo) == "UTC" else raw.tzinfo
    if zone is home and str(raw.tzinfo) == "UTC" and values(component, "RRULE") and not own and not calendar.zone:
        # A rule by days of the week or month would mean other days if the date differs.
        shifts = raw.astimezone(home).date() != raw.date() and b"BY" in single(component, "RRULE").to_ical()
        zone = ZoneInfo("UTC") if shifts else home
        warn("DTSTART", f"recurs at a time in UTC; read as {zone.key} time, check it at the change of the clocks")
    if not isinstance(zone, ZoneInfo):
        raise RefusedError("DTSTART", f"the time zone '{zone}' is unknown; write one such as TZID=Europe/Berlin")
    when = replace(when, zone=zone)
    start = when.of(begin.dt, tzid_of(begin), "DTSTART")
    return start, replace(when, start=start.time())


def _city(component: Component, calendar: Calendar) -> City:
    if own := first_text(component, "X-BB-CITY"):
        return words.city(own)
    location = text.line(first_text(component, "LOCATION"))
    if found := words.city_in(location):
        return found
    for geo in values(component, "GEO"):
        for city, (latitude, longitude, radius) in _CENTRES.items():
            if abs(geo.latitude - latitude) <= radius and abs(geo.longitude - longitude) <= radius:
                return city
    if calendar.city:
        return calendar.city
    raise RefusedError(
        "LOCATION", f"'{location[:60]}' names none of Berlin, Beijing, online; add it, or import with --city"
    )


def _venue(component: Component, warn: Warn) -> str:
    if own := values(component, "X-BB-VENUE"):
        venue = text.line(text_of(own[0]))
    else:
        location = text.line(first_text(component, "LOCATION"))
        venue = "" if words.is_city(location) or location.startswith(("https://", "http://")) else location
    return text.capped(venue, "venue", "LOCATION", warn)


def _url(component: Component, city: City, warn: Warn) -> str:
    if own := first_text(component, "URL"):
        return text.link(own, "URL", warn)
    location = text.line(first_text(component, "LOCATION"))
    return text.link(location, "LOCATION", warn) if city is City.ONLINE and location.startswith("http") else ""


def _category(component: Component, warn: Warn) -> Category:
    if own := first_text(component, "X-BB-CATEGORY"):
        return words.category(own)
    names = [str(name) for group in values(component, "CATEGORIES") for name in getattr(group, "cats", [group])]
    if found := words.category_in(names):
        return found
    said = f"'{', '.join(names)[:60]}' is none of {', '.join(Category)}" if names else "no category"
    warn("CATEGORIES", f"{said}; taken as community")
    return Category.COMMUNITY


def _status(component: Component, warn: Warn) -> Status:
    if own := first_text(component, "X-BB-STATUS"):
        return words.status(own)
    name = first_text(component, "STATUS").upper() or "CONFIRMED"
    if name == "TENTATIVE":
        warn("STATUS", "is tentative; taken as scheduled")
    if name not in _STATUS:
        warn("STATUS", f"'{name[:20]}' is unknown; taken as scheduled")
    return _STATUS.get(name, Status.SCHEDULED)


def _free(component: Component) -> bool | None:
    own = first_text(component, "X-BB-FREE")
    return words.truth(own, "X-BB-FREE") if own else None


def _languages(component: Component) -> tuple[str, ...]:
    parts = first_text(component, "X-BB-LANGUAGES").replace(",", ";").split(";")
    return tuple(dict.fromkeys(tag for part in parts if part.strip() and (tag := words.language(part))))


def _sequence(component: Component) -> int:
    value = single(component, "SEQUENCE")
    return min(max(int(value), 0), 2**31 - 1) if value is not None else 0


def _texts(component: Component, warn: Warn) -> tuple[dict[str, str], dict[str, str]]:
    """Return titles and summaries by language; a text without one is in the language that it looks like."""
    summary = text.paragraph(first_text(component, "DESCRIPTION"))
    titles = _tagged(component, "SUMMARY", "title", summary, None, warn)
    only = next(iter(titles)) if len(titles) == 1 else None
    return titles, _tagged(component, "DESCRIPTION", "summary", "", only, warn)


def _tagged(
    component: Component, name: str, kind: str, context: str, fallback: str | None, warn: Warn
) -> dict[str, str]:
    found: dict[str, str] = {}
    for value in values(component, name) + values(component, f"X-BB-{name}"):
        content = text.line(text_of(value)) if kind == "title" else text.paragraph(text_of(value))
        if not content:
            continue
        tag = str(value.params.get("LANGUAGE", ""))
        known = supported(tag)
        if tag and not known:
            warn(name, f"the language '{tag[:20]}' is not ours; read by its looks")
        language = known or fallback or text.language_of(content, context)
        found.setdefault(language, text.capped(content, kind, name, warn))
    return text.in_order(found)


def _rule(component: Component, start: datetime, when: When) -> str:
    rule = single(component, "RRULE")
    if rule is None:
        return ""
    try:
        written = rule.to_ical().decode()
    except (AttributeError, TypeError, ValueError) as error:  # the parser lets values through that it cannot write
        raise RefusedError("RRULE", "cannot be read as a recurrence rule such as FREQ=WEEKLY;BYDAY=TU") from error
    return rules.checked(written, start, when.all_day, "RRULE")


def _period(start: datetime, length: timedelta | datetime, when: When) -> Override:
    """Return an added date of its own length (RDATE;VALUE=PERIOD) as one that differs from the series."""
    end = length if isinstance(length, datetime) else later(start, length)
    return Override(start, end=end)


def _overrides(
    series: Event, periods: Sequence[Override], changes: Sequence[Component], when: When, warn: Warn
) -> tuple[Override, ...]:
    found = {
        (each.recurrence_id, False): each for each in periods if each.end != _usual_end(series, each.recurrence_id)
    }
    if len(changes) > rules.MAX_DATES:
        raise RefusedError("RECURRENCE-ID", f"changes {len(changes)} dates; {rules.MAX_DATES} are allowed")
    for component in changes:
        each = _override(series, component, when, warn)
        found[each.recurrence_id, each.and_following] = each
    return tuple(found[at] for at in sorted(found))


def _override(series: Event, component: Component, when: When, warn: Warn) -> Override:
    identity = single(component, "RECURRENCE-ID")
    at = when.of(identity.dt, tzid_of(identity), "RECURRENCE-ID")
    begin = single(component, "DTSTART")
    start = when.of(begin.dt, tzid_of(begin), "DTSTART") if begin is not None else at
    end = end_of(component, start, when)
    venue = _venue(component, warn)
    titles, _ = _texts(component, warn)
    return Override(
        recurrence_id=at,
        status=_status(component, warn),
        start=start if start != at else None,
        end=end if end != _usual_end(series, start) else None,
        and_following=str(identity.params.get("RANGE", "")).upper() == "THISANDFUTURE",
        venue=venue if venue != series.venue else "",
        titles={tag: title for tag, title in titles.items() if title != series.titles.get(tag)},
    )


def _usual_end(series: Event, start: datetime) -> datetime | None:
    """Return when a date of the series that begins at ``start`` ends: the series' length on the wall clock."""
    return start + (series.end - series.start) if series.end else None
