"""Sends parcels: each of their messages once, as far as Telegram says whether it has it."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa

from bot.channels.core.blocking import Blocking
from bot.channels.core.mailbox import Mailbox, Parcel
from bot.channels.core.payloads import Payloads
from bot.channels.telegram.api import Api, Failure, Fate
from bot.channels.telegram.figures import sent_total
from bot.channels.telegram.rendering import FilePart, Part, TextPart, parts

logger = logging.getLogger(__name__)

OF_ALL, OF_UNASKED, OF_GROUP = (25, 1), (15, 1), (20, 60)
"""Messages in seconds. Telegram allows about 30 a second, 20 a minute to a group; what nobody asked for leaves room.
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this"""
GIVE_UP_SECONDS = 24 * 3600.0
MOST_GROUPS = 500
LONGEST_PAUSE = 60.0
NOTE_SECONDS = 1.0
_AWAY = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
"""What SQLAlchemy raises while the database is locked, full, restarting or out of reach."""
P = ParamSpec("P")
T = TypeVar("T")
Files = Callable[[str], tuple[str, bytes] | None]


class Sender:
    """Sends for the runner. ``files`` returns the name and body of a calendar file by its address (blocking)."""

    def __init__(self, api: Api, mailbox: Mailbox, payloads: Payloads, blocking: Blocking, files: Files) -> None:
        from aiolimiter import AsyncLimiter

        self._api, self._mailbox, self._payloads, self._blocking = api, mailbox, payloads, blocking
        self._files = files
        self._of_all, self._of_unasked = AsyncLimiter(*OF_ALL), AsyncLimiter(*OF_UNASKED)
        self._groups: OrderedDict[str, AsyncLimiter] = OrderedDict()

    async def send(self, parcel: Parcel) -> Failure | None:
        """Send what is left of a parcel and note how that went; a failure is returned."""
        made = parts(parcel.answer)
        for at in range(parcel.parts, len(made)):
            try:
                await self._pace(parcel)
                # Its subscriber may have ended it while it waited for its turn.
                if parcel.unasked and not await self._blocking.run(self._mailbox.begin, parcel):
                    return None
                await self._send(parcel, made[at])
            except Failure as failure:
                await self._failed(parcel, failure, at)
                return failure
            if at + 1 < len(made) and not await self._note(self._mailbox.advance, parcel, at + 1):
                return None
        await self._note(self._mailbox.sent, parcel)
        sent_total.labels("sent").inc()
        return None

    async def _pace(self, parcel: Parcel) -> None:
        if parcel.chat.startswith("-") and not await self._has_room(parcel.chat):
            raise Failure(Fate.PAUSE, "group limit", OF_GROUP[1] / OF_GROUP[0])
        if parcel.unasked:
            await self._of_unasked.acquire()
        await self._of_all.acquire()

    async def _has_room(self, chat: str) -> bool:
        """Take one of a group's messages if there is one: waiting for it here would keep others waiting."""
        from aiolimiter import AsyncLimiter

        limiter = self._groups.pop(chat, None) or AsyncLimiter(*OF_GROUP)
        self._groups[chat] = limiter
        if len(self._groups) > MOST_GROUPS:
            self._groups.popitem(last=False)
        if not limiter.has_capacity():
            return False
        await limiter.acquire()
        return True

    async def _send(self, parcel: Parcel, part: Part) -> None:
        to: dict[str, Any] = {"chat_id": int(parcel.chat)}
        if "thread" in parcel.options:
            to["message_thread_id"] = parcel.options["thread"]
        if isinstance(part, FilePart):
            found = await self._blocking.run(self._files, part.address)
            if found:
                name, body = found
                await self._api.call(self._api.bot.send_document(**to, document=body, filename=name))
            return
        await self._send_text(to, parcel.options.get("reply_to"), part)

    async def _send_text(self, to: dict[str, Any], reply_to: int | None, part: TextPart) -> None:
        from telegram import LinkPreviewOptions, ReplyParameters

        to["link_preview_options"] = LinkPreviewOptions(is_disabled=True)
        if reply_to:
            to["reply_parameters"] = ReplyParameters(reply_to, allow_sending_without_reply=True)
        to["reply_markup"] = await self._blocking.run(self._keyboard, part) if part.buttons else None
        try:
            await self._api.call(self._api.bot.send_message(**to, text=part.html, parse_mode="HTML"))
        except Failure as failure:
            if failure.fate is not Fate.REFUSED:
                raise
            logger.error("Telegram did not take an answer's markup: it is sent without")
            await self._api.call(self._api.bot.send_message(**to, text=part.plain))

    def _keyboard(self, part: TextPart) -> Any:
        from telegram import InlineKeyboardButton, InlineKeyboardMarkup

        return InlineKeyboardMarkup(
            [
                [InlineKeyboardButton(each["title"], callback_data=self._payloads.shorten(each["payload"]))]
                for each in part.buttons
            ]
        )

    async def _failed(self, parcel: Parcel, failure: Failure, at: int) -> None:
        """Note a failure at part ``at``: again later if that cannot double what must not be, else never."""
        sent_total.labels(failure.fate.name.lower()).inc()
        uncertain = failure.fate is Fate.UNCERTAIN and parcel.unasked
        too_old = time.time() - parcel.queued_at > GIVE_UP_SECONDS
        if failure.fate in (Fate.GONE, Fate.REFUSED) or uncertain or too_old:
            logger.error("A message to Telegram was given up: %s", failure)
            await self._note(self._mailbox.give_up, parcel, uncertain)
            return
        pause = failure.seconds or min(0.5 * 2.0 ** min(parcel.attempt, 10), LONGEST_PAUSE)
        if failure.fate is Fate.MOVED:
            pause = 0.0
        if failure.fate is not Fate.PAUSE:
            logger.warning("A message to Telegram is sent again in %.0f s: %s", pause, failure)
        # A chat that was made to rest shall not wait longer for what fails afterwards.
        await self._note(self._mailbox.later, parcel, pause, at, counts=failure.fate is not Fate.PAUSE)

    async def _note(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Write down what became of a message, however long the database is away: without that it is sent again."""
        while True:
            try:
                return await self._blocking.run(work, *arguments, **named)
            except _AWAY as error:
                logger.error("What Telegram has is not noted yet, the database failed: %s", type(error).__name__)
                await asyncio.sleep(NOTE_SECONDS)


async def quietly(api: Api, request: Any) -> None:
    """Make a call whose failure nobody needs to know of: a sign of typing, the end of a keyboard."""
    try:
        await api.call(request)
    except Failure as failure:
        logger.debug("A call that may fail did: %s", failure)


async def typing_after(api: Api, chat: str, seconds: float, thread: int | None = None) -> None:
    """Show that an answer is being made, if it takes that long; cancelled when it is there."""
    await asyncio.sleep(seconds)
    while True:
        await quietly(api, api.bot.send_chat_action(int(chat), "typing", message_thread_id=thread))
        await asyncio.sleep(4.5)  # Telegram shows it for five seconds
