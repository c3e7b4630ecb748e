"""Difficult calendars, each a file beside the tests."""

import random
import time
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.events.model import Category, City, Event, Status
from bot.events.readers import EventFileError, ReadResult, read_events
from bot.events.writers.ics import to_ics
from bot.events.writers.table import to_csv

FILES = Path(__file__).parent / "files"
TODAY = date(2027, 1, 1)
BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
NOW = datetime(2027, 1, 1, tzinfo=BERLIN)


def read(name: str, city: City | None = None) -> ReadResult:
    return read_events((FILES / name).read_bytes(), name, TODAY, city)


def by_uid(name: str) -> dict[str, Event]:
    return {event.uid: event for event in read(name).events}


def berlin(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=BERLIN)


def refused(result: ReadResult) -> dict[str, str]:
    return {finding.uid: finding.column for finding in result.refused}


@pytest.mark.parametrize("path", sorted(FILES.glob("[a-z]*.*")), ids=lambda path: path.name)
def test_every_difficult_file_reads_back_from_its_export_byte_for_byte(path: Path) -> None:
    events = read(path.name).events
    calendar, table = to_ics(events, NOW, "K"), to_csv(events)
    assert to_ics(read_events(calendar, "a.ics", TODAY).events, NOW, "K") == calendar
    assert to_csv(read_events(table, "a.csv", TODAY).events) == table
    for line in calendar.split(b"\r\n"):
        assert len(line) <= 75


