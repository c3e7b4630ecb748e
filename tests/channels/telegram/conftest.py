"""The connector's parts around a stand-in for the Bot API."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot import settings
from bot.channels.core import Turns
from bot.channels.telegram.service import Service
from bot.content.library import SpeechFile
from tests.channels.conftest import Echo
from tests.channels.killing import Killable
from tests.channels.telegram.mishaps import start_parent
from tests.channels.telegram.stand_ins import ME, StandInBot

TOKEN = "123456789:AAtestTESTtestTESTtestTESTtestTEST00"


@dataclass
class Desk:
    """One process of the connector, without a way to Telegram of its own."""

    service: Service
    bot: StandInBot
    echo: Echo

    async def receive(self, *updates: dict[str, Any]) -> None:
        for update in updates:
            assert await self.service.receive(update)

    async def until(self, done: Callable[[], bool], seconds: float = 5.0) -> None:
        """Wait until something is so."""
        for _ in range(round(seconds / 0.01)):
            if done():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(self.bot.calls)

    async def texts(self, number: int) -> list[str]:
        """Wait for so many messages and return them all."""
        await self.until(lambda: len(self.bot.texts) >= number)
        return self.bot.texts


@pytest.fixture
async def open_desk() -> AsyncIterator[Callable[..., Desk]]:
    opened: list[Service] = []

    def opening(bot: StandInBot | None = None, echo: Echo | None = None) -> Desk:
        chosen = replace(settings.load(), telegram_token=TOKEN)
        speech, echo = SpeechFile(chosen.compiled_content, chosen.content_dir), echo or Echo()
        service, bot = Service(chosen, speech, Turns(echo.answer, speech, lambda: True)), bot or StandInBot()
        service.api.bot, service.api.me = bot, ME  # type: ignore[assignment]
        service.runner.start()
        opened.append(service)
        return Desk(service, bot, echo)

    yield opening
    for service in opened:
        await service.runner.stop()
        service.blocking.stop()


@pytest.fixture
async def desk(open_desk: Callable[..., Desk]) -> Desk:
    return open_desk()


@pytest.fixture(scope="package")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """One loop for all tests that share the process which forks their servers."""
    running = asyncio.new_event_loop()
    yield running
    running.close()


@pytest.fixture(scope="package")
def parent(loop: asyncio.AbstractEventLoop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killable]:
    started = loop.run_until_complete(start_parent(tmp_path_factory.mktemp("parent")))
    yield started
    loop.run_until_complete(started.stop())
