"""Keeps the way to Telegram open: who we are, updates by polling or webhook, and again after each failure."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.channels.core.blocking import Blocking
from bot.channels.core.leader import Leader
from bot.channels.telegram import updates
from bot.channels.telegram.api import Api, Failure
from bot.channels.telegram.figures import State
from bot.channels.telegram.updates import Me, UndecodableError

logger = logging.getLogger(__name__)

LEASE_SECONDS = 15.0
STANDBY_SECONDS = 2.0
CHECK_SECONDS = 60.0
LONGEST_WAIT = 30.0
Receive = Callable[[Any, Me], Awaitable[None]]


class Connection:
    """One process's connection. ``publish`` is called once Telegram is there; ``leader`` polls alone."""

    def __init__(
        self,
        api: Api,
        receive: Receive,
        publish: Callable[[], Awaitable[None]],
        leader: Leader,
        blocking: Blocking,
        now: Callable[[], datetime],
    ) -> None:
        self._api, self._receive, self._publish = api, receive, publish
        self._leader, self._blocking, self._now = leader, blocking, now
        self.state = State()
        self._offset: int | None = None

    async def poll(self) -> None:
        """Ask for updates for ever, in one process at a time."""
        me = await self._begin()
        while True:
            try:
                if await self._blocking.run(self._leader.hold):
                    await self._lead(me)
                else:
                    self.state.well("standby")
            except sa.exc.SQLAlchemyError as error:
                logger.error("Telegram waits, the database failed: %s", type(error).__name__)
            await asyncio.sleep(STANDBY_SECONDS)

    async def follow_webhook(self, url: str, secret: str) -> None:
        """Have Telegram call us, and see from time to time that it still does, for ever."""
        await self._begin()
        known = ""
        while True:
            if known != url:
                await self._insist(lambda: self._api.webhook(url, secret))
            self.state.well("webhook")
            await asyncio.sleep(CHECK_SECONDS)
            known = (await self._insist(lambda: self._api.call(self._api.bot.get_webhook_info()))).url

    async def stop(self) -> None:
        """Let another process poll at once, and close the connections."""
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            await self._blocking.run(self._leader.release)
        with contextlib.suppress(Exception):  # nothing is lost with a connection
            await self._api.end()

    async def _begin(self) -> Me:
        me: Me = await self._insist(self._api.begin)
        try:
            await self._publish()
        except Failure as failure:
            logger.warning("The commands could not be shown to Telegram; the next start tries again: %s", failure)
        except sa.exc.SQLAlchemyError as error:
            logger.error("The commands could not be shown to Telegram: %s", type(error).__name__)
        return me

    async def _insist(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """Return what ``call`` returns, however long Telegram is away."""
        wait = 0.5
        while True:
            try:
                return await call()
            except Failure as failure:
                wait = await self._rest(failure, wait)

    async def _rest(self, failure: Failure, wait: float) -> float:
        """Wait after a failure; return how long to wait after the next one in a row."""
        if self.state.failing_since is None:
            logger.warning("Telegram does not answer: %s", failure)
        self.state.failing(self._now())
        await asyncio.sleep(failure.seconds or wait)
        return min(wait * 2, LONGEST_WAIT)

    async def _lead(self, me: Me) -> None:
        """Poll as long as no other process may."""
        polling = asyncio.create_task(self._poll(me))
        try:
            while not polling.done():
                await asyncio.wait({polling}, timeout=LEASE_SECONDS / 5)
                if not await self._blocking.run(self._leader.hold):
                    logger.warning("Another process polls Telegram now")
                    break
        finally:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)

    async def _poll(self, me: Me) -> None:
        await self._insist(lambda: self._api.call(self._api.bot.delete_webhook()))
        self._offset, wait = None, 0.5
        self.state.well("polling")
        while True:
            try:
                found = await self._api.updates(self._offset)
            except Failure as failure:
                wait = await self._rest(failure, wait)
                continue
            self.state.well("polling")
            wait = 0.5
            for update in found:
                await self._keep(update, me)

    async def _keep(self, update: Any, me: Me) -> None:
        """Take an update in, and only then move the offset that acknowledges it."""
        while True:
            try:
                await self._receive(update, me)
                break
            except sa.exc.SQLAlchemyError as error:
                logger.error("An update of Telegram waits, the database failed: %s", type(error).__name__)
                await asyncio.sleep(1)
        with contextlib.suppress(UndecodableError):
            self._offset = max(self._offset or 0, updates.update_id(update) + 1)