@pytest.mark.parametrize("path", sorted(FILES.glob("*.ics")), ids=lambda path: path.name)
def test_a_file_cut_anywhere_is_read_or_refused_but_never_crashes(path: Path) -> None:
    data = path.read_bytes()
    for end in range(0, len(data), max(len(data) // 25, 1)):
        try:
            result = read_events(data[:end], path.name, TODAY)
        except EventFileError as error:
            assert str(error).startswith(path.name)
        else:
            assert all(finding.reason for finding in result.refused)


def test_damaged_files_are_read_or_refused_but_never_crash() -> None:
    chance = random.Random(4)
    files = [path.read_bytes() for path in sorted(FILES.glob("[a-z]*.*"))]
    scraps = [
        b"99999999",
        b"-",
        b"\r\n",
        b"null",
        b'"',
        b"{}",
        b"[]",
        b":",
        b";X=",
        b"true",
        b"1e999",
        b"Europe",
        b"120000",
    ]
    for _ in range(400):
        data = bytearray(chance.choice(files))
        for _ in range(chance.randint(1, 10)):
            place = chance.randrange(len(data))
            if chance.random() < 0.4:
                data[place] = chance.choice(b'0123456789:;,TZ\n"{}[]\\<>-=/ ABC\xc3\x00')
            elif chance.random() < 0.5:
                data[place:place] = chance.choice(scraps)
            else:
                del data[place : place + chance.randint(1, 20)]
        try:
            result = read_events(bytes(data), "odd", TODAY)
        except EventFileError:
            continue
        assert all(finding.reason for finding in result.refused)


def test_zones_are_found_by_iana_and_windows_names_and_by_what_the_file_defines() -> None:
    events = by_uid("zones.ics")
    assert {uid: event.timezone for uid, event in events.items()} == {
        "windows": "Europe/Berlin", "path": "Asia/Shanghai", "quoted": "Asia/Shanghai", "defined": "Europe/Berlin",
        "located": "Asia/Shanghai", "utc": "Europe/Berlin", "floating": "Europe/Berlin",
    }  # fmt: skip
    assert {events[uid].start.hour for uid in events} == {19}
    result = read("zones.ics")
    assert refused(result) == {"unknown": "DTSTART", "hostile": "DTSTART", "escape": "DTSTART"}
    assert "'Mond/Krater' is unknown" in result.refused[0].reason


def test_utc_and_floating_times_are_in_the_calendars_own_zone() -> None:
    events = by_uid("wr-timezone.ics")
    assert events["utc"].start == events["floating"].start == datetime(2027, 3, 13, 19, tzinfo=SHANGHAI)
    assert events["weekly"].start == datetime(2027, 3, 8, 7, tzinfo=SHANGHAI)  # a Monday there, a Sunday in UTC


def test_daylight_saving_keeps_wall_clocks_and_exact_durations() -> None:
    events = by_uid("dst.ics")
    assert events["autumn"].end == berlin(10, 31, 3, 30)  # three hours, one of them twice on the clock
    assert events["day"].end == berlin(3, 28, 19)
    assert events["weekly"].exdates == (berlin(3, 27, 19), berlin(4, 3, 19))


def test_moved_cancelled_and_following_dates_become_overrides() -> None:
    events = by_uid("moved.ics")
    moved, cancelled, following = events["a"].overrides
    assert (moved.recurrence_id, moved.start, moved.end) == (berlin(3, 9, 19), berlin(3, 10, 19), None)
    assert (cancelled.recurrence_id, cancelled.status) == (berlin(3, 16, 19), Status.CANCELLED)
    assert (following.start, following.and_following, following.venue) == (
        berlin(3, 23, 20), True, "Chinesischer Garten, Berlin",
    )  # fmt: skip
    assert following.titles == {"de": "Konzert im Garten", "en": "Concert in the garden"}
    assert events["a"].sequence == 4
    assert events["orphan#20270406T190000"].start == berlin(4, 7, 19)


def test_added_dates_periods_and_left_out_days_are_read() -> None:
    events = by_uid("rdates.ics")
    assert [moment.day for moment in events["a"].rdates] == [4, 6, 8, 9]
    assert events["a"].exdates == (berlin(3, 6, 19),)
    (longer,) = events["a"].overrides
    assert (longer.recurrence_id, longer.end) == (berlin(3, 9, 19), berlin(3, 9, 23))
    assert events["dated"].exdates == (berlin(3, 3, 19), berlin(3, 4, 19))


def test_the_last_day_of_an_all_day_event_is_the_one_before_dtend() -> None:
    result = read("all-day.ics")
    last = {event.uid: event.last_day.day for event in result.events}
    assert last == {"none": 13, "one": 13, "three": 15, "same": 13, "two": 14, "yearly": 13}
    assert all(event.all_day for event in result.events)
    assert refused(result) == {"before": "DTEND", "mixed": "DTEND"}


def test_broken_events_are_refused_one_by_one_and_the_others_kept() -> None:
    result = read("broken.ics")
    assert [event.uid for event in result.events] == ["good-1", "raw-newline", "good-2"]
    assert [(finding.row, finding.column) for finding in result.refused] == [
        (2, "DTEND"), (3, "DTSTART"), (4, "DTSTART"), (6, "RRULE"), (7, "RRULE"), (8, "DTSTART"), (9, "SUMMARY"),
        (10, "CLASS"), (11, "LOCATION"), (12, "uid"), (13, "UID"), (14, "DTSTART"), (15, "END"), (16, "DTEND"),
        (18, "END"),
    ]  # fmt: skip
    assert "nowhere" in {event.uid for event in read("broken.ics", City.BERLIN).events}


def test_marks_line_ends_and_encodings_do_not_matter() -> None:
    assert by_uid("bom-lf-folded.ics")["f"].titles == {"zh": "音乐会"}
    assert by_uid("utf-16.ics")["u"].titles == {"zh": "中国新年音乐会"}
    assert by_uid("windows-1252.ics")["w"].titles == {"de": "Frühlingsfest für alle"}


def test_texts_are_in_their_tagged_language_or_the_one_they_look_like() -> None:
    events = by_uid("languages.ics")
    assert events["three"].titles == {"de": "Tag der offenen Tür", "en": "Open day", "zh": "開放日"}
    assert events["three"].summaries == {"de": "Für alle und mit allen", "en": "For all"}
    assert {uid: list(event.titles) for uid, event in events.items()} == {
        "three": ["de", "en", "zh"], "english": ["en"], "german": ["de"], "chinese": ["zh"], "none": ["de"],
        "french": ["de"],
    }  # fmt: skip


def test_city_and_category_are_read_from_what_publishers_write() -> None:
    events = by_uid("places.ics")
    assert {uid: (event.city, event.category) for uid, event in events.items()} == {
        "berlin": (City.BERLIN, Category.CULTURE), "beijing": (City.BEIJING, Category.SPORT),
        "desk": (City.BEIJING, Category.BUSINESS), "link": (City.ONLINE, Category.EDUCATION),
        "zoom": (City.ONLINE, Category.BUSINESS), "hybrid": (City.BERLIN, Category.COMMUNITY),
        "geo": (City.BERLIN, Category.COMMUNITY), "geo-beijing": (City.BEIJING, Category.COMMUNITY),
    }  # fmt: skip
    assert (events["link"].url, events["link"].venue) == ("https://zoom.us/j/123", "")


def test_hostile_text_becomes_plain_short_text() -> None:
    (event,) = read("hostile-text.ics").events
    assert event.titles == {"de": "Fest & mehr"}
    assert event.summaries["de"].startswith("Eins\n\nZwei\nxxx")
    assert len(event.summaries["de"]) <= 4000
    assert event.url == ""


def test_a_cancelled_calendar_has_cancelled_events_and_an_empty_one_has_none() -> None:
    assert by_uid("cancelled.ics")["c"].status is Status.CANCELLED
    assert read("nothing.ics").events == []
    assert list(by_uid("other-components.ics")) == ["alarm"]


def test_json_ld_is_read_with_its_languages_places_schedules_and_prices() -> None:
    events = by_uid("events.jsonld")
    concert, run = events["https://example.org/e/1"], events["run-7"]
    assert concert.titles == {"de": "Konzert", "en": "Concert", "zh": "音乐会"}
    assert (concert.start, concert.end) == (berlin(3, 13, 19, 30), berlin(3, 13, 21, 30))
    assert (concert.city, concert.venue, concert.free, concert.languages) == (
        City.BERLIN,
        "Musterhalle",
        True,
        ("de", "zh"),
    )
    assert (run.status, run.city, run.category, run.all_day) == (Status.CANCELLED, City.BEIJING, Category.SPORT, True)
    assert (run.free, run.price, run.last_day) == (False, "10 CNY, 20–30 CNY", date(2027, 4, 4))
    talk = events["urn:uuid:3"]
    assert (talk.city, talk.status, talk.free, talk.end) == (City.ONLINE, Status.POSTPONED, True, berlin(5, 1, 11, 30))
    course = events["https://example.org/e/5"]
    assert course.rrule == "FREQ=WEEKLY;UNTIL=20270630T155959Z;BYDAY=MO,TH"
    assert course.exdates == (datetime(2027, 5, 3, 18, tzinfo=SHANGHAI),)
    result = read("events.jsonld")
    assert [finding.column for finding in result.refused] == ["location", "startDate", "name", "endDate", "startDate"]


def test_a_web_page_gives_the_events_of_its_scripts_and_names_a_broken_one() -> None:
    result = read("page.html")
    assert [next(iter(event.titles.items())) for event in result.events] == [
        ("de", "Die Stadt und das Licht"), ("de", "Führung"), ("de", "Führung"), ("en", "The evening of the stars"),
    ]  # fmt: skip
    assert len({event.uid for event in result.events}) == 4
    assert [finding.column for finding in result.refused] == ["json"]
    for page in (b"<html></html>", b"{not json", b"[" * 5000):
        with pytest.raises(EventFileError):
            read_events(page, "page", TODAY)


def test_the_desks_own_table_is_read_as_german_excel_writes_it() -> None:
    events = by_uid("desk.csv")
    assert events["neujahr"].start == berlin(2, 13, 19, 30)
    assert events["neujahr"].venue == 'Haus "Mitte"; Saal 2'
    assert (events["lauf"].city, events["lauf"].status) == (City.BEIJING, Status.CANCELLED)
    assert events["kurs2"].exdates == (datetime(2027, 3, 8, 18, tzinfo=SHANGHAI),)
    assert refused(read("desk.csv")) == {"kurs": "exdates"}


def test_five_thousand_events_are_read_within_seconds() -> None:
    one = (FILES / "dst.ics").read_text("utf-8").split("BEGIN:VEVENT")[3].split("END:VEVENT")[0]
    blocks = "".join(f"BEGIN:VEVENT{one.replace('UID:day', f'UID:day-{n}')}END:VEVENT\r\n" for n in range(5000))
    started = time.perf_counter()
    result = read_events(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{blocks}END:VCALENDAR\r\n".encode(), "big.ics", TODAY)
    assert (len(result.events), result.refused) == (5000, [])
    assert time.perf_counter() - started < 20
