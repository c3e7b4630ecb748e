"""What an event is, whichever file or table it came from (shared contract: docs/architecture.md)."""

from dataclasses import dataclass, field
from datetime import date, datetime
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
class Filters:
    """What a visitor asks for; None means any."""

    city: City | None = None
    category: Category | None = None
    month: int | None = None
