"""The connector in processes of its own, which are killed and doubled, on a Telegram that fails."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.channels.killing import Killable, stable_port
from tests.channels.telegram.mishaps import storm
from tests.fakes.telegram import FakeBotApi


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_faults_and_kills_lose_nothing_double_nothing_and_keep_the_order(tmp_path: Path, mode: str) -> None:
    outcome = await storm(tmp_path, mode, updates=100, chats=10, kills=3, pace=6)
    assert outcome.problems == [], outcome
    assert (outcome.lost, outcome.doubled, outcome.out_of_order, outcome.violations) == (0, 0, 0, [])
    assert sum(outcome.faults.values()) > 15
    log = (tmp_path / "server.log").read_text(encoding="utf-8", errors="replace")
    assert "DEBUG" in log
    assert "word10" not in log


@pytest.fixture
def api() -> Iterator[FakeBotApi]:
    with FakeBotApi() as running:
        yield running


Start = Callable[[str], Awaitable[Killable]]


@pytest.fixture
async def start(api: FakeBotApi, tmp_path: Path) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def started(name: str) -> Killable:
            home = tmp_path / name
            home.mkdir()
            server = await Killable.start(
                home, stable_port(), "tests.channels.telegram.killable", "/health/live",
                TELEGRAM_TOKEN=api.token, TELEGRAM_API_URL=api.url, DATABASE_URL=f"sqlite:///{tmp_path}/shared.sqlite",
            )  # fmt: skip
            stack.push_async_callback(server.stop)
            return server

        yield started


def state(server: Killable) -> str:
    try:
        answer = urllib.request.urlopen(f"{server.address}/health/ready", timeout=10)
    except urllib.error.HTTPError as error:
        answer = error  # there is no model
    return str(json.load(answer)["telegram"])


async def until(server: Killable, wanted: str, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not (await asyncio.to_thread(state, server)).startswith(wanted):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_of_two_servers_one_polls_and_the_other_takes_over_when_it_is_killed(
    api: FakeBotApi, start: Start
) -> None:
    first, second = await start("first"), await start("second")
    for polls, waits in ((first, second), (second, first)):
        await until(polls, "polling")
        await until(waits, "standby")
        person = api.user(7)
        person.send("still there?")
        await asyncio.to_thread(person.wait, len(person.messages) + 2, 20)
        await asyncio.sleep(0.5)  # it shall have noted what it has sent
        await polls.kill()
        await until(waits, "polling")
        await polls.again()
    assert api.inbox.conflicts == 0
    assert [message["text"] for message in api.user(7).messages] == [
        "1: still there?", "more", "2: still there?", "more",
    ]  # fmt: skip


async def test_a_telegram_that_is_blocked_at_the_start_is_found_again(api: FakeBotApi, start: Start) -> None:
    api.hanging = True
    person = api.user(7)
    person.send("early")
    server = await start("only")
    assert state(server) == "starting"
    api.hanging = False
    await asyncio.to_thread(person.wait, 2, 30)
    await until(server, "polling")
    await server.kill()
    await asyncio.to_thread(api.refuse_connections)
    person.send("early again")
    await server.again()
    await until(server, "failing since")
    await asyncio.to_thread(api.accept_connections)
    await asyncio.to_thread(person.wait, 4, 30)
    await until(server, "polling")
