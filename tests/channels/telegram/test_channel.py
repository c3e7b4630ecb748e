"""The channel in Rasa's server: off without a token, and its webhook's door."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from rasa.core.channels.channel import InputChannel

from bot import settings
from bot.channels.health import SiteChannel
from bot.channels.telegram.channel import MAX_BODY, SECRET_HEADER, TelegramChannel
from bot.settings import PROJECT_ROOT
from tests.channels.conftest import Echo, Site
from tests.channels.telegram.conftest import TOKEN
from tests.channels.telegram.stand_ins import ME, StandInBot, message

ROUTE = "/webhooks/telegram/webhook"
SECRET = "s" * 32
Serve = Callable[[InputChannel], Awaitable[Site]]


@pytest.fixture
async def door(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> tuple[Site, TelegramChannel]:
    """A server in webhook mode whose Telegram cannot be reached."""
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("BOT_PUBLIC_URL", "http://127.0.0.1:1")
    channel = TelegramChannel()
    return await serve(channel), channel


async def post(site: Site, data: bytes | str | None = None, secret: str | None = SECRET, **more: Any) -> int:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with site.session.post(f"{site.address}{ROUTE}", data=data, headers=headers, **more) as answer:
        assert await answer.read() == b""
        return answer.status


async def test_without_a_token_there_is_no_route_and_health_says_off(serve: Serve) -> None:
    blueprint = TelegramChannel().blueprint(Echo().answer)
    assert not blueprint._future_routes
    assert not blueprint._future_listeners
    assert b'"telegram":"off"' in (await (await serve(SiteChannel())).get("/health/ready"))[1]


def test_without_a_token_the_client_is_not_even_imported() -> None:
    code = (
        "import sys; from bot.channels.telegram.channel import TelegramChannel as T; T().blueprint(None); "
        "print([name for name in ('telegram', 'httpx', 'aiolimiter') if name in sys.modules])"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    found = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found.stderr


@pytest.mark.parametrize("secret", [None, "", "S" * 32, "s" * 31, "ſ"])
async def test_without_the_secret_nothing_is_read(door: tuple[Site, TelegramChannel], secret: str | None) -> None:
    assert await post(door[0], b"x" * 100_000, secret) == 403


async def test_updates_are_kept_before_they_are_acknowledged(door: tuple[Site, TelegramChannel]) -> None:
    site, channel = door
    assert await post(site, json_of(message("Pandas?"))) == 503  # who we are is not known yet: it shall come again
    bot, echo = StandInBot(), Echo()
    channel.service.api.bot, channel.service.api.me = bot, ME
    channel.service.runner._replies._turns.handle = echo.answer
    channel.service.runner._replies._turns.is_ready = lambda: True
    assert await post(site, json_of(message("Pandas?"))) == 200
    for _ in range(500):
        if bot.texts:
            break
        await asyncio.sleep(0.01)
    assert bot.texts == ["echo: Pandas?"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"update_id": 1, "message": 3}', b"[" * 100_000, b"\xff"])
async def test_what_cannot_be_read_is_acknowledged(door: tuple[Site, TelegramChannel], body: bytes) -> None:
    door[1].service.api.me = ME
    assert await post(door[0], body) == 200


async def test_a_huge_body_is_refused_unread(door: tuple[Site, TelegramChannel]) -> None:
    assert await post(door[0], b"x" * (MAX_BODY + 1)) == 413


async def test_an_unreachable_telegram_delays_no_start_and_is_said(door: tuple[Site, TelegramChannel]) -> None:
    state = door[0].app.ctx.telegram
    for _ in range(300):
        if str(state) != "starting":
            break
        await asyncio.sleep(0.01)
    assert str(state).startswith("failing since 2027-03-10T09:00:00Z")


def json_of(update: dict[str, Any]) -> str:
    return json.dumps(update)


@pytest.mark.parametrize(
    ("public", "api", "webhook"),
    [("", "", False), ("https://chat.example.org", "", True), ("http://chat.example.org", "", False),
     ("http://chat.example.org", "http://127.0.0.1:8081", True), ("", "http://127.0.0.1:8081", False)],
)  # fmt: skip
def test_telegram_calls_us_where_it_can(public: str, api: str, webhook: bool) -> None:
    chosen = settings.load({"BOT_PUBLIC_URL": public, "TELEGRAM_API_URL": api})
    assert chosen.telegram_webhook is webhook
    assert chosen.telegram_api_url == (api or "https://api.telegram.org")


@pytest.mark.parametrize("name", ["TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_SECRET"])
def test_a_wrong_secret_is_refused_without_being_shown(name: str) -> None:
    with pytest.raises(settings.ConfigurationError, match=name) as refused:
        settings.load({name: "no token!"})
    assert "no token" not in str(refused.value)
    assert TOKEN not in repr(settings.load({"TELEGRAM_TOKEN": TOKEN}))
