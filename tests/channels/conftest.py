"""A real Sanic server on loopback with our channels as Rasa registers them, without a model."""

import functools
import json
import shutil
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from rasa.core.channels.channel import InputChannel, register
from sanic import Sanic
from sanic.touchup import TouchUp
from yarl import URL

from bot import clock, settings
from bot.content.library import publish_speech
from bot.content.model import Content
from bot.database import connect
from bot.events.store import EventStore

CLOCK = "2027-03-10T10:00:00+01:00"


@dataclass
class Site:
    """A client of the server."""

    session: aiohttp.ClientSession
    address: str

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
async def serve(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[InputChannel], Awaitable[Site]]]:
    """Starts a server with one channel, and stops it after the test."""
    opened = []

    async def started(channel: InputChannel) -> Site:
        monkeypatch.setattr(TouchUp, "run", lambda app: _rewrite_sanic())
        app = Sanic(f"test-{uuid.uuid4().hex}", configure_logging=False)
        register([channel], app, route="/webhooks/")
        server = await app.create_server(host="127.0.0.1", port=0, return_asyncio_server=True, access_log=False)
        await server.startup()
        await server.before_start()
        session = aiohttp.ClientSession()
        opened.append((server, session))
        port = server.server.sockets[0].getsockname()[1]
        return Site(session, f"http://127.0.0.1:{port}")

    yield started
    for server, session in opened:
        await session.close()
        await server.close()
