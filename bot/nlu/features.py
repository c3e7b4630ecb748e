"""Turns a question into sparse features that survive typos, missing umlauts, inflection and other people's words."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.concepts import ConceptFinder
from bot.nlu.stems import HAS_WORD, stem
from bot.text import HAN, fold

LATIN_GRAMS = (2, 3, 4, 5)
HAN_GRAMS = (1, 2, 3)
# From so many questions on, what only one or two of them hold says little and is half of the memory.
MANY_QUESTIONS = 20_000
# Numbers in the classifier's matrix for each of the two blocks (40 MB); only the most frequent features fit in.
MATRIX_BUDGET = 10_000_000
# A long message has so many pairs of words that they would drown the rest.
MAX_PAIRED = 24


@dataclass(frozen=True)
class Question:
    """A question cut into words, with the language that its stems are taken in."""

    words: tuple[str, ...]
    language: str


Blocks = tuple[csr_matrix, csr_matrix]
"""Words' features and characters' features, a row a question each."""


def side_by_side(blocks: Blocks) -> csr_matrix:
    """Return one matrix of both blocks, float32."""
    return hstack(blocks, format="csr", dtype=np.float32)


class QuestionFeatures:
    """TF-IDF of words, stems, pairs and concepts, and of character n-grams, side by side in one matrix."""

    def __init__(self, concepts: ConceptFinder) -> None:
        self._concepts = concepts
        self._words = _vectorizer(self._word_features)
        self._characters = _vectorizer(character_features)
        self._fitted = 0

    def fit(self, questions: list[Question], labels: int) -> Blocks:
        """Learn the vocabulary of ``questions``, as large as ``labels`` many classes leave room for.

        Returns their features, as `blocks` would: taking them apart is most of the work and done once.
        """
        self._fitted = len(questions)
        parts = []
        for block in (self._words, self._characters):
            block.set_params(min_df=3 if len(questions) > MANY_QUESTIONS else 1, max_features=MATRIX_BUDGET // labels)
            parts.append(block.fit_transform(questions))
            # scikit-learn leaves numpy's numbers, each of which is pickled as an object: 3 s for 140,000.
            block.vocabulary_ = {feature: int(column) for feature, column in block.vocabulary_.items()}
        words, characters = parts
        return words, characters

    def grow(self, questions: list[Question]) -> None:
        """Take in what ``questions`` hold and no question held at the fit: new columns at the end of each block.

        Weighed as if it had been nowhere else; what many questions share keeps its weight. Nothing is dropped.
        """
        self._words = self._grown(self._words, questions)
        self._characters = self._grown(self._characters, questions)

    def _grown(self, block: TfidfVectorizer, questions: list[Question]) -> TfidfVectorizer:
        analyse = block.build_analyzer()
        seen = Counter(feature for question in questions for feature in set(analyse(question)))
        known = block.vocabulary_
        new = sorted(feature for feature, count in seen.items() if count >= block.min_df and feature not in known)
        if not new:
            return block
        rarity = [np.log((1 + self._fitted) / (1 + seen[feature])) + 1 for feature in new]
        grown = _vectorizer(block.analyzer).set_params(min_df=block.min_df)
        grown.set_params(vocabulary={**known, **{feature: len(known) + at for at, feature in enumerate(new)}})
        grown.idf_ = np.append(block.idf_, np.array(rarity, dtype=block.idf_.dtype))
        grown.set_params(vocabulary=None)  # or every copy of it would be kept twice
        return grown

    def blocks(self, questions: list[Question]) -> Blocks:
        """Return the features of ``questions``, one row each; unseen features are dropped."""
        return self._words.transform(questions), self._characters.transform(questions)

    def transform(self, questions: list[Question]) -> csr_matrix:
        """Return both blocks of ``questions`` side by side, float32."""
        return side_by_side(self.blocks(questions))

    def _word_features(self, question: Question) -> list[str]:
        return word_features(question) + self._concepts.features(question.words, question.language)


def _vectorizer(analyzer: Any) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer=analyzer, sublinear_tf=True, dtype=np.float32)


def word_features(question: Question) -> list[str]:
    """Return words, stems, neighbouring pairs of stems and all pairs of different stems, each marked by its kind."""
    folded = [fold(word) for word in question.words if HAS_WORD.search(word)]
    stems = [stem(word, question.language) for word in folded]
    neighbours = zip(["^", *stems], [*stems, "$"], strict=True)
    together = combinations(sorted(set(stems[:MAX_PAIRED])), 2)
    return [
        *(f"w:{word}" for word in folded),
        *(f"s:{one}" for one in stems),
        *(f"p:{a}_{b}" for a, b in neighbours),
        *(f"a:{a}_{b}" for a, b in together),
    ]


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
