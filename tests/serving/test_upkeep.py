"""The event store is kept up to date while the assistant serves."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.database import connect
from bot.events.fetch import FetchError
from bot.events.model import City
from bot.events.refresh import choices
from bot.events.store import EventStore, EventsUnavailableError, Source
from bot.serving import upkeep
from bot.serving.upkeep import Upkeep
from tests.events.conftest import make_event

NOW = datetime(2027, 3, 10, 10, tzinfo=ZoneInfo("Europe/Berlin"))
CALENDAR = b"uid,start,city,category,title_de\na,2027-04-01T19:00,,culture,Titel\n"


class World:
    """A clock that is set, a server that answers what is set, and what was printed."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/events.sqlite"
        self.store = EventStore(connect(self.url))
        self.now, self.answer, self.asked, self.said = NOW, CALENDAR, 0, []
        self.read = asyncio.Event()
        self.upkeep = Upkeep(self.url, self.said.append, self.fetch, lambda: self.now)

    async def fetch(self, url: str, anew: bool = False) -> Any:
        self.asked += 1
        self.read.set()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def add_source(self) -> None:
        self.store.put_source(Source("museum", "https://m.example/", choices(True, City.BERLIN), 60))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def test_a_source_that_is_due_is_read_and_its_events_are_there(world: World) -> None:
    world.add_source()
    await world.upkeep.once()
    world.now += timedelta(minutes=1)
    await world.upkeep.once()
    assert world.asked == 1
    assert [event.uid for event in world.store.events()] == ["a"]
    assert world.said == ["event source museum: added 1, changed 0, unchanged 0, refused 0, withdrawn 0"]


async def test_a_failing_source_is_said_and_tried_again_after_its_interval(world: World) -> None:
    world.add_source()
    world.answer = FetchError("museum: down")
    await world.upkeep.once()
    assert world.said == ["event source museum: museum: down"]
    world.now, world.answer = world.now + timedelta(hours=1), CALENDAR
    await world.upkeep.once()
    assert [event.uid for event in world.store.events()] == ["a"]


async def test_the_window_of_recurrences_is_rolled_once_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.store.save([make_event("chor", rrule="FREQ=WEEKLY")], now=NOW)
    rolled = []
    original = EventStore.roll
    monkeypatch.setattr(EventStore, "roll", lambda self, day: rolled.append(day) or original(self, day))
    for hours in (0, 1, 24 * 100):
        world.now = NOW + timedelta(hours=hours)
        await world.upkeep.once()
    assert rolled == [NOW.date(), NOW.date() + timedelta(days=100)]
    last = world.store.occurrences("chor", NOW, 1000)[-1]
    assert last.start.date() > NOW.date() + timedelta(days=800)


@pytest.mark.parametrize("problem", [EventsUnavailableError("the database is down"), RuntimeError("fault")])
async def test_a_failure_is_said_once_and_the_upkeep_goes_on(
    world: World, problem: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(upkeep, "EVERY_SECONDS", 0.001)
    tries, failed = [], asyncio.Event()

    def fail(store: EventStore, day: object) -> None:
        tries.append(day)
        if len(tries) == 3:
            failed.set()
        raise problem

    with monkeypatch.context() as patch:
        patch.setattr(EventStore, "roll", fail)
        running = asyncio.create_task(world.upkeep.run())
        await asyncio.wait_for(failed.wait(), 10)
    world.add_source()
    await asyncio.wait_for(world.read.wait(), 10)
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len([line for line in world.said if str(problem) in line]) == 1
    assert "The upkeep of the events failed" in caplog.text
