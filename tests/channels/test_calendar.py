"""Calendar files over a real server."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import sqlalchemy as sa

from bot import clock, settings
from bot.channels import calendar
from bot.channels.calendar import CalendarChannel
from bot.database import connect
from bot.errors import ConfigurationError
from bot.events.links import feed_url, occurrence_url
from bot.events.model import Category, City, Event, Override, Query, Status
from bot.events.store import EventStore
from tests.channels.conftest import Site
from tests.events.conftest import make_event

NOW = datetime(2027, 3, 10, 10, tzinfo=ZoneInfo("Europe/Berlin"))
WEEKLY = "FREQ=WEEKLY;COUNT=6"
ODD_UIDS = ["a", "北京 #1/2?x=y&z", "../../etc/passwd", "a%2Fb", "100%", "a.ics", "<x@y>", ".", "a+b;c,d\"e'\\f"]


@pytest.fixture
async def site(serve: Any) -> Site:
    return await serve(CalendarChannel())


@pytest.fixture(autouse=True)
def _always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "KEPT_SECONDS", -1.0)


def vevents(body: bytes) -> list[Any]:
    return list(icalendar.Calendar.from_ical(body).walk("VEVENT"))


def titles(body: bytes) -> list[str]:
    return [str(each["SUMMARY"]) for each in vevents(body)]


def path_of(address: str) -> str:
    return address.removeprefix("https://b.example")


async def test_one_date_of_a_series_is_a_file_of_its_own(site: Site, store: EventStore) -> None:
    store.save([make_event("chor", rrule=WEEKLY, titles={"de": "Chor", "zh": "合唱团"})], now=NOW)
    status, body, headers = await site.get("/events/chor.ics?start=2027-03-20T19:00&lang=zh")
    assert status == 200
    assert headers["content-type"] == "text/calendar; charset=utf-8"
    assert headers["content-disposition"] == 'attachment; filename="chor.ics"'
    (event,) = vevents(body)
    assert event["DTSTART"].dt == datetime(2027, 3, 20, 19, tzinfo=ZoneInfo("Europe/Berlin"))
    assert str(event["UID"]) == "chor#20270320T190000"
    assert str(event["SUMMARY"]) == "合唱团"
    assert (event["SEQUENCE"], "RRULE" in event) == (0, False)
    assert b"BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin" in body


async def test_without_a_start_the_whole_series_comes(site: Site, store: EventStore) -> None:
    store.save([make_event("chor", rrule=WEEKLY)], now=NOW)
    (event,) = vevents((await site.get("/events/chor.ics"))[1])
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY;COUNT=6"
    assert str(event["UID"]) == "chor"


async def test_a_link_holds_when_its_date_is_moved_or_cancelled(site: Site, store: EventStore) -> None:
    usual = make_event("chor", rrule=WEEKLY)
    store.save([usual], now=NOW)
    (first, second, *_) = store.occurrences("chor", NOW, 9)
    links = [path_of(occurrence_url("https://b.example", one, "de")) for one in (first, second)]
    # The second date moves to the very time of the first one's followers: the rule's date tells them apart.
    moved = Override(second.start, start=second.start + timedelta(days=7), end=second.end + timedelta(days=7))
    off = Override(first.start, status=Status.CANCELLED)
    store.save([replace(usual, overrides=(off, moved))], now=NOW)
    (cancelled,), (later,) = [vevents((await site.get(link))[1]) for link in links]
    assert str(cancelled["STATUS"]) == "CANCELLED"
    assert later["DTSTART"].dt == second.start + timedelta(days=7)
    assert str(later["UID"]) == "chor#20270320T190000"
    assert later["SEQUENCE"] == 1
    by_new_start = vevents((await site.get("/events/chor.ics?start=2027-03-27T19:00"))[1])[0]
    assert str(by_new_start["UID"]) == "chor#20270327T190000"


async def test_a_single_event_keeps_its_link_when_it_moves(site: Site, store: EventStore) -> None:
    store.save([make_event("fest")], now=NOW)
    link = path_of(occurrence_url("https://b.example", store.occurrences("fest", NOW, 1)[0], "en"))
    store.edit("fest", NOW, start=NOW + timedelta(days=9), end=None)
    assert link == "/events/fest.ics?lang=en"
    assert vevents((await site.get(link))[1])[0]["DTSTART"].dt == NOW + timedelta(days=9)


async def test_an_all_day_date_and_a_past_one_are_found(site: Site, store: EventStore) -> None:
    whole = make_event("messe", "2027-03-01T00:00", hours=None, all_day=True, rrule="FREQ=MONTHLY;COUNT=4")
    store.save([whole], now=NOW)
    one = store.occurrences("messe", NOW, 1)[0]
    link = path_of(occurrence_url("https://b.example", one, "de"))
    assert link == "/events/messe.ics?start=2027-04-01&lang=de"
    assert vevents((await site.get(link))[1])[0]["DTSTART"].dt == date(2027, 4, 1)
    assert vevents((await site.get("/events/messe.ics?start=2027-03-01"))[1])[0]["DTSTART"].dt == date(2027, 3, 1)


@pytest.mark.parametrize("uid", ODD_UIDS)
async def test_every_uid_is_reached_by_its_link_and_makes_a_safe_file_name(
    site: Site, store: EventStore, uid: str
) -> None:
    store.save([make_event(uid, rrule=WEEKLY)], now=NOW)
    link = occurrence_url("https://b.example/", store.occurrences(uid, NOW, 1)[0], "de")
    status, body, headers = await site.get(path_of(link))
    assert status == 200
    assert str(vevents(body)[0]["UID"]) == f"{uid}#20270313T190000"
    name = headers["content-disposition"].removeprefix('attachment; filename="').removesuffix('"')
    assert name.removesuffix(".ics").replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/events/nobody.ics", 404, "no such event"),
        ("/events/a.ics?start=2027-03-14T19:00", 404, "'start'"),
        ("/events/a.txt", 404, "/events/<uid>.ics"),
        ("/events/.ics", 404, "/events/<uid>.ics"),
        ("/events/%FF.ics", 404, "/events/<uid>.ics"),
        ("/events/%00a.ics", 404, "/events/<uid>.ics"),
        (f"/events/{'a' * 300}.ics", 404, "/events/<uid>.ics"),
        ("/events/a.ics?start=soon", 400, "'start' must be"),
        ("/events/a.ics?start=2027-02-30", 400, "'start' must be"),
        ("/events/a.ics?start=2027-03-10T19:00%2B01:00", 400, "'start' must be"),
        ("/events/a.ics?start=", 400, "'start' must be"),
        ("/events/a.ics?lang=fr", 400, "'lang' must be one of de, en, zh"),
        ("/events/a.ics?city=berlin", 400, "'city' is no parameter"),
        ("/events.ics?city=paris", 400, "'city' must be one of berlin, beijing, online"),
        ("/events.ics?category=", 400, "'category' must be one of"),
        ("/events.ics?free=yes", 400, "'free' must be 1 or 0"),
        ("/events.ics?language=%27%20OR%201", 400, "'language' must be"),
        ("/events.ics?city=berlin&city=online", 400, "'city' is given twice"),
        ("/events.ics?citty=berlin", 400, "'citty' is no parameter"),
        (f"/events.ics?language={'x' * 600}", 400, "longer than 500"),
    ],
)
async def test_what_cannot_be_answered_is_named(
    site: Site, store: EventStore, path: str, status: int, said: str
) -> None:
    store.save([make_event("a")], now=NOW)
    answer = await site.error(path)
    assert answer[0] == status
    assert said in answer[1]


async def test_a_feed_has_what_has_not_ended_and_fits(site: Site, store: EventStore) -> None:
    beijing = {"city": City.BEIJING, "timezone": "Asia/Shanghai"}
    store.save(
        [
            make_event("over", "2027-03-09T19:00"),
            make_event("now", "2027-03-10T09:00"),
            make_event("free", "2027-03-12T19:00", free=True, languages=("zh",)),
            make_event("sport", "2027-03-11T19:00", category=Category.SPORT),
            make_event("dear", "2027-03-14T19:00", free=False, **beijing),
        ],
        now=NOW,
    )
    expected = {
        "": ["now", "sport", "free", "dear"],
        "?city=beijing": ["dear"],
        "?category=sport": ["sport"],
        "?free=1": ["free"],
        "?free=0": ["dear"],
        "?language=zh": ["free"],
        "?language=ZH&city=berlin&category=culture&free=1&lang=en&fbclid=x": ["free"],
        "?language=fr": [],
    }
    for query, uids in expected.items():
        status, body, headers = await site.get(f"/events.ics{query}")
        assert (status, titles(body)) == (200, uids), query
        assert headers["cache-control"] == "max-age=900"


async def test_a_feed_has_series_whole_and_cancelled_events_as_cancelled(site: Site, store: EventStore) -> None:
    renamed = Override(datetime(2027, 3, 13, 19, tzinfo=ZoneInfo("Europe/Berlin")), titles={"de": "Fest"})
    off = make_event("off", status=Status.CANCELLED)
    store.save([make_event("chor", rrule=WEEKLY, overrides=(renamed,)), off], now=NOW)
    master, change, cancelled = vevents((await site.get("/events.ics"))[1])
    assert (str(master["SUMMARY"]), str(change["SUMMARY"])) == ("chor", "Fest")
    assert "RRULE" in master
    assert str(cancelled["STATUS"]) == "CANCELLED"


async def test_a_feed_is_named_in_the_readers_language(site: Site, store: EventStore) -> None:
    path = path_of(feed_url("https://b.example", Query(city=City.BEIJING, category=Category.CULTURE, free=True), "zh"))
    body = (await site.get(path))[1]
    assert str(icalendar.Calendar.from_ical(body)["X-WR-CALNAME"]) == "柏林–北京 · 北京 · 文化 · 免费"


async def test_an_unchanged_feed_is_not_sent_again(
    site: Site, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save([make_event("a")], now=NOW)
    tag = (await site.get("/events.ics"))[2]["etag"]
    monkeypatch.setattr(clock, "now", lambda zone=None: NOW + timedelta(hours=1))
    status, body, headers = await site.get("/events.ics", If_None_Match=f'"other", {tag}')
    assert (status, body, headers["etag"]) == (304, b"", tag)
    assert (await site.get("/events.ics", If_None_Match='"other"'))[0] == 200
    store.edit("a", NOW, venue="Rathaus")
    status, body, headers = await site.get("/events.ics", If_None_Match=tag)
    assert status == 200
    assert headers["etag"] != tag


async def test_a_feed_is_put_together_once_a_minute_however_many_ask(
    site: Site, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "KEPT_SECONDS", 60.0)
    made = []
    monkeypatch.setattr(calendar, "upcoming_events", lambda *asked: made.append(asked) or [])
    for _ in range(3):
        assert (await site.get("/events.ics?city=berlin"))[0] == 200
    assert len(made) == 1
    assert (await site.get("/events.ics?city=beijing"))[0] == 200
    assert len(made) == 2


async def test_a_feed_has_at_most_500_events_the_next_ones(site: Site, store: EventStore) -> None:
    many = [make_event(f"e{n:03}", f"2027-04-{n // 24 + 1:02}T{n % 24:02}:00") for n in range(503)]
    daily = make_event("daily", "2027-03-11T09:00", rrule="FREQ=DAILY;COUNT=700")
    store.save([*many, daily], now=NOW)
    found = titles((await site.get("/events.ics"))[1])
    assert found == ["daily", *(f"e{n:03}" for n in range(499))]


async def test_invented_events_say_so_in_every_file(site: Site, store: EventStore) -> None:
    store.save([make_event("s", sample=True, titles={"de": "Fest"}, rrule=WEEKLY)], now=NOW)
    for path in ("/events.ics", "/events/s.ics", "/events/s.ics?start=2027-03-13T19:00"):
        assert titles((await site.get(path))[1]) == ["Fest (Beispielkalender mit erfundenen Terminen)"]


async def test_an_unreadable_store_is_not_told_as_no_events(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = connect(settings.load().database_url)
    EventStore(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE occurrence_day RENAME TO gone"))
        connection.execute(sa.text("ALTER TABLE event RENAME TO gone2"))
    for path in ("/events.ics", "/events/a.ics"):
        status, said = await site.error(path)
        assert status == 503
        assert "cannot be read" in said
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE gone RENAME TO occurrence_day"))
        connection.execute(sa.text("ALTER TABLE gone2 RENAME TO event"))
    assert (await site.get("/events.ics"))[0] == 200
    engine.dispose()


async def test_a_program_may_ask_for_the_head_alone(site: Site, store: EventStore) -> None:
    store.save([make_event("a")], now=NOW)
    status, body, headers = await site.get("/events.ics", method="HEAD")
    assert (status, body) == (200, b"")
    assert "etag" in headers
    assert (await site.get("/events.ics", method="POST"))[0] == 405


def test_links_say_only_what_is_asked_for() -> None:
    query = Query(city=City.BERLIN, category=Category.CULTURE, free=True, language="zh", words=("oper",), start=NOW)
    assert feed_url("https://b.example/chat/", query, "de") == (
        "https://b.example/chat/events.ics?city=berlin&category=culture&free=1&language=zh&lang=de"
    )
    assert feed_url("https://b.example", Query(), "en") == "https://b.example/events.ics?lang=en"
    assert feed_url("https://b.example", Query(free=False), "en") == "https://b.example/events.ics?free=0&lang=en"


def test_a_links_start_is_readable(store: EventStore) -> None:
    event: Event = make_event("chor", rrule=WEEKLY)
    store.save([event], now=NOW)
    one = store.occurrences("chor", NOW, 1)[0]
    assert occurrence_url("https://b.example", one, "de") == (
        "https://b.example/events/chor.ics?start=2027-03-13T19:00&lang=de"
    )


@pytest.mark.parametrize(
    "value",
    ["chat.example.org", "ftp://chat.example.org", "https://", "https://a b.example", "https://u:p@chat.example.org",
     "https://chat.example.org?x=1", "https://chat.example.org:port", "https://[", "javascript:alert(1)"],
)  # fmt: skip
def test_a_public_address_that_nobody_can_open_is_refused_with_an_example(value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"BOT_PUBLIC_URL=.*Example: BOT_PUBLIC_URL="):
        settings.load({"BOT_PUBLIC_URL": value})


def test_the_public_address_is_the_local_one_unless_it_is_set() -> None:
    assert settings.load({"BOT_PORT": "5105"}).public_url == "http://127.0.0.1:5105"
    assert settings.load({"BOT_PUBLIC_URL": "https://chat.example.org/bot/"}).public_url == (
        "https://chat.example.org/bot"
    )
