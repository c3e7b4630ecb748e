"""A message about events becomes a query; what follows changes it."""

from datetime import datetime, time

import pytest

from bot.content.event_words import compile_event_words
from bot.content.model import Content
from bot.events.inquiry import EventWords, Inquiry
from bot.events.model import Category, City

NOW = datetime.fromisoformat("2027-03-10T10:00:00+01:00")


@pytest.fixture(scope="module")
def words(content: Content) -> EventWords:
    return EventWords(compile_event_words(content))


def read(words: EventWords, text: str, language: str, before: Inquiry | None = None) -> Inquiry:
    return words.understand(text, language, NOW, before).inquiry


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Welche kostenlosen Kulturveranstaltungen gibt es am Wochenende in Peking?"),
        ("en", "which cultural events are free in Beijing this weekend"),
        ("zh", "这个周末北京有什么免费的文化活动？"),
        ("zh", "這個週末北京有什麼免費的文化活動"),
    ],
)
def test_time_city_category_and_price_are_read_alike_in_every_language(
    words: EventWords, language: str, text: str
) -> None:
    query = read(words, text, language).query
    assert (query.start, query.end) == (datetime.fromisoformat("2027-03-13"), datetime.fromisoformat("2027-03-15"))
    assert (query.city, query.category, query.free, query.words) == (City.BEIJING, Category.CULTURE, True, ())


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [("de", "Gibt es Führungen auf Chinesisch?", "zh"), ("en", "talks held in German", "de"), ("zh", "英语讲座", "en")],
)
def test_the_spoken_language_is_a_condition(words: EventWords, language: str, text: str, spoken: str) -> None:
    assert read(words, text, language).query.language == spoken


def test_a_kind_of_event_is_looked_for_by_its_name_not_by_its_category(words: EventWords) -> None:
    inquiry = read(words, "Gibt es im Mai Konzerte?", "de")
    assert (inquiry.kinds, inquiry.query.category) == (("concert",), None)


def test_being_free_on_a_day_says_nothing_of_the_price(words: EventWords) -> None:
    assert read(words, "I'm free on Sunday, what is on?", "en").query.free is None


def test_a_short_message_changes_the_last_search(words: EventWords) -> None:
    first = read(words, "Was ist am Wochenende in Berlin los?", "de")
    second = read(words, "und in Peking?", "de", first)
    assert (second.query.city, second.query.start) == (City.BEIJING, first.query.start)
    third = read(words, "nur Kultur", "de", second)
    assert (third.query.city, third.query.category) == (City.BEIJING, Category.CULTURE)
    fourth = read(words, "nächsten Monat", "de", third)
    assert fourth.query.start == datetime.fromisoformat("2027-04-01")
    assert read(words, "egal wo", "de", fourth).query.city is None


def test_a_question_of_its_own_starts_anew(words: EventWords) -> None:
    first = read(words, "Was ist am Wochenende in Berlin los?", "de")
    anew = read(words, "Welche Veranstaltungen gibt es im Juni?", "de", first)
    assert (anew.query.city, anew.query.start) == (None, datetime.fromisoformat("2027-06-01"))


def test_an_evening_is_a_time_of_day_within_the_days(words: EventWords) -> None:
    query = read(words, "nächste Woche abends", "de").query
    assert query.start == datetime.fromisoformat("2027-03-15")
    assert query.time_of_day == (time(18), time(0))


@pytest.mark.parametrize(
    ("text", "picked"), [("das zweite bitte", 1), ("the last one", -1), ("第三个", 2), ("mehr", None)]
)
def test_one_of_the_list_is_picked_by_its_place(words: EventWords, text: str, picked: int | None) -> None:
    assert words.understand(text, "de", NOW, Inquiry()).picked == picked


def test_a_search_survives_as_plain_data(words: EventWords) -> None:
    inquiry = read(words, "kostenlose Konzerte auf Deutsch nächste Woche abends in Berlin", "de")
    assert Inquiry.from_data(inquiry.as_data()) == Inquiry(inquiry.query, inquiry.kinds)


@pytest.mark.parametrize(
    ("text", "language", "start", "end"),
    [
        ("und die Woche danach?", "de", "2027-03-22", "2027-03-29"),
        ("what about the week after?", "en", "2027-03-22", "2027-03-29"),
        ("再下一周呢？", "zh", "2027-03-22", "2027-03-29"),
        ("und einen Monat später?", "de", "2027-04-15", "2027-04-22"),
    ],
)
def test_the_week_after_moves_the_last_search_on(
    words: EventWords, text: str, language: str, start: str, end: str
) -> None:
    last = read(words, "nächste Woche in Berlin", "de")
    query = read(words, text, language, last).query
    assert query.city is City.BERLIN
    assert (query.start, query.end) == (datetime.fromisoformat(start), datetime.fromisoformat(end))


def test_the_week_after_next_is_no_move_of_the_last_search(words: EventWords) -> None:
    last = read(words, "nächste Woche", "de")
    assert read(words, "the week after next", "en", last).query.start == datetime.fromisoformat("2027-03-22")
    assert read(words, "übernächste Woche", "de").query.start == datetime.fromisoformat("2027-03-22")


def test_a_chinese_question_leaves_the_name_it_asks_for(words: EventWords) -> None:
    assert words.understand("龙与夜莺是给孩子看的吗？", "zh", NOW).words == ("龙与夜莺",)
    assert words.understand("我想打乒乓球！", "zh", NOW).words == ()
