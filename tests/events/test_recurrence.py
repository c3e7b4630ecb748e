import time
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
import recurring_ical_events
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from bot.events.model import Override, Status
from bot.events.recurrence import RecurrenceError, days, expand
from tests.events.conftest import BERLIN, make_event

YEAR = date(2027, 1, 1), date(2028, 1, 1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def starts(event, window=YEAR) -> list[str]:
    return [one.start.strftime("%m-%d %H:%M") for one in expand(event, *window)]


def weekly(**values):
    return make_event(start="2027-03-02T19:00", rrule=values.pop("rrule", "FREQ=WEEKLY;COUNT=4"), **values)


def test_seven_in_the_evening_stays_seven_when_the_clocks_change() -> None:
    found = expand(make_event(start="2027-03-23T19:00", rrule="FREQ=WEEKLY;COUNT=3"), *YEAR)
    assert [one.start.strftime("%m-%d %H:%M %z") for one in found] == [
        "03-23 19:00 +0100", "03-30 19:00 +0200", "04-06 19:00 +0200",
    ]  # fmt: skip
    assert [one.end - one.start for one in found if one.end] == [timedelta(hours=2)] * 3


def test_a_time_that_the_clocks_skip_moves_forward_and_a_repeated_one_is_the_first() -> None:
    skipped = make_event(start="2027-03-27T02:30", rrule="FREQ=DAILY;COUNT=3", hours=1)
    assert starts(skipped) == ["03-27 02:30", "03-28 03:30", "03-29 02:30"]
    repeated = expand(make_event(start="2027-10-31T02:30", hours=None), *YEAR)[0]
    assert repeated.start.astimezone(UTC) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_extra_dates_are_added_and_excepted_dates_left_out() -> None:
    event = weekly(rdates=(at("2027-05-01T15:00"),), exdates=(at("2027-03-09T19:00"),))
    assert starts(event) == ["03-02 19:00", "03-16 19:00", "03-23 19:00", "05-01 15:00"]


def test_an_excepted_date_without_a_time_excepts_the_whole_day() -> None:
    assert starts(weekly(exdates=(at("2027-03-09"),))) == ["03-02 19:00", "03-16 19:00", "03-23 19:00"]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20270316T180000Z", "03-16 19:00"),
        ("20270316T175959Z", "03-09 19:00"),
        ("20270316T190000", "03-16 19:00"),
        ("20270316", "03-16 19:00"),
    ],
)
def test_the_end_of_a_series_may_be_utc_local_or_a_day(until: str, last: str) -> None:
    assert starts(weekly(rrule=f"FREQ=WEEKLY;UNTIL={until}"))[-1] == last


def test_a_cancelled_occurrence_stays_and_a_moved_one_says_from_where() -> None:
    moved = Override(at("2027-03-16T19:00"), start=at("2027-03-17T20:00"), titles={"en": "Special"}, venue="Hall 2")
    cancelled = Override(at("2027-03-09T19:00"), status=Status.CANCELLED)
    first, second, third, fourth = expand(weekly(overrides=(moved, cancelled)), *YEAR)
    assert (second.status, second.start) == (Status.CANCELLED, at("2027-03-09T19:00"))
    assert (third.start, third.moved_from) == (at("2027-03-17T20:00"), at("2027-03-16T19:00"))
    assert third.end == at("2027-03-17T22:00")
    assert (third.event.titles, third.event.venue) == ({"de": "a", "en": "Special"}, "Hall 2")
    assert {first.status, third.status, fourth.status} == {Status.SCHEDULED}
    assert first.event.venue == fourth.event.venue == ""


def test_this_and_following_moves_the_rest_and_a_single_date_can_differ_again() -> None:
    rest = Override(
        at("2027-03-16T19:00"), start=at("2027-03-16T20:00"), end=at("2027-03-16T23:00"), and_following=True
    )
    single = Override(at("2027-03-23T19:00"), status=Status.CANCELLED)
    found = expand(weekly(rrule="FREQ=WEEKLY;COUNT=5", overrides=(rest, single)), *YEAR)
    assert [one.start.strftime("%m-%d %H:%M") for one in found] == [
        "03-02 19:00", "03-09 19:00", "03-16 20:00", "03-23 20:00", "03-30 20:00",
    ]  # fmt: skip
    assert [one.status.value for one in found] == ["scheduled"] * 3 + ["cancelled", "scheduled"]
    assert found[4].end == at("2027-03-30T23:00")
    assert found[4].moved_from == at("2027-03-30T19:00")


def test_what_is_moved_into_the_window_is_found_and_what_is_moved_out_is_not() -> None:
    window = date(2027, 3, 20), date(2027, 3, 22)
    into = weekly(overrides=(Override(at("2027-03-02T19:00"), start=at("2027-03-20T10:00")),))
    assert starts(into, window) == ["03-20 10:00"]
    assert starts(into, (date(2027, 3, 1), date(2027, 3, 5))) == []


def test_an_all_day_event_ends_on_its_last_day_and_midnight_belongs_to_the_day_before() -> None:
    fair = make_event(start="2027-03-13", end=at("2027-03-15"), all_day=True, rrule="FREQ=MONTHLY;COUNT=2")
    found = expand(fair, *YEAR)
    assert [days(one) for one in found] == [
        (date(2027, 3, 13), date(2027, 3, 15)), (date(2027, 4, 13), date(2027, 4, 15)),
    ]  # fmt: skip
    party = make_event(start="2027-03-13T22:00", end=at("2027-03-14T00:00"))
    assert days(expand(party, *YEAR)[0]) == (date(2027, 3, 13), date(2027, 3, 13))
    assert expand(party, date(2027, 3, 14), date(2027, 3, 15)) == []


