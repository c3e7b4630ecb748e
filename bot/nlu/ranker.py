"""Ranks what a question may be asking for: linear weights on words and meaning, and the known questions by heart."""

from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize

from bot.nlu import fitting
from bot.nlu.belief import FAQ, SHARPNESS, Ranked
from bot.nlu.concepts import ConceptFinder, ConceptRow
from bot.nlu.features import Question, QuestionFeatures
from bot.nlu.fitting import Fit
from bot.nlu.spelling import Speller
from bot.text import key

# docs/decisions/0002-ranker.md has what was tried and what lost.
GENERATIVE_SHARE = 0.05
SMOOTHING = 0.05
# How much likelier an entry of few questions is than they say: by the logarithm of how many times fewer they are than
# the entries' median, as in logit adjustment for classes of unequal size. An SVM leans away from what it saw rarely.
FEW_SHARE = 0.4
# Puts the leads of mean questions (0.05 to 0.1) where the SVM's are.
CENTROID_SCALE = 5.0
KEPT = 10
OFFERED = 3
"""Entries that are always told, however unlikely: what is not known is answered with what is nearest."""


class QuestionRanker:
    """Fit on questions and their labels; rank new ones.

    The weights are a linear SVM's, which tells neighbours apart, plus a small share of naive Bayes' log-likelihoods,
    which need few examples: both are linear, so that their sum costs no more than one of them.
    """

    def __init__(self, concepts: list[ConceptRow] | None = None) -> None:
        self._concepts = concepts or []
        self._features = QuestionFeatures(ConceptFinder(self._concepts)).reader()
        # Half-size numbers: a message sums some two hundred of them, and half of the memory is saved.
        self._weights: NDArray[np.float16] = np.zeros((0, 0), dtype=np.float16)
        self._meaning: NDArray[np.float32] = np.zeros((0, 0), dtype=np.float32)
        self._intercept: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self._speller = Speller([])
        self._exact: dict[str, str] = {}
        self.labels: list[str] = []
        self._is_entry: NDArray[np.bool_] = np.zeros(0, dtype=bool)

    def fit(self, texts: list[str], questions: list[Question], labels: list[str]) -> Self:
        """Learn from equally long lists: the texts as written, cut into words, and what each asks for."""
        fitted = fitting.fit(questions, labels, self._concepts)
        self._features, self.labels = fitted.features.reader(), fitted.labels
        self._is_entry = np.array([label.startswith(FAQ) for label in self.labels])
        self._weights, self._meaning, self._intercept = _weights(fitted)
        self._speller = Speller(questions)
        # The first wins: what the content says of a question, before what was made from it.
        self._exact = {key(text): label for text, label in reversed(list(zip(texts, labels, strict=True)))}
        return self

    def margins(self, questions: list[Question]) -> NDArray[np.float32]:
        """Return one row a question and one column a label: how much speaks for it, higher is likelier."""
        mended = [self._speller.mend(question) for question in questions]
        if not mended:
            return np.zeros((0, len(self.labels)), dtype=np.float32)
        products = [self._product(*self._features.sparse(question)) for question in mended]
        return np.stack(products) + self._features.meaning(mended) @ self._meaning + self._intercept

    def _product(self, columns: NDArray[np.int64], values: NDArray[np.float32]) -> NDArray[np.float32]:
        # Not of the whole matrix: scipy would widen its half-size numbers at every message. And not by BLAS, whose
        # threads wait for each other on a busy machine longer than these few numbers take.
        return np.asarray(np.einsum("i,ij->j", values, self._weights[columns].astype(np.float32)))

    def knows(self, question: Question) -> bool:
        """Whether every word that could name something was in a question it was fitted on, misspelt or not."""
        return self._speller.knows(self._speller.mend(question))

    def rank(self, texts: list[str], questions: list[Question], limit: int = KEPT) -> list[list[Ranked]]:
        """Return the likeliest labels of each question, best first, the likeliest entries among them.

        A known question is certain.
        """
        beliefs = softmax(self.margins(questions))
        return [self._ranking(text, belief, limit) for text, belief in zip(texts, beliefs, strict=True)]

    def _ranking(self, text: str, belief: NDArray[np.float32], limit: int) -> list[Ranked]:
        order = np.argsort(-belief)
        first, rest = order[:limit], order[limit:]
        missing = max(0, OFFERED - int(self._is_entry[first].sum()))
        told = [*first, *rest[self._is_entry[rest]][:missing]]
        ranking = [Ranked(self.labels[position], float(belief[position])) for position in told]
        if exact := self._exact.get(key(text)):
            ranking = [Ranked(exact, 1.0), *(ranked for ranked in ranking if ranked.label != exact)]
        return ranking


def _weights(fitted: Fit) -> tuple[NDArray[np.float16], NDArray[np.float32], NDArray[np.float32]]:
    """Return weights of the sparse features and of the meaning (a row a feature, a column a label), and intercepts."""
    if fitted.separation is None:
        weights = _centroids(fitted.taught, fitted.targets)
        intercepts = np.zeros(len(weights), dtype=np.float32)
    else:
        weights = fitted.separation.coefficients
        intercepts = fitted.separation.intercepts + _for_few(fitted)
    sparse = len(weights[0]) - fitted.blocks.widths[-1]
    meaning = np.ascontiguousarray(weights[:, sparse:].T)
    weights = weights[:, :sparse]
    if fitted.separation is not None:
        likelihoods = _likelihoods(fitted.blocks.sparse, fitted.targets)
        likelihoods *= GENERATIVE_SHARE
        weights = np.add(likelihoods, weights, out=likelihoods)
    return np.ascontiguousarray(weights.T, dtype=np.float16), meaning, intercepts


def _for_few(fitted: Fit) -> NDArray[np.float32]:
    """Return what is added to each label's intercept: something to entries that staff have just begun, else nought."""
    is_entry = np.char.startswith(np.array(fitted.labels), FAQ)
    if not is_entry.any():
        return np.zeros(len(is_entry), dtype=np.float32)
    numbers = np.bincount(fitted.targets, minlength=len(is_entry))
    fewer = np.log(np.median(numbers[is_entry]) / np.maximum(numbers, 1))
    return np.where(is_entry, FEW_SHARE * np.maximum(fewer, 0), 0).astype(np.float32)


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


def _centroids(taught: csr_matrix, targets: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return each label's mean question as its weights: flat in the number of labels, where the SVM takes minutes."""
    rows = np.arange(len(targets))
    members = csr_matrix((np.ones(len(targets), dtype=np.float32), (targets, rows)))
    return np.asarray((CENTROID_SCALE * normalize(members @ taught)).toarray(), dtype=np.float32)


def softmax(margins: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return beliefs that add up to 1 over the last axis."""
    sharpened = SHARPNESS * (margins - margins.max(axis=-1, keepdims=True))
    exponentials = np.exp(sharpened)
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True), dtype=np.float32)
