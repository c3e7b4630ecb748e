"""Events as rows and back."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.events.model import Category, City, Event, Occurrence, Override, Status
from bot.events.recurrence import days

Values = dict[str, Any]

ASSUMED_LENGTH = timedelta(hours=2)
"""How long an event without an end is taken to go on before it is told as past."""
LONGEST_LISTED = 400
"""Days: an occurrence that is longer is listed by day only inside the rolling window."""


def text(moment: datetime) -> str:
    """Return the wall-clock time as stored: ISO 8601 to the second, without a zone."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")


def utc(moment: datetime) -> str:
    """Return a moment as stored in UTC."""
    return text(moment.astimezone(UTC))


def moment(stored: str | None, zone: str) -> datetime | None:
    """Return a stored local time with its zone."""
    return datetime.fromisoformat(stored).replace(tzinfo=ZoneInfo(zone)) if stored else None


def event_values(event: Event) -> Values:
    """Return the columns that hold what an event says; without the store's own book-keeping."""
    zone = event.timezone

    def local(moment: datetime) -> str:
        if moment.tzinfo and not event.all_day:
            moment = moment.astimezone(ZoneInfo(zone))
        return text(moment)

    return {
        "uid": event.uid,
        "status": event.status.value,
        "start": local(event.start),
        "end": local(event.end) if event.end else None,
        "all_day": event.all_day,
        "timezone": zone,
        "city": event.city.value,
        "venue": event.venue,
        "category": event.category.value,
        "free": event.free,
        "languages": _json(event.languages),
        "url": event.url,
        "titles": _json(event.titles),
        "summaries": _json(event.summaries),
        "sample": event.sample,
        "price": event.price,
        "rrule": event.rrule,
        "rdates": _json([local(moment) for moment in event.rdates]),
        "exdates": _json([local(moment) for moment in event.exdates]),
        "overrides": _json([_override_values(override, local) for override in event.overrides]),
        "sequence": event.sequence,
    }


def event_of(row: Mapping[str, Any]) -> Event:
    """Return the event of a row."""
    zone = ZoneInfo(row["timezone"])

    def aware(stored: str | None) -> datetime | None:
        return datetime.fromisoformat(stored).replace(tzinfo=zone) if stored else None

    start = aware(row["start"])
    assert start is not None  # noqa: S101
    return Event(
        uid=row["uid"],
        status=Status(row["status"]),
        start=start,
        end=aware(row["end"]),
        all_day=bool(row["all_day"]),
        timezone=row["timezone"],
        city=City(row["city"]),
        venue=row["venue"],
        category=Category(row["category"]),
        free=row["free"],
        languages=tuple(json.loads(row["languages"])),
        url=row["url"],
        titles=json.loads(row["titles"]),
        summaries=json.loads(row["summaries"]),
        sample=bool(row["sample"]),
        price=row["price"],
        rrule=row["rrule"],
        rdates=tuple(filter(None, map(aware, json.loads(row["rdates"])))),
        exdates=tuple(filter(None, map(aware, json.loads(row["exdates"])))),
        overrides=tuple(_override(stored, aware) for stored in json.loads(row["overrides"])),
        sequence=row["sequence"],
    )


def content_hash(values: Values) -> str:
    """Return a fingerprint of what an event says; its sequence alone says nothing."""
    content = {name: value for name, value in values.items() if name != "sequence"}
    return hashlib.sha256(_json(content).encode()).hexdigest()


def occurrence_values(occurrence: Occurrence, series: Event) -> Values:
    """Return an occurrence's row; venue and titles only where they differ from the series'."""
    event = occurrence.event
    return {
        "uid": event.uid,
        "recurrence": text(occurrence.moved_from or occurrence.start),
        "start": text(occurrence.start),
        "end": text(occurrence.end) if occurrence.end else None,
        "timezone": event.timezone,
        "start_utc": utc(occurrence.start),
        "gone_utc": utc(gone(occurrence)),
        "status": occurrence.status.value,
        "moved_from": text(occurrence.moved_from) if occurrence.moved_from else None,
        "venue": event.venue if event.venue != series.venue else None,
        "titles": _json(event.titles) if event.titles != series.titles else None,
    }


