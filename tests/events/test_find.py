from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.database import connect
from bot.events.model import Category, City, Query, Status
from bot.events.store import EventStore, EventsUnavailableError
from tests.events.conftest import BERLIN, NOW, make_event


def naive(text: str) -> datetime:
    return datetime.fromisoformat(text)


def between(start: str, end: str, **values) -> Query:
    return Query(start=naive(start), end=naive(end), **values)


ANY = Query()


def found(store: EventStore, query: Query = ANY, now: datetime = NOW, limit: int = 50, offset: int = 0, **values):
    return [one.event.uid for one in store.find(query, now=now, limit=limit, offset=offset, **values)]


SATURDAY = between("2027-03-13", "2027-03-14")


def test_ranges_are_half_open_and_read_in_the_events_own_zone(store: EventStore) -> None:
    in_beijing = {"city": City.BEIJING, "timezone": "Asia/Shanghai"}
    store.save(
        [
            make_event("early", "2027-03-13T00:00"),
            make_event("ends at midnight", "2027-03-12T20:00", hours=4),
            make_event("past midnight", "2027-03-12T22:00", hours=4),
            make_event("next midnight", "2027-03-14T00:00"),
            make_event("beijing saturday", "2027-03-13T00:30", **in_beijing),  # Friday in Berlin
            make_event("beijing sunday", "2027-03-14T02:00", **in_beijing),  # Saturday in Berlin
            make_event("without end", "2027-03-13T23:59", hours=None),
        ],
        now=NOW,
    )
    assert found(store, SATURDAY) == ["past midnight", "early", "beijing saturday", "without end"]
    evening = between("2027-03-13T18:00", "2027-03-14")
    assert found(store, evening) == ["without end"]
    assert found(store, between("2027-03-13T23:59", "2027-03-14")) == ["without end"]
    assert found(store, between("2027-03-13T23:58", "2027-03-13T23:59")) == []


def test_long_and_all_day_events_are_found_on_each_of_their_days_once(store: EventStore) -> None:
    exhibition = make_event("exhibition", "2027-02-01T10:00", end=datetime(2027, 4, 30, 18, tzinfo=BERLIN))
    fair = make_event("fair", "2027-03-12", end=datetime(2027, 3, 13, tzinfo=BERLIN), all_day=True)
    ages = make_event("ages", "2026-01-01T10:00", end=datetime(2030, 4, 30, 18, tzinfo=BERLIN))
    store.save([exhibition, fair, ages], now=NOW)
    assert found(store, SATURDAY) == ["ages", "exhibition", "fair"]
    assert found(store, between("2027-03-14", "2027-03-21")) == ["ages", "exhibition"]
    assert found(store, between("2027-04-30T18:00", "2027-05-02")) == ["ages"]
    assert found(store) == ["ages", "exhibition", "fair"]
    assert store.count(Query(), NOW) == 3


def test_what_is_over_is_left_out_unless_the_range_is_past(store: EventStore) -> None:
    today = [
        make_event("over", "2027-03-10T07:00"),
        make_event("going on", "2027-03-10T09:00"),
        make_event("just begun", "2027-03-10T09:30", hours=None),
        make_event("long begun", "2027-03-10T07:30", hours=None),
        make_event("all day", "2027-03-10", hours=None, all_day=True),
        make_event("yesterday", "2027-03-09T19:00"),
    ]
    store.save(today, now=NOW)
    assert found(store, between("2027-03-10", "2027-03-11")) == ["all day", "going on", "just begun"]
    assert found(store, between("2027-03-08", "2027-03-15")) == ["all day", "going on", "just begun"]
    assert found(store, between("2027-03-09", "2027-03-10")) == ["yesterday"]
    assert found(store, Query(end=naive("2027-03-10"))) == ["yesterday"]


