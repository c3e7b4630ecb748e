"""Ranks what a question may be asking for: a linear SVM on sparse features, and the known questions by heart."""

import random
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

from bot.nlu.concepts import ConceptFinder, ConceptRow
from bot.nlu.features import Question, QuestionFeatures
from bot.nlu.typos import misspell
from bot.text import key

# docs/decisions/0002-ranker.md has what was tried and what lost.
REGULARISATION = 1.0
SHARPNESS = 3.5
SEED = 1994


@dataclass(frozen=True)
class Ranked:
    """A label and how much of the belief it holds (all labels together: 1)."""

    label: str
    confidence: float


class QuestionRanker:
    """Fit on questions and their labels; rank new ones."""

    def __init__(self, concepts: list[ConceptRow] | None = None) -> None:
        self._features = QuestionFeatures(ConceptFinder(concepts or []))
        # Seeded: the same content makes the same model, and the published figures can be had again.
        self._svm = LinearSVC(C=REGULARISATION, random_state=SEED)
        self._exact: dict[str, str] = {}
        self.labels: list[str] = []

    def fit(self, texts: list[str], questions: list[Question], labels: list[str]) -> Self:
        """Learn from equally long lists: the texts as written, cut into words, and what each asks for."""
        self.labels = sorted(set(labels))
        index = {label: position for position, label in enumerate(self.labels)}
        taught, targets = _with_misspelt(questions, [index[label] for label in labels])
        self._svm.fit(self._features.fit_transform(taught), targets)
        # float32 features against a float64 matrix would convert the matrix on every message.
        self._svm.coef_ = self._svm.coef_.astype(np.float32)
        self._svm.intercept_ = self._svm.intercept_.astype(np.float32)
        self._exact = {key(text): label for text, label in zip(texts, labels, strict=True)}
        return self

    def margins(self, questions: list[Question]) -> NDArray[np.float32]:
        """Return one row a question and one column a label: the distance to its boundary, higher is likelier."""
        features = self._features.transform(questions)
        return np.asarray(self._svm.decision_function(features), dtype=np.float32)

    def rank(self, text: str, question: Question, limit: int = 6) -> list[Ranked]:
        """Return the likeliest labels of one question, best first; a known question is certain."""
        belief = softmax(self.margins([question])[0])
        order = np.argsort(-belief)[:limit]
        ranking = [Ranked(self.labels[position], float(belief[position])) for position in order]
        if exact := self._exact.get(key(text)):
            ranking = [Ranked(exact, 1.0), *(ranked for ranked in ranking if ranked.label != exact)]
        return ranking


def _with_misspelt(questions: list[Question], targets: list[int]) -> tuple[list[Question], list[int]]:
    """Return the questions followed by a misspelt copy of each that can have one; the same copies at every fit."""
    chance = random.Random(SEED)  # noqa: S311  # not for secrets
    copies = [(misspell(question, chance), target) for question, target in zip(questions, targets, strict=True)]
    kept = [(copy, target) for copy, target in copies if copy is not None]
    return [*questions, *(copy for copy, _ in kept)], [*targets, *(target for _, target in kept)]


def softmax(margins: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return beliefs that add up to 1 over the last axis."""
    sharpened = SHARPNESS * (margins - margins.max(axis=-1, keepdims=True))
    exponentials = np.exp(sharpened)
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True), dtype=np.float32)
