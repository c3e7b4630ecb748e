from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.database import connect
from bot.events import saving
from bot.events.model import City, Event, Override, Query, Status
from bot.events.recurrence import RecurrenceError
from bot.events.store import EventStore, HeldBackError, Source, UnknownEventError
from tests.events.conftest import BERLIN, NOW, make_event

LATER = NOW + timedelta(days=1)
ANY = Query()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def uids(store: EventStore) -> list[str]:
    return [one.event.uid for one in store.find(ANY, now=NOW, limit=50)]


def told(store: EventStore, since: datetime = LATER, **filters) -> list[tuple[str, str]]:
    return [(change.uid, change.kind) for change in store.changes(since, Query(**filters), 50)]


def test_saving_twice_changes_nothing(store: EventStore) -> None:
    events = [
        make_event("full", rrule="FREQ=WEEKLY", languages=("de", "zh"), price="5 €", free=False, venue="Saal",
                   exdates=(at("2027-03-20T19:00"),), rdates=(at("2027-05-01T09:00"),),
                   overrides=(Override(at("2027-03-27T19:00"), Status.CANCELLED, titles={"en": "x"}),)),
        make_event("day", "2027-03-13", hours=None, all_day=True),
    ]  # fmt: skip
    assert store.save(events, now=NOW).added == 2
    again = store.save(events, now=LATER)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    assert told(store) == []
    assert [store.get("full"), store.get("day")] == events
    assert store.events() == [events[1], events[0]]


def test_a_series_without_bounds_is_refused_and_stops_no_other(store: EventStore) -> None:
    saved = store.save([make_event("bad", rrule="FREQ=SECONDLY"), make_event("good")], now=NOW)
    assert (saved.added, uids(store)) == (1, ["good"])
    assert [(refusal.uid, "too often" in refusal.reason) for refusal in saved.refused] == [("bad", True)]


def test_a_uid_that_stands_twice_is_refused(store: EventStore) -> None:
    saved = store.save([make_event(), make_event(venue="other")], now=NOW)
    assert (saved.added, len(saved.refused)) == (1, 1)
    assert "twice" in saved.refused[0].reason


def test_an_event_belongs_to_the_source_that_brought_it_first(store: EventStore) -> None:
    store.save([make_event(venue="first")], now=NOW, source="one")
    saved = store.save([make_event(venue="second", status=Status.CANCELLED)], now=NOW, source="two")
    assert saved.changed == 0
    assert "'one'" in saved.refused[0].reason
    event = store.get("a")
    assert event is not None
    assert (event.venue, event.status) == ("first", Status.SCHEDULED)
    store.save([], now=NOW, source="one", complete=True)
    assert store.save([make_event(venue="second")], now=NOW, source="two").changed == 1
    assert uids(store) == ["a"]


def test_a_whole_calendar_withdraws_what_it_lacks_and_takes_it_back(store: EventStore) -> None:
    feed = {"source": "feed", "complete": True}
    events = [make_event(name) for name in "abcdef"]
    store.save([*events, make_event("past", "2027-01-01T10:00")], now=NOW, **feed)
    store.save([make_event("desk")], now=NOW)
    saved = store.save(events[:4], now=LATER, also_there=["e"], **feed)
    assert (saved.withdrawn, uids(store)) == (1, ["a", "b", "c", "d", "desk", "e"])
    assert told(store) == [("f", "withdrawn")]
    assert store.get("past") is not None
    back = LATER + timedelta(days=1)
    assert store.save(events, now=back, **feed).changed == 1
    assert uids(store) == ["a", "b", "c", "d", "desk", "e", "f"]
    assert told(store, back) == [("f", "reinstated")]


def test_a_calendar_that_loses_most_of_its_events_is_held_back(store: EventStore) -> None:
    feed = {"source": "feed", "complete": True}
    store.save([make_event(str(number)) for number in range(8)], now=NOW, **feed)
    kept = [make_event(str(number)) for number in range(3)]
    with pytest.raises(HeldBackError, match=r"5 of its 8 upcoming events.*--confirm"):
        store.save([*kept, make_event("new")], now=NOW, **feed)
    assert uids(store) == [str(number) for number in range(8)]
    saved = store.save([*kept, make_event("new")], now=NOW, confirm=True, **feed)
    assert (saved.added, saved.withdrawn) == (1, 5)


