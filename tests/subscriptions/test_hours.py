"""Zones, quiet hours across midnight, changes of clocks, mornings and Sundays."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.subscriptions.hours import Hours, default_zone
from bot.subscriptions.model import Kind, Preferences
from bot.subscriptions.understanding import kind_of, preferences_of
from tests.subscriptions.conftest import at

BERLIN, SHANGHAI = Hours("Europe/Berlin"), Hours("Asia/Shanghai")
CHINA = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        ("2027-03-10T20:59", "2027-03-10T20:59"),
        ("2027-03-10T21:00", "2027-03-11T08:00"),
        ("2027-03-11T00:00", "2027-03-11T08:00"),
        ("2027-03-11T07:59", "2027-03-11T08:00"),
        ("2027-03-11T08:00", "2027-03-11T08:00"),
    ],
)
def test_quiet_hours_go_across_midnight(moment: str, allowed: str) -> None:
    assert BERLIN.allowed(at(moment)) == at(allowed)


def test_quiet_hours_are_those_of_the_visitors_zone() -> None:
    assert SHANGHAI.is_quiet(at("2027-03-10T16:00"))  # 23:00 in Beijing
    assert SHANGHAI.allowed(at("2027-03-10T16:00")) == at("2027-03-11T08:00", CHINA)
    assert not SHANGHAI.is_quiet(at("2027-03-10T02:00"))


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    noon = Hours("Europe/Berlin", time(12), time(14))
    assert noon.allowed(at("2027-03-10T13:00")) == at("2027-03-10T14:00")
    assert not Hours("Europe/Berlin", time(0), time(0)).is_quiet(at("2027-03-10T03:00"))


def test_the_morning_stays_at_ten_when_the_clocks_change() -> None:
    before = BERLIN.next_morning(at("2027-03-27T09:00"))
    after = BERLIN.next_morning(before)
    assert before.astimezone(UTC) == datetime(2027, 3, 27, 9, tzinfo=UTC)
    assert after.astimezone(UTC) == datetime(2027, 3, 28, 8, tzinfo=UTC)


def test_an_end_of_quiet_hours_that_the_change_of_clocks_skips_is_an_hour_later() -> None:
    hours = Hours("Europe/Berlin", time(21), time(2, 30))
    assert hours.allowed(at("2027-03-28T01:00")).astimezone(UTC) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_a_late_sleeper_gets_the_morning_message_when_it_is_no_longer_quiet() -> None:
    assert Hours("Europe/Berlin", time(22), time(11)).next_morning(at("2027-03-10T08:00")) == at("2027-03-10T11:00")


def test_sundays() -> None:
    assert BERLIN.next_sunday(at("2027-03-10T12:00")) == at("2027-03-14T10:00")
    assert BERLIN.next_sunday(at("2027-03-14T09:59")) == at("2027-03-14T10:00")
    assert BERLIN.next_sunday(at("2027-03-14T10:00")) == at("2027-03-21T10:00")


def test_a_reminder_comes_in_the_morning_of_the_day_before_in_the_visitors_zone() -> None:
    start = at("2027-03-13T19:00")  # 02:00 on the 14th in Beijing
    assert BERLIN.reminding(start, at("2027-03-10T12:00")) == at("2027-03-12T10:00")
    assert SHANGHAI.reminding(start, at("2027-03-10T12:00")) == at("2027-03-13T10:00", CHINA)


def test_a_reminder_of_something_near_comes_two_hours_before() -> None:
    assert BERLIN.reminding(at("2027-03-13T19:00"), at("2027-03-12T11:00")) == at("2027-03-13T17:00")
    assert BERLIN.reminding(at("2027-03-13T09:00"), at("2027-03-12T11:00")) == at("2027-03-12T20:59")
    assert BERLIN.reminding(at("2027-03-13T19:00"), at("2027-03-13T18:00")) is None


def test_zones_by_language() -> None:
    zones = [default_zone(language) for language in ("de", "en", "zh")]
    assert zones == ["Europe/Berlin", "Europe/Berlin", "Asia/Shanghai"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Bitte nicht vor 9 Uhr schreiben", Preferences(None, None, time(9))),
        ("keine Nachrichten nach 20 Uhr", Preferences(None, time(20))),
        ("Ruhezeit von 22 bis 7:30 Uhr", Preferences(None, time(22), time(7, 30))),
        ("bitte Pekinger Zeit", Preferences("Asia/Shanghai")),
        ("quiet hours from 10 pm to 7 am", Preferences(None, time(22), time(7))),
        ("don't disturb me after 9 in the evening", Preferences(None, time(21))),
        ("no quiet hours", Preferences(None, time(0), time(0))),
        ("set my timezone to London", Preferences("Europe/London")),
        ("晚上十点到早上七点别发", Preferences(None, time(22), time(7))),
        ("早上9点以前不要发消息", Preferences(None, None, time(9))),
        ("晚上九點以後別發訊息", Preferences(None, time(21))),
        ("請改成上海時區", Preferences("Asia/Shanghai")),
        ("Was habe ich abonniert?", Preferences()),
    ],
)
def test_what_a_message_sets(text: str, wanted: Preferences) -> None:
    assert preferences_of(text) == wanted


@pytest.mark.parametrize("text", ["jede Woche bitte", "weekly digest", "每周发一次", "Lieber eine Wochenübersicht"])
def test_weekly_is_understood(text: str) -> None:
    assert kind_of(text) is Kind.DIGEST
    assert kind_of("Sagen Sie mir Bescheid") is Kind.NEWS
