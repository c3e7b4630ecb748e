import gzip
from collections.abc import Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.events import fetch
from bot.events.fetch import Fetcher, FetchError


@pytest.fixture
async def serve():
    servers = []

    async def start(handler: Callable) -> str:
        app = web.Application()
        app.router.add_get("/{path:.*}", handler)
        server = TestServer(app)
        await server.start_server()
        servers.append(server)
        return str(server.make_url("/calendar.ics"))

    yield start
    for server in servers:
        await server.close()


async def test_an_unchanged_calendar_is_not_sent_twice_unless_asked_anew(serve) -> None:
    asked = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.headers.get("If-None-Match"))
        if asked[-1] == '"v1"':
            return web.Response(status=304)
        return web.Response(body=b"BEGIN:VCALENDAR", headers={"ETag": '"v1"'})

    url, fetcher = await serve(handler), Fetcher()
    assert [await fetcher(url), await fetcher(url), await fetcher(url, anew=True)] == [
        b"BEGIN:VCALENDAR", None, b"BEGIN:VCALENDAR",
    ]  # fmt: skip
    assert asked == [None, '"v1"', None]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a.ics",
        "ftp://example.org/a.ics",
        "file:///etc/passwd",
        "https://",
        "https://[broken",
        "http://user:secret@example.org/",
        "https://user:secret@example.org/",
        "https://10.0.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fd00::1]/",
        "https://0.0.0.0/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
    ],
)
async def test_other_schemes_and_private_addresses_are_not_asked(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        await Fetcher()(url)
    assert "secret" not in str(caught.value)


async def test_a_public_name_that_leads_home_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(self, host, port=0, family=0):
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 0, "flags": 0}]

    monkeypatch.setattr(fetch.aiohttp.ThreadedResolver, "resolve", resolve)
    with pytest.raises(FetchError, match="private network"):
        await Fetcher()("https://calendar.example/")


async def test_redirects_are_followed_and_checked(serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        targets = {
            "/calendar.ics": "/second",
            "/inside": "https://10.0.0.1/",
            "/plain": "http://example.org/",
            "/loop": "/loop",
        }
        if target := targets.get(request.path):
            return web.Response(status=302, headers={"Location": target})
        return web.Response(body=b"found")

    url = await serve(handler)
    assert await Fetcher()(url) == b"found"
    for path in ("/inside", "/plain", "/loop"):
        with pytest.raises(FetchError):
            await Fetcher()(url.replace("/calendar.ics", path))


async def test_errors_endless_and_silent_answers_are_named(serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "MAX_BYTES", 1000)

    async def handler(request: web.Request) -> web.Response:
        if request.path == "/gone":
            return web.Response(status=404)
        body = gzip.compress(b"0" * 100_000)
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    url = await serve(handler)
    with pytest.raises(FetchError, match="smaller calendar"):
        await Fetcher()(url)
    with pytest.raises(FetchError, match="404"):
        await Fetcher()(url.replace("/calendar.ics", "/gone"))
    with pytest.raises(FetchError, match="cannot be fetched"):
        await Fetcher()("http://127.0.0.1:1/")
