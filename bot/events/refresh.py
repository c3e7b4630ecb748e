"""Refreshes the calendars that are fetched from elsewhere, each by its own interval."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.errors import BotError
from bot.events.model import City
from bot.events.readers import Finding, read_events
from bot.events.store import EventStore, EventsUnavailableError, HeldBackError, Saved, Source

logger = logging.getLogger(__name__)
COMPLETE = "complete"


class Fetch(Protocol):
    """What fetches a file; see bot.events.fetch.Fetcher."""

    def __call__(self, url: str, anew: bool = False) -> Awaitable[bytes | None]:
        """Return the bytes, or None if they are as at the last call."""


@dataclass(frozen=True)
class Refreshed:
    """How a refresh went: what was saved, None if the file was as before; or why nothing could be."""

    source: str
    saved: Saved | None = None
    refused: tuple[Finding, ...] = ()
    error: str = ""
    held_back: str = ""


def choices(complete: bool, city: City | None) -> str:
    """Return how a source is to be read, as its ``format`` column keeps it: "complete beijing"."""
    return " ".join(([COMPLETE] if complete else []) + ([city.value] if city else []))


def is_complete(source: Source) -> bool:
    """Whether the source's file is its whole calendar, so that what is missing in it is withdrawn."""
    return COMPLETE in source.format.split()


def city_of(source: Source) -> City | None:
    """Return the city of the source's events that name none."""
    return next((City(word) for word in source.format.split() if word in list(City)), None)


async def refresh_due(
    store: EventStore, now: datetime, fetch: Fetch, tried: MutableMapping[str, datetime]
) -> list[Refreshed]:
    """Refresh the sources whose interval has passed, one after the other; call it every minute or so.

    ``tried`` remembers the attempts from call to call: a failing source is asked no more often than a good one.

    Raises:
        EventsUnavailableError: the database cannot be used. Whatever is wrong with a source is noted with it instead.
    """
    found = []
    for source in await asyncio.to_thread(store.sources):
        last = max((moment for moment in (source.last_success, tried.get(source.name)) if moment), default=None)
        if last is None or now - last >= timedelta(minutes=source.refresh_minutes):
            tried[source.name] = now
            found.append(await refresh(store, source, now, fetch))
    return found


async def refresh(store: EventStore, source: Source, now: datetime, fetch: Fetch, confirm: bool = False) -> Refreshed:
    """Fetch a source and save its events; on failure it keeps its last state, and what was wrong is noted with it."""
    try:
        # A server that says "unchanged" must not hide what went wrong with that very version.
        data = await fetch(source.url, anew=bool(confirm or source.last_error or source.held_back))
        return await asyncio.to_thread(_save, store, source, now, data, confirm)
    except EventsUnavailableError:
        raise
    except HeldBackError as error:
        reason, what = str(error), {"held_back": str(error), "last_error": ""}
        outcome = Refreshed(source.name, held_back=reason)
    except BotError as error:
        what, outcome = {"last_error": str(error)}, Refreshed(source.name, error=str(error))
    except Exception as error:  # a fault of ours must not end the refreshing of all the others
        logger.exception("source %s could not be refreshed", source.name)
        reason = f"{source.name}: a fault in the assistant ({type(error).__name__}: {error}); please report it"
        what, outcome = {"last_error": reason}, Refreshed(source.name, error=reason)
    await asyncio.to_thread(store.note_source, source.name, **what)
    return outcome


def _save(store: EventStore, source: Source, now: datetime, data: bytes | None, confirm: bool) -> Refreshed:
    digest = hashlib.sha256(data).hexdigest() if data is not None else source.last_hash
    healthy = not (confirm or source.last_error or source.held_back)
    if data is None or (healthy and digest == source.last_hash):
        store.note_source(source.name, last_success=now)
        return Refreshed(source.name)
    result = read_events(data, source.url, now.date(), city_of(source))
    saved = store.save(
        result.events, source=source.name, now=now, complete=is_complete(source), confirm=confirm,
        also_there={finding.uid for finding in result.refused if finding.uid},
    )  # fmt: skip
    if saved.added + saved.changed + saved.unchanged:
        store.delete_samples()
    store.note_source(source.name, last_success=now, last_error="", last_hash=digest, held_back="")
    return Refreshed(source.name, saved, tuple(result.refused))


def summary(refreshed: Sequence[Refreshed]) -> list[str]:
    """Return a line a source on how its refresh went."""
    lines = []
    for each in refreshed:
        if each.error or each.held_back:
            lines.append(f"{each.source}: {each.error or each.held_back}")
        elif each.saved is None:
            lines.append(f"{each.source}: unchanged")
        else:
            saved, refused = each.saved, len(each.refused) + len(each.saved.refused)
            lines.append(
                f"{each.source}: added {saved.added}, changed {saved.changed}, unchanged {saved.unchanged}, "
                f"refused {refused}, withdrawn {saved.withdrawn}"
            )
    return lines
