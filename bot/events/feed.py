"""What goes into a calendar file for visitors: one date of an event, or all that is to come as whole series."""

from dataclasses import replace
from datetime import UTC, date, datetime

from bot.events.model import Event, Occurrence, Query
from bot.events.recurrence import MAX_OCCURRENCES
from bot.events.store import EventStore

MOST_EVENTS = 500
MOST_PAGES = 20
"""Pages of as many dates that are looked through: few series with very many dates must not make a feed slow."""
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def upcoming_events(store: EventStore, query: Query, now: datetime, most: int = MOST_EVENTS) -> list[Event]:
    """Return the events that fit and have a date that has not ended, each once and whole, the next ones first."""
    found: dict[str, Event] = {}
    for number in range(MOST_PAGES):
        page = store.find(query, now=now, limit=most, offset=number * most)
        for one in page:
            found.setdefault(one.event.uid, one.event)
        if len(page) < most or len(found) >= most:
            break
    # A date may have a title and a venue of its own; the series is asked for again only where that can be.
    whole = [store.get(event.uid) if event.overrides else event for event in list(found.values())[:most]]
    return [event for event in whole if event is not None]


def occurrence_at(store: EventStore, uid: str, start: datetime | date) -> Occurrence | None:
    """Return an event's date by its local start (naive), be it the one that the rule gives or the one it has now.

    A day alone finds what begins on it. A date that was moved is found by either start; the rule's goes first, as
    links carry that.
    """
    dates = store.occurrences(uid, _LONG_AGO, MAX_OCCURRENCES)
    by_rule = (one for one in dates if _is_at(one.moved_from or one.start, start))
    as_moved = (one for one in dates if _is_at(one.start, start))
    return next(by_rule, None) or next(as_moved, None)


def marked(event: Event, remark: str) -> Event:
    """Return a sample event with ``remark`` behind its titles, so that nobody goes there; others as they are."""
    if not event.sample:
        return event
    titles = {language: f"{title} ({remark})" for language, title in event.titles.items()}
    return replace(event, titles=titles)


def _is_at(moment: datetime, start: datetime | date) -> bool:
    wall = moment.replace(tzinfo=None)
    return wall == start if isinstance(start, datetime) else wall.date() == start
