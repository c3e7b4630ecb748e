"""Turns a question into features: sparse ones that survive typos, missing umlauts and inflection, and its meaning.

The sparse ones tell near questions apart by their words; the encoder's vector tells that other people's words mean the
same.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.feature_extraction.text import TfidfVectorizer
from spacy.strings import get_string_id

from bot.nlu import encoder, vectors
from bot.nlu.concepts import ConceptFinder
from bot.nlu.stems import HAS_WORD, stem
from bot.text import HAN, fold

LATIN_GRAMS = (3, 4, 5)
HAN_GRAMS = (1, 2, 3)
# From so many questions on, what only one or two of them hold says little and is half of the memory.
MANY_QUESTIONS = 20_000
# A long message has so many pairs of words that they would drown the rest.
MAX_PAIRED = 24
# Numbers in the classifier's matrix for each of the two blocks (40 MB); only the most frequent features fit in.
MATRIX_BUDGET = 10_000_000
# Of the encoder's unit vectors, beside sparse blocks of unit length; docs/decisions/0004-encoder.md has what lost.
# Where few questions teach few words, meaning weighs more.
MEANING_WEIGHT, MEANING_WEIGHT_OF_FEW = 1.0, 1.8
AXES = 256


@dataclass(frozen=True)
class Question:
    """A question cut into words, with the language that its stems are taken in, and as it was written."""

    words: tuple[str, ...]
    language: str
    text: str = ""

    @property
    def sentence(self) -> str:
        """What is encoded: the text, or where there is none (in tests) the words in a row."""
        return self.text or " ".join(self.words)


class Blocks(NamedTuple):
    """The features of questions, a row a question in each block."""

    words: csr_matrix
    characters: csr_matrix
    meaning: NDArray[np.float16]

    def of(self, rows: NDArray[np.int64]) -> "Blocks":
        """Return the features of some of the questions."""
        return Blocks(self.words[rows], self.characters[rows], self.meaning[rows])

    def above(self, below: "Blocks") -> "Blocks":
        """Return these questions' features with those of others below."""
        words, characters = (vstack(pair, format="csr") for pair in zip(self[:2], below[:2], strict=True))
        return Blocks(words, characters, np.vstack([self.meaning, below.meaning]))

    @property
    def widths(self) -> tuple[int, int, int]:
        """How many features each block has."""
        return self.words.shape[1], self.characters.shape[1], self.meaning.shape[1]

    @property
    def sparse(self) -> csr_matrix:
        """Words' and characters' features side by side, float32."""
        return hstack(self[:2], format="csr", dtype=np.float32)

    @property
    def together(self) -> csr_matrix:
        """All blocks side by side, float32."""
        return hstack([*self[:2], csr_matrix(self.meaning.astype(np.float32))], format="csr", dtype=np.float32)


