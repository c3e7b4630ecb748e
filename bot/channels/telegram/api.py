"""The Bot API through python-telegram-bot's client, and what a failed call means for what was to be sent.

Only `telegram.Bot` is used, imported when a token is set. `Application` and `Updater` acknowledge updates as soon as
they are in memory, where a killed process loses them; `AIORateLimiter` holds everybody back for one chat's flood
control. So updates go into the mailbox first, and the limits (by aiolimiter, which the extra brings) are asked
before a chat is taken.
"""

import asyncio
import logging
import warnings
from collections.abc import Awaitable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from bot.channels.telegram.updates import ALLOWED, Me

if TYPE_CHECKING:
    from telegram.request import HTTPXRequest

CONNECTIONS = 16
POLL_SECONDS = 25
_SILENT = ("telegram", "httpx", "httpcore")


class Fate(Enum):
    """What became of a call that failed."""

    PAUSE = auto()
    """flood control: again after `Failure.seconds`"""
    UNSENT = auto()
    """it certainly did not reach Telegram, or was not carried out"""
    UNCERTAIN = auto()
    """it may have been carried out"""
    GONE = auto()
    """the visitor has blocked the bot, or the chat is no more"""
    MOVED = auto()
    """the group is now `Failure.chat`"""
    REFUSED = auto()
    """it never will be: its content is not what Telegram takes"""


@dataclass(frozen=True)
class Failure(Exception):  # noqa: N818 - names what it carries
    """Raised for a failed call; its text holds neither address, token nor message."""

    fate: Fate
    kind: str
    seconds: float = 0.0
    chat: str = ""

    def __str__(self) -> str:
        return self.kind


def silence() -> None:
    """Keep the client's logs out of every log: its addresses hold the token, its errors what visitors wrote."""
    for name in _SILENT:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [logging.NullHandler()], False
        logger.setLevel(logging.CRITICAL)


class Api:
    """A client for one token."""

    def __init__(self, token: str, base_url: str) -> None:
        silence()
        from telegram import Bot

        warnings.filterwarnings("ignore", message="Please use 'Bot.getUpdates'")  # said of each call
        self.bot: Bot = Bot(
            token,
            base_url=f"{base_url}/bot",
            base_file_url=f"{base_url}/file/bot",
            request=_connections(CONNECTIONS, 15.0),
            get_updates_request=_connections(1, POLL_SECONDS + 10.0),
        )
        self.me: Me | None = None

    async def begin(self) -> Me:
        """Ask who we are.

        Raises:
            Failure: Telegram cannot be reached or does not know the token.
        """
        await self.call(self.bot.initialize())
        self.me = Me(self.bot.id, self.bot.username)
        return self.me

    async def updates(self, offset: int | None) -> list[Any]:
        """Wait for updates and return them as plain data; ``offset`` acknowledges those before it.

        Raises:
            Failure: the call failed.
        """
        asked: dict[str, Any] = {"timeout": POLL_SECONDS, "allowed_updates": list(ALLOWED)}
        if offset is not None:
            asked["offset"] = offset
        # As plain data: the client's own method reads all updates or, with one that it does not know, none.
        found = await self.call(self.bot.do_api_request("getUpdates", asked))
        return found if isinstance(found, list) else []

    async def webhook(self, url: str, secret: str) -> None:
        """Have Telegram call ``url``. One connection: of several, a later message may overtake an earlier one.

        Raises:
            Failure: the call failed.
        """
        await self.call(self.bot.set_webhook(url, secret_token=secret, max_connections=1, allowed_updates=ALLOWED))

    async def call(self, request: Awaitable[Any]) -> Any:
        """Return what a call of the client returns.

        Raises:
            Failure: it failed.
        """
        try:
            return await request
        except asyncio.CancelledError:
            raise
        except Exception as error:
            raise explained(error) from None

    async def end(self) -> None:
        """Close the connections."""
        await self.bot.shutdown()


def _connections(number: int, read_timeout: float) -> "HTTPXRequest":
    from telegram.request import HTTPXRequest

    return HTTPXRequest(number, read_timeout=read_timeout, write_timeout=10.0, connect_timeout=5.0, pool_timeout=30.0)


def explained(error: Exception) -> Failure:
    """Return what an error of the client means."""
    from httpx import ConnectError, ConnectTimeout, HTTPError, PoolTimeout
    from telegram.error import (
        BadRequest,
        ChatMigrated,
        EndPointNotFound,
        Forbidden,
        InvalidToken,
        NetworkError,
        RetryAfter,
    )

    kind, cause = type(error).__name__, error.__cause__
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        return Failure(Fate.PAUSE, kind, wait if isinstance(wait, int | float) else wait.total_seconds())
    if isinstance(error, ChatMigrated):
        return Failure(Fate.MOVED, kind, chat=str(error.new_chat_id))
    if isinstance(error, Forbidden):
        return Failure(Fate.GONE, kind)
    if isinstance(error, BadRequest):
        gone = any(words in error.message.lower() for words in ("chat not found", "peer_id_invalid", "user not found"))
        return Failure(Fate.GONE if gone else Fate.REFUSED, kind)
    if isinstance(error, InvalidToken | EndPointNotFound):
        return Failure(Fate.UNSENT, kind, 60.0)
    if isinstance(error, NetworkError):
        if isinstance(cause, HTTPError):
            before = isinstance(cause, ConnectError | ConnectTimeout | PoolTimeout)
            return Failure(Fate.UNSENT if before else Fate.UNCERTAIN, type(cause).__name__)
        # Telegram, or a proxy before it, has answered that it did not do it.
        return Failure(Fate.UNCERTAIN if cause is not None else Fate.UNSENT, kind)
    # A call that could not be made or read: Conflict, an answer that is no JSON.
    return Failure(Fate.UNCERTAIN, kind)