def day_values(occurrence: Occurrence, window: tuple[date, date]) -> Iterable[Values]:
    """Yield a row for each day on which an occurrence takes place."""
    event = occurrence.event
    first, last = days(occurrence)
    if event.all_day:
        until = datetime.combine(last + timedelta(days=1), time())
    else:
        until = max(occurrence.end or occurrence.start, occurrence.start)
    common = {
        "uid": event.uid,
        "start": text(occurrence.start),
        "recurrence": text(occurrence.moved_from or occurrence.start),
        "until": text(until),
        "gone_utc": utc(gone(occurrence)),
        "clock": "" if event.all_day else text(occurrence.start)[11:16],
        "city": event.city.value,
        "category": event.category.value,
        "free": event.free,
        "languages": spoken(event.languages),
    }
    listed_first, listed_last = first, last
    if (last - first).days >= LONGEST_LISTED:
        listed_first, listed_last = max(first, window[0]), min(last, max(window[1], first))
        yield {**common, "day": first.isoformat(), "first": True}
        listed_first = max(listed_first, first + timedelta(days=1))
    for number in range(listed_first.toordinal(), listed_last.toordinal() + 1):
        yield {**common, "day": date.fromordinal(number).isoformat(), "first": number == first.toordinal()}


def spoken(languages: Iterable[str]) -> str:
    """Return spoken languages as one text in which each stands between bars."""
    return "".join(f"|{language.lower()}" for language in languages) + "|"


def gone(occurrence: Occurrence) -> datetime:
    """Return the moment from which on an occurrence counts as over."""
    if occurrence.event.all_day:
        return datetime.combine(days(occurrence)[1] + timedelta(days=1), time(), occurrence.start.tzinfo)
    if occurrence.end and occurrence.end > occurrence.start:
        return occurrence.end
    return (occurrence.start.astimezone(UTC) + ASSUMED_LENGTH).astimezone(occurrence.start.tzinfo)


def occurrence_of(row: Mapping[str, Any], event: Event) -> Occurrence:
    """Return the occurrence of a row; the event is the series'."""
    zone = ZoneInfo(row["timezone"])
    start = datetime.fromisoformat(row["start"]).replace(tzinfo=zone)
    if not event.all_day:
        # By way of UTC: the hour that a change of clocks repeats is told apart only there.
        start = datetime.fromisoformat(row["start_utc"]).replace(tzinfo=UTC).astimezone(zone)
    if row["venue"] is not None or row["titles"]:
        titles = json.loads(row["titles"]) if row["titles"] else event.titles
        event = replace(event, venue=event.venue if row["venue"] is None else row["venue"], titles=titles)
    end = moment(row["end"], row["timezone"])
    return Occurrence(event, start, end, Status(row["status"]), moment(row["moved_from"], row["timezone"]))


def _override_values(override: Override, local: Any) -> Values:
    values: Values = {"recurrence_id": local(override.recurrence_id), "status": override.status.value}
    for name in ("start", "end"):
        if stored := getattr(override, name):
            values[name] = local(stored)
    values |= {"and_following": True} if override.and_following else {}
    values |= {"venue": override.venue} if override.venue else {}
    return values | ({"titles": override.titles} if override.titles else {})


def _override(stored: Values, aware: Any) -> Override:
    return Override(
        recurrence_id=aware(stored["recurrence_id"]),
        status=Status(stored["status"]),
        start=aware(stored.get("start")),
        end=aware(stored.get("end")),
        and_following=stored.get("and_following", False),
        venue=stored.get("venue", ""),
        titles=stored.get("titles", {}),
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
