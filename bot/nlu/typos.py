"""Misspells training questions, so that the classifier has met typing errors before a visitor makes them."""

import random
from dataclasses import replace

from bot.nlu.features import Question
from bot.text import HAN

MIN_LATIN = 4


def misspell(question: Question, chance: random.Random) -> Question | None:
    """Return ``question`` with one typing error inside one word, or None if it has no word long enough.

    Latin words: two letters swapped, one dropped, doubled or replaced. Chinese: one character dropped or two
    swapped, as a hasty input method leaves them.
    """
    long_enough = [at for at, word in enumerate(question.words) if _can_break(word)]
    if not long_enough:
        return None
    at = chance.choice(long_enough)
    word = question.words[at]
    broken = _break_chinese(word, chance) if HAN.search(word) else _break_latin(word, chance)
    return replace(question, words=(*question.words[:at], broken, *question.words[at + 1 :]))


def _can_break(word: str) -> bool:
    return len(word) >= 2 if HAN.search(word) else len(word) >= MIN_LATIN and word.isalpha()


def _break_latin(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return chance.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + chance.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :],
        )
    )


def _break_chinese(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word) - 1)
    return chance.choice((word[:at] + word[at + 1 :], word[:at] + word[at + 1] + word[at] + word[at + 2 :]))
