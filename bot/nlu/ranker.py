"""Ranks what a question may be asking for: linear weights on sparse features, and the known questions by heart."""

from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize

from bot.nlu import fitting
from bot.nlu.belief import SHARPNESS, Ranked
from bot.nlu.concepts import ConceptFinder, ConceptRow
from bot.nlu.features import Question, QuestionFeatures
from bot.nlu.fitting import Fit
from bot.nlu.spelling import Speller
from bot.text import key

# docs/decisions/0002-ranker.md has what was tried and what lost.
GENERATIVE_SHARE = 0.05
SMOOTHING = 0.05
# Puts the leads of mean questions (0.05 to 0.1) where the SVM's are.
CENTROID_SCALE = 5.0
KEPT = 10


class QuestionRanker:
    """Fit on questions and their labels; rank new ones.

    The weights are a linear SVM's, which tells neighbours apart, plus a small share of naive Bayes' log-likelihoods,
    which need few examples: both are linear, so that their sum costs no more than one of them.
    """

    def __init__(self, concepts: list[ConceptRow] | None = None) -> None:
        self._concepts = concepts or []
        self._features = QuestionFeatures(ConceptFinder(self._concepts))
        # Half-size numbers: a message sums some two hundred of them, and half of the memory is saved.
        self._weights: NDArray[np.float16] = np.zeros((0, 0), dtype=np.float16)
        self._intercept: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self._speller = Speller([])
        self._exact: dict[str, str] = {}
        self.labels: list[str] = []

    def fit(self, texts: list[str], questions: list[Question], labels: list[str]) -> Self:
        """Learn from equally long lists: the texts as written, cut into words, and what each asks for."""
        fitted = fitting.fit(questions, labels, self._concepts)
        self._features, self.labels = fitted.features, fitted.labels
        self._weights, self._intercept = _weights(fitted)
        self._speller = Speller(questions)
        # The first wins: what the content says of a question, before what was made from it.
        self._exact = {key(text): label for text, label in reversed(list(zip(texts, labels, strict=True)))}
        return self

    def margins(self, questions: list[Question]) -> NDArray[np.float32]:
        """Return one row a question and one column a label: how much speaks for it, higher is likelier."""
        features = self._features.transform([self._speller.mend(question) for question in questions])
        # Row by row: scipy would widen the whole matrix of half-size numbers to multiply it, at every message. And not
        # by BLAS, whose threads wait for each other on a busy machine longer than these few numbers take.
        rows = (features.getrow(number) for number in range(features.shape[0]))
        products = [np.einsum("i,ij->j", row.data, self._weights[row.indices].astype(np.float32)) for row in rows]
        return np.stack(products) + self._intercept if products else np.zeros((0, len(self.labels)), dtype=np.float32)

    def knows(self, question: Question) -> bool:
        """Whether every word that could name something was in a question it was fitted on, misspelt or not."""
        return self._speller.knows(self._speller.mend(question))

    def rank(self, texts: list[str], questions: list[Question], limit: int = KEPT) -> list[list[Ranked]]:
        """Return the likeliest labels of each question, best first; a known question is certain."""
        beliefs = softmax(self.margins(questions))
        return [self._ranking(text, belief, limit) for text, belief in zip(texts, beliefs, strict=True)]

    def _ranking(self, text: str, belief: NDArray[np.float32], limit: int) -> list[Ranked]:
        order = np.argsort(-belief)[:limit]
        ranking = [Ranked(self.labels[position], float(belief[position])) for position in order]
        if exact := self._exact.get(key(text)):
            ranking = [Ranked(exact, 1.0), *(ranked for ranked in ranking if ranked.label != exact)]
        return ranking


def _weights(fitted: Fit) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    """Return weights (a row a feature, a column a label) and intercepts."""
    taught, targets = fitted.taught, fitted.targets
    if fitted.separation is None:
        return _centroids(taught, targets)
    weights = _likelihoods(taught, targets)
    weights *= GENERATIVE_SHARE
    weights += fitted.separation.coefficients
    return np.ascontiguousarray(weights.T, dtype=np.float16), fitted.separation.intercepts


def _likelihoods(taught: csr_matrix, targets: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return how much each feature speaks for each label by naive Bayes: labels by features, each feature about nought.

    As scikit-learn's MultinomialNB, in place and in single precision: there it is 300 MB of copies, the most of a
    training.
    """
    rows = np.arange(len(targets))
    members = csr_matrix((np.ones(len(targets), dtype=np.float32), (targets, rows)))
    likelihoods = (members @ taught).toarray()
    likelihoods += SMOOTHING
    totals = likelihoods.sum(axis=1, keepdims=True, dtype=np.float64)
    np.log(likelihoods, out=likelihoods)
    likelihoods -= np.log(totals).astype(np.float32)
    likelihoods -= likelihoods.mean(axis=0, dtype=np.float64).astype(np.float32)
    return np.asarray(likelihoods)


def _centroids(taught: csr_matrix, targets: NDArray[np.int64]) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    """Return each label's mean question as its weights: flat in the number of labels, where the SVM takes minutes."""
    rows = np.arange(len(targets))
    members = csr_matrix((np.ones(len(targets), dtype=np.float32), (targets, rows)))
    means = normalize(members @ taught)
    weights = np.ascontiguousarray((CENTROID_SCALE * means).T.toarray(), dtype=np.float16)
    return weights, np.zeros(weights.shape[1], dtype=np.float32)


def softmax(margins: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return beliefs that add up to 1 over the last axis."""
    sharpened = SHARPNESS * (margins - margins.max(axis=-1, keepdims=True))
    exponentials = np.exp(sharpened)
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True), dtype=np.float32)
