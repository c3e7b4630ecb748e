"""What holds for any text and any now, and for any date that Babel formats."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date, format_skeleton
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.temporal import read
from bot.temporal.lexicon import LANGUAGES, _entries, _load

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 12, tzinfo=BERLIN)
EARLIEST = datetime.fromisoformat("2020-01-01")
LATEST = datetime.fromisoformat("2060-12-31")
PHRASES = {language: sorted({phrase for phrase, _ in _entries(_load(language))}) for language in LANGUAGES}
GLUE = ["3", "5.", "12", "2027", "19:30", "31.12.", "3/4", "-", ",", ".", "Konzert", "music", "活动", "第", "一", "30"]

nows = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)).map(lambda moment: moment.astimezone(BERLIN))
dates = st.dates(date(1990, 1, 1), date(2060, 12, 31))
languages = st.sampled_from(LANGUAGES)


@st.composite
def sentences(draw: st.DrawFn) -> tuple[str, str]:
    language = draw(languages)
    words = draw(st.lists(st.sampled_from([*PHRASES[language], *GLUE]), min_size=1, max_size=7))
    return language, ("" if language == "zh" else " ").join(words)


@settings(max_examples=400, deadline=None)
@given(sentences(), nows)
def test_every_span_is_half_open_and_inside_the_text(sentence: tuple[str, str], now: datetime) -> None:
    language, text = sentence
    reading = read(text, language, now)
    if reading is None:
        return
    for span in (reading.span, *reading.alternatives):
        assert span.start is not None or span.end is not None
        assert span.start is None or span.end is None or span.start < span.end
        assert all(end is None or end.tzinfo is None for end in (span.start, span.end))
    assert reading.span not in reading.alternatives
    assert reading.words
    assert all(0 <= start < end <= len(text) for start, end in reading.words)
    assert reading == read(text, language, now)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), languages, nows)
def test_any_text_returns_without_an_exception(text: str, language: str, now: datetime) -> None:
    assert read(text, language, now) == read(text, language, now)


@settings(max_examples=100, deadline=None)
@given(nows, st.sampled_from(["heute", "morgen", "übermorgen"]))
def test_days_are_counted_in_the_visitors_zone(now: datetime, word: str) -> None:
    beijing = ZoneInfo("Asia/Shanghai")
    offset = ["heute", "morgen", "übermorgen"].index(word)
    reading = read(word, "de", now, beijing)
    assert reading is not None
    assert reading.span.start is not None
    assert reading.span.start.date() == now.astimezone(beijing).date() + timedelta(days=offset)


@settings(max_examples=100, deadline=None)
@given(nows)
def test_an_hour_from_now_is_real_time_across_the_change_of_clocks(now: datetime) -> None:
    reading = read("in one hour", "en", now)
    later = (now.astimezone(UTC) + timedelta(hours=1)).astimezone(BERLIN)
    assert reading is not None
    assert reading.span.start == later.replace(second=0, microsecond=0, tzinfo=None)


@pytest.mark.parametrize(
    ("locale", "form"),
    [
        (locale, form)
        for locale in ("de", "en", "en_GB", "zh")
        for form in ("short", "medium", "long", "full")
        if (locale, form) != ("en", "short")  # American m/d/yy; in Berlin the day comes first
    ],
)
@settings(max_examples=60, deadline=None)
@given(day=dates)
def test_a_date_that_babel_formats_is_read_back(locale: str, form: str, day: date) -> None:
    if form == "short" and locale != "zh" and not 1951 <= day.year <= 2050:
        return  # two figures of a year
    text = format_date(day, form, locale=locale)
    reading = read(text, locale[:2], NOW)
    assert reading is not None, text
    assert reading.span.start == datetime.combine(day, time()), text
    assert reading.span.end == reading.span.start + timedelta(days=1), text


@pytest.mark.parametrize("locale", ["de", "en", "zh"])
@settings(max_examples=60, deadline=None)
@given(day=dates)
def test_a_date_with_a_short_weekday_is_read_back(locale: str, day: date) -> None:
    text = format_skeleton("yMMMEd", day, locale=locale)
    reading = read(text, locale, NOW)
    assert reading is not None, text
    assert reading.span.start == datetime.combine(day, time()), text
