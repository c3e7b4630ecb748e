"""The connector against the strict fake of the Bot API: polling, webhook, faults, two processes."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.channels.health import SiteChannel
from bot.channels.telegram.channel import TelegramChannel
from tests.channels.conftest import Echo, Site
from tests.channels.web_client import stand_in
from tests.fakes.telegram import TOKEN, FakeBotApi, Fault

Serve = Callable[..., Awaitable[Site]]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBotApi]:
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    with FakeBotApi() as running:
        monkeypatch.setenv("TELEGRAM_API_URL", running.url)
        yield running
        assert running.violations == []


@dataclass
class Bot:
    """A running connector."""

    site: Site
    channel: TelegramChannel
    echo: Echo

    @property
    def state(self) -> str:
        return str(self.site.app.ctx.telegram)

    async def until(self, state: str, seconds: float = 20) -> None:
        for _ in range(round(seconds / 0.02)):
            if self.state.startswith(state):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(self.state)


@pytest.fixture
async def start(serve: Serve) -> AsyncIterator[Callable[[], Awaitable[Bot]]]:
    async def starting() -> Bot:
        channel, echo = TelegramChannel(), Echo()
        site = await serve(channel, SiteChannel())
        stand_in(site.app, echo.answer)
        return Bot(site, channel, echo)

    yield starting


async def texts(person: Any, number: int) -> list[str]:
    found = await asyncio.to_thread(person.wait, number)
    return [message["text"] for message in found]


async def test_a_visitor_is_answered_by_polling(api: FakeBotApi, start: Any) -> None:
    bot = await start()
    await bot.until("polling")
    person = api.user(7, "de")
    await asyncio.to_thread(person.send, "Wo sind die **Pandas**?")
    assert await texts(person, 1) == ["echo: Wo sind die Pandas?"]


async def test_commands_and_descriptions_are_set_once_in_each_language(api: FakeBotApi, start: Any) -> None:
    await (await start()).until("polling")
    first = [call.method for call in api.calls if call.method.startswith("setMy")]
    assert sorted(set(first)) == ["setMyCommands", "setMyDescription", "setMyShortDescription"]
    assert len(first) == 12
    await start()
    await asyncio.sleep(0.5)
    assert len([call for call in api.calls if call.method.startswith("setMy")]) == 12


async def test_a_visitor_is_answered_by_webhook(
    api: FakeBotApi, serve: Serve, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    # The server's port is known only once it listens: the webhook is set to it by hand.
    monkeypatch.setenv("BOT_PUBLIC_URL", f"http://127.0.0.1:{unused_tcp_port}")
    channel, echo = TelegramChannel(), Echo()
    site = await serve(channel)
    stand_in(site.app, echo.answer)
    bot = Bot(site, channel, echo)
    await bot.until("webhook")
    await channel.service.api.webhook(f"{site.address}/webhooks/telegram/webhook", channel.service.secret)
    person = api.user(7, "de")
    for number in range(5):
        await asyncio.to_thread(person.send, str(number))
    assert await texts(person, 5) == [f"echo: {number}" for number in range(5)]


async def test_telegram_may_be_away_at_the_start_and_later(api: FakeBotApi, start: Any) -> None:
    await asyncio.to_thread(api.refuse_connections)
    bot = await start()
    await bot.until("failing since")
    await asyncio.to_thread(api.accept_connections)
    await bot.until("polling")
    person = api.user(7)
    await asyncio.to_thread(person.send, "a")
    assert await texts(person, 1) == ["echo: a"]


async def test_two_processes_never_poll_at_once_and_the_other_takes_over(api: FakeBotApi, start: Any) -> None:
    first = await start()
    await first.until("polling")
    second = await start()
    await second.until("standby")
    await first.channel.service.stop()
    await second.until("polling")
    person = api.user(7)
    await asyncio.to_thread(person.send, "a")
    assert await texts(person, 1) == ["echo: a"]


async def test_faults_lose_and_double_nothing_that_telegram_says_it_has_not(api: FakeBotApi, start: Any) -> None:
    bot = await start()
    await bot.until("polling")
    people = [api.user(number) for number in (7, 8)]
    api.faults.add("sendMessage", Fault("error"), Fault("flood", 1), Fault("error"))
    api.faults.add("getUpdates", Fault("error"))
    for number in range(4):
        for person in people:
            await asyncio.to_thread(person.send, str(number))
    for person in people:
        assert await texts(person, 4) == [f"echo: {number}" for number in range(4)]


async def test_no_log_at_any_level_holds_the_token_or_a_text(
    api: FakeBotApi, start: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bot = await start()
    await bot.until("polling")
    person = api.user(7)
    api.faults.add("sendMessage", Fault("error"))
    await asyncio.to_thread(person.send, "Xylophonkatze")
    assert await texts(person, 1) == ["echo: Xylophonkatze"]
    assert "Xylophonkatze" not in caplog.text
    assert TOKEN not in caplog.text
    assert TOKEN.partition(":")[2] not in caplog.text
