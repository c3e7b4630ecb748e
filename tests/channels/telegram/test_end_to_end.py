"""A running `bot serve` on Telegram: the real server, and a strict fake of the Bot API in Telegram's place."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.channels.telegram.talks import Said, Talk, on_telegram, on_web, talks
from tests.channels.web_client import Visitor
from tests.fakes.telegram import FakeBotApi
from tests.serving.conftest import Server, free_ports, start

CLOCK = "2027-03-10T10:00:00+01:00"
SECRET = "the-Secret_of-this-test-0123456789"
AT_ONCE = 12
WORD = "Xylophonkatze"


@dataclass
class Desk:
    """A server and the Telegram that it is connected with."""

    api: FakeBotApi
    server: Server
    mode: str

    def state(self) -> str:
        """Return what the health says."""
        return str(self.server.request("/health/ready")[1]["telegram"])

    def logs(self) -> Iterator[tuple[Path, str]]:
        """Yield all that was printed and logged."""
        for path in [self.server.output, *(self.server.home / "logs").glob("*")]:
            yield path, path.read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="module")
def desks(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Desk]]:
    """Two servers at once, as each takes twelve seconds to start; they log as much as they can."""
    with ExitStack() as stack:
        opened = {}
        for mode in ("polling", "webhook"):
            api = stack.enter_context(FakeBotApi())
            port = free_ports()
            address = f"http://127.0.0.1:{port}"
            more = {"TELEGRAM_WEBHOOK_SECRET": SECRET, "BOT_PUBLIC_URL": address} if mode == "webhook" else {}
            server = start(
                tmp_path_factory.mktemp(mode), model, TELEGRAM_TOKEN=api.token, TELEGRAM_API_URL=api.url,
                BOT_CLOCK=CLOCK, BOT_PROXIES="1", LOG_LEVEL="DEBUG", LOG_LEVEL_LIBRARIES="DEBUG",
                BOT_PORT=str(port), **more,
            )  # fmt: skip
            server.port = port
            stack.callback(server.stop)
            opened[mode] = Desk(api, server, mode)
        for desk in opened.values():
            desk.server.wait_for("ready:")
            desk.api.wait_for(desk.state, lambda state, mode=desk.mode: state == mode, 30)
        yield opened


@pytest.fixture(scope="module", params=["polling", "webhook"])
def desk(desks: dict[str, Desk], request: pytest.FixtureRequest) -> Desk:
    return desks[request.param]


async def held_on_web(server: Server) -> dict[str, list[Said]]:
    limit = asyncio.Semaphore(AT_ONCE)

    async def held(number: int, talk: Talk) -> list[Said]:
        async with limit:
            address = {"X-Forwarded-For": f"10.0.0.{number + 1}"}
            return await on_web(Visitor(session, f"http://127.0.0.1:{server.port}", headers=address), talk)

    async with aiohttp.ClientSession() as session:
        all_of = talks()
        found = await asyncio.gather(
            *(held(number, talk) for number, talk in enumerate(all_of)), return_exceptions=True
        )
    wrong = [str(each) for each in found if isinstance(each, BaseException)]
    assert not wrong, "\n".join(wrong)
    return {talk.name: said for talk, said in zip(all_of, found, strict=True)}


@pytest.fixture(scope="module")
def on_the_website(desks: dict[str, Desk]) -> dict[str, list[Said]]:
    return asyncio.run(held_on_web(desks["polling"].server))


async def test_sixty_conversations_get_the_answers_of_the_website(
    desk: Desk, on_the_website: dict[str, list[Said]]
) -> None:
    limit = asyncio.Semaphore(AT_ONCE)

    async def held(number: int, talk: Talk) -> list[Said]:
        async with limit:
            return await on_telegram(desk.api.user(1000 + number, talk.language), talk, on_the_website[talk.name])

    all_of = talks()
    assert len(all_of) == 60
    found = await asyncio.gather(*(held(number, talk) for number, talk in enumerate(all_of)))
    different = [
        (talk.name, turn, web, telegram)
        for talk, said in zip(all_of, found, strict=True)
        for turn, web, telegram in zip(talk.turns, on_the_website[talk.name], said, strict=True)
        if web != telegram
    ]
    assert not different, f"{len(different)} turns: " + "\n".join(map(str, different[:6]))
    assert desk.api.violations == []
