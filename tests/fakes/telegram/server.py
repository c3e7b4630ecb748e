"""The server: tokens, parameters, faults, and a thread to run it beside a test."""

import asyncio
import json
import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web

from tests.fakes.telegram.chats import Chat, Group, Person, Taps
from tests.fakes.telegram.errors import ApiError, too_many
from tests.fakes.telegram.faults import Fault, Faults
from tests.fakes.telegram.flood import Flood
from tests.fakes.telegram.inbox import Inbox
from tests.fakes.telegram.methods import Call, File, Methods

TOKEN = "123456789:AAfake-Token_of_the_tests_0123456789abc"
MAX_REQUEST = 55 * 1024 * 1024
_EXPECTED = {403, 404, 409, 429}
"""Refusals that no bot can avoid; of the 400s those that tell of the world, not of a mistake."""
_EXPECTED_TEXTS = (
    "chat not found",
    "query is too old",
    "upgraded to a supergroup",
    "not modified",
    "to edit not found",
)
T = TypeVar("T")


@dataclass
class Sent:
    """A call that took effect, in order over all chats."""

    method: str
    chat: int
    parameters: dict[str, str]
    result: Any
    at: float
    acknowledged: bool = True
    """False where the answer was lost: a bot may send the same again."""


class FakeBotApi:
    """A Bot API server on loopback; `with FakeBotApi() as api:` runs it in a thread of its own."""

    def __init__(self, token: str = TOKEN, port: int = 0) -> None:
        self.token = token
        self.me = {
            "id": int(token.split(":")[0]), "is_bot": True, "first_name": "Assistant", "username": "berlin_beijing_bot",
            "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False,
        }  # fmt: skip
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, File] = {}
        self.sent: list[Sent] = []
        self.calls: list[Call] = []
        self.violations: list[str] = []
        """What a correct bot never does, whether it was refused or forgiven."""
        self.hanging = False
        """Whether calls get no answer at all."""
        self.faults, self.flood = Faults(), Flood()
        self.port = port
        self.inbox: Inbox
        self.taps: Taps
        self.methods = Methods(self)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True, name="fake Bot API")
        self._runner: web.AppRunner

    @property
    def url(self) -> str:
        """The address to take for https://api.telegram.org."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "FakeBotApi":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, in a thread of its own."""
        self._thread.start()
        self._in_loop(self._open())

    def stop(self) -> None:
        """End it."""
        with suppress(TimeoutError):
            self._in_loop(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def refuse_connections(self) -> None:
        """Stop listening and end open connections, as if Telegram were blocked."""
        self._in_loop(self._runner.cleanup())

    def accept_connections(self) -> None:
        """Listen again, on the same port."""
        self._in_loop(self._listen())

    def user(self, number: int, language_code: str | None = None) -> Person:
        """Return a user with a private chat, the same for the same number."""

        def known() -> Person:
            chat = self.chats.setdefault(
                number, Chat(number, {"id": number, "type": "private", "first_name": f"Visitor{number}"})
            )
            return Person(self, number, language_code, chat)

        return self.call(known)

    def group(self, number: int, title: str = "Group") -> Group:
        """Return a group, the same for the same (negative) number."""
        kind = "supergroup" if number < -(10**12) else "group"
        data = {"id": number, "type": kind, "title": title}
        return self.call(lambda: Group(self, self.chats.setdefault(number, Chat(number, data))))

    def call(self, work: Callable[[], T]) -> T:
        """Run a function in the server's loop and return what it returns."""

        async def within() -> T:
            return work()

        return self._in_loop(within())

    def wait_for(self, look: Callable[[], T], enough: Callable[[T], bool], seconds: float) -> T:
        """Return what ``look`` sees as soon as it is enough."""
        until = time.monotonic() + seconds
        while not enough(found := look()):
            if time.monotonic() > until:
                raise AssertionError(f"not after {seconds} s; found: {found}\nviolations: {self.violations}")
            time.sleep(0.02)
        return found

    def report(self, what: str) -> None:
        """Note what a correct bot does not do."""
        self.violations.append(what)

    def _in_loop(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _open(self) -> None:
        self.inbox = Inbox(self.faults, self.report)
        self.taps = Taps(self.inbox.put)
        await self._listen()

    async def _listen(self) -> None:
        app = web.Application(client_max_size=MAX_REQUEST)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
        await self._runner.setup()
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        await web.SockSite(self._runner, listening).start()

    async def _end(self) -> None:
        self.inbox.set_hook("", "", 40, False)
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        while self.hanging:  # noqa: ASYNC110 - set from another thread
            await asyncio.sleep(0.05)
        try:
            call = await self._read(request)
            fault = self.faults.next(call.method)
            if fault and fault.kind == "drop_before":
                return _drop(request)
            if fault:
                await _trouble(fault)
            self.calls.append(call)
            result = await self._result(request, call)
            lost = fault is not None and fault.kind == "drop_after"
            self._note(call, result, not lost)
            if fault and fault.kind == "late":
                await asyncio.sleep(fault.seconds)
            return _drop(request) if lost else web.json_response({"ok": True, "result": result})
        except ApiError as error:
            return web.json_response(error.as_data(), status=error.code)

    async def _result(self, request: web.Request, call: Call) -> Any:
        try:
            if call.method == "getUpdates":
                return await self._updates(request, call)
            return self.methods.run(call)
        except ApiError as error:
            if error.code not in _EXPECTED and not any(text in error.description for text in _EXPECTED_TEXTS):
                self.report(f"{call.method}: {error.description}")
            elif error.code == 404:
                self.report(f"{call.method} is no method")
            raise

    async def _updates(self, request: web.Request, call: Call) -> list[dict[str, Any]]:
        if unknown := set(call.parameters) - {"offset", "limit", "timeout", "allowed_updates"}:
            self.report(f"getUpdates has no parameters {sorted(unknown)}")
        limit = call.number("limit", 100)
        self.inbox.allow(call.parameters.get("allowed_updates"))
        timeout = min(max(call.number("timeout"), 0), 50)

        def gone() -> bool:
            return request.transport is None or request.transport.is_closing()

        return await self.inbox.poll(call.number("offset"), min(max(limit, 1), 100), timeout, gone)

    async def _read(self, request: web.Request) -> Call:
        match = re.fullmatch(r"/bot(?P<token>\d+:[A-Za-z0-9_-]+)/(?P<method>\w+)", request.path)
        if not match:
            self.report("an address that is none of the Bot API")
            raise ApiError(404, "Not Found")
        if match["token"] != self.token:
            raise ApiError(401, "Unauthorized")
        parameters, files = {name: str(value) for name, value in request.query.items()}, {}
        if request.content_type == "application/json" and request.can_read_body:
            body = await request.json()
            parameters |= {key: each if isinstance(each, str) else json.dumps(each) for key, each in body.items()}
        elif request.method == "POST":
            for name, value in (await request.post()).items():
                if isinstance(value, web.FileField):
                    files[name] = File(value.filename, value.file.read(), value.content_type)
                else:
                    parameters[name] = str(value)
        return Call(match["method"], parameters, files)

    def _note(self, call: Call, result: Any, acknowledged: bool) -> None:
        if call.method.startswith(("send", "edit")) and call.method != "sendChatAction":
            chat = int(call.text("chat_id"))
            self.sent.append(Sent(call.method, chat, call.parameters, result, time.monotonic(), acknowledged))


async def _trouble(fault: Fault) -> None:
    if fault.kind == "flood":
        raise too_many(int(fault.seconds))
    if fault.kind == "error":
        raise ApiError(502, "Bad Gateway")
    if fault.kind == "refuse":
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)


def _drop(request: web.Request) -> web.StreamResponse:
    if request.transport:
        request.transport.abort()
    return web.Response()
