"""Works for the chats that wait: answers what they wrote and sends what they are to be told, each chat in order."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable

import sqlalchemy as sa

from bot.channels.core.blocking import Blocking
from bot.channels.core.leader import Leader
from bot.channels.core.mailbox import Job, Mailbox
from bot.channels.core.payloads import Payloads
from bot.channels.telegram.api import Fate
from bot.channels.telegram.names import sender_of
from bot.channels.telegram.receiver import Receiver
from bot.channels.telegram.replies import Replies
from bot.channels.telegram.sender import Sender
from bot.engine.tracker_store import Conversations

logger = logging.getLogger(__name__)

AT_ONCE = 16
LOOK_SECONDS = 0.5
LEASE_SECONDS = 15.0
PURGE_SECONDS = 3600.0
STOP_SECONDS = 4.0


class Runner:
    """One process's work. ``unasked`` is held by the process that sends what nobody asked for: so its rate is kept."""

    receiver: Receiver

    def __init__(
        self,
        mailbox: Mailbox,
        payloads: Payloads,
        blocking: Blocking,
        conversations: Conversations,
        sender: Sender,
        replies: Replies,
        unasked: Leader,
        keep: float,
    ) -> None:
        self._mailbox, self._payloads, self._blocking = mailbox, payloads, blocking
        self._conversations, self._sender, self._replies = conversations, sender, replies
        self._leader, self._keep = unasked, keep
        self._draining: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._tasks: list[asyncio.Task[None]] = []
        self._leads = False
        self._led_at = -LEASE_SECONDS
        self._purged = -PURGE_SECONDS
        self._ended = asyncio.Event()

    def wake(self, chat: str) -> None:
        """Work for a chat, now or after what is being done for it."""
        if chat in self._draining:
            self._again.add(chat)
            return
        self._draining[chat] = asyncio.create_task(self._drain(chat))

    async def _drain(self, chat: str) -> None:
        try:
            async with self._room:
                await self._work(chat)
        except sa.exc.SQLAlchemyError as error:
            logger.error("Messages of Telegram wait, the database failed: %s", type(error).__name__)
        except Exception as error:
            # Without the error's text: it may hold the visitor's.
            logger.error("Work for a chat of Telegram failed: %s", type(error).__name__)
        finally:
            del self._draining[chat]
            self._ended.set()
            if chat in self._again:
                self._again.discard(chat)
                self.wake(chat)

    async def _work(self, chat: str) -> None:
        while (work := await self._blocking.run(self._mailbox.take, chat, self._leads)) is not None:
            if isinstance(work, Job):
                await self._answer(work)
                continue
            failure = await self._sender.send(work)
            if failure is None:
                continue
            if failure.fate is Fate.GONE:
                await self.receiver.gone(chat)
            elif failure.fate is Fate.MOVED:
                await self.receiver.moved(chat, failure.chat)

    async def _answer(self, job: Job) -> None:
        sender, answers = sender_of(job.chat), await self._replies.to(job)
        options = {name: job.body[name] for name in ("reply_to", "thread") if job.body.get(name)}
        language = answers[-1].language if answers else None
        if await self._blocking.run(self._mailbox.finish, job, answers, options, language):
            return
        if not await self._blocking.run(self._mailbox.wanted, job):
            # Rasa has just saved a conversation that had been deleted.
            await self._blocking.run(self._conversations.forget, sender)

    def start(self) -> None:
        """Begin to look after what waits; leases are renewed apart from that, as a slow look shall not end them."""
        self._tasks = [
            asyncio.create_task(self._for_ever(self._look, LOOK_SECONDS)),
            asyncio.create_task(self._for_ever(self._renew, LEASE_SECONDS / 5)),
        ]

    async def _for_ever(self, work: Callable[[], Awaitable[None]], every: float) -> None:
        while True:
            try:
                await work()
            except sa.exc.SQLAlchemyError as error:
                logger.error("The messages of Telegram cannot be read: %s", type(error).__name__)
            except Exception as error:
                logger.error("The look after Telegram's messages failed: %s", type(error).__name__)
            await asyncio.sleep(every)

    async def _renew(self) -> None:
        led_at = time.monotonic()
        self._leads = await self._blocking.run(self._leader.hold)
        self._led_at = led_at
        if self._draining:
            await self._blocking.run(self._mailbox.renew, list(self._draining))

    async def _look(self) -> None:
        now = time.monotonic()
        if now - self._led_at > LEASE_SECONDS * 0.8:
            self._leads = False  # the database was away: another may lead by now
        full = True
        while full:
            self._ended.clear()
            room = AT_ONCE - len(self._draining)
            chats = await self._blocking.run(self._mailbox.waiting, AT_ONCE, self._leads) if room > 0 else []
            fresh = [chat for chat in chats if chat not in self._draining][: max(room, 0)]
            for chat in fresh:
                self.wake(chat)
            full = len(chats) == AT_ONCE and bool(fresh)
            if full:
                await self._ended.wait()
        if now - self._purged >= PURGE_SECONDS:
            self._purged = now
            await self._blocking.run(self._mailbox.purge, time.time() - self._keep)
            await self._blocking.run(self._payloads.purge, time.time() - self._keep)

    async def stop(self) -> None:
        """Let what is being done end for a moment; what is left is for the next process."""
        for task in self._tasks:
            task.cancel()
        self._again.clear()
        running = list(self._draining.values())
        if running:
            await asyncio.wait(running, timeout=STOP_SECONDS)
        for task in running:
            task.cancel()
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            await self._blocking.run(self._mailbox.release)
            await self._blocking.run(self._leader.release)