def test_a_cancelled_event_has_only_cancelled_occurrences() -> None:
    assert {one.status for one in expand(weekly(status=Status.CANCELLED), *YEAR)} == {Status.CANCELLED}


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("FREQ=SECONDLY", "too often"),
        ("FREQ=MINUTELY;COUNT=5", "too often"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0"),
        ("FREQ=DAILY;COUNT=0", "COUNT=0"),
        ("FREQ=DAILY;COUNT=" + "9" * 30, "cannot stand"),
        ("FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))), "more than 3000 occurrences"),
        ("FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5,6", "times a day"),
        ("FREQ=DAILY;BYEASTER=1", "BYEASTER"),
        ("BYDAY=MO", "lacks FREQ"),
        ("FREQ=WEEKLY;FREQ=DAILY", "cannot stand"),
        ("nonsense", "cannot stand"),
        ("FREQ=DAILY;UNTIL=20271399", "is no date"),
        ("FREQ=DAILY;" + "BYMONTH=1," * 500, "characters"),
    ],
)
def test_a_hostile_rule_is_refused_with_its_reason(rule: str, reason: str) -> None:
    with pytest.raises(RecurrenceError, match=reason):
        expand(weekly(rrule=rule), date(2027, 1, 1), date(2029, 3, 1))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;COUNT=1000000000", "FREQ=DAILY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=2147483647",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=WEEKLY;BYSETPOS=300", "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2", "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=1,2,3,4",
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", ["0001-01-01T19:00", "1601-01-01T19:00", "1995-03-02T19:00", "2027-03-02T19:00"])
def test_a_rule_without_bounds_costs_little(rule: str, start: str) -> None:
    event = make_event(start=start, rrule=rule)
    costs = []
    for _ in range(3):
        begun = time.process_time()
        try:
            assert len(expand(event, date(2027, 1, 1), date(2029, 3, 1))) <= 3000
        except RecurrenceError as error:
            assert "series" in str(error) or "occurrences" in str(error)
        costs.append(time.process_time() - begun)
    assert min(costs) < 1  # unbounded ones would take minutes


def test_occurrences_that_overlap_each_other_for_years_are_refused() -> None:
    with pytest.raises(RecurrenceError, match="overlap"):
        expand(make_event(hours=24 * 300, rrule="FREQ=DAILY"), date(2027, 1, 1), date(2029, 3, 1))


simple_rules = st.builds(
    "FREQ={};INTERVAL={};{}={}".format,
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 5),
    st.just("COUNT"),
    st.integers(1, 60),
) | st.builds(
    "FREQ={}".format,
    st.sampled_from(
        [
            "WEEKLY;BYDAY=MO,TH", "MONTHLY;BYDAY=-1SU", "MONTHLY;BYDAY=2TU;BYSETPOS=1", "MONTHLY;BYMONTHDAY=31",
            "YEARLY;BYMONTH=2;BYMONTHDAY=29", "DAILY;BYMONTH=3,10", "MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO", "YEARLY;BYWEEKNO=20;BYDAY=MO", "DAILY;INTERVAL=10;UNTIL=20270930",
        ]
    ),
)  # fmt: skip
minutes = st.integers(0, 8 * 365 * 24 * 60)
moments = minutes.map(lambda passed: datetime.fromisoformat("2020-01-01") + timedelta(minutes=passed))


@given(rule=simple_rules, start=moments, first=st.dates(date(2026, 1, 1), date(2028, 1, 1)), length=st.integers(1, 400))
def test_expansion_agrees_with_dateutil(rule: str, start: datetime, first: date, length: int) -> None:
    window = first, first + timedelta(days=length)
    event = make_event(start=start.isoformat(), hours=None, rrule=rule)
    expected = []
    for moment in rrulestr(rule.replace("UNTIL=20270930", "UNTIL=20270930T235959"), dtstart=start):
        if moment.date() >= window[1]:
            break
        real = moment.replace(tzinfo=BERLIN).astimezone(UTC).astimezone(BERLIN)
        if window[0] <= real.date() < window[1]:
            expected.append(real)
    assert sorted(one.start for one in expand(event, *window)) == sorted(expected)


@given(rule=simple_rules, start=moments.filter(lambda moment: moment.hour > 3), hours=st.sampled_from([1, 5, 30]))
def test_expansion_agrees_with_recurring_ical_events(rule: str, start: datetime, hours: int) -> None:
    start = next(iter(rrulestr(rule.split(";UNTIL")[0], dtstart=start)))  # a start off its own rule is undefined
    event = make_event(start=start.isoformat(), hours=hours, rrule=rule)
    calendar = icalendar.Calendar()
    entry = icalendar.Event()
    entry.add("uid", "a")
    entry.add("dtstart", event.start)
    entry.add("dtend", event.end)
    entry["rrule"] = icalendar.vRecur.from_ical(rule)
    calendar.add_component(entry)
    window = date(2027, 1, 1), date(2027, 7, 1)

    def inside(starts: list[datetime]) -> list[datetime]:
        # At its edges the other library's window is in UTC.
        return sorted(start.astimezone(UTC) for start in starts if start.date().month in range(2, 6))

    theirs = recurring_ical_events.of(calendar).between(*window)
    ours = [one.start for one in expand(event, *window)]
    assert inside(ours) == inside([found["DTSTART"].dt for found in theirs])
