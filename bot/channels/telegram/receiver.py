"""Takes updates in: what is meant for us goes into the mailbox, and only then Telegram is told that we have it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy.engine import Engine

from bot.channels.core.blocking import Blocking
from bot.channels.core.limits import Limiter, Rate
from bot.channels.core.mailbox import Mailbox
from bot.channels.core.payloads import Payloads
from bot.channels.telegram import subscribers, updates
from bot.channels.telegram.api import Api
from bot.channels.telegram.figures import updates_total
from bot.channels.telegram.names import sender_of
from bot.channels.telegram.sender import quietly
from bot.channels.telegram.updates import Gone, Letter, Me, Moved, UndecodableError
from bot.content.library import SpeechFile
from bot.engine.tracker_store import Conversations
from bot.languages import DEFAULT_LANGUAGE, supported

logger = logging.getLogger(__name__)

MESSAGES_OF_CHAT = Rate(30, 0.5)
WARNINGS_OF_CHAT = Rate(1, 1 / 60)
"""How often a chat is told that it writes too much."""


class Receiver:
    """One process's way in. ``wake`` is called with a chat that has something to answer."""

    def __init__(
        self,
        engine: Engine,
        mailbox: Mailbox,
        payloads: Payloads,
        blocking: Blocking,
        api: Api,
        speech: SpeechFile,
        wake: Callable[[str], None],
        rate: Rate = MESSAGES_OF_CHAT,
    ) -> None:
        self._engine, self._mailbox, self._payloads, self._blocking = engine, mailbox, payloads, blocking
        self._api, self._speech, self._wake = api, speech, wake
        self._conversations = Conversations(engine)
        self._messages, self._warnings = Limiter(rate), Limiter(WARNINGS_OF_CHAT)
        self._chats: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()

    async def receive(self, update: Any, me: Me) -> None:
        """Take an update in; when this returns, it may be acknowledged.

        Raises:
            SQLAlchemyError: it could not be kept, and must come again.
        """
        try:
            asked = updates.read(update, me)
        except UndecodableError:
            updates_total.labels("undecodable").inc()
            logger.error("An update of Telegram cannot be read")
            return
        if isinstance(asked, Letter):
            await self._take(asked)
        elif isinstance(asked, Gone):
            await self.gone(asked.chat)
        elif isinstance(asked, Moved):
            await self.moved(asked.old, asked.new)
        else:
            updates_total.labels("ignored").inc()

    async def gone(self, chat: str) -> None:
        """Note that a visitor has blocked us: nothing is sent any more."""
        updates_total.labels("gone").inc()
        await self._blocking.run(subscribers.end, self._engine, chat)

    async def moved(self, old: str, new: str) -> None:
        """Note that a group has another number now; its conversation begins anew."""
        updates_total.labels("moved").inc()
        await self._blocking.run(self._mailbox.move, old, new)
        await self._blocking.run(subscribers.move, self._engine, old, new)
        await self._blocking.run(self._conversations.forget, sender_of(old))
        self._wake(new)

    async def _take(self, letter: Letter) -> None:
        if letter.kind == "tap":
            found = await self._blocking.run(self._payloads.read, letter.text)
            self._answer_tap(letter, stale=await self._say("telegram_stale", letter) if found is None else None)
            if found is None:
                updates_total.labels("stale").inc()
                return
            letter = replace(letter, kind="text", text=found)
        # One after the other: of an update that comes twice at once, the second finds what became of the first.
        async with self._chats.setdefault(letter.chat, asyncio.Lock()):
            await self._count(letter)

    async def _count(self, letter: Letter) -> None:
        """Keep a letter within its chat's rate; beyond it, it is kept as one that asks to be told so, or not at all."""
        limiter = self._messages
        if limiter.wait(letter.chat):
            limiter = self._warnings
            if limiter.wait(letter.chat):
                updates_total.labels("refused").inc()
                return
            letter = replace(letter, kind="too_many", text="")
        new = False
        try:
            new = await self._keep(letter)
        finally:
            if not new:  # received before, or it must come again: a message counts once, however often it comes
                limiter.give_back(letter.chat)

    async def _keep(self, letter: Letter) -> bool:
        body = {"kind": letter.kind, "text": letter.text, "hint": letter.hint, "thread": letter.thread}
        if letter.group and letter.tap is None:
            body["reply_to"] = letter.message_id
        new = await self._blocking.run(self._mailbox.receive, letter.key, letter.chat, body, letter.update_id)
        result = "refused" if letter.kind == "too_many" else "taken"
        updates_total.labels(result if new else "duplicate").inc()
        self._wake(letter.chat)
        return new

    async def _say(self, phrase: str, letter: Letter) -> str:
        language = await self._blocking.run(self._mailbox.language, letter.chat)
        return self._speech.speech.phrases[phrase][language or supported(letter.hint) or DEFAULT_LANGUAGE]

    def _answer_tap(self, letter: Letter, stale: str | None) -> None:
        """End the button's waiting and take the used keyboard away; neither is worth waiting for.

        A tap that comes twice is told twice, and Telegram refuses the second: rather so than a process that died in
        between leaving the button waiting.
        """
        self._later(quietly(self._api, self._api.bot.answer_callback_query(letter.tap or "", text=stale)))
        edit = self._api.bot.edit_message_reply_markup(int(letter.chat), letter.message_id, reply_markup=None)
        self._later(quietly(self._api, edit))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
