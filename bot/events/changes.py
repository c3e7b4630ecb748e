"""What is told of a change: added, moved, cancelled, postponed, reinstated, withdrawn, or just changed."""

from dataclasses import dataclass
from datetime import datetime

from bot.events.model import Event, Override, Status

_OF_STATUS = {Status.SCHEDULED: "reinstated", Status.CANCELLED: "cancelled", Status.POSTPONED: "postponed"}
_RELEVANT = (
    "status", "start", "end", "all_day", "timezone", "rrule", "rdates", "exdates", "overrides", "city", "venue",
)  # fmt: skip
MOST_ENTRIES = 50
"""Of one event in one save: a file that cancels a thousand dates of a series has told enough with these."""


@dataclass(frozen=True)
class Entry:
    """What happened to an event; ``before`` and ``after`` are starts in its zone."""

    kind: str
    before: datetime | None = None
    after: datetime | None = None


def between(old: Event, new: Event) -> list[Entry]:
    """Return what happened from one version of an event to the next, or nothing if they say the same."""
    entries: list[Entry] = []
    if old.status != new.status:
        entries.append(Entry(_OF_STATUS[new.status], old.start, new.start))
    if _when(old) != _when(new):
        entries.append(Entry("moved", old.start, new.start))
    entries += _of_single_dates(old, new)
    if not entries and old != new:
        entries.append(Entry("changed", old.start, new.start))
    return entries[:MOST_ENTRIES]


def matters_to_calendars(old: Event, new: Event) -> bool:
    """Whether time, status or place changed, for which RFC 5545 counts SEQUENCE up."""
    return any(getattr(old, name) != getattr(new, name) for name in _RELEVANT)


def _when(event: Event) -> tuple[object, ...]:
    return (event.start, event.all_day, event.timezone, event.rrule)


def _of_single_dates(old: Event, new: Event) -> list[Entry]:
    known = {override.recurrence_id: override for override in old.overrides}
    entries = [Entry("cancelled", moment) for moment in new.exdates if moment not in old.exdates]
    entries += [Entry("added", after=moment) for moment in new.rdates if moment not in old.rdates]
    entries += [Entry("reinstated", after=moment) for moment in old.exdates if moment not in new.exdates]
    for override in new.overrides:
        entries += _of_override(known.pop(override.recurrence_id, None), override)
    for gone in known.values():
        if gone.status is not Status.SCHEDULED:
            entries.append(Entry("reinstated", after=gone.recurrence_id))
        elif gone.start:
            entries.append(Entry("moved", gone.start, gone.recurrence_id))
    return entries


def _of_override(old: Override | None, new: Override) -> list[Entry]:
    before = (old.start if old else None) or new.recurrence_id
    after = new.start or new.recurrence_id
    if new.status != (old.status if old else Status.SCHEDULED):
        return [Entry(_OF_STATUS[new.status], before, after)]
    return [Entry("moved", before, after)] if before != after else []
