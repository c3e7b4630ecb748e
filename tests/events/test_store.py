from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot import clock, settings
from bot.database import connect
from bot.events.columns import COLUMNS
from bot.events.model import Category, City, Event, Query, Status
from bot.events.readers import read_events
from bot.events.sample import ensure_sample
from bot.events.store import EventStore

TODAY = date(2027, 3, 10)
NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
HEADER = ",".join(COLUMNS)


def row(**values: str) -> str:
    base = {"uid": "a", "start": "2027-03-13T19:30", "city": "berlin", "category": "culture", "title_de": "Konzert"}
    return ",".join({**base, **values}.get(column, "") for column in COLUMNS)


def read(path: Path) -> list[Event]:
    result = read_events(path.read_bytes(), path.name, TODAY)
    assert result.refused == []
    return result.events


@pytest.fixture
def store(tmp_path: Path) -> EventStore:
    return EventStore(connect(f"sqlite:///{tmp_path}/events.sqlite"))


@pytest.fixture
def write(tmp_path: Path):
    def to_file(*rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
        path = tmp_path / "events.csv"
        path.write_text("\n".join([header, *rows]), encoding=encoding)
        return path

    return to_file


def test_events_are_found_by_city_category_and_month(store: EventStore, write) -> None:
    path = write(
        row(),
        row(uid="b", city="beijing", category="sport", start="2027-04-02T10:00"),
        row(uid="c", start="2027-03-01T10:00"),
        row(uid="d", start="2027-03-09", end="2027-03-11", all_day="yes"),
    )
    events = read(path)
    store.save(events, now=NOW)

    def found(limit: int = 10, offset: int = 0, **filters) -> list[str]:
        return [one.event.uid for one in store.find(Query(**filters), now=NOW, limit=limit, offset=offset)]

    march, april, may = (datetime.fromisoformat(f"2027-0{month}-01") for month in (3, 4, 5))

    assert found() == ["d", "a", "b"]
    assert found(city=City.BEIJING) == ["b"]
    assert found(category=Category.CULTURE) == ["d", "a"]
    assert found(start=april, end=may) == ["b"]
    assert found(start=march, end=april, city=City.BEIJING) == []
    assert found(1, 1) == ["a"]


def test_importing_twice_changes_nothing(store: EventStore, write) -> None:
    events = read(write(row(), row(uid="b")))
    assert (store.save(events, now=NOW).added, store.save(events, now=NOW).unchanged) == (2, 2)
    events = read(write(row(status="cancelled"), row(uid="b")))
    assert store.save(events, now=NOW).changed == 1
    assert store.find(Query(), now=NOW, limit=10)[0].status is Status.CANCELLED


def test_a_missing_language_falls_back_and_says_so(write) -> None:
    events = read(write(row()))
    assert events[0].title("zh") == ("Konzert", "de")


def test_the_sample_calendar_is_marked_dated_from_today_and_leaves_for_real_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_HOME", str(tmp_path))
    chosen = settings.load()
    ensure_sample(chosen)
    ensure_sample(chosen)
    store = EventStore(connect(chosen.database_url))
    today = clock.now().date()
    events = [one.event for one in store.find(Query(), now=clock.now(), limit=50)]
    assert len(events) == store.count() >= 8
    assert all(event.sample and event.last_day >= today for event in events)
    assert {event.city for event in events} == set(City)
    store.delete_samples()
    assert store.count() == 0
