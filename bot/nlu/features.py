"""Turns a question into sparse features that survive typos, missing umlauts and inflection."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import snowballstemmer
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.text import HAN, fold

_HAS_WORD = re.compile(r"\w")
LATIN_GRAMS = (2, 3, 4, 5)
HAN_GRAMS = (1, 2, 3)
_STEMMERS = {"de": snowballstemmer.stemmer("german"), "en": snowballstemmer.stemmer("english")}


@dataclass(frozen=True)
class Question:
    """A question cut into words, with the language that its stems are taken in."""

    words: tuple[str, ...]
    language: str


class QuestionFeatures:
    """TF-IDF of folded words, stems, pairs of stems and character n-grams, side by side in one matrix."""

    def __init__(self) -> None:
        # What only one or two questions hold says little, and is half of the memory.
        self._words = TfidfVectorizer(analyzer=word_features, sublinear_tf=True, min_df=2, dtype=np.float32)
        self._characters = TfidfVectorizer(analyzer=character_features, sublinear_tf=True, min_df=3, dtype=np.float32)

    def fit_transform(self, questions: list[Question]) -> csr_matrix:
        """Learn the vocabulary and return the features, float32, one row a question."""
        return _beside(self._words.fit_transform(questions), self._characters.fit_transform(questions))

    def transform(self, questions: list[Question]) -> csr_matrix:
        """Return the features of ``questions``, float32, one row each; unseen features are dropped."""
        return _beside(self._words.transform(questions), self._characters.transform(questions))


def _beside(*parts: Any) -> csr_matrix:
    return hstack(parts, format="csr", dtype=np.float32)


def word_features(question: Question) -> list[str]:
    """Return words, stems and neighbouring pairs of stems, each marked by its kind."""
    folded = [fold(word) for word in question.words if _HAS_WORD.search(word)]
    stems = [_stem(word, question.language) for word in folded]
    pairs = zip(["^", *stems], [*stems, "$"], strict=True)
    return [*(f"w:{word}" for word in folded), *(f"s:{stem}" for stem in stems), *(f"p:{a}_{b}" for a, b in pairs)]


def character_features(question: Question) -> list[str]:
    """Return the n-grams within Latin words (2-5, with their edges) and within Chinese runs (1-3)."""
    return [*_latin_grams(question.words), *_han_grams(question.words)]


def _latin_grams(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        if _HAS_WORD.search(word) and not HAN.search(word):
            edged = f" {fold(word)} "
            for size in LATIN_GRAMS:
                for start in range(len(edged) - size + 1):
                    yield edged[start : start + size]


def _han_grams(words: Iterable[str]) -> Iterator[str]:
    for run in "".join(word if HAN.search(word) else " " for word in words).split():
        for size in HAN_GRAMS:
            for start in range(len(run) - size + 1):
                yield run[start : start + size]


@lru_cache(maxsize=20_000)
def _stem(word: str, language: str) -> str:
    if HAN.search(word):
        return word
    return str(_STEMMERS["de" if language == "de" else "en"].stemWord(word))