def test_filters_combine_and_pages_go_on(store: EventStore) -> None:
    cities, categories = [City.BERLIN, City.BEIJING], [Category.CULTURE, Category.SPORT]
    store.save(
        [
            make_event(f"{number:02}", f"2027-04-{number + 1:02}T10:00", city=cities[number % 2],
                       category=categories[number // 2 % 2], free=[True, False, None][number % 3],
                       languages=(["de"], ["de", "zh"], [])[number % 3])
            for number in range(24)
        ],
        now=NOW,
    )  # fmt: skip
    assert found(store, Query(city=City.BERLIN, category=Category.SPORT)) == ["02", "06", "10", "14", "18", "22"]
    assert found(store, Query(city=City.BERLIN, free=True)) == ["00", "06", "12", "18"]
    assert found(store, Query(free=False, language="zh", category=Category.CULTURE)) == ["01", "04", "13", "16"]
    assert found(store, Query(language="fr")) == []
    assert found(store, limit=3, offset=21) == ["21", "22", "23"]
    assert found(store, limit=3, offset=24) == []
    assert store.count(Query(city=City.BERLIN), NOW) == 12
    assert store.count(Query(city=City.BERLIN), NOW, cap=5) == 5


def test_a_time_of_day_is_that_of_the_start(store: EventStore) -> None:
    events = [make_event(f"{hour:02}", f"2027-03-13T{hour:02}:00") for hour in (1, 9, 18, 23)]
    store.save([*events, make_event("all day", "2027-03-13", hours=None, all_day=True)], now=NOW)
    assert found(store, Query(time_of_day=(time(18), time(23)))) == ["18"]
    assert found(store, Query(time_of_day=(time(18), time(0)))) == ["18", "23"]
    assert found(store, Query(time_of_day=(time(22), time(2)))) == ["01", "23"]


def test_cancelled_and_postponed_events_are_told_and_withdrawn_ones_are_not(store: EventStore) -> None:
    events = [make_event(status.value, status=status) for status in Status]
    store.save([*events, make_event("gone")], now=NOW, source="feed", complete=True)
    store.save(events, now=NOW, source="feed", complete=True)
    assert [(one.event.uid, one.status) for one in store.find(Query(), now=NOW, limit=9)] == [
        ("cancelled", Status.CANCELLED), ("postponed", Status.POSTPONED), ("scheduled", Status.SCHEDULED),
    ]  # fmt: skip
    assert store.get("gone") is None
    assert store.get("gone", withdrawn=True) is not None


def test_the_next_one_is_found_however_late(store: EventStore) -> None:
    store.save([make_event("late", "2029-10-01T19:00"), make_event("sport", category=Category.SPORT)], now=NOW)
    following = store.next_after(Query(**{**vars(SATURDAY), "category": Category.CULTURE}), NOW)
    assert following is not None
    assert following.event.uid == "late"
    assert store.next_after(Query(city=City.BEIJING), NOW) is None


def test_occurrences_of_an_event_are_the_coming_ones(store: EventStore) -> None:
    store.save([make_event("w", "2027-02-27T19:00", rrule="FREQ=WEEKLY")], now=NOW)
    assert [one.start.day for one in store.occurrences("w", NOW, 3)] == [13, 20, 27]
    assert store.occurrences("unknown", NOW, 3) == []


def test_a_database_that_cannot_be_read_raises_and_never_says_that_there_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "broken.sqlite"
    engine = connect(f"sqlite:///{path}")
    store = EventStore(engine)
    store.save([make_event()], now=NOW)
    engine.dispose()
    for name in tmp_path.glob("broken.sqlite*"):
        name.write_bytes(b"no database at all" * 500)
    reads = [
        lambda: store.find(Query(), now=NOW, limit=5),
        lambda: store.find(Query(words=("x",)), now=NOW, limit=5),
        lambda: store.count(Query(), NOW),
        lambda: store.get("a"),
        lambda: store.occurrences("a", NOW, 5),
        lambda: store.changes(NOW, Query(), 5),
        lambda: store.sources(),
        lambda: store.save([make_event("b")], now=NOW),
        lambda: EventStore(engine),
    ]
    for read in reads:
        with pytest.raises(EventsUnavailableError, match="DATABASE_URL"):
            read()


def test_a_database_that_is_not_there_is_named_without_its_password() -> None:
    engine = connect("postgresql+psycopg2://bot:secret@127.0.0.1:1/events")
    with pytest.raises(EventsUnavailableError) as caught:
        EventStore(engine)
    assert "secret" not in str(caught.value)


@pytest.fixture(scope="module")
def calendar(tmp_path_factory: pytest.TempPathFactory) -> EventStore:
    store = EventStore(connect(f"sqlite:///{tmp_path_factory.mktemp('calendar')}/events.sqlite"))
    begin, events = naive("2027-03-01"), []
    for number in range(150):
        start = begin + timedelta(minutes=number * 1111 % 60_000)
        beijing = number % 3 == 0
        events.append(
            make_event(
                f"{number:03}", start.isoformat(), hours=[None, 0, 1, 3, 30, 500][number % 6],
                city=City.BEIJING if beijing else City.BERLIN,
                timezone="Asia/Shanghai" if beijing else "Europe/Berlin",
                category=list(Category)[number % 6], rrule="FREQ=WEEKLY;COUNT=3" if number % 4 == 0 else "",
            )
        )  # fmt: skip
    assert store.save(events, now=NOW).added == 150
    return store


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.integers(0, 60 * 24 * 70),
    length=st.integers(1, 60 * 24 * 20),
    city=st.sampled_from([None, City.BERLIN, City.BEIJING]),
    passed=st.integers(0, 60 * 24 * 60),
)
def test_any_query_finds_exactly_what_overlaps_its_range(
    calendar: EventStore, start: int, length: int, city: City | None, passed: int
) -> None:
    begin = naive("2027-02-20") + timedelta(minutes=start)
    end = begin + timedelta(minutes=length)
    now = datetime(2027, 2, 25, tzinfo=UTC).astimezone(BERLIN) + timedelta(minutes=passed)
    expected = []
    for event in calendar.events():
        for one in calendar.occurrences(event.uid, datetime(2000, 1, 1, tzinfo=UTC), 99):
            first, last = one.start.replace(tzinfo=None), (one.end or one.start).replace(tzinfo=None)
            overlaps = first < end and (last > begin or first >= begin)
            over = (
                one.end if one.end and one.end > one.start else one.start.astimezone(UTC) + timedelta(hours=2)
            ) <= now
            if overlaps and (city is None or event.city is city) and (end <= now.replace(tzinfo=None) or not over):
                expected.append((first, event.uid))
    query = Query(start=begin, end=end, city=city)
    got = [(one.start.replace(tzinfo=None), one.event.uid) for one in calendar.find(query, now=now, limit=1000)]
    assert got == sorted(expected)
    assert calendar.count(query, now, cap=1000) == len(expected)


def test_wall_clock_ranges_hold_on_the_day_of_the_clocks_change(store: EventStore) -> None:
    store.save(
        [
            make_event("before", "2027-03-28T01:30", hours=0.5),
            make_event("skipped", "2027-03-28T02:30", hours=0.5),
            make_event("evening", "2027-03-28T23:30", hours=0.5),
        ],
        now=NOW,
    )
    assert found(store, between("2027-03-28", "2027-03-29")) == ["before", "skipped", "evening"]
    assert found(store, between("2027-03-28T03:00", "2027-03-28T04:00")) == ["skipped"]
    assert found(store, between("2027-03-28T23:00", "2027-03-29")) == ["evening"]
