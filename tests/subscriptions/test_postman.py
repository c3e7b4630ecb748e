"""What is sent, when, and that it is sent once, on both databases, with a clock that the tests turn."""

import threading
from datetime import datetime, time, timedelta

import pytest
import sqlalchemy as sa

from bot.events.model import Category, City, Status
from bot.subscriptions import postman as postman_module
from bot.subscriptions import service, tables
from bot.subscriptions.letter import Letter
from bot.subscriptions.model import Address, Kind, Preferences
from tests.events.conftest import make_event
from tests.subscriptions.conftest import CHAT, NOW, Post, at

MORNING = at("2027-03-11T10:00")


def test_a_new_event_is_told_of_next_morning_and_once(post: Post) -> None:
    post.store.save([make_event("old")], now=NOW)
    post.subscribe()
    post.store.save([make_event("fresh", "2027-03-20T19:00")], now=NOW)
    assert post.once(NOW) == 0
    assert post.once(MORNING) == 1
    assert "fresh" in post.texts()[0]
    assert "old" not in post.texts()[0]
    assert "/stop" in post.texts()[0]
    assert post.once(MORNING + timedelta(minutes=1)) == 0
    assert post.once(MORNING + timedelta(days=1)) == 0


def test_only_what_fits_is_told_of(post: Post) -> None:
    post.subscribe(category=Category.CULTURE, city=City.BERLIN, free=True, language="zh")
    good = {"free": True, "languages": ("zh",)}
    post.store.save(
        [
            make_event("fits", **good), make_event("sport", **good, category=Category.SPORT),
            make_event("beijing", **good, city=City.BEIJING), make_event("paid", free=False, languages=("zh",)),
            make_event("german", free=True, languages=("de",)),
        ],
        now=NOW,
    )  # fmt: skip
    assert post.once(MORNING) == 1
    assert "**fits**" in post.texts()[0]
    assert not [name for name in ("sport", "beijing", "paid", "german") if f"**{name}**" in post.texts()[0]]


def test_what_is_over_or_called_off_is_not_told_of(post: Post) -> None:
    post.subscribe()
    over = make_event("over", "2027-03-10T18:00")
    post.store.save([over, make_event("off", status=Status.CANCELLED)], now=NOW)
    assert post.once(MORNING) == 0


def test_many_events_are_five_and_how_many_more(post: Post) -> None:
    post.subscribe(city=City.BERLIN)
    post.store.save([make_event(f"e{number}", f"2027-04-{number + 1:02}T19:00") for number in range(8)], now=NOW)
    assert post.once(MORNING) == 1
    text = post.texts()[0]
    assert [name for name in range(8) if f"**e{name}**" in text] == [0, 1, 2, 3, 4]
    assert "3 weitere" in text


def test_the_weekly_message_has_the_week_ahead_and_what_is_new(post: Post) -> None:
    post.store.save([make_event("soon", "2027-03-17T19:00"), make_event("later", "2027-05-01T19:00")], now=NOW)
    post.subscribe(Kind.DIGEST)
    post.store.save([make_event("fresh", "2027-06-01T19:00")], now=NOW)
    assert post.once(at("2027-03-13T10:00")) == 0
    assert post.once(at("2027-03-14T10:00")) == 1
    assert [name for name in ("soon", "later", "fresh") if f"**{name}**" in post.texts()[0]] == ["soon", "fresh"]


def test_a_weekly_message_that_is_days_late_is_dropped(post: Post) -> None:
    post.store.save([make_event("soon", "2027-03-19T19:00")], now=NOW)
    post.subscribe(Kind.DIGEST)
    assert post.once(at("2027-03-18T10:00")) == 0
    assert post.once(at("2027-03-21T10:00")) == 0  # nothing in that week


def test_a_weekly_message_that_is_a_day_late_is_sent(post: Post) -> None:
    post.store.save([make_event("soon", "2027-03-19T19:00")], now=NOW)
    post.subscribe(Kind.DIGEST)
    assert post.once(at("2027-03-15T12:00")) == 1