@dataclass(frozen=True)
class Axes:
    """The directions in which many training questions differ most; few questions' vectors stay as they are.

    Half of a vector's numbers hold 94 % of what tells 30,000 questions apart, and are learnt in two thirds of the time.
    """

    mean: NDArray[np.float32] | None = None
    directions: NDArray[np.float32] | None = None

    @classmethod
    def of(cls, vectors: NDArray[np.float16]) -> "Axes":
        """Return the axes of ``vectors``, a row each."""
        wide = vectors.astype(np.float32)
        mean = wide.mean(axis=0)
        _, directions = np.linalg.eigh(np.cov((wide - mean).T))  # the least first
        return cls(mean, np.ascontiguousarray(directions[:, : -AXES - 1 : -1], dtype=np.float32))

    def project(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the weighed vectors along the axes."""
        if self.mean is None or self.directions is None:
            return np.asarray(MEANING_WEIGHT_OF_FEW * vectors, dtype=np.float32)
        return np.asarray(MEANING_WEIGHT * ((vectors - self.mean) @ self.directions), dtype=np.float32)

    def half(self, vectors: NDArray[np.float16]) -> NDArray[np.float16]:
        """Return the same in half-size numbers, as training questions are kept."""
        return self.project(vectors.astype(np.float32)).astype(np.float16)


class QuestionFeatures:
    """TF-IDF of words, stems, pairs and concepts, and of character n-grams, and the encoder's vectors."""

    def __init__(self, concepts: ConceptFinder) -> None:
        self._concepts = concepts
        self._words = _vectorizer(self._word_features)
        self._characters = _vectorizer(character_features)
        self._axes = Axes()
        self._fitted = 0

    def fit(self, questions: list[Question], labels: int) -> Blocks:
        """Learn the vocabulary of ``questions``, as large as ``labels`` many classes leave room for.

        Returns their features, as `blocks` would: taking them apart is most of the work and done once.
        """
        self._fitted = len(questions)
        with ThreadPoolExecutor(1) as beside:
            # Other processes encode the sentences while this one counts their words.
            encoding = beside.submit(copy_context().run, _vectors_of, questions)
            words, characters = (self._counted(block, questions, labels) for block in (self._words, self._characters))
            vectors = encoding.result()
        self._axes = Axes.of(vectors) if len(questions) > MANY_QUESTIONS else Axes()
        return Blocks(words, characters, self._axes.half(vectors))

    def _counted(self, block: TfidfVectorizer, questions: list[Question], labels: int) -> csr_matrix:
        block.set_params(min_df=3 if len(questions) > MANY_QUESTIONS else 1, max_features=MATRIX_BUDGET // labels)
        counted = block.fit_transform(questions)
        # scikit-learn leaves numpy's numbers, each of which is pickled as an object: 3 s for 140,000.
        block.vocabulary_ = {feature: int(column) for feature, column in block.vocabulary_.items()}
        return counted

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

    def taught(self, questions: list[Question]) -> Blocks:
        """Return the features of training ``questions``, one row each; unseen features are dropped."""
        sparse = self._words.transform(questions), self._characters.transform(questions)
        return Blocks(*sparse, self._axes.half(_vectors_of(questions)))

    def _word_features(self, question: Question) -> list[str]:
        return word_features(question) + self._concepts.features(question.words, question.language)

    def reader(self) -> "FeatureReader":
        """Return what takes the same features of single questions, in a tenth of the time and of the memory."""
        words, characters = (Columns.of(block) for block in (self._words, self._characters))
        return FeatureReader(self._concepts, words, characters, self._axes)


@dataclass(frozen=True)
class Columns:
    """Where the features of a block stand, and how rare they are: 16 bytes a feature, where their names take 170.

    ``hashes`` are the features' names, sorted; ``columns`` and ``rarities`` belong to them in the same order.
    """

    hashes: NDArray[np.uint64]
    columns: NDArray[np.int32]
    rarities: NDArray[np.float32]

    @classmethod
    def of(cls, block: TfidfVectorizer) -> "Columns":
        """Return the columns of a fitted block."""
        vocabulary = getattr(block, "vocabulary_", {})
        hashes, columns = _hashes(vocabulary), np.fromiter(vocabulary.values(), np.int32, len(vocabulary))
        order = np.argsort(hashes)
        rarities = block.idf_[columns[order]] if len(columns) else np.zeros(0)
        return cls(hashes[order], columns[order], rarities.astype(np.float32))

    def __len__(self) -> int:
        """Return how wide the block is."""
        return len(self.hashes)

    def weighed(self, features: Collection[str]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the columns of ``features`` (unknown ones are dropped) and their sublinear TF-IDF, of unit length."""
        hashes, counts = np.unique(_hashes(features), return_counts=True)
        places = np.minimum(np.searchsorted(self.hashes, hashes), max(len(self) - 1, 0))
        known = self.hashes[places] == hashes if len(self) else np.zeros(len(hashes), dtype=bool)
        places = places[known]
        values = (1 + np.log(counts[known])) * self.rarities[places]
        length = np.sqrt(values @ values)
        return self.columns[places], np.asarray(values / length if length else values, dtype=np.float32)


@dataclass(frozen=True)
class FeatureReader:
    """Takes the features of single questions, as `QuestionFeatures` learnt them.

    As scikit-learn's own `transform`, whose checks of a whole matrix take 3 ms for one question, ten times this.
    """

    concepts: ConceptFinder
    words: Columns
    characters: Columns
    axes: Axes

    def sparse(self, question: Question) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the columns of a question's words and characters, both blocks side by side, and their values."""
        told = word_features(question) + self.concepts.features(question.words, question.language)
        words, of_words = self.words.weighed(told)
        characters, of_characters = self.characters.weighed(character_features(question))
        columns = np.concatenate([words.astype(np.int64), len(self.words) + characters])
        return columns, np.concatenate([of_words, of_characters])

    def meaning(self, questions: list[Question]) -> NDArray[np.float32]:
        """Return what ``questions`` mean, one row each."""
        return self.axes.project(encoder.encode([question.sentence for question in questions]))


def _hashes(names: Collection[str]) -> NDArray[np.uint64]:
    return np.fromiter(map(get_string_id, names), np.uint64, len(names))


def _vectors_of(questions: list[Question]) -> NDArray[np.float16]:
    return vectors.of([question.sentence for question in questions])


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
    """Return the n-grams within Latin words (3-5, with their edges) and within Chinese runs (1-3)."""
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
