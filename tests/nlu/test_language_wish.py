"""A language that is named is wanted or refused by what is said of it."""

import pytest

from bot.nlu.language_wish import Wish, read


@pytest.mark.parametrize(
    ("text", "spoken", "target"),
    [
        ("I can't follow German", "en", "en"),
        ("我看不懂德语", "zh", "zh"),
        ("Ich verstehe kein Chinesisch", "de", "de"),
        ("请讲英语，别说德语", "zh", "en"),
        ("Lieber Englisch statt Chinesisch", "de", "en"),
        ("English rather than German please", "en", "en"),
        ("Warum schreibst du mir auf Chinesisch?", "de", "de"),
        ("Why not answer in Chinese?", "en", "zh"),
        ("能不能换成德文", "zh", "de"),
        ("用英文好不好", "zh", "en"),
        ("Mein Englisch ist schlecht, geht es auf Deutsch?", "de", "de"),
        ("My wife can't read English but she knows Mandarin", "en", "zh"),
        ("bitte in deutscher Sprache", "de", "de"),
        ("Ich kann kein Deutsch", "de", "en"),
    ],
)
def test_the_language_that_is_wanted(text: str, spoken: str, target: str) -> None:
    assert read(text).target(spoken) == target


@pytest.mark.parametrize("text", ["改成五月", "switch to June", "Germany", "China", "Bengel", "in my language"])
def test_no_language_is_named(text: str) -> None:
    assert read(text) == Wish()
