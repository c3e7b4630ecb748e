"""What an event is, whichever file or table it came from (shared contract: docs/architecture.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from bot.languages import LANGUAGES


class Status(StrEnum):
    """Whether it takes place."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"


class City(StrEnum):
    """Where it takes place."""

    BERLIN = "berlin"
    BEIJING = "beijing"
    ONLINE = "online"


class Category(StrEnum):
    """What it is about."""

    CULTURE = "culture"
    SPORT = "sport"
    BUSINESS = "business"
    SCIENCE = "science"
    EDUCATION = "education"
    COMMUNITY = "community"


@dataclass(frozen=True)
class Override:
    """One occurrence of a recurring event that differs from its rule: moved, cancelled or renamed.

    ``recurrence_id`` is the start that the rule gives, in the event's zone; what is None or empty is as in the
    series. ``and_following`` is RFC 5545's THISANDFUTURE: it holds for the later occurrences as well.
    """

    recurrence_id: datetime
    status: Status = Status.SCHEDULED
    start: datetime | None = None
    end: datetime | None = None
    and_following: bool = False
    venue: str = ""
    titles: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """One event. ``start`` and ``end`` carry the event's own zone; an all-day event ends on its last day."""

    uid: str
    status: Status
    start: datetime
    end: datetime | None
    all_day: bool
    timezone: str
    city: City
    venue: str
    category: Category
    free: bool | None
    languages: tuple[str, ...]
    url: str
    titles: dict[str, str]
    summaries: dict[str, str] = field(default_factory=dict)
    sample: bool = False
    price: str = ""
    """What the source says of the price, as it says it."""
    rrule: str = ""
    """RFC 5545 recurrence rule without its name, e.g. ``FREQ=WEEKLY;BYDAY=TU``."""
    rdates: tuple[datetime, ...] = ()
    exdates: tuple[datetime, ...] = ()
    overrides: tuple[Override, ...] = ()
    sequence: int = 0
    """How often the event was changed in a way that matters to a calendar (RFC 5545 SEQUENCE)."""

    @property
    def last_day(self) -> date:
        """The day on which it ends, in its own zone."""
        return (self.end or self.start).date()

    def title(self, language: str) -> tuple[str, str]:
        """Return the title and the language it is in: the asked one if there is one, else what there is."""
        for candidate in (language, *LANGUAGES):
            if text := self.titles.get(candidate):
                return text, candidate
        return self.uid, language


@dataclass(frozen=True)
class Occurrence:
    """One taking-place of an event. ``start`` and ``end`` carry the event's zone; an all-day one ends on its last day.

    ``event`` has the occurrence's own venue and titles where they differ from the series'. ``moved_from`` is the start
    that it had before it was moved.
    """

    event: Event
    start: datetime
    end: datetime | None
    status: Status
    moved_from: datetime | None = None


@dataclass(frozen=True)
class Query:
    """What a visitor asks for; None or empty means any.

    ``start`` and ``end`` are a half-open range of naive wall-clock times, read in each event's own zone. An event
    matches if it overlaps the range. ``words`` are words of the title, venue or summary, all of which must be found.
    ``time_of_day`` is a half-open range of start times; one that ends before it begins goes past midnight.
    """

    start: datetime | None = None
    end: datetime | None = None
    city: City | None = None
    category: Category | None = None
    free: bool | None = None
    language: str | None = None
    words: tuple[str, ...] = ()
    time_of_day: tuple[time, time] | None = None


@dataclass(frozen=True)
class Change:
    """An entry of the change log: what happened to an event, when, and to which start."""

    uid: str
    kind: str
    """added, moved, cancelled, postponed, reinstated, changed, withdrawn"""
    at: datetime
    event: Event
    before: datetime | None = None
    after: datetime | None = None