def test_a_reminder_comes_the_day_before_and_once(post: Post) -> None:
    post.store.save([make_event()], now=NOW)
    assert post.remind() == at("2027-03-12T10:00")
    assert post.once(at("2027-03-12T09:59")) == 0
    assert post.once(at("2027-03-12T10:00")) == 1
    assert post.once(at("2027-03-12T10:01")) == 0
    assert "Erinnerung" in post.texts()[0]


def test_a_late_reminder_is_sent_while_it_is_of_use(post: Post) -> None:
    post.store.save([make_event(), make_event("b", "2027-03-12T08:30")], now=NOW)
    post.remind()
    post.remind("b")
    assert post.once(at("2027-03-12T12:00")) == 1
    assert "**a**" in post.texts()[0]
    assert "**b**" not in post.texts()[0]


def test_nothing_is_sent_of_an_event_that_has_begun(post: Post) -> None:
    post.store.save([make_event()], now=NOW)
    post.remind()
    assert post.once(at("2027-03-13T19:30")) == 0
    assert service.of(post.engine, "telegram", "42").is_empty


def test_a_cancelled_event_is_told_as_cancelled_and_not_reminded_of(post: Post) -> None:
    post.store.save([make_event()], now=NOW)
    post.remind()
    post.once(NOW)
    post.store.cancel("a", NOW)
    assert post.once(NOW + timedelta(minutes=1)) == 1
    assert "ABGESAGT" in post.texts()[0]
    assert post.once(at("2027-03-12T10:00")) == 0


def test_what_was_cancelled_and_takes_place_after_all_is_told_and_reminded_of(post: Post) -> None:
    post.store.save([make_event()], now=NOW)
    post.remind()
    post.store.cancel("a", NOW)
    assert post.once(NOW) == 1
    post.store.edit("a", NOW + timedelta(hours=1), status=Status.SCHEDULED)
    assert post.once(NOW + timedelta(hours=1)) == 1
    assert "findet doch statt" in post.texts()[1]
    assert post.once(at("2027-03-12T10:00")) == 1


def test_a_moved_event_is_told_as_moved_and_reminded_of_at_its_new_time(post: Post) -> None:
    post.store.save([make_event()], now=NOW)
    post.remind()
    post.store.save([make_event("a", "2027-03-20T18:00")], now=NOW + timedelta(hours=1))
    assert post.once(NOW + timedelta(hours=1)) == 1
    assert "VERLEGT" in post.texts()[0]
    assert "20. März" in post.texts()[0]
    assert post.once(at("2027-03-12T10:00")) == 0
    assert post.once(at("2027-03-19T10:00")) == 1


def test_a_date_of_a_series_is_followed_when_the_whole_series_is_moved(post: Post) -> None:
    weekly = {"rrule": "FREQ=WEEKLY;COUNT=5"}
    post.store.save([make_event("a", **weekly)], now=NOW)
    post.remind()
    post.store.save([make_event("a", "2027-03-13T20:00", **weekly)], now=NOW + timedelta(hours=1))
    assert post.once(NOW + timedelta(hours=1)) == 1
    assert "20:00" in post.texts()[0]


def test_an_event_that_left_the_calendar_is_told_of_once(post: Post) -> None:
    post.store.save([make_event()], now=NOW, source="x", complete=True)
    post.remind()
    post.store.save([], now=NOW, source="x", complete=True)
    assert post.once(NOW) == 1
    assert "nicht mehr im Kalender" in post.texts()[0]
    assert post.once(at("2027-03-12T10:00")) == 0


def test_a_change_that_concerns_nobody_is_not_told(post: Post) -> None:
    post.store.save([make_event()], now=NOW)
    post.remind()
    post.store.edit("a", NOW, titles={"de": "anders"})
    assert post.once(NOW) == 0
    assert post.once(at("2027-03-12T10:00")) == 1


def test_changes_at_night_wait_for_the_morning(post: Post) -> None:
    post.store.save([make_event()], now=NOW)
    post.remind()
    night = at("2027-03-10T23:00")
    post.store.cancel("a", night)
    assert post.once(night) == 0
    assert post.once(at("2027-03-11T07:59")) == 0
    assert post.once(at("2027-03-11T08:00")) == 1


