"""The connector in processes of its own, which are killed and doubled, on a Telegram that fails."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.channels.killing import Killable, stable_port
from tests.channels.telegram.mishaps import storm
from tests.fakes.telegram import FakeBotApi


@pytest.mark.parametrize("mode", ["polling", "webhook"])
def test_faults_and_kills_lose_nothing_double_nothing_and_keep_the_order(
    loop: asyncio.AbstractEventLoop, parent: Killable, tmp_path: Path, mode: str
) -> None:
    work = storm(tmp_path, mode, updates=100, chats=10, kills=3, pace=6, parent=parent)
    outcome = loop.run_until_complete(work)
    assert outcome.problems == [], outcome
    assert (outcome.lost, outcome.doubled, outcome.out_of_order, outcome.violations) == (0, 0, 0, [])
    assert sum(outcome.faults.values()) > 15
    log = parent.log.read_text(encoding="utf-8", errors="replace")
    assert "DEBUG" in log
    assert "word10" not in log


@pytest.fixture
def api() -> Iterator[FakeBotApi]:
    with FakeBotApi() as running:
        yield running


Start = Callable[[str], Killable]


@pytest.fixture
def start(loop: asyncio.AbstractEventLoop, parent: Killable, api: FakeBotApi, tmp_path: Path) -> Iterator[Start]:
    """Starts servers on one database."""
    servers = []

    def started(name: str) -> Killable:
        home = tmp_path / name
        home.mkdir()
        more = {"TELEGRAM_TOKEN": api.token, "TELEGRAM_API_URL": api.url}
        more["DATABASE_URL"] = f"sqlite:///{tmp_path}/shared.sqlite"
        servers.append(loop.run_until_complete(parent.sibling(home, stable_port(), **more)))
        return servers[-1]

    yield started
    for server in servers:
        loop.run_until_complete(server.kill())


def state(server: Killable) -> str:
    try:
        answer = urllib.request.urlopen(f"{server.address}/health/ready", timeout=10)
    except urllib.error.HTTPError as error:
        answer = error  # there is no model
    return str(json.load(answer)["telegram"])


def until(api: FakeBotApi, server: Killable, wanted: str) -> None:
    api.wait_for(lambda: state(server), lambda found: found.startswith(wanted), 20)


def test_of_two_servers_one_polls_and_the_other_takes_over_when_it_is_killed(
    loop: asyncio.AbstractEventLoop, api: FakeBotApi, start: Start
) -> None:
    first, second = start("first"), start("second")
    for polls, waits in ((first, second), (second, first)):
        until(api, polls, "polling")
        until(api, waits, "standby")
        person = api.user(7)
        person.send("still there?")
        person.wait(len(person.messages) + 2, 20)
        time.sleep(0.5)  # it shall have noted what it has sent
        loop.run_until_complete(polls.kill())
        until(api, waits, "polling")
        loop.run_until_complete(polls.again())
    assert api.inbox.conflicts == 0
    assert [message["text"] for message in api.user(7).messages] == [
        "1: still there?", "more", "2: still there?", "more",
    ]  # fmt: skip


def test_a_telegram_that_is_blocked_at_the_start_is_found_again(
    loop: asyncio.AbstractEventLoop, api: FakeBotApi, start: Start
) -> None:
    api.hanging = True
    person = api.user(7)
    person.send("early")
    server = start("only")
    assert state(server) == "starting"
    api.hanging = False
    person.wait(2, 30)
    until(api, server, "polling")
    loop.run_until_complete(server.kill())
    api.refuse_connections()
    person.send("early again")
    loop.run_until_complete(server.again())
    until(api, server, "failing since")
    api.accept_connections()
    person.wait(4, 30)
    until(api, server, "polling")
