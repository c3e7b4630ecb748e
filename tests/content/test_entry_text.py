"""An edit of an entry's file touches the value it is for, and no other character."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.content.entry_text import edited, new_entry, with_sources
from bot.sayings import StaffError
from bot.settings import PROJECT_ROOT

FILES = sorted((PROJECT_ROOT / "nlu_data" / "faq").glob("*/*.yml"))
BY_HAND = """\
# The desk wrote this by hand.
id:   odd      # the file's name
owner: 'city-partnership'
sources:
- title: {de: Quelle, en: Source, zh: 来源}   # titles
  quote: >-
    folded over
    two lines
related: [ a,b ]
valid_until:

# Asked often.
questions:
  de:
  # first the title
  - Eins?      # short
  - "Zwei?"
  # this one is odd
  - 'Drei?'

  en: [One, "Two?"]
  zh:
  - 一
  - 二
answer:
  # checked by Ana
  de: |
    Erste Zeile.
    Zweite.

  en: plain text
  zh: '单引号'
# the end"""


def test_every_entry_survives_an_edit_and_its_undoing() -> None:
    for file in FILES:
        before = file.read_bytes()
        plain = yaml.safe_load(before)
        changes: dict[Any, Any] = {("answer", tag): "X" for tag in plain["answer"]}
        changes |= {("questions", tag): [*listed[5:], "Neu?"] for tag, listed in plain["questions"].items()}
        changes |= {("valid_until",): date(2027, 1, 1), ("related",): ["pandas"], ("sources", 0, "quote"): "Q"}
        there = edited(before, changes, file.name)
        assert there != before
        undo = {key: _at(plain, key) for key in changes}
        assert edited(there, undo, file.name) == before, file


def _at(plain: Any, key: tuple[Any, ...]) -> Any:
    for part in key:
        plain = plain[part]
    return plain


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    ("key", "value", "old", "new"),
    [
        (("owner",), "business-desk", "'city-partnership'", "'business-desk'"),
        (("valid_until",), date(2027, 6, 30), "valid_until:\n", "valid_until: 2027-06-30\n"),
        (("related",), ["a", "c"], "[ a,b ]", "[a, c]"),
        (("answer", "de"), "Kurz.", "|\n    Erste Zeile.\n    Zweite.\n\n", '"Kurz."\n\n'),
        (("answer", "en"), "a: b # c", "plain text", "'a: b # c'"),
        (("answer", "zh"), "第一\n第二", "'单引号'", '"第一\\n第二"'),
        (("questions", "de"), ["Eins?", "Zwei?"], "  - 'Drei?'\n", ""),
        (("questions", "de"), ["Eins?", "Neu?", "Zwei?", "Drei?"], '# short\n', '# short\n  - "Neu?"\n'),
        (("questions", "de"), ["Null?", "Eins?", "Zwei?", "Drei?"], "  - Eins?", '  - "Null?"\n  - Eins?'),
        (("questions", "de"), ["Eins?", "Zwo?", "Drei?"], '"Zwei?"', '"Zwo?"'),
        (("questions", "zh"), ["一", "二", "三"], "  - 二\n", '  - 二\n  - "三"\n'),
        (("questions", "en"), ["One"], '[One, "Two?"]', "[One]"),
        (("review_by",), date(2028, 1, 1), "valid_until:\n", "valid_until:\nreview_by: 2028-01-01\n"),
        (("sources", 0, "title", "en"), "A, B", "Source,", "'A, B',"),
        (("sources", 0, "quote"), "new", ">-\n    folded over\n    two lines\n", '"new"\n'),
    ],
)  # fmt: skip
def test_a_hand_written_layout_stays(
    newline: str, bom: bytes, key: tuple[Any, ...], value: Any, old: str, new: str
) -> None:
    def data(text: str) -> bytes:
        return bom + text.replace("\n", newline).encode()

    assert BY_HAND.count(old) == 1
    assert edited(data(BY_HAND), {key: value}, "odd.yml") == data(BY_HAND.replace(old, new))


def test_sources_are_added_and_removed() -> None:
    source = {"title": {"de": "B", "en": "B", "zh": "乙"}, "quote": 'said: "so"'}
    first = yaml.safe_load(BY_HAND)["sources"][0]
    longer = with_sources(BY_HAND.encode(), [first, source], "odd.yml")
    assert yaml.safe_load(longer)["sources"] == [first, source]
    assert with_sources(longer, [first], "odd.yml").decode() == BY_HAND


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("a: &x one\nanswer: {de: *x}\n", ("answer", "de"), "two"),  # would change what the anchor names
        ("related: [a, # why\n  b]\n", ("related",), ["a"]),  # would lose the comment
        ("questions:\n  de: []\n", ("answer", "de"), "no such place"),
        ("questions:\n- de\n", ("questions",), []),
    ],
)
def test_what_would_reach_further_is_refused_in_three_languages(text: str, key: tuple[Any, ...], value: Any) -> None:
    with pytest.raises(StaffError) as caught:
        edited(text.encode(), {key: value}, "odd.yml")
    said = {caught.value.said(tag) for tag in ("de", "en", "zh")}
    assert len(said) == 3
    assert all("odd.yml" in each for each in said)


@given(st.text(), st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_no_text_escapes_its_place(answer: str, questions: list[str]) -> None:
    """Quotes, colons, line breaks, tags and document marks are text, never YAML."""
    try:
        data = edited(BY_HAND.encode(), {("answer", "en"): answer, ("questions", "de"): questions}, "odd.yml")
    except StaffError:
        return  # a question that differs in its outer spaces only
    plain = yaml.safe_load(data)
    assert plain["answer"]["en"] == answer
    assert plain["questions"]["de"] == questions
    assert plain["answer"]["zh"] == "单引号"


def test_a_new_entry_has_the_layout_of_the_others(tmp_path: Path) -> None:
    for file in FILES:
        plain = yaml.safe_load(file.read_bytes())
        assert yaml.safe_load(new_entry(plain)) == plain
    same = [file for file in FILES if "follow_ups" not in file.read_text(encoding="utf-8")]
    for file in same:
        assert new_entry(yaml.safe_load(file.read_bytes())) == file.read_bytes()
