"""Turns a question into sparse features that survive typos, missing umlauts, inflection and other people's words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.concepts import ConceptFinder
from bot.nlu.stems import HAS_WORD, stem
from bot.text import HAN, fold

LATIN_GRAMS = (2, 3, 4, 5)
HAN_GRAMS = (1, 2, 3)


@dataclass(frozen=True)
class Question:
    """A question cut into words, with the language that its stems are taken in."""

    words: tuple[str, ...]
    language: str


class QuestionFeatures:
    """TF-IDF of words, stems, pairs and concepts, and of character n-grams, side by side in one matrix."""

    def __init__(self, concepts: ConceptFinder) -> None:
        self._concepts = concepts
        # What one or two questions hold (each is seen twice, once misspelt) says little, and is half of the memory.
        self._words = TfidfVectorizer(analyzer=self._word_features, sublinear_tf=True, min_df=4, dtype=np.float32)
        self._characters = TfidfVectorizer(analyzer=character_features, sublinear_tf=True, min_df=5, dtype=np.float32)

    def fit_transform(self, questions: list[Question]) -> csr_matrix:
        """Learn the vocabulary and return the features, float32, one row a question."""
        return _beside(self._words.fit_transform(questions), self._characters.fit_transform(questions))

    def transform(self, questions: list[Question]) -> csr_matrix:
        """Return the features of ``questions``, float32, one row each; unseen features are dropped."""
        return _beside(self._words.transform(questions), self._characters.transform(questions))

    def _word_features(self, question: Question) -> list[str]:
        return word_features(question) + self._concepts.features(question.words, question.language)


def _beside(*parts: Any) -> csr_matrix:
    return hstack(parts, format="csr", dtype=np.float32)


def word_features(question: Question) -> list[str]:
    """Return words, stems and neighbouring pairs of stems, each marked by its kind."""
    folded = [fold(word) for word in question.words if HAS_WORD.search(word)]
    stems = [stem(word, question.language) for word in folded]
    pairs = zip(["^", *stems], [*stems, "$"], strict=True)
    return [*(f"w:{word}" for word in folded), *(f"s:{one}" for one in stems), *(f"p:{a}_{b}" for a, b in pairs)]


def character_features(question: Question) -> list[str]:
    """Return the n-grams within Latin words (2-5, with their edges) and within Chinese runs (1-3)."""
    return [*_latin_grams(question.words), *_han_grams(question.words)]


def _latin_grams(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        if HAS_WORD.search(word) and not HAN.search(word):
            edged = f" {fold(word)} "
            for size in LATIN_GRAMS:
                for start in range(len(edged) - size + 1):
                    yield edged[start : start + size]


def _han_grams(words: Iterable[str]) -> Iterator[str]:
    for run in "".join(word if HAN.search(word) else " " for word in words).split():
        for size in HAN_GRAMS:
            for start in range(len(run) - size + 1):
                yield run[start : start + size]