def test_all_that_is_due_at_once_is_one_message(post: Post) -> None:
    post.store.save([make_event(), make_event("b")], now=NOW)
    post.remind()
    post.remind("b")
    post.subscribe()
    post.store.save([make_event("fresh", "2027-04-01T10:00")], now=NOW)
    assert post.once(at("2027-03-12T10:00")) == 1
    assert all(f"**{name}**" in post.texts()[0] for name in ("a", "b", "fresh"))


def test_the_end_deletes_everything_and_what_waits_to_be_sent(post: Post) -> None:
    post.store.save([make_event()], now=NOW)
    post.remind()
    post.subscribe()
    assert post.once(at("2027-03-12T10:00")) == 1
    assert service.end(post.engine, "telegram", "42") == 2
    assert post.texts() == []
    with post.engine.connect() as connection:
        for table in (tables.subscriber, tables.subscription, tables.reminder):
            assert connection.execute(sa.select(table)).first() is None
    assert service.of(post.engine, "telegram", "42") is None


def test_who_comes_back_is_written_to_again(post: Post) -> None:
    post.store.save([make_event()], now=NOW)
    for _ in range(2):
        post.remind()
        assert post.once(at("2027-03-12T10:00")) == 1
        service.end(post.engine, "telegram", "42")


def test_a_visitor_who_ends_it_while_the_message_is_written_gets_none(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.store.save([make_event()], now=NOW)
    post.remind()
    said = Letter.remind

    def remind(letter: Letter, one: object) -> None:
        service.end(post.engine, "telegram", "42")
        said(letter, one)  # type: ignore[arg-type]

    monkeypatch.setattr(postman_module.Letter, "remind", remind)
    assert post.once(at("2027-03-12T10:00")) == 0
    assert post.texts() == []


def test_a_chat_that_became_another_keeps_what_it_asked_for(post: Post) -> None:
    post.subscribe()
    service.move(post.engine, "telegram", "42", "-10042")
    post.store.save([make_event()], now=NOW)
    assert post.once(MORNING) == 1
    assert len(post.texts("-10042")) == 1


def test_a_change_of_zone_moves_the_morning(post: Post) -> None:
    post.subscribe()
    post.store.save([make_event()], now=NOW)
    overview = service.prefer(post.engine, CHAT, Preferences("Asia/Shanghai", quiet_until=time(9)), NOW)
    assert overview is not None
    assert (overview.hours.zone, overview.hours.quiet_until) == ("Asia/Shanghai", time(9))
    assert post.once(at("2027-03-11T02:59")) == 0
    assert post.once(at("2027-03-11T03:00")) == 1  # 10:00 in Beijing


def test_two_postmen_at_once_post_everything_once(post: Post) -> None:
    post.store.save([make_event()], now=NOW)
    for number in range(150):
        post.remind(address=Address("telegram", str(number)))
    due, posted, start = at("2027-03-12T10:00"), [], threading.Barrier(3)

    def work(owner: str) -> None:
        one = post.postman(owner)
        start.wait()
        posted.append(one.once(due))

    threads = [threading.Thread(target=work, args=(owner,)) for owner in ("one", "two")]
    for thread in threads:
        thread.start()
    start.wait()
    for thread in threads:
        thread.join()
    assert sum(posted) == 150
    assert [len(post.texts(str(number))) for number in range(150)] == [1] * 150


def test_an_idle_pass_asks_little(post: Post) -> None:
    post.subscribe()
    one = post.postman()
    one.once(NOW)
    asked = []
    sa.event.listen(post.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    assert one.once(NOW) == 0
    assert len([text for text in asked if text.lstrip().startswith("SELECT")]) <= 4


def test_operators_see_numbers(post: Post) -> None:
    post.store.save([make_event()], now=NOW)
    post.subscribe()
    post.subscribe(Kind.DIGEST, city=City.BERLIN)
    post.remind()
    assert service.counts(post.engine) == {"subscribers": 1, "news": 1, "digest": 1, "reminders": 1}


def test_what_is_over_is_forgotten(post: Post) -> None:
    post.store.save([make_event()], now=NOW)
    post.remind()
    assert service.forget_old(post.engine, datetime.fromisoformat("2027-04-01T00:00+00:00")) == 1
    assert service.of(post.engine, "telegram", "42") is None
