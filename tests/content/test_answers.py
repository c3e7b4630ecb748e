"""What the speaker says: the clock, validity and the operator's contact in the answers."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import clock
from bot.content import library
from bot.content.model import Content
from bot.content.placeholders import fill
from bot.engine.speaker import _Speaking
from bot.languages import LANGUAGES


@pytest.fixture
def data(content: Content) -> dict[str, Any]:
    return library.compile_speech(content)


def speaking(data: dict[str, Any], language: str = "de", contact: str = "") -> _Speaking:
    return _Speaking(library.parse_speech(data), language, contact)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_names_its_source_and_offers_three_questions_at_most(data: dict[str, Any], language: str) -> None:
    for entry in data["entries"]:
        answer = speaking(data, language).entry(entry)
        assert data["entries"][entry]["sources"][0]["title"][language] in answer["text"]
        assert 1 <= len(answer["buttons"]) <= 3
        assert "{" not in answer["text"]


def test_the_duration_is_counted_by_the_clock(data: dict[str, Any]) -> None:
    years = clock.full_years_since(1994, 4)
    for language in LANGUAGES:
        assert str(years) in speaking(data, language).entry("partnership_duration")["text"]
    assert fill("{years_since:1988-05-05} {other}", {}) == f"{clock.full_years_since(1988, 5, 5)} {{other}}"


def test_an_entry_is_answered_only_while_it_is_valid(data: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    today = clock.now().date()
    entry = data["entries"]["pandas"]
    for valid_from, valid_until, answered in [
        (None, today, True),
        (None, today - timedelta(days=1), False),
        (today + timedelta(days=1), None, False),
        (today, None, True),
    ]:
        entry["valid_from"] = valid_from and valid_from.isoformat()
        entry["valid_until"] = valid_until and valid_until.isoformat()
        text = speaking(data).entry("pandas")["text"]
        assert ("2017" in text) is answered
        if not answered:
            assert text == data["phrases"]["utter_unknown"]["de"]
            titles = [button["title"] for button in speaking(data).entry("garden_what")["buttons"]]
            assert entry["titles"]["de"] not in titles


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the product's clock."""

    def shift(moment: str) -> None:
        monkeypatch.setenv("BOT_CLOCK", moment)
        clock._frozen.cache_clear()

    yield shift
    monkeypatch.undo()
    clock._frozen.cache_clear()


@pytest.mark.parametrize(
    ("moment", "answered"),
    [
        ("2027-05-31T23:59:59+02:00", False),
        ("2027-06-01T00:00:00+02:00", True),
        ("2027-06-30T23:59:59+02:00", True),
        ("2027-07-01T05:30:00+08:00", True),  # already July in Beijing: the desk's days are Berlin's
        ("2027-07-01T00:00:00+02:00", False),
    ],
)
def test_an_entry_comes_and_goes_with_the_clock(
    content: Content, at: Callable[[str], None], moment: str, answered: bool
) -> None:
    limited = replace(content.entries["pandas"], valid_from=date(2027, 6, 1), valid_until=date(2027, 6, 30))
    data = library.compile_speech(replace(content, entries=content.entries | {"pandas": limited}))
    at(moment)
    for language in LANGUAGES:
        answer = speaking(data, language).entry("pandas")
        assert ("2017" in answer["text"]) is answered
        assert (answer["text"] == data["phrases"]["utter_unknown"][language]) is not answered
        offered = [button["title"] for button in speaking(data, language).entry("garden_what")["buttons"]]
        assert (limited.title(language) in offered) is answered


def test_the_contact_comes_from_the_operator_or_is_said_to_be_unknown(data: dict[str, Any]) -> None:
    def say(contact: str) -> str:
        return str(speaking(data, "en", contact).phrase("utter_talk_to_person", None, {}, {})["text"])

    assert "desk@example.org" in say("desk@example.org")
    assert "no contact details" in say("")


def test_only_the_answer_to_a_wish_for_a_language_says_that_it_holds_for_good(data: dict[str, Any]) -> None:
    assert speaking(data, "en").phrase("utter_change_language", None, {}, {})["custom"] == {
        "language": "en",
        "chosen": True,
    }
    assert "chosen" not in speaking(data, "en").phrase("utter_thank", None, {}, {})["custom"]


def test_without_published_content_the_folder_itself_is_spoken(content: Content, tmp_path: Path) -> None:
    speech = library.SpeechFile(tmp_path / "absent.json", content.root).speech
    assert speech.entries["pandas"].valid_on(date(2027, 1, 1))
