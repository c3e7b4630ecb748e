"""The values of the columns as people write them in three languages; the words themselves are in words.yml."""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import yaml

from bot.events.model import Category, City, Status
from bot.events.readers.result import RefusedError
from bot.text import HAN, key

Kind = TypeVar("Kind", bound=StrEnum)
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*$")
_LONGEST = 1000  # a place or category is named in fewer characters
_ONLINE_LINK = re.compile(r"^\s*(https?://|(www\.)?(zoom\.us|meet\.google|teams\.microsoft)\b)", re.IGNORECASE)


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, list[str]]]:
    data: dict[str, dict[str, list[str]]] = yaml.safe_load(
        Path(__file__).with_name("words.yml").read_text(encoding="utf-8")
    )
    return data


@lru_cache(maxsize=16)
def _by_word(kind: str) -> dict[str, str]:
    return {key(word): value for value, words in _words()[kind].items() for word in words}


def _choice(text: str, column: str, kind: type[Kind]) -> Kind:
    value = _by_word(column).get(key(text))
    if value is None:
        raise RefusedError(column, f"'{text[:60]}' is none of {', '.join(kind)}; write one of these")
    return kind(value)


def city(text: str) -> City:
    """Return the city that a cell names."""
    return _choice(text, "city", City)


def category(text: str) -> Category:
    """Return the category that a cell names."""
    return _choice(text, "category", Category)


def status(text: str) -> Status:
    """Return the status that a cell names."""
    return _choice(text, "status", Status)


def truth(text: str, column: str) -> bool:
    """Return whether a cell says yes."""
    value = _by_word("truth").get(key(text))
    if value is None:
        raise RefusedError(column, f"'{text[:60]}' is neither yes nor no; write one of these, or leave it empty")
    return value == "yes"


def language(text: str) -> str | None:
    """Return the language tag for a tag or a language's name, or None if it is neither."""
    lowered = text.strip().lower().replace("_", "-")
    known = _by_word("language").get(key(text)) or _by_word("language").get(lowered.split("-")[0])
    return known or (lowered if _TAG.match(lowered) else None)


def is_city(text: str) -> bool:
    """Whether ``text`` is the name of a city and nothing else."""
    return _by_word("city").get(key(text), City.ONLINE) != City.ONLINE


def city_in(*texts: str) -> City | None:
    """Return the city that the first of ``texts`` to name one means; a link or a word like Zoom means online.

    A Latin address ends with its city, a Chinese one begins with it; a place beats the stream beside it.
    """
    for text in texts:
        latin, han = _tokens("city", text)
        found = [*reversed(latin), *han]
        if found or _ONLINE_LINK.match(text):
            return City(next((name for name in found if name != City.ONLINE), City.ONLINE))
    return None


def category_in(names: Iterable[str]) -> Category | None:
    """Return the first category that one of ``names`` (a calendar's own categories) means."""
    for name in names:
        latin, han = _tokens("category", name)
        for found in (_by_word("category").get(key(name)), *latin, *han):
            if found:
                return Category(found)
    return None


def category_of_type(name: str) -> Category | None:
    """Return the category of a schema.org event type."""
    for value, types in _words()["type"].items():
        if name in types:
            return Category(value)
    return None


def _tokens(kind: str, text: str) -> tuple[list[str], list[str]]:
    """Return the values that words of ``text`` mean, in its order: of whole Latin words, of runs of Chinese."""
    words, text = _by_word(kind), text[:_LONGEST]
    latin = [words[key(word)] for word in re.findall(r"[^\W\d_]+", HAN.sub(" ", text)) if key(word) in words]
    run = key("".join(HAN.findall(text)))
    places = sorted((run.index(word), value) for word, value in words.items() if HAN.match(word) and word in run)
    return latin, [value for _, value in places]
