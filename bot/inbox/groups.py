"""Puts questions that ask the same side by side, also a handful of them and across languages.

By what they mean, as the sentence encoder has it, and by the concepts of the trilingual lexicon that they name.
docs/inbox.md has the measurement against other features.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.content.model import Content
from bot.inbox.masking import without_masks
from bot.inbox.store import Question as Asked
from bot.inbox.turn import Kind
from bot.nlu import encoder
from bot.nlu.concepts import ConceptFinder
from bot.nlu.features import Question
from bot.nlu.words import WordCutter
from bot.text import clean, has_han, key, to_simplified

MEANING, CONCEPTS = 0.5, 0.5
APART = 0.73
"""Mean distance (1 - cosine) from where on groups stay apart."""
SAMPLE = 10
"""Every so many questions of the content teach which words are rare: a handful of questions cannot."""
MOST = 2000
"""Different questions that are compared; the rarest beyond it stand alone."""


@dataclass(frozen=True)
class Wording:
    """The same words in one language, whatever channel and kind they came by; ``id`` is that of the most frequent."""

    id: int
    text: str
    language: str
    count: int
    kinds: tuple[Kind, ...]
    channels: tuple[str, ...]
    subjects: tuple[str, ...]
    first_seen: float
    last_seen: float


@dataclass(frozen=True)
class Group:
    """Questions that ask the same, the most frequent first."""

    questions: tuple[Asked, ...]

    @property
    def count(self) -> int:
        """How often they were asked."""
        return sum(question.count for question in self.questions)

    @property
    def text(self) -> str:
        """The most frequent wording."""
        return self.wordings[0].text

    @cached_property
    def wordings(self) -> tuple[Wording, ...]:
        """The different wordings, the most frequent first."""
        same: dict[tuple[str, str], list[Asked]] = {}
        for question in self.questions:
            same.setdefault((key(question.text), question.language), []).append(question)
        return tuple(sorted((_wording(questions) for questions in same.values()), key=lambda one: -one.count))


def _wording(questions: list[Asked]) -> Wording:
    first = questions[0]
    return Wording(
        first.id, first.text, first.language, sum(one.count for one in questions),
        tuple(dict.fromkeys(one.kind for one in questions)),
        tuple(dict.fromkeys(one.channel for one in questions)),
        tuple(dict.fromkeys(one.subject for one in questions if one.subject)),
        min(one.first_seen for one in questions), max(one.last_seen for one in questions),
    )  # fmt: skip


class Grouper:
    """Groups questions in the words of one content."""

    def __init__(self, content: Content) -> None:
        names = {name for term in content.terms for name in (term.names["zh"], *term.synonyms.get("zh", ()))}
        self._cutter = WordCutter(tuple(sorted(filter(has_han, names))))
        self._finder = ConceptFinder(
            [
                (concept, language, word)
                for concept, languages in content.concepts.items()
                for language, listed in languages.items()
                for word in listed
            ]
        )
        self._known = [
            self._question(sentence.text, language)
            for entry in content.entries.values()
            for language, sentences in entry.questions.items()
            for sentence in sentences[::SAMPLE]
        ]
        # What all questions to us share is no likeness.
        self._mean = encoder.encode([known.text for known in self._known[::SAMPLE]] or ["?"]).mean(axis=0)

    def group(self, asked: Sequence[Asked]) -> list[Group]:
        """Return groups, the most frequent first; the same words in other channels always stand together."""
        same: dict[str, list[Asked]] = {}
        for question in sorted(asked, key=lambda each: -each.count):
            same.setdefault(key(question.text), []).append(question)
        bundles = list(same.values())
        labels = self._labels([bundle[0] for bundle in bundles[:MOST]])
        together: dict[int, list[Asked]] = {}
        for number, bundle in enumerate(bundles):
            label = labels[number] if number < MOST else number + MOST
            together.setdefault(label, []).extend(bundle)
        groups = [Group(tuple(sorted(each, key=lambda one: -one.count))) for each in together.values()]
        return sorted(groups, key=lambda group: (-group.count, -max(one.last_seen for one in group.questions)))

    def _labels(self, asked: Sequence[Asked]) -> list[int]:
        if len(asked) < 2:
            return [0] * len(asked)
        distances = 1 - self._similarity([self._question(each.text, each.language) for each in asked])
        clustering = AgglomerativeClustering(
            n_clusters=None, distance_threshold=APART, metric="precomputed", linkage="average"
        )
        return [int(label) for label in clustering.fit_predict(np.clip(distances, 0.0, 1.0))]

    def _similarity(self, questions: list[Question]) -> NDArray[np.float64]:
        concepts = TfidfVectorizer(analyzer=self._concepts, sublinear_tf=True).fit([*self._known, *questions])
        rows = concepts.transform(questions)
        vectors = encoder.encode([question.text for question in questions]) - self._mean
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
        likeness = np.clip(vectors @ vectors.T, 0.0, 1.0)
        return np.asarray(CONCEPTS * (rows @ rows.T).toarray() + MEANING * likeness, dtype=np.float64)

    def _concepts(self, question: Question) -> list[str]:
        return self._finder.find(question.words, question.language)

    def _question(self, text: str, language: str) -> Question:
        plain = clean(without_masks(text))
        words = self._cutter.cut(to_simplified(plain), language)
        return Question(tuple(word.text for word in words), language, plain)
