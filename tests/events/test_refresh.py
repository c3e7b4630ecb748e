from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.database import connect
from bot.events.fetch import FetchError
from bot.events.model import City
from bot.events.refresh import choices, refresh, refresh_due, summary
from bot.events.store import EventStore, Source

NOW = datetime(2027, 3, 10, 10, tzinfo=ZoneInfo("Europe/Berlin"))
HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> EventStore:
    return EventStore(connect(f"sqlite:///{tmp_path}/events.sqlite"))


def calendar(*uids: str) -> bytes:
    rows = [f"{uid},2027-04-0{number % 9 + 1}T19:00,,culture,Titel" for number, uid in enumerate(uids)]
    return "\n".join(["uid,start,city,category,title_de", *rows]).encode()


class Server:
    """Answers with what is set: bytes, None for unchanged, or an error."""

    def __init__(self, answer: object) -> None:
        self.answer, self.asked = answer, []

    async def __call__(self, url: str, anew: bool = False) -> bytes | None:
        self.asked.append((url, anew))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def add(store: EventStore, name: str = "museum", minutes: int = 60) -> None:
    store.put_source(Source(name, f"https://{name}.example/", choices(True, City.BERLIN), minutes))


def uids(store: EventStore) -> list[str]:
    return sorted(event.uid for event in store.events())


async def test_a_source_is_refreshed_when_its_interval_has_passed_and_no_earlier(store: EventStore) -> None:
    add(store)
    server, tried = Server(calendar("a", "b")), {}
    (first,) = await refresh_due(store, NOW, server, tried)
    assert (first.saved.added, first.error) == (2, "")
    assert await refresh_due(store, NOW + HOUR / 2, server, tried) == []
    (second,) = await refresh_due(store, NOW + HOUR, server, tried)
    assert second.saved is None
    server.answer = calendar("a")
    (third,) = await refresh_due(store, NOW + 2 * HOUR, server, tried)
    assert third.saved.withdrawn == 1
    assert uids(store) == ["a"]
    assert store.sources()[0].last_success == NOW + 2 * HOUR


@pytest.mark.parametrize("problem", [FetchError("museum: down"), b"%PDF-1.4", RuntimeError("fault")])
async def test_a_failing_source_keeps_its_last_state_and_the_others_go_on(store: EventStore, problem: object) -> None:
    add(store)
    await refresh_due(store, NOW, Server(calendar("a", "b")), {})
    add(store, "theatre")
    server, tried = Server(problem), {}
    found = await refresh_due(store, NOW + HOUR, server, tried)
    assert [each.source for each in found] == ["museum", "theatre"]
    assert all(each.error for each in found)
    assert uids(store) == ["a", "b"]
    museum = store.sources()[0]
    assert museum.last_error and museum.last_success == NOW
    assert await refresh_due(store, NOW + HOUR * 1.5, server, tried) == []
    server.answer = calendar("a", "b")
    await refresh_due(store, NOW + 2 * HOUR, server, tried)
    assert store.sources()[0].last_error == ""
    assert server.asked[-1][1]  # anew: "unchanged" must not hide that it could not be read


async def test_a_source_that_loses_most_events_is_held_back_until_a_person_confirms(store: EventStore) -> None:
    add(store)
    await refresh_due(store, NOW, Server(calendar(*"abcdef")), {})
    server = Server(calendar("a"))
    (held,) = await refresh_due(store, NOW + HOUR, server, {})
    assert "held back" in held.held_back
    assert uids(store) == list("abcdef")
    (source,) = store.sources()
    assert source.held_back
    confirmed = await refresh(store, source, NOW + HOUR, server, confirm=True)
    assert summary([confirmed]) == ["museum: added 0, changed 0, unchanged 1, refused 0, withdrawn 5"]
    assert uids(store) == ["a"]
    assert store.sources()[0].held_back == ""


async def test_an_event_that_is_there_but_refused_is_not_withdrawn(store: EventStore) -> None:
    add(store)
    await refresh_due(store, NOW, Server(calendar("a", "b")), {})
    await refresh_due(store, NOW + HOUR, Server(calendar("a", "b").replace(b"b,2027-04-02", b"b,soon")), {})
    assert uids(store) == ["a", "b"]
