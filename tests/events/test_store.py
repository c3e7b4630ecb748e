from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import clock, settings
from bot.database import connect
from bot.events.csv_import import COLUMNS, EventFileError, read_csv
from bot.events.model import Category, City, Filters, Status
from bot.events.sample import ensure_sample
from bot.events.store import EventStore, month_range

TODAY = date(2027, 3, 10)
NOW = datetime(2027, 3, 10, 10, tzinfo=ZoneInfo("Europe/Berlin"))
HEADER = ",".join(COLUMNS)


def row(**values: str) -> str:
    base = {"uid": "a", "start": "2027-03-13T19:30", "city": "berlin", "category": "culture", "title_de": "Konzert"}
    return ",".join({**base, **values}.get(column, "") for column in COLUMNS)


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
    events, refused = read_csv(path, TODAY)
    assert refused == []
    store.save(events, now=NOW)

    def found(**filters) -> list[str]:
        return [event.uid for event in store.upcoming(TODAY, Filters(**filters), 10)]

    assert found() == ["d", "a", "b"]
    assert found(city=City.BEIJING) == ["b"]
    assert found(category=Category.CULTURE) == ["d", "a"]
    assert found(month=4) == ["b"]
    assert found(month=3, city=City.BEIJING) == []
    assert [event.uid for event in store.upcoming(TODAY, Filters(), 1, 1)] == ["a"]


def test_importing_twice_changes_nothing(store: EventStore, write) -> None:
    events, _ = read_csv(write(row(), row(uid="b")), TODAY)
    assert (store.save(events, now=NOW).added, store.save(events, now=NOW).unchanged) == (2, 2)
    events, _ = read_csv(write(row(status="cancelled"), row(uid="b")), TODAY)
    assert store.save(events, now=NOW).changed == 1
    assert store.upcoming(TODAY, Filters(), 10)[0].status is Status.CANCELLED


def test_a_bad_row_is_refused_with_its_reason_and_stops_no_other(write) -> None:
    bad = [
        ("start", "13.03.2027"), ("city", "paris"), ("category", "food"), ("timezone", "Mars/Base"),
        ("end", "2027-03-01T10:00"), ("url", "http://insecure.example"), ("free", "perhaps"), ("title_de", ""),
        ("rrule", "FREQ=DAILY"), ("status", "maybe"), ("venue", "x" * 301), ("uid", ""), ("start", "+3d 10:00"),
    ]  # fmt: skip
    rows = [row(**{"uid": f"bad-{number}", column: value}) for number, (column, value) in enumerate(bad)]
    events, refused = read_csv(write(row(uid="good"), *rows), TODAY)
    assert [event.uid for event in events] == ["good"]
    assert [(problem.row, problem.column) for problem in refused] == [
        (number + 3, column) for number, (column, _) in enumerate(bad)
    ]
    assert all(problem.reason for problem in refused)


def test_a_repeated_uid_is_refused(write) -> None:
    events, refused = read_csv(write(row(), row()), TODAY)
    assert len(events) == 1
    assert "stands twice" in refused[0].reason


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_spreadsheet_file_is_read_with_its_byte_order_mark(write, delimiter: str) -> None:
    rows = row().replace(",", delimiter)
    events, refused = read_csv(write(rows, header=HEADER.replace(",", delimiter), encoding="utf-8-sig"), TODAY)
    assert (len(events), refused) == (1, [])


def test_a_file_that_is_no_calendar_is_refused_whole(write, tmp_path: Path) -> None:
    with pytest.raises(EventFileError, match="lacks uid"):
        read_csv(write(header="name,date"), TODAY)
    with pytest.raises(EventFileError, match="cannot be read"):
        read_csv(tmp_path / "missing.csv", TODAY)
    (tmp_path / "latin.csv").write_bytes("uid,start,city,category\nä".encode("latin-1"))
    with pytest.raises(EventFileError, match="not UTF-8"):
        read_csv(tmp_path / "latin.csv", TODAY)


def test_a_missing_language_falls_back_and_says_so(write) -> None:
    events, _ = read_csv(write(row()), TODAY)
    assert events[0].title("zh") == ("Konzert", "de")


def test_a_month_means_its_next_occurrence() -> None:
    assert month_range(3, TODAY) == (date(2027, 3, 1), date(2027, 3, 31))
    assert month_range(2, TODAY) == (date(2028, 2, 1), date(2028, 2, 29))
    assert month_range(12, TODAY) == (date(2027, 12, 1), date(2027, 12, 31))


def test_the_sample_calendar_is_marked_dated_from_today_and_leaves_for_real_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_HOME", str(tmp_path))
    chosen = settings.load()
    ensure_sample(chosen)
    ensure_sample(chosen)
    store = EventStore(connect(chosen.database_url))
    today = clock.now().date()
    events = store.upcoming(today, Filters(), 50)
    assert len(events) == store.count() >= 8
    assert all(event.sample and event.last_day >= today for event in events)
    assert {event.city for event in events} == set(City)
    store.delete_samples()
    assert store.count() == 0
