"""Long texts are cut where a reader would pause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.core.splitting import spans, split, utf16_units

CASES = [
    ("Am 3. März, z. B. um 19 Uhr. Danach nicht mehr.", 36, ["Am 3. März, z. B. um 19 Uhr.", "Danach nicht mehr."]),
    ("Since 2018. The desk is open! Is it?", 20, ["Since 2018.", "The desk is open!", "Is it?"]),
    ("Dr. Li says hello to all. Goodbye.", 27, ["Dr. Li says hello to all.", "Goodbye."]),
    ("北京是首都。柏林也是！对吗？", 7, ["北京是首都。", "柏林也是！", "对吗？"]),
    ("他说：“北京很大。”然后走了。", 12, ["他说：“北京很大。”", "然后走了。"]),
    ("一二三，四五六，七八九十", 8, ["一二三，四五六，", "七八九十"]),
    ("First part.\n\nSecond part. Third part.", 24, ["First part.", "Second part. Third part."]),
    ("one two three four", 9, ["one two", "three", "four"]),
    ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
    ("short", 100, ["short"]),
    ("  \n ", 5, []),
]


@pytest.mark.parametrize(("text", "limit", "expected"), CASES)
def test_a_text_is_cut_at_the_ends_of_sentences(text: str, limit: int, expected: list[str]) -> None:
    assert split(text, limit) == expected


def test_utf16_units_count_an_emoji_twice() -> None:
    assert utf16_units("a近🐼") == 4
    assert split("🐼🐼🐼", 4, utf16_units) == ["🐼🐼", "🐼"]


def test_flags_and_joined_emoji_stay_whole() -> None:
    assert split("🇩🇪🇨🇳", 6, utf16_units) == ["🇩🇪", "🇨🇳"]
    assert split("ab👩‍👩‍👧", 9, utf16_units)[0] == "ab"


@given(st.text(alphabet="aä近🐼。. \n,1é", max_size=300), st.integers(2, 40))
def test_nothing_but_white_space_is_lost_and_no_piece_is_too_long(text: str, limit: int) -> None:
    found = spans(text, limit, utf16_units)
    assert all(0 < utf16_units(text[start:end]) <= limit for start, end in found)
    assert "".join("".join(text[start:end].split()) for start, end in found) == "".join(text.split())
    assert found == sorted(found)
