from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from bot.events.model import Event, Occurrence, Status
from bot.events.readers import read_events
from bot.events.recurrence import expand
from bot.events.writers.ics import occurrence_ics, to_ics

FILES = Path(__file__).parent / "files"
NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def series() -> Event:
    return read_events((FILES / "moved.ics").read_bytes(), "moved.ics", date(2027, 1, 1)).events[0]


def vevents(data: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(data).walk("VEVENT"))


def test_another_library_sees_the_same_dates_in_our_calendar_as_our_own_expansion() -> None:
    exported = icalendar.Calendar.from_ical(to_ics([series()], NOW, "Kalender"))
    seen = list(recurring_ical_events.of(exported).between(date(2027, 3, 1), date(2027, 5, 1)))  # fmt: skip
    ours = expand(series(), date(2027, 3, 1), date(2027, 5, 1))
    assert sorted((each.start, each.status is Status.CANCELLED) for each in ours) == sorted(
        (event["DTSTART"].dt, str(event["STATUS"]) == "CANCELLED") for event in seen
    )


def test_the_same_events_and_stamps_make_the_same_bytes() -> None:
    stamps = {"a": datetime(2026, 12, 1, tzinfo=UTC)}
    assert to_ics([series()], NOW, "K", stamps=stamps) == to_ics([series()], datetime.now(UTC), "K", stamps=stamps)


def test_the_asked_language_is_the_one_that_calendars_show() -> None:
    event = replace(series(), titles={"de": "Fest", "zh": "庆典"}, overrides=())
    for language, title in (("de", "Fest"), ("zh", "庆典"), ("en", "Fest")):
        (written,) = vevents(to_ics([event], NOW, "K", language))
        assert str(written["SUMMARY"]) == title


def test_zones_of_the_events_are_defined_in_the_file() -> None:
    calendar = icalendar.Calendar.from_ical(to_ics([series()], NOW, "K"))
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]


def test_one_date_of_a_series_keeps_its_uid_when_it_is_moved() -> None:
    usual = Occurrence(series(), datetime(2027, 3, 9, 19, tzinfo=BERLIN), None, Status.SCHEDULED)
    moved = replace(usual, start=datetime(2027, 3, 10, 19, tzinfo=BERLIN), moved_from=usual.start)
    (first,), (second,) = (vevents(occurrence_ics(each, NOW, "K")) for each in (usual, moved))
    assert str(first["UID"]) == str(second["UID"]) == "a#20270309T190000"
    assert second["DTSTART"].dt == moved.start
    assert "RRULE" not in second
    single = replace(usual, event=replace(series(), rrule="", overrides=()))
    assert str(vevents(occurrence_ics(single, NOW, "K"))[0]["UID"]) == "a"


def test_a_postponed_event_is_tentative_to_others_and_postponed_to_us() -> None:
    data = to_ics([replace(series(), status=Status.POSTPONED)], NOW, "K")
    assert str(vevents(data)[0]["STATUS"]) == "TENTATIVE"
    assert read_events(data, "a.ics", date(2027, 1, 1)).events[0].status is Status.POSTPONED
