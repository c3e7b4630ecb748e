"""Answers that begin with yes or no, and questions that ask for one; pure."""

import re
from functools import lru_cache
from pathlib import Path

import yaml

from bot.text import clean

WORDS = Path(__file__).with_suffix(".yml")
_FIRST = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def affirms(answer: str, language: str) -> bool:
    """Whether an answer begins with a yes or a no, which is one to whatever was asked."""
    plain = clean(answer).lstrip("*„“\"' ").lower()
    words = _words()["answers"][language]
    return plain.startswith(words) if language == "zh" else _first(plain) in words


def asks_for_one(question: str, language: str) -> bool:
    """Whether a question can be answered by yes or no: it begins with a verb, or has a particle that asks."""
    plain = clean(question).lower()
    words = _words()["questions"][language]
    return any(word in plain for word in words) if language == "zh" else _first(plain) in words


def _first(text: str) -> str:
    found = _FIRST.search(text)
    return found[0].replace("’", "'") if found else ""


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, tuple[str, ...]]]:
    data = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return {kind: {tag: tuple(words) for tag, words in tags.items()} for kind, tags in data.items()}
