"""What a reading tells besides its range: other readings, places in the text, hours, zones."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.temporal import Reading, Span, read, warm_up
from bot.temporal.holidays import berlin, lunar_date
from bot.temporal.lexicon import LANGUAGES, lexicon

BEIJING = ZoneInfo("Asia/Shanghai")


def reading_of(text: str, language: str, now: datetime, zone: ZoneInfo | None = None) -> Reading:
    reading = read(text, language, now, zone)
    assert reading is not None, text
    return reading


def span(start: str | None, end: str | None) -> Span:
    return Span(datetime.fromisoformat(start) if start else None, datetime.fromisoformat(end) if end else None)


@pytest.mark.parametrize(
    ("language", "text", "other"),
    [
        ("de", "nächsten Mittwoch", span("2026-11-25", "2026-11-26")),
        ("en", "next Wednesday", span("2026-11-25", "2026-11-26")),
        ("de", "nächstes Wochenende", span("2026-11-28", "2026-11-30")),
        ("en", "in two weeks", span("2026-12-07", "2026-12-14")),
        ("en", "3/12", span("2027-03-12", "2027-03-13")),
        ("de", "was gab es im Oktober?", span("2026-10-01", "2026-11-01")),
        ("zh", "圣诞节", span("2026-12-25", "2026-12-26")),
        ("de", "Montag", span("2026-11-23", "2026-11-24")),
        ("de", "Freitag, 5. Dezember", span("2026-11-27", "2026-11-28")),
        ("en", "Friday at 7", span("2026-11-27T07:00", "2026-11-27T08:00")),
    ],
)
def test_where_speakers_differ_the_other_reading_is_offered(
    language: str, text: str, other: Span, now: datetime
) -> None:
    assert other in reading_of(text, language, now).alternatives


def test_a_date_wins_over_a_weekday_that_contradicts_it(now: datetime) -> None:
    assert reading_of("Freitag, 5. Dezember", "de", now).span == span("2026-12-05", "2026-12-06")


def test_the_parts_that_were_read_are_named_by_their_places(now: datetime) -> None:
    text = "Was ist nächsten Sonntag Nachmittag im Chinesischen Garten los?"
    assert [text[start:end] for start, end in reading_of(text, "de", now).words] == ["nächsten Sonntag Nachmittag"]


def test_places_refer_to_the_text_as_it_was_typed(now: datetime) -> None:
    text = "㍿ １２月３日 有什麼活動"
    assert [text[start:end] for start, end in reading_of(text, "zh", now).words] == ["１２月３日"]


def test_times_that_stand_apart_are_read_together(now: datetime) -> None:
    reading = reading_of("Was kann man im Mai in den Gärten der Welt abends machen?", "de", now)
    assert reading.span == span("2027-05-01", "2027-06-01")
    assert reading.time_of_day == (time(18), time(0))


def test_a_bare_time_of_day_is_todays_and_says_its_hours(now: datetime) -> None:
    reading = reading_of("nach 18 Uhr", "de", now)
    assert (reading.span, reading.time_of_day) == (span("2026-11-23T18:00", "2026-11-24"), (time(18), time(0)))


def test_today_is_the_visitors(now: datetime) -> None:
    late = now.replace(hour=20)  # already Tuesday in Beijing
    assert reading_of("今天", "zh", late, BEIJING).span == span("2026-11-24", "2026-11-25")


def test_berlin_time_is_converted_for_a_visitor_in_beijing(now: datetime) -> None:
    reading = reading_of("morgen 19 Uhr Berliner Zeit", "de", now, BEIJING)
    assert reading.span == span("2026-11-25T02:00", "2026-11-25T03:00")


def test_words_of_another_language_are_understood(now: datetime) -> None:
    assert reading_of("next weekend bitte", "de", now).span == reading_of("next weekend", "en", now).span
    assert reading_of("events 下周末", "en", now).span == reading_of("下周末", "zh", now).span


def test_a_weak_word_stays_weak_in_another_language(now: datetime) -> None:
    assert read("August Wilson", "en", now) is None


def test_a_naive_now_is_refused(now: datetime) -> None:
    with pytest.raises(ValueError, match="aware"):
        read("heute", "de", now.replace(tzinfo=None))


def test_only_the_start_of_a_very_long_message_is_read(now: datetime) -> None:
    assert read("x " * 5000 + "heute", "de", now) is None


def test_warming_up_loads_the_lexicons_and_the_holidays(now: datetime) -> None:
    for cached in (lexicon, berlin, lunar_date):
        cached.cache_clear()
    warm_up(now)
    assert lexicon.cache_info().currsize == len(LANGUAGES)
    loaded = berlin.cache_info().misses, lunar_date.cache_info().misses
    read("2. Weihnachtsfeiertag", "de", now)
    read("chinesisches Neujahr", "de", now)
    assert (berlin.cache_info().misses, lunar_date.cache_info().misses) == loaded


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "12月18日到柏林，20日离开"),
        ("de", "ich komme am 18.12. an und fahre am 20. wieder"),
        ("en", "arriving on the 18th of December and leaving on the 20th"),
    ],
)
def test_arrival_and_departure_are_one_stay(language: str, text: str, now: datetime) -> None:
    reading = reading_of(text, language, now)
    assert (reading.span, reading.kind) == (span("2026-12-18", "2026-12-21"), "range")
    assert len(reading.words) == 2


@pytest.mark.parametrize("text", ["我出差，周未有空", "這周未有什麼活動", "周未"])
def test_a_slip_of_the_pen_is_forgiven_in_a_date_word(text: str, now: datetime) -> None:
    assert reading_of(text, "zh", now).span == span("2026-11-28", "2026-11-30")


@pytest.mark.parametrize("text", ["有名天才", "网上无法报名", "天下牛人", "明星其实很多", "工作天数"])
def test_characters_of_other_words_are_no_slips(text: str, now: datetime) -> None:
    assert read(text, "zh", now) is None


def test_a_name_is_told_from_a_month_in_the_same_sentence(now: datetime) -> None:
    reading = reading_of("Does Mr March speak in May?", "en", now)
    assert (reading.span, reading.words) == (span("2027-05-01", "2027-06-01"), ((20, 26),))
