"""Miswrites Chinese training questions, so that the classifier has met hasty input before a visitor brings it."""

import random
from dataclasses import replace

from bot.nlu.features import Question
from bot.text import HAN


def miswrite(question: Question, chance: random.Random) -> Question | None:
    """Return ``question`` with a character dropped or two swapped inside one word, or None if it has no such word."""
    breakable = [at for at, word in enumerate(question.words) if len(word) >= 2 and HAN.search(word)]
    if not breakable:
        return None
    at = chance.choice(breakable)
    broken = _broken(question.words[at], chance)
    return replace(question, words=(*question.words[:at], broken, *question.words[at + 1 :]))


def _broken(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word) - 1)
    return chance.choice((word[:at] + word[at + 1 :], word[:at] + word[at + 1] + word[at] + word[at + 2 :]))
