"""Ranks what a question may be asking for: linear weights on sparse features, and the known questions by heart."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.naive_bayes import MultinomialNB
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from bot.nlu.concepts import ConceptFinder, ConceptRow
from bot.nlu.features import Question, QuestionFeatures
from bot.nlu.spelling import Speller
from bot.nlu.typos import miswrite
from bot.text import key

# docs/decisions/0002-ranker.md has what was tried and what lost.
REGULARISATION = 1.0
TOLERANCE = 1e-3
GENERATIVE_SHARE = 0.05
SMOOTHING = 0.05
SHARPNESS = 3.5
MANY_LABELS = 300
# Puts the leads of mean questions (0.05 to 0.1) where the SVM's are.
CENTROID_SCALE = 5.0
SEED = 1994
SHARES = 2
KEPT = 10


@dataclass(frozen=True)
class Ranked:
    """A label and how much of the belief it holds (all labels together: 1)."""

    label: str
    confidence: float


class QuestionRanker:
    """Fit on questions and their labels; rank new ones.

    The weights are a linear SVM's, which tells neighbours apart, plus a small share of naive Bayes' log-likelihoods,
    which need few examples: both are linear, so that their sum costs no more than one of them.
    """

    def __init__(self, concepts: list[ConceptRow] | None = None) -> None:
        self._features = QuestionFeatures(ConceptFinder(concepts or []))
        # Half-size numbers: a message sums some two hundred of them, and half of the memory is saved.
        self._weights: NDArray[np.float16] = np.zeros((0, 0), dtype=np.float16)
        self._intercept: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self._speller = Speller([])
        self._exact: dict[str, str] = {}
        self.labels: list[str] = []

    def fit(self, texts: list[str], questions: list[Question], labels: list[str]) -> Self:
        """Learn from equally long lists: the texts as written, cut into words, and what each asks for."""
        self.labels = sorted(set(labels))
        index = {label: position for position, label in enumerate(self.labels)}
        copies = _miswritten(questions)
        targets = [index[label] for label in labels]
        targets += [targets[position] for position, _ in copies]
        # The vocabulary is that of the questions as written: misspelt words would be half of it and say nothing.
        taught = self._features.fit(questions, len(self.labels))
        if copies:
            taught = vstack([taught, self._features.transform([copy for _, copy in copies])], format="csr")
        self._weights, self._intercept = _fit_weights(taught, np.array(targets))
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

    def rank(self, text: str, question: Question, limit: int = KEPT) -> list[Ranked]:
        """Return the likeliest labels of one question, best first; a known question is certain."""
        belief = softmax(self.margins([question])[0])
        order = np.argsort(-belief)[:limit]
        ranking = [Ranked(self.labels[position], float(belief[position])) for position in order]
        if exact := self._exact.get(key(text)):
            ranking = [Ranked(exact, 1.0), *(ranked for ranked in ranking if ranked.label != exact)]
        return ranking


def _fit_weights(taught: csr_matrix, targets: NDArray[np.int64]) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    """Return weights (a row a feature, a column a label) and intercepts."""
    if targets.max() >= MANY_LABELS:
        return _centroids(taught, targets)
    # Seeded: the same content makes the same model, and the published figures can be had again.
    bayes = MultinomialNB(alpha=SMOOTHING, fit_prior=False).fit(taught, targets)
    likelihoods = bayes.feature_log_prob_ - bayes.feature_log_prob_.mean(axis=0)
    coefficients, intercept = _separate(taught, targets)
    weights = (coefficients + GENERATIVE_SHARE * likelihoods).T
    return np.ascontiguousarray(weights, dtype=np.float16), intercept.astype(np.float32)


def _separate(taught: csr_matrix, targets: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the SVM's weights and intercepts, a row a label: each label against all others.

    liblinear works on one core and lets go of Python's lock meanwhile, so the labels are shared between two threads;
    always two, for the model shall not depend on the machine.
    """
    labels = np.arange(targets.max() + 1)
    if len(labels) < 2 * SHARES:
        return _against_rest(taught, targets, labels)
    with ThreadPoolExecutor(SHARES) as pool:
        parts = list(pool.map(lambda share: _against_rest(taught, targets, share), np.array_split(labels, SHARES)))
    return np.vstack([rows for rows, _ in parts]), np.concatenate([intercepts for _, intercepts in parts])


def _against_rest(
    taught: csr_matrix, targets: NDArray[np.int64], labels: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rest = -1
    svm = LinearSVC(C=REGULARISATION, tol=TOLERANCE, random_state=SEED)
    svm.fit(taught, np.where(np.isin(targets, labels), targets, rest))
    coefficients, intercept = svm.coef_, svm.intercept_
    if len(coefficients) == 1:  # two labels: scikit-learn keeps one row, for the second
        coefficients, intercept = np.vstack([-coefficients, coefficients]), np.append(-intercept, intercept)
    wanted = svm.classes_ != rest
    return coefficients[wanted], intercept[wanted]


def _centroids(taught: csr_matrix, targets: NDArray[np.int64]) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    """Return each label's mean question as its weights: flat in the number of labels, where the SVM takes minutes."""
    rows = np.arange(len(targets))
    members = csr_matrix((np.ones(len(targets), dtype=np.float32), (targets, rows)))
    means = normalize(members @ taught)
    weights = np.ascontiguousarray((CENTROID_SCALE * means).T.toarray(), dtype=np.float16)
    return weights, np.zeros(weights.shape[1], dtype=np.float32)


def _miswritten(questions: list[Question]) -> list[tuple[int, Question]]:
    """Return a copy with a typing error of each Chinese question, with its position; the same copies at every fit.

    Words of letters are mended by the speller instead; Chinese has no letters to mend.
    """
    chance = random.Random(SEED)  # noqa: S311  # not for secrets
    copies = ((position, miswrite(question, chance)) for position, question in enumerate(questions))
    return [(position, copy) for position, copy in copies if copy is not None]


def softmax(margins: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return beliefs that add up to 1 over the last axis."""
    sharpened = SHARPNESS * (margins - margins.max(axis=-1, keepdims=True))
    exponentials = np.exp(sharpened)
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True), dtype=np.float32)
