"""A schema.org Event node becomes an event."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import vDuration

from bot.events.model import Category, City, Event, Status
from bot.events.readers import jsonld_schedule, moments, text, words
from bot.events.readers.ics_zones import later
from bot.events.readers.jsonld_values import each, local_name, plain, tagged, types, url
from bot.events.readers.result import RefusedError, Warn
from bot.languages import supported

_STATUS = {
    "EventScheduled": Status.SCHEDULED, "EventRescheduled": Status.SCHEDULED, "EventMovedOnline": Status.SCHEDULED,
    "EventCancelled": Status.CANCELLED, "EventPostponed": Status.POSTPONED,
}  # fmt: skip
_NOT_EVENTS = {"EventReservation", "EventStatusType", "EventAttendanceModeEnumeration", "EventVenue", "EventSeries"}


@dataclass(frozen=True)
class Context:
    """What a node needs to know of its file.

    The nodes by @id, the language of plain texts, the import's city, and the addresses with titles that more than
    one event has, so that only its start tells it apart.
    """

    by_id: Mapping[str, dict[str, Any]]
    language: str
    city: City | None
    crowded: frozenset[str] = frozenset()


def is_event(node: dict[str, Any]) -> bool:
    """Whether a node is an event; a series without dates of its own is only the frame of its events."""
    for kind in types(node):
        if kind == "EventSeries":
            return "startDate" in node and not node.get("subEvent")
        if (kind.endswith("Event") or words.category_of_type(kind)) and kind not in _NOT_EVENTS:
            return True
    return False


class Reader:
    """Reads one node."""

    def __init__(self, node: dict[str, Any], context: Context) -> None:
        self._node, self._context = node, context

    def uid(self) -> str:
        """Return a name that stays the same from import to import: identifier, @id, url, else one made of the title."""
        for identifier in each(self._node.get("identifier")):
            value = identifier.get("value") if isinstance(identifier, dict) else identifier
            if isinstance(value, str | int) and str(value).strip():
                return str(value)
        name = str(self._node.get("@id") or "")
        if "://" in name or name.startswith("urn:"):
            return name
        what = self.made_of()
        if what in self._context.crowded:
            what = f"{what}|{plain(self._node.get('startDate'))}"
        return f"jsonld-{hashlib.sha256(what.encode()).hexdigest()[:24]}"

    def made_of(self) -> str:
        """Return what tells the event from others where it has no identifier."""
        return f"{url(self._node.get('url'))}|{plain(self._node.get('name'))}"

    def event(self, warn: Warn) -> Event:
        """Return the event.

        Raises:
            RefusedError: it cannot be taken; the property and the reason are named.
        """
        node = self._node
        places = [self._resolved(place) for place in each(node.get("location"))]
        city = self._city(places)
        schedule = next((self._resolved(item) for item in each(node.get("eventSchedule"))), {})
        zone = moments.zone(str(schedule.get("scheduleTimezone") or moments.ZONES[city]), "eventSchedule")
        start, dated_only = self._start(schedule, zone)
        end = self._end(schedule, start, zone, dated_only)
        begins = start.replace(tzinfo=zone)
        titles = self._texts("name", "title", warn)
        if not titles:
            raise RefusedError("name", "no title in any language; write one")
        rule, exdates = jsonld_schedule.rule(schedule, begins, dated_only) if schedule else ("", ())
        free, price = self._offers(warn)
        return Event(
            uid=text.uid(self.uid(), "identifier"),
            status=self._status(warn),
            start=begins,
            end=end.replace(tzinfo=zone) if end else None,
            all_day=dated_only,
            timezone=zone.key,
            city=city,
            venue=self._venue(places, warn),
            category=self._category(warn),
            free=free,
            languages=self._languages(),
            url=text.link(url(node.get("url")) or url(node.get("mainEntityOfPage")), "url", warn),
            titles=titles,
            summaries=self._texts("description", "summary", warn),
            price=price,
            rrule=rule,
            exdates=exdates,
        )

    def _resolved(self, value: Any) -> dict[str, Any]:
        """Return a node, also one that is only named by its @id; a text is a node with that name."""
        if isinstance(value, dict):
            if set(value) == {"@id"}:
                return dict(self._context.by_id.get(str(value["@id"]), {}))
            return value
        return {"name": str(value)}

    def _city(self, places: list[dict[str, Any]]) -> City:
        modes = [local_name(mode) for mode in each(self._node.get("eventAttendanceMode"))]
        statuses = [local_name(status) for status in each(self._node.get("eventStatus"))]
        real = [place for place in places if "VirtualLocation" not in types(place)]
        if "OnlineEventAttendanceMode" in modes or "EventMovedOnline" in statuses or (places and not real):
            return City.ONLINE
        for place in real:
            if found := words.city_in(*self._address(place), plain(place.get("name"))):
                return found
        if self._context.city:
            return self._context.city
        named = ", ".join(plain(place.get("name")) for place in real)[:60]
        raise RefusedError(
            "location", f"'{named}' names none of Berlin, Beijing, online; add it, or import with --city"
        )

    def _address(self, place: dict[str, Any]) -> list[str]:
        """Return the parts of a place's address that may name its city, the surest first."""
        found = []
        for address in each(place.get("address")):
            if isinstance(address, dict):
                parts = ("addressLocality", "addressRegion", "streetAddress", "name")
                found += [plain(self._resolved(address).get(part)) for part in parts]
            else:
                found.append(str(address))
        return [text.line(part) for part in found if part]

    def _venue(self, places: list[dict[str, Any]], warn: Warn) -> str:
        for place in places:
            name = text.line(plain(place.get("name")))
            if name and not name.startswith(("https://", "http://")):
                return text.capped(name, "venue", "location", warn)
        return ""

    def _start(self, schedule: dict[str, Any], zone: ZoneInfo) -> tuple[datetime, bool]:
        written = plain(self._node.get("startDate")) or jsonld_schedule.moment(schedule, "start")
        if not written:
            raise RefusedError("startDate", "is missing; write the start, such as 2027-03-10T19:00+01:00")
        return moments.local(written, "startDate", zone)

    def _end(self, schedule: dict[str, Any], start: datetime, zone: ZoneInfo, all_day: bool) -> datetime | None:
        written = plain(self._node.get("endDate"))
        if not written and plain(self._node.get("startDate")) == "":
            written = jsonld_schedule.end_of_first_day(schedule, start)
        end: datetime | None = None
        if written:
            end, dated_only = moments.local(written, "endDate", zone)
            if dated_only and not all_day:
                # A day without a time says only the last day; the time of the end is not known.
                end = None if end.date() <= start.date() else end.replace(hour=23, minute=59)
        else:
            end = self._after_duration(start, zone)
        if end is not None and all_day:
            end = end.replace(hour=0, minute=0, second=0)
        moments.ordered(start, end, "endDate")
        return end

    def _after_duration(self, start: datetime, zone: ZoneInfo) -> datetime | None:
        written = plain(self._node.get("duration"))
        if not written:
            return None
        try:
            length = vDuration.from_ical(written.upper())  # type: ignore[no-untyped-call]
        except ValueError as error:
            raise RefusedError("duration", f"'{written[:40]}' is no duration such as PT2H; correct it") from error
        if not timedelta(0) <= length < timedelta(days=3660):
            raise RefusedError("duration", f"'{written[:40]}' is negative or endless; correct it")
        return later(start.replace(tzinfo=zone), length).replace(tzinfo=None)

    def _status(self, warn: Warn) -> Status:
        for name in map(local_name, each(self._node.get("eventStatus"))):
            if name in _STATUS:
                return _STATUS[name]
            warn("eventStatus", f"'{name[:40]}' is unknown; taken as scheduled")
        return Status.SCHEDULED

    def _category(self, warn: Warn) -> Category:
        for kind in types(self._node):
            if found := words.category_of_type(kind):
                return found
        keys = ("keywords", "about", "genre", "additionalType")
        items = [item for key in keys for item in each(self._node.get(key))]
        names = [plain(item.get("name")) if isinstance(item, dict) else str(item) for item in items]
        if found := words.category_in(part for name in names for part in name.split(",")):
            return found
        warn("@type", f"'{', '.join(types(self._node))[:60]}' says no category; taken as community")
        return Category.COMMUNITY

    def _languages(self) -> tuple[str, ...]:
        found = []
        for item in each(self._node.get("inLanguage")):
            name = plain(item.get("alternateName") or item.get("name")) if isinstance(item, dict) else str(item)
            found += [tag for part in name.split(",") if (tag := words.language(part))]
        return tuple(dict.fromkeys(found))

    def _offers(self, warn: Warn) -> tuple[bool | None, str]:
        """Return whether it is free, if that is said, and the price as it is said."""
        prices: list[str] = []
        for offer in map(self._resolved, each(self._node.get("offers"))):
            low, high = plain(offer.get("price")) or plain(offer.get("lowPrice")), plain(offer.get("highPrice"))
            if low:
                span = f"{low}–{high}" if high and high != low else low
                prices.append(f"{span} {plain(offer.get('priceCurrency'))}".strip())
        said = self._node.get("isAccessibleForFree")
        amounts = [price.split(" ")[0].replace(",", ".").strip("0.–") for price in prices]
        if said is not None and str(said).rsplit("/", 1)[-1].lower() in ("true", "false"):
            free: bool | None = str(said).rsplit("/", 1)[-1].lower() == "true"
        else:
            free = not any(amounts) if prices else None
        price = "" if free else text.line(", ".join(dict.fromkeys(prices)))
        return free, text.capped(price, "price", "offers", warn)

    def _texts(self, name: str, kind: str, warn: Warn) -> dict[str, str]:
        found: dict[str, str] = {}
        for tag, content in tagged(self._node.get(name)):
            made = text.line(content) if kind == "title" else text.paragraph(content)
            if not made:
                continue
            known = supported(tag or self._context.language)
            if tag and not known:
                warn(name, f"the language '{tag[:20]}' is not ours; left aside")
                continue
            found.setdefault(known or text.language_of(made), text.capped(made, kind, name, warn))
        return text.in_order(found)