def test_a_save_that_fails_halfway_changes_nothing(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save([make_event("old")], now=NOW)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("bot.events.writing._learn_parts", fail)
    with pytest.raises(RuntimeError):
        store.save([make_event("new"), make_event("old", status=Status.CANCELLED)], now=NOW)
    assert [(one.event.uid, one.status) for one in store.find(ANY, now=NOW, limit=5)] == [("old", Status.SCHEDULED)]


def test_a_save_notices_what_another_wrote_meanwhile(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save([make_event()], now=NOW)
    real, others = saving.writing.plan, [True]

    def plan(*values):
        made = real(*values)
        if others:
            others.clear()
            store.save([make_event(status=Status.CANCELLED)], now=NOW)
        return made

    monkeypatch.setattr("bot.events.writing.plan", plan)
    saved = store.save([make_event(status=Status.CANCELLED)], now=LATER)
    assert (saved.changed, saved.unchanged) == (0, 1)


def test_progress_is_reported(store: EventStore) -> None:
    steps: list[tuple[int, int]] = []
    store.save([make_event(str(n)) for n in range(60)], now=NOW, report=lambda done, total: steps.append((done, total)))
    assert steps == [(0, 60), (50, 60), (60, 60)]


def test_changes_are_told_with_their_kind_newest_first(store: EventStore) -> None:
    names = ["moved", "cancelled", "postponed", "reinstated", "changed", "same"]
    before = {"reinstated": {"status": Status.CANCELLED}}
    store.save([make_event(name, **before.get(name, {})) for name in names], now=NOW)
    assert sorted(told(store, NOW)) == sorted((name, "added") for name in names)
    after = {
        "moved": {"start": "2027-03-14T20:00"}, "cancelled": {"status": Status.CANCELLED},
        "postponed": {"status": Status.POSTPONED}, "changed": {"url": "https://example.org"},
    }  # fmt: skip
    for number, name in enumerate(names):
        store.save([make_event(name, **after.get(name, {}))], now=LATER + timedelta(minutes=number))
    assert told(store) == [(name, name) for name in reversed(names[:-1])]
    moved = store.changes(LATER, ANY, 9)[-1]
    assert (moved.before, moved.after) == (make_event().start, make_event(start="2027-03-14T20:00").start)
    assert moved.at == LATER
    assert [store.get(name).sequence for name in names] == [1, 1, 1, 1, 0, 0]  # type: ignore[union-attr]


def test_that_an_event_was_changed_hides_nothing_weightier(store: EventStore) -> None:
    store.save([make_event()], now=NOW)
    store.save([make_event(status=Status.CANCELLED)], now=LATER)
    store.save([make_event(status=Status.CANCELLED, url="https://example.org")], now=LATER + timedelta(hours=1))
    assert told(store) == [("a", "cancelled")]
    assert told(store, LATER + timedelta(minutes=1)) == [("a", "changed")]


def test_changes_can_be_filtered(store: EventStore) -> None:
    events = [make_event("a"), make_event("b", "2027-05-01T10:00", city=City.BEIJING, titles={"zh": "春节"}, free=True)]
    store.save(events, now=NOW)
    assert told(store, NOW, city=City.BEIJING) == [("b", "added")]
    assert told(store, NOW, words=("春节",)) == [("b", "added")]
    assert told(store, NOW, words=("nothing",)) == []
    assert told(store, NOW, free=True) == [("b", "added")]
    may = {"start": datetime(2027, 5, 1), "end": datetime(2027, 6, 1)}  # noqa: DTZ001
    assert told(store, NOW, **may) == [("b", "added")]
    store.save([make_event("b", "2027-06-03T10:00", city=City.BEIJING, titles={"zh": "春节"}, free=True)], now=LATER)
    assert told(store, **may) == [("b", "moved")]


def test_a_cancelled_or_moved_date_of_a_series_is_told(store: EventStore) -> None:
    store.save([make_event(rrule="FREQ=WEEKLY;COUNT=5")], now=NOW)
    third = datetime(2027, 3, 27, 19, tzinfo=BERLIN)
    store.save([make_event(rrule="FREQ=WEEKLY;COUNT=5", overrides=(Override(third, Status.CANCELLED),))], now=LATER)
    change = store.changes(LATER, ANY, 5)[0]
    assert (change.kind, change.before) == ("cancelled", third)
    moved = Override(third, start=third + timedelta(hours=1))
    back = LATER + timedelta(days=1)
    store.save([make_event(rrule="FREQ=WEEKLY;COUNT=5", overrides=(moved,))], now=back)
    change = store.changes(back, ANY, 5)[0]
    assert (change.kind, change.before) == ("reinstated", third)


def test_staff_cancel_an_event_or_one_date_of_it(store: EventStore) -> None:
    store.save([make_event("once"), make_event("weekly", rrule="FREQ=WEEKLY;COUNT=3")], now=NOW)
    assert store.cancel("once", LATER).status is Status.CANCELLED
    event = store.cancel("weekly", LATER, date(2027, 3, 20))
    assert event.sequence == 1
    found = {(one.event.uid, one.start.day): one.status.value for one in store.find(ANY, now=NOW, limit=9)}
    assert found == {
        ("once", 13): "cancelled",
        ("weekly", 13): "scheduled", ("weekly", 20): "cancelled", ("weekly", 27): "scheduled",
    }  # fmt: skip
    assert sorted(told(store)) == [("once", "cancelled"), ("weekly", "cancelled")]
    with pytest.raises(UnknownEventError, match="does not take place on 2027-03-21"):
        store.cancel("weekly", LATER, date(2027, 3, 21))
    with pytest.raises(UnknownEventError, match="no event 'nothing'"):
        store.cancel("nothing", LATER)


def test_what_staff_set_holds_until_the_source_says_something_new_of_it(store: EventStore) -> None:
    def feed(when: datetime, **values) -> Event:
        store.save([make_event(rrule="FREQ=WEEKLY;COUNT=3", **values)], now=when, source="feed")
        event = store.get("a")
        assert event is not None
        return event

    feed(NOW)
    store.edit("a", NOW, status=Status.CANCELLED, venue="Hall 2")
    store.cancel("a", NOW, date(2027, 3, 20))
    event = feed(LATER, titles={"de": "Neuer Titel"})
    assert (event.status, event.venue, event.titles) == (Status.CANCELLED, "Hall 2", {"de": "Neuer Titel"})
    assert len(event.overrides) == 1
    event = feed(LATER, titles={"de": "Neuer Titel"}, venue="Hall 3")
    assert (event.status, event.venue, len(event.overrides)) == (Status.CANCELLED, "Hall 3", 1)
    event = feed(LATER, venue="Hall 3", status=Status.POSTPONED)
    assert event.status is Status.POSTPONED


def test_an_edit_with_a_bad_recurrence_is_refused(store: EventStore) -> None:
    store.save([make_event()], now=NOW)
    with pytest.raises(RecurrenceError):
        store.edit("a", NOW, rrule="FREQ=MINUTELY")
    assert store.get("a") == make_event()


def test_rolling_extends_series_and_loses_nothing(store: EventStore) -> None:
    store.save([make_event(rrule="FREQ=WEEKLY"), make_event("once", "2027-03-14T10:00")], now=NOW)
    today = NOW.date()
    assert store.roll(today) == 0
    in_three_years = NOW.replace(year=2030)
    assert store.occurrences("a", in_three_years, 1) == []
    assert store.roll(in_three_years.date()) == 1
    assert store.roll(in_three_years.date()) == 0
    assert store.occurrences("a", in_three_years + timedelta(days=700), 1) != []
    every = store.occurrences("a", NOW, 1000)
    # All that the window held in 2027 is still there.
    assert [one.start.date() for one in every[:100]] == [date(2027, 3, 13) + timedelta(weeks=n) for n in range(100)]
    store.save([make_event(rrule="FREQ=WEEKLY", status=Status.CANCELLED)], now=in_three_years)
    assert {one.status for one in store.occurrences("a", NOW, 50)} == {Status.SCHEDULED}
    assert {one.status for one in store.occurrences("a", in_three_years, 50)} == {Status.CANCELLED}


def test_a_withdrawn_series_stays_withdrawn_when_the_window_rolls(store: EventStore) -> None:
    store.save([make_event(rrule="FREQ=WEEKLY")], now=NOW, source="feed")
    store.save([], now=NOW, source="feed", complete=True)
    store.roll(date(2030, 3, 10))
    assert store.find(ANY, now=NOW, limit=5) == []


def test_sources_are_kept_with_what_was_noted_of_them(store: EventStore) -> None:
    store.put_source(Source("b", "https://example.org/b.ics"))
    store.put_source(Source("a", "https://example.org/a.csv", "csv", 30))
    assert store.note_source("b", last_success=NOW, last_hash="1", held_back="5 of 8 are gone")
    store.put_source(Source("b", "https://example.org/new.ics", refresh_minutes=5))
    first, second = store.sources()
    assert first == Source("a", "https://example.org/a.csv", "csv", 30)
    assert (second.url, second.refresh_minutes, second.held_back) == (
        "https://example.org/new.ics",
        5,
        "5 of 8 are gone",
    )
    assert second.last_success == NOW
    assert not store.note_source("c", last_error="x")
    with pytest.raises(TypeError, match="takes held_back"):
        store.note_source("a", url="https://evil.example")
    assert store.remove_source("a")
    assert not store.remove_source("a")


def test_readers_do_not_wait_for_a_writer(store: EventStore, database_url: str) -> None:
    store.save([make_event()], now=NOW)
    engine = connect(database_url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(sa.text("DELETE FROM event"))
        assert uids(store) == ["a"]
        connection.rollback()
    engine.dispose()
