"""A real Sanic server on loopback with our channels as Rasa registers them, without a model."""

import asyncio
import functools
import json
import shutil
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from rasa.core.channels.channel import InputChannel, UserMessage, register
from sanic import Sanic
from sanic.touchup import TouchUp
from yarl import URL

from bot import clock, settings
from bot.channels.web.channel import WebChannel
from bot.channels.web.events import Pace
from bot.channels.web.gate import Rates
from bot.content.library import Speech, compile_speech, parse_speech, publish_speech
from bot.content.model import Content
from bot.database import connect
from bot.events.store import EventStore
from tests.channels.web_client import Visitor, stand_in

CLOCK = "2027-03-10T10:00:00+01:00"


@dataclass
class Site:
    """A client of the server."""

    session: aiohttp.ClientSession
    address: str
    app: Sanic

    async def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes, dict[str, str]]:
        """Return status, body and headers (lower case); ``path`` is sent as it is."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        url = URL(f"{self.address}{path}", encoded=True)
        async with self.session.request(method, url, headers=sent) as answer:
            return answer.status, await answer.read(), {name.lower(): value for name, value in answer.headers.items()}

    async def error(self, path: str) -> tuple[int, str]:
        """Return the status and the sentence of a refused request."""
        status, body, _ = await self.get(path)
        return status, json.loads(body)["error"]


_rewrite = TouchUp.run


@functools.cache
def _rewrite_sanic() -> None:
    """Sanic rewrites its own functions when it starts, and fails to do so a second time in the same process."""
    app = Sanic(f"first-{uuid.uuid4().hex}", configure_logging=False)
    app.signalize()
    _rewrite(app)


@pytest.fixture(scope="session")
def compiled(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("speech") / "content.json"
    publish_speech(content, path)
    return path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, compiled: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("BOT_HOME", str(tmp_path))
    shutil.copy(compiled, tmp_path / "content.json")
    monkeypatch.setenv("BOT_CLOCK", CLOCK)
    clock._frozen.cache_clear()
    yield
    clock._frozen.cache_clear()


@pytest.fixture
def store() -> Iterator[EventStore]:
    engine = connect(settings.load().database_url)
    yield EventStore(engine)
    engine.dispose()


@pytest.fixture
async def serve(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Awaitable[Site]]]:
    """Starts a server with one channel or more, and stops it after the test."""
    opened = []

    async def started(*channels: InputChannel) -> Site:
        monkeypatch.setattr(TouchUp, "run", lambda app: _rewrite_sanic())
        app = Sanic(f"test-{uuid.uuid4().hex}", configure_logging=False)
        register(list(channels), app, route="/webhooks/")
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))  # Sanic takes port=0 for its own 8000
        server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
        await server.startup()
        await server.before_start()
        await server.after_start()
        session = aiohttp.ClientSession()
        opened.append((server, session))
        port = server.server.sockets[0].getsockname()[1]
        return Site(session, f"http://127.0.0.1:{port}", app)

    yield started
    for server, session in opened:
        await server.before_stop()
        await session.close()
        await server.close()


@dataclass
class Echo:
    """Stands for Rasa: answers with the text it got, and keeps what it was given."""

    seen: list[UserMessage] = field(default_factory=list)
    pause: float = 0.0
    before: asyncio.Event | None = None
    answers: list[dict[str, object]] | None = None

    async def answer(self, message: UserMessage) -> None:
        self.seen.append(message)
        if self.before:
            await self.before.wait()
        await asyncio.sleep(self.pause)
        for answer in self.answers or [{"text": f"echo: {message.text}"}]:
            await message.output_channel.send_response(message.sender_id, dict(answer))


@dataclass
class Web:
    """A running web channel."""

    site: Site
    channel: WebChannel
    echo: Echo

    def visitor(self, **headers: str) -> Visitor:
        """Return a browser without a session."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return Visitor(self.site.session, self.site.address, headers=sent)

    async def begin(self, **headers: str) -> Visitor:
        """Return a browser with a session."""
        return await self.visitor(**headers).begin()


QUICK = Pace(heartbeat_seconds=0.2, stream_seconds=30, poll_seconds=0.1)


@pytest.fixture
async def start_web(serve: Callable[[InputChannel], Awaitable[Site]]) -> Callable[..., Awaitable[Web]]:
    """Starts a web channel; a second one is a second process on the same database."""

    async def started(pace: Pace = QUICK, rates: Rates | None = None, echo: Echo | None = None) -> Web:
        channel, echo = WebChannel(pace, rates), echo or Echo()
        site = await serve(channel)
        stand_in(site.app, echo.answer)
        return Web(site, channel, echo)

    return started


@pytest.fixture
async def web(start_web: Callable[..., Awaitable[Web]]) -> Web:
    return await start_web()


@pytest.fixture(scope="session")
def speech(content: Content) -> Speech:
    return parse_speech(compile_speech(content))
