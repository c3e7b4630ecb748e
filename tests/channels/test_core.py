"""What all channels share: the small markdown, the one form of an answer, rate limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.core import limits
from bot.channels.core.answers import Answer
from bot.channels.core.limits import Limiter, Rate
from bot.channels.core.markdown import Bold, Italic, Items, Line, Link, Text, parse, plain, safe_url, visible


def test_a_text_becomes_lines_and_lists() -> None:
    assert parse("Hallo **Welt**\n- _eins_\n- zwei\n\n1. a\n2. b") == (
        Line((Text("Hallo "), Bold((Text("Welt"),)))),
        Items(((Italic((Text("eins"),)),), (Text("zwei"),)), None),
        Line(()),
        Items(((Text("a"),), (Text("b"),)), (1, 2)),
    )


@pytest.mark.parametrize(
    ("text", "url", "label"),
    [
        ("[Desk](https://b.example/a?b=c)", "https://b.example/a?b=c", "Desk"),
        ("https://b.example/events/a.ics?lang=de.", "https://b.example/events/a.ics?lang=de", None),
        ("http://127.0.0.1:5005/x", "http://127.0.0.1:5005/x", None),
        ("请看https://b.example/页。", "https://b.example/页", None),
    ],
)
def test_web_addresses_become_links(text: str, url: str, label: str | None) -> None:
    (line,) = parse(text)
    (link,) = [node for node in line.children if isinstance(node, Link)]
    assert (link.url, plain(link.children)) == (url, label or url)


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))", "[x](data:text/html,x)", "[x](/local)", "[x](//evil.example)", "[x](https://)",
        "[x](java\tscript:alert(1))", "[x](https:\\\\evil.example)", "[x](vbscript:x)", "[x](HTTPS:evil)",
        "snake_case_name", "2*3*4", "** **".replace(" ", ""), "<img src=x onerror=alert(1)>", "# no heading",
        "![image](x)", "`code`", "file:///etc/passwd", "1.no list", "-no list", "[x]()", "**", "__",
    ],
)  # fmt: skip
def test_everything_else_stays_the_characters_that_it_is(text: str) -> None:
    (line,) = parse(text)
    assert isinstance(line, Line)
    assert not [node for node in line.children if not isinstance(node, Text)]
    assert plain(line.children) == text


@given(st.text(alphabet="*_[]()- 1.\nahtps:/é中<>&\"'", max_size=80))
def test_no_text_makes_it_fail_or_lose_characters(text: str) -> None:
    for block in parse(text):
        for children in block.items if isinstance(block, Items) else (block.children,):
            assert set(plain(children)) <= set(text)
            for node in children:
                assert not isinstance(node, Link) or safe_url(node.url)


def test_controls_and_what_turns_text_around_are_taken_out() -> None:
    assert visible("a\u202eb\u2066c\u2069\x00\x1b[0m\u200bd\ufeff\u061c") == "abc[0md"
    assert visible("a\r\nb\u2028c") == "a\nb\nc"
    assert visible("👨\u200d👩\u200d👧") == "👨\u200d👩\u200d👧"


def test_an_answer_survives_its_way_through_the_database() -> None:
    answer = Answer.from_rasa(
        {"text": "t", "buttons": [{"title": "a", "payload": "a"}],
         "custom": {"language": "zh", "entry": "e", "sources": [{"title": "s", "quote": "q"}]}}
    )  # fmt: skip
    assert (answer.language, answer.entry, answer.lead) == ("zh", "e", None)
    assert answer.as_data()["sources"] == ({"title": "s", "quote": "q"},)


@pytest.mark.parametrize(
    "message",
    [{}, {"text": None}, {"text": 5, "custom": []}, {"custom": {"events": "x", "lead": 1}},
     {"buttons": {"a": 1}, "custom": {"sources": [None, 3], "language": ["de"] and "xx"}}],
)  # fmt: skip
def test_a_message_of_any_shape_becomes_an_answer(message: dict[str, object]) -> None:
    answer = Answer.from_rasa(message, "en")
    assert (answer.text, answer.language, answer.cards, answer.lead) == ("", "en", (), None)


@pytest.mark.parametrize(("said", "kept"), [(True, True), (False, None), ("yes", None), (None, None)])
def test_a_language_that_was_asked_for_is_told_to_the_channel(said: object, kept: bool | None) -> None:
    answer = Answer.from_rasa({"text": "Gern.", "custom": {"language": "de", "chosen": said}})
    assert answer.chosen is kept
    assert ("chosen" in answer.as_data()) is bool(kept)


def test_a_bucket_empties_and_fills_again() -> None:
    now = [0.0]
    limiter = Limiter(Rate(3, 0.5), clock=lambda: now[0])
    assert [limiter.wait("a") for _ in range(4)] == [0, 0, 0, 2]
    assert limiter.wait("b") == 0
    now[0] = 2.0
    assert [limiter.wait("a") for _ in range(2)] == [0, 2]
    now[0] = 1000.0
    assert [limiter.wait("a") for _ in range(4)] == [0, 0, 0, 2]


def test_no_number_of_made_up_names_takes_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_BUCKETS", 100)
    limiter = Limiter(Rate(1, 1))
    for number in range(1000):
        limiter.wait(str(number))
    assert len(limiter._buckets) == 100
