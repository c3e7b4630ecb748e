"""Snowball stems, remembered: visitors repeat each other's words."""

import re
from functools import lru_cache

import snowballstemmer

from bot.text import HAN

HAS_WORD = re.compile(r"\w")
_STEMMERS = {"de": snowballstemmer.stemmer("german"), "en": snowballstemmer.stemmer("english")}


@lru_cache(maxsize=50_000)
def stem(word: str, language: str) -> str:
    """Return the stem of a folded word; Chinese words have none and stay as they are."""
    if HAN.search(word):
        return word
    return str(_STEMMERS["de" if language == "de" else "en"].stemWord(word))
