"""Runs waiting messages, and the one poll of the database that a process makes for all its streams."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa

from bot.channels.core import Incoming, Turns
from bot.channels.core.answers import Answer
from bot.channels.core.blocking import Blocking
from bot.channels.web.outbox import Outbox
from bot.channels.web.queue import Job, Queue
from bot.channels.web.streams import Streams
from bot.engine.tracker_store import Conversations

logger = logging.getLogger(__name__)

CHANNEL = "web"
AT_ONCE = 16
MAX_ATTEMPTS = 20
"""Processes that may die over a message before it is given up, as one that brings every process down.

It cannot be told from one that was only there when its process was killed: with 3, four of 304 messages were given up
in a test that killed about once a second; each further attempt was three times rarer.
"""
READY_SECONDS = 60.0
PURGE_SECONDS = 3600.0
BEHIND = 200
"""Numbers that are looked at again: another process's transaction may show a lower number after a higher one."""


class Runner:
    """Answers what waits in the queue, each session's messages in order."""

    def __init__(
        self, turns: Turns, queue: Queue, outbox: Outbox, conversations: Conversations, streams: Streams, keep: float
    ) -> None:
        self._turns, self._queue, self._outbox = turns, queue, outbox
        self._conversations, self._streams, self._keep = conversations, streams, keep
        self.blocking = Blocking(CHANNEL)
        self._draining: dict[str, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._again: set[str] = set()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._seen = 0
        self._purged = 0.0

    def wake(self, session: str) -> None:
        """Run what waits in a session, now or after what is running."""
        if session in self._draining:
            self._again.add(session)
            return
        task = asyncio.create_task(self._drain(session))
        self._draining[session] = task
        task.add_done_callback(lambda _: self._drained(session))

    def _drained(self, session: str) -> None:
        del self._draining[session]
        if session in self._again:
            self._again.discard(session)
            self.wake(session)

    async def _drain(self, session: str) -> None:
        try:
            async with self._room:
                while job := await self.blocking.run(self._queue.take, session):
                    self._streams.wake(session)
                    answers = await self._answers(job)
                    written = await self.blocking.run(self._queue.finish, job, answers)
                    if not written and not await self.blocking.run(self._queue.wanted, job):
                        # Rasa has just saved a conversation that its visitor had deleted.
                        await self.blocking.run(self._conversations.forget, job.sender)
                    self._streams.wake(session)
                    if not written:
                        break
        except sa.exc.SQLAlchemyError as error:
            logger.error("Messages of the website wait, the database failed: %s", type(error).__name__)

    async def _answers(self, job: Job) -> list[Answer]:
        incoming = Incoming(
            job.sender, job.written.text, CHANNEL, job.written.language, job.written.chosen, job.message_id
        )
        said = None
        if job.attempt > 1:
            # A process died over it; if Rasa had saved the turn, running it again would move the conversation twice.
            said = await self.blocking.run(self._conversations.answers_to, job.sender, job.message_id)
        if not said:
            said = await self._said(incoming, job.attempt)
        return [Answer.from_rasa(each, job.written.language) for each in said]

    async def _said(self, incoming: Incoming, attempt: int) -> list[dict[str, Any]]:
        if attempt > MAX_ATTEMPTS:
            return self._turns.say("utter_error", incoming)
        deadline = time.monotonic() + READY_SECONDS
        while not self._turns.is_ready() and time.monotonic() < deadline:  # noqa: ASYNC110 - Rasa tells nobody
            await asyncio.sleep(0.1)
        return await self._turns.run(incoming)

    def start(self, every: float, renewed: float) -> None:
        """Begin to look every so many seconds after what other processes have written or left behind.

        Leases are renewed in a task of its own: a slow look shall not end them.
        """
        self._tasks = [
            asyncio.create_task(self._for_ever(self._look, every)),
            asyncio.create_task(self._for_ever(self._renew, renewed)),
        ]

    async def _for_ever(self, work: Callable[[], Awaitable[None]], every: float) -> None:
        while True:
            try:
                await work()
            except sa.exc.SQLAlchemyError as error:
                logger.error("The website's messages cannot be read: %s", type(error).__name__)
            await asyncio.sleep(every)

    async def _renew(self) -> None:
        if self._draining:
            await self.blocking.run(self._queue.renew, list(self._draining))

    async def _look(self) -> None:
        now = time.monotonic()
        newest = await self.blocking.run(self._queue.newest)
        if len(self._streams):
            behind = min(self._seen, newest) - BEHIND
            self._streams.wake_behind(await self.blocking.run(self._queue.touched, behind))
        self._seen = newest
        for session in await self.blocking.run(self._queue.waiting, AT_ONCE):
            if session not in self._draining:
                self.wake(session)
        if now - self._purged >= PURGE_SECONDS or not self._purged:
            self._purged = now
            await self.blocking.run(self._outbox.purge, time.time() - self._keep)

    async def stop(self) -> None:
        """Let the running turns end for a moment; what is left is for the next process."""
        for task in self._tasks:
            task.cancel()
        if self._draining:
            await asyncio.wait(list(self._draining.values()), timeout=3)
        for task in list(self._draining.values()):
            task.cancel()
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            await self.blocking.run(self._queue.release)
        self.blocking.stop()
