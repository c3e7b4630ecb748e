"""What a subscriber has asked for, as other rooms see it."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from bot.events.inquiry import Inquiry
from bot.events.model import Occurrence
from bot.subscriptions.hours import Hours

MOST_SUBSCRIPTIONS, MOST_REMINDERS = 20, 50
"""Of one chat; nobody needs more, and a machine that asks for thousands gets no further."""


class Kind(StrEnum):
    """How a search is told of."""

    NEWS = "news"
    """what was added, in the morning, on days on which there is something"""
    DIGEST = "digest"
    """on Sundays: what takes place in the coming week, and what was added"""


@dataclass(frozen=True)
class Address:
    """Where a subscriber is written to: a messenger's chat."""

    channel: str
    chat: str


@dataclass(frozen=True)
class Overview:
    """All that is kept for a chat; ``reminders`` are titles with starts in the event's own time."""

    hours: Hours
    subscriptions: tuple[tuple[Kind, Inquiry], ...] = ()
    reminders: tuple[tuple[str, datetime], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for."""
        return not (self.subscriptions or self.reminders)


@dataclass(frozen=True)
class Told:
    """What a subscriber was told of an event's date; the starts are local (without a zone)."""

    recurrence: datetime
    series_start: datetime
    start: datetime
    status: str
    place: str


@dataclass(frozen=True)
class Preferences:
    """What a message sets: a zone, the ends of the quiet hours; None leaves it as it is."""

    zone: str | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None


def told_of(one: Occurrence, series_start: datetime) -> Told:
    """Return what somebody knows who has just been told of ``one``."""
    recurrence = (one.moved_from or one.start).replace(tzinfo=None)
    return Told(
        recurrence, series_start.replace(tzinfo=None), one.start.replace(tzinfo=None), one.status, place_of(one)
    )


def place_of(one: Occurrence) -> str:
    """Return city and venue, to be compared."""
    return f"{one.event.city.value}|{one.event.venue}"
