"""Answers as Telegram shows them."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.core.answers import Answer
from bot.channels.core.splitting import utf16_units
from bot.channels.telegram.rendering import MAX_UNITS, FilePart, TextPart, parts


def html(text: str) -> str:
    (part,) = parts(Answer(text))
    assert isinstance(part, TextPart)
    return part.html


def test_markup_becomes_html_and_everything_else_is_escaped() -> None:
    assert html("**Berlin** & _Peking_ <b>") == "<b>Berlin</b> &amp; <i>Peking</i> &lt;b&gt;"
    assert html("[a & b](https://x.org/?a=1&b=2)") == '<a href="https://x.org/?a=1&amp;b=2">a &amp; b</a>'
    assert html("**see [x](https://x.org)**") == '<b>see </b><b><a href="https://x.org">x</a></b>'
    assert html("[x](javascript:alert)") == "[x](javascript:alert)"


def test_lists_have_marks() -> None:
    assert html("Da:\n- **a**\n- b\n1. c\n2. d") == "Da:\n• <b>a</b>\n• b\n1. c\n2. d"


def test_a_link_to_this_machine_is_no_link() -> None:
    assert html("[file](http://127.0.0.1:5005/de)") == "file"
    assert html("Mehr:\nhttp://127.0.0.1:5005/de") == "Mehr:"


def test_a_long_text_is_cut_between_tags_and_its_buttons_are_below_the_last_piece() -> None:
    sentence = "Das **Büro** 🐼 [hilft](https://x.org) weiter. "
    made = parts(Answer(sentence * 400, buttons=({"title": "Mehr?", "payload": "Mehr?"},)))
    assert len(made) > 2
    for part in made:
        assert isinstance(part, TextPart)
        assert utf16_units(part.plain) <= MAX_UNITS
        assert part.plain.endswith("weiter.")
        assert part.html.count("<b>") == part.html.count("</b>")
        assert part.html.count("<a ") == part.html.count("</a>")
    assert [bool(part.buttons) for part in made if isinstance(part, TextPart)] == [False] * (len(made) - 1) + [True]


def test_a_bold_text_that_is_cut_is_bold_in_each_piece() -> None:
    made = parts(Answer(f"**{'北京是首都。' * 900}**"))
    assert all(isinstance(part, TextPart) and re.fullmatch(r"<b>.*。</b>", part.html) for part in made)


def test_one_event_brings_its_calendar_file_and_a_list_of_them_none() -> None:
    card = {"calendar": "https://x.org/events/a.ics"}
    assert parts(Answer("x", cards=(card,)))[1:] == [FilePart("https://x.org/events/a.ics")]
    assert len(parts(Answer("x", cards=(card, card)))) == 1
    assert len(parts(Answer("x", cards=({"calendar": ""},)))) == 1


def test_calendar_files_that_a_text_links_to_come_along_once() -> None:
    links = [f"http://127.0.0.1:5005/events/{name}.ics?lang=de" for name in "ab"]
    made = parts(
        Answer("\n".join(["Ihre:", *links, "Alle: https://x.org/events.ics"]), cards=({"calendar": links[0]},))
    )
    assert made[1:] == [FilePart(link) for link in links]


@given(st.text(alphabet="a*_[](<>&\n-1. 。https://x.org🐼", max_size=200))
def test_any_text_gives_tags_that_are_closed(text: str) -> None:
    for part in parts(Answer(text)):
        assert isinstance(part, TextPart)
        opened: list[str] = []
        for closing, name in re.findall(r"<(/?)(\w+)[^<>]*>", part.html):
            if closing:
                assert opened.pop() == name
            else:
                opened.append(name)
        assert opened == []
