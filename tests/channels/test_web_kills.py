"""Kills and neighbours: nothing that a visitor sees is lost or doubled."""

import asyncio
import time
from pathlib import Path
from typing import Any

from bot import settings
from bot.channels.core.answers import Answer
from bot.channels.web.events import Pace
from bot.channels.web.outbox import Outbox, Written
from bot.channels.web.queue import Queue
from bot.channels.web.runner import MAX_ATTEMPTS
from bot.database import connect
from bot.engine.tracker_store import Conversations
from tests.channels.conftest import Echo
from tests.channels.killing import kill_in_mid_conversation


async def test_twenty_kills_in_mid_conversation_lose_and_double_nothing(tmp_path: Path) -> None:
    outcome = await kill_in_mid_conversation(tmp_path, kills=20)
    assert outcome.messages > 50, outcome
    assert (outcome.lost, outcome.doubled, outcome.wrong) == (0, 0, []), outcome


async def test_two_processes_share_the_work_and_both_streams_show_it(start_web: Any) -> None:
    first, second = await start_web(echo=Echo(pause=0.05)), await start_web(echo=Echo(pause=0.05))
    here = await first.begin()
    there = second.visitor()
    there.token = here.token
    watching = asyncio.create_task(there.events(until=lambda event: event.name == "done"))
    for number in range(4):
        await (here if number % 2 else there).write(f"nr {number}")
    said = [message["text"] for message in await here.answered() if message["role"] == "bot"]
    assert said == [f"echo: nr {number}" for number in range(4)]
    assert len(first.echo.seen) + len(second.echo.seen) == 4
    assert "echo: nr 0" in [event.data["text"] for event in await watching if event.name == "message"]
    rest = await there.events(until=lambda event: event.name == "message" and event.data["text"] == "echo: nr 3")
    assert [event.id for event in rest if event.id] == sorted({event.id for event in rest if event.id})


async def test_a_process_that_vanishes_leaves_its_work_to_the_others(start_web: Any) -> None:
    outbox, gone = _process("gone", lease=0.3)
    number, _ = outbox.accept("s" * 32, "k" * 16, Written("Hallo", "de"))
    assert gone.take("s" * 32).number == number
    web = await start_web(pace=Pace(poll_seconds=0.05, lease_seconds=0.3))
    await _until(lambda: len(outbox.history("s" * 32).messages) == 2)
    # Slow, not dead after all: what it says now comes too late.
    job = web.channel.queue.take("s" * 32)
    assert job is None
    assert len(outbox.history("s" * 32).messages) == 2


async def test_a_lease_is_kept_while_a_turn_runs_and_answers_of_one_that_lost_it_are_dropped() -> None:
    outbox, mine = _process("mine", lease=0.2)
    _, other = _process("other", lease=0.2)
    outbox.accept("s" * 32, "k" * 16, Written("Hallo", "de"))
    job = mine.take("s" * 32)
    assert other.take("s" * 32) is None
    await asyncio.sleep(0.25)
    mine.renew(["s" * 32])
    assert other.take("s" * 32) is None
    await asyncio.sleep(0.25)
    again = other.take("s" * 32)
    assert (again.number, again.attempt) == (job.number, 2)
    assert not mine.finish(job, [Answer("zu spät")])
    assert other.finish(again, [Answer("da")])
    assert [message["text"] for message in outbox.history("s" * 32).messages] == ["Hallo", "da"]
    other.release()
    assert mine.take("s" * 32) is None  # nothing waits


async def test_an_interrupted_turn_that_rasa_had_saved_is_not_run_again(start_web: Any, monkeypatch: Any) -> None:
    outbox, gone = _process("gone", lease=0.05)
    outbox.accept("s" * 32, "k" * 16, Written("mehr", "de"))
    job = gone.take("s" * 32)
    saved = [{"text": "Seite 2", "custom": {"language": "de"}}]
    monkeypatch.setattr(
        Conversations, "answers_to", lambda self, *asked: saved if asked == (job.sender, job.message_id) else None
    )
    web = await start_web(pace=Pace(poll_seconds=0.05, lease_seconds=0.3))
    await _until(lambda: len(outbox.history("s" * 32).messages) == 2)
    assert outbox.history("s" * 32).messages[1]["text"] == "Seite 2"
    assert web.echo.seen == []


async def test_a_message_that_brings_every_process_down_is_given_up(start_web: Any) -> None:
    outbox, gone = _process("gone", lease=0.0)
    outbox.accept("s" * 32, "k" * 16, Written("Hallo", "de"))
    for _ in range(MAX_ATTEMPTS):
        gone.take("s" * 32)
        time.sleep(0.01)  # noqa: ASYNC251
    web = await start_web(pace=Pace(poll_seconds=0.05))
    await _until(lambda: len(outbox.history("s" * 32).messages) == 2)
    assert web.echo.seen == []


async def test_messages_wait_until_the_model_is_loaded(start_web: Any) -> None:
    web = await start_web()
    ready = []
    web.site.app.ctx.agent.is_ready = lambda: bool(ready)
    visitor = await web.begin()
    number = (await visitor.write("Hallo")).data["id"]
    await asyncio.sleep(0.3)
    assert (await visitor.history())["pending"] == [number]
    ready.append(True)
    assert (await visitor.answered())[1]["text"] == "echo: Hallo"


def test_old_sessions_are_deleted_with_all_they_said() -> None:
    outbox, _ = _process("any")
    outbox.accept("a" * 32, "k" * 16, Written("Hallo", "de"))
    assert outbox.purge(time.time() - 10) == 0
    assert outbox.purge(time.time() + 10) == 1
    assert outbox.history("a" * 32).messages == []


def test_numbers_are_never_given_twice() -> None:
    outbox, _ = _process("any")
    first, _ = outbox.accept("a" * 32, "k" * 16, Written("Hallo", "de"))
    outbox.purge(time.time() + 10)
    assert outbox.accept("b" * 32, "k" * 16, Written("Hallo", "de"))[0] > first


def _process(owner: str, lease: float = 10.0) -> tuple[Outbox, Queue]:
    engine = connect(settings.load().database_url)
    return Outbox(engine), Queue(engine, owner, lease)


async def _until(holds: Any) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
