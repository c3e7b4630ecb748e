"""What the event store needs while the assistant serves: calendars fetched when due, the window rolled daily."""

import asyncio
import logging
from collections.abc import Callable
from datetime import date, datetime

from bot import clock
from bot.database import connect
from bot.errors import BotError
from bot.events.fetch import Fetcher
from bot.events.refresh import Fetch, refresh_due, summary
from bot.events.store import EventStore

logger = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
Say = Callable[[str], None]


class Upkeep:
    """Keeps one event store; a failure is said and logged once, and tried again at the next turn."""

    def __init__(
        self, database_url: str, say: Say, fetch: Fetch | None = None, now: Callable[[], datetime] = clock.now
    ) -> None:
        self._engine, self._say, self._now = connect(database_url), say, now
        self._fetch = fetch or Fetcher()
        self._store: EventStore | None = None
        self._tried: dict[str, datetime] = {}
        self._rolled: date | None = None
        self._failure = ""

    async def run(self) -> None:
        """Do what is due, every minute, until cancelled; nothing that goes wrong ends it."""
        while True:
            await self.once()
            await asyncio.sleep(EVERY_SECONDS)

    async def once(self) -> None:
        """Roll the store if the day is new, refresh the sources that are due; never raises."""
        try:
            now = self._now()
            if self._store is None:
                self._store = await asyncio.to_thread(EventStore, self._engine)
            if self._rolled != now.date():
                await asyncio.to_thread(self._store.roll, now.date())
                self._rolled = now.date()
            done = await refresh_due(self._store, now, self._fetch, self._tried)
        except Exception as error:
            self._note(error)
            return
        self._failure = ""
        for line in summary([each for each in done if each.error or each.held_back or each.saved]):
            self._say(f"event source {line}")

    def _note(self, error: Exception) -> None:
        reason = str(error) if isinstance(error, BotError) else f"{type(error).__name__}: {error}"
        if reason == self._failure:
            return  # a database that is down for an hour is one line, not sixty
        self._failure = reason
        self._say(f"events are not kept up to date: {reason}")
        # What a BotError says is all there is to know; anything else is a fault of ours.
        logger.error("The upkeep of the events failed", exc_info=None if isinstance(error, BotError) else error)
