"""Updates that wait for the bot, and how it gets them: getUpdates, or a webhook with redelivery.

Sources: https://core.telegram.org/bots/api#getting-updates; that a webhook's updates come in order for each chat and
side by side for different ones is how the open Bot API server does it (github.com/tdlib/telegram-bot-api).
"""

import asyncio
import json
import random
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.fakes.telegram.errors import ApiError, bad
from tests.fakes.telegram.faults import Faults

DEFAULT_UPDATES = {
    "message", "edited_message", "channel_post", "edited_channel_post", "inline_query", "chosen_inline_result",
    "callback_query", "shipping_query", "pre_checkout_query", "poll", "poll_answer", "my_chat_member",
    "chat_join_request",
}  # fmt: skip
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
DELIVERY_SECONDS = 10.0
HOOKED = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
OTHER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
_HOOK = re.compile(
    r"https://[^/\s:]+(:(443|80|88|8443))?(/\S*)?"
    r"|http://(127\.0\.0\.1|localhost)(:\d+)?/\S*"  # as an own Bot API server takes it
)


@dataclass
class Delivery:
    """One try to bring an update to the webhook."""

    update: int
    chat: int
    status: int
    """0 for none: refused, dropped or too late."""
    at: float


@dataclass
class Hook:
    """A webhook that was set."""

    url: str
    secret: str
    max_connections: int
    last_error_date: int = 0
    last_error_message: str = ""


@dataclass
class Inbox:
    """All updates that are not confirmed; lives in the server's loop."""

    faults: Faults
    report: Callable[[str], None]
    backoff: float = 0.2
    """Seconds until the first redelivery (Telegram's are longer); doubled up to 16 times."""
    jitter: float = 0.0
    """Seconds by which deliveries of different chats overtake each other at most."""
    hook: Hook | None = None
    allowed: set[str] = field(default_factory=lambda: set(DEFAULT_UPDATES))
    waiting: dict[int, dict[str, Any]] = field(default_factory=dict)
    conflicts: int = 0
    """Answers 409 to a living poller because another one polled."""
    polls: int = 0
    deliveries: list[Delivery] = field(default_factory=list)
    _next: int = field(default_factory=lambda: random.randrange(10**8, 10**9))
    _chats: dict[int, int] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _elder: asyncio.Future[str] | None = None
    _senders: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(40))

    def put(self, chat: int, kind: str, body: dict[str, Any]) -> int:
        """Take a new update and return its id; 0 if the bot does not want its kind."""
        if kind not in self.allowed:
            return 0
        self._next += 1
        self.waiting[self._next] = {"update_id": self._next, kind: body}
        self._chats[self._next] = chat
        self._changed.set()
        if self.hook:
            self._send_for(chat)
        return self._next

    def allow(self, given: str | None) -> None:
        """Take ``allowed_updates``: later updates of other kinds are not kept; None keeps what was said before."""
        if given is None:
            return
        kinds = json.loads(given)
        if not isinstance(kinds, list) or set(kinds) - DEFAULT_UPDATES - NOT_BY_DEFAULT:
            self.report(f"allowed_updates holds unknown kinds: {given}")
        self.allowed = set(kinds) if kinds else set(DEFAULT_UPDATES)

    async def poll(self, offset: int, limit: int, seconds: float, gone: Callable[[], bool]) -> list[dict[str, Any]]:
        """Answer getUpdates; ``gone`` tells whether the asking client still listens."""
        if self.hook:
            raise ApiError(
                409,
                HOOKED,
            )
        self.polls += 1
        self.interrupt(OTHER)
        mine = self._elder = asyncio.get_running_loop().create_future()
        mine.gone = gone  # type: ignore[attr-defined]
        self.confirm(offset)
        until = time.monotonic() + seconds
        try:
            while not self.waiting and (left := until - time.monotonic()) > 0 and not gone():
                self._changed.clear()
                waits = asyncio.ensure_future(self._changed.wait())
                try:
                    await asyncio.wait({waits, mine}, timeout=min(left, 0.25), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    waits.cancel()
                if mine.done():
                    raise ApiError(409, mine.result())
            return [self.waiting[number] for number in sorted(self.waiting)[:limit]]
        finally:
            if self._elder is mine:
                self._elder = None

    def interrupt(self, why: str) -> None:
        """End the poll that is going on."""
        if self._elder and not self._elder.done():
            gone: Callable[[], bool] = self._elder.gone  # type: ignore[attr-defined]
            self.conflicts += not gone() and "other getUpdates" in why
            self._elder.set_result(why)

    def confirm(self, offset: int) -> None:
        """Forget the updates below ``offset``; a negative one leaves so many."""
        if offset < 0:
            offset = sorted(self.waiting)[offset:][0] if len(self.waiting) >= -offset else 0
        for number in [each for each in self.waiting if each < offset]:
            self._drop(number)

    def _drop(self, number: int) -> None:
        self.waiting.pop(number, None)
        self._chats.pop(number, None)

    def set_hook(self, url: str, secret: str, max_connections: int, drop_pending: bool) -> None:
        """Set a webhook; "" removes it."""
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad("secret token contains unallowed characters")
        if url and not _HOOK.fullmatch(url):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if not 1 <= max_connections <= 100:
            raise bad("max_connections must be from 1 to 100")
        self.interrupt("Conflict: terminated by setWebhook request")
        for task in self._senders.values():
            task.cancel()
        self._senders.clear()
        if drop_pending:
            self.waiting.clear()
            self._chats.clear()
        self.hook = Hook(url, secret, max_connections) if url else None
        self._room = asyncio.Semaphore(max_connections)
        if self.hook:
            for chat in set(self._chats.values()):
                self._send_for(chat)

    def _send_for(self, chat: int) -> None:
        if chat not in self._senders or self._senders[chat].done():
            self._senders[chat] = asyncio.create_task(self._send(chat))

    async def _send(self, chat: int) -> None:
        pause = self.backoff
        while (hook := self.hook) and (number := min((n for n, c in self._chats.items() if c == chat), default=0)):
            await asyncio.sleep(random.uniform(0, self.jitter))
            update = self.waiting[number]
            if await self._deliver(hook, number, chat, update):
                self._drop(number)
                pause = self.backoff
            else:
                await asyncio.sleep(pause)
                pause = min(pause * 2, self.backoff * 16)

    async def _deliver(self, hook: Hook, number: int, chat: int, update: dict[str, Any]) -> bool:
        fault = self.faults.next("webhook")
        status = await self._post(hook, update)
        if fault and fault.kind == "duplicate":
            task = asyncio.create_task(self._again(hook, update, fault.seconds))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self.deliveries.append(Delivery(number, chat, status, time.monotonic()))
        if fault and fault.kind == "drop_after":
            status = 0
        if not 200 <= status < 300:
            hook.last_error_date = int(time.time())
            hook.last_error_message = f"Wrong response from the webhook: {status}" if status else "Connection failed"
        return 200 <= status < 300

    async def _again(self, hook: Hook, update: dict[str, Any], seconds: float) -> None:
        await asyncio.sleep(random.uniform(0, seconds))
        await self._post(hook, update)

    async def _post(self, hook: Hook, update: dict[str, Any]) -> int:
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        timeout = aiohttp.ClientTimeout(total=DELIVERY_SECONDS)
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with (
                self._room,
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(hook.url, json=update, headers=headers) as answer,
            ):
                if b'"method"' in await answer.read():
                    self.report("the webhook answers with a method, which this fake does not carry out")
                return answer.status
        return 0
