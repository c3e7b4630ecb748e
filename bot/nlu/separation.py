"""Weights that tell each label from all others, one linear SVM a label; and which of them an edit can change."""

from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

REGULARISATION = 1.0
TOLERANCE = 5e-3
SEED = 1994
PROCESSES = 2
SHARES = 8
SERIAL = 2_000_000
"""Up to so many numbers in the features times labels, starting processes takes longer than the work."""
BEGINNING = 4_000
"""Rows of the other labels that a label's weights are first fitted to."""
MISSED_SHARE = 0.001
"""Of all rows: so many that are just within a label's margin may be left out."""
SLACK = 0.02
"""How far a row may be inside a label's margin before the label rests on it: four times the solver's tolerance."""


@dataclass
class Separation:
    """A row of weights (labels by features) and an intercept for each label, float32."""

    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    def resting_on(self, rows: csr_matrix, targets: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the labels whose weights would change if ``rows`` (of classes ``targets``) came or went.

        An SVM's weights are those of the rows within its margin. The others may come and go: without them the same
        weights are the best. So an edit of an entry changes its own label and its few neighbours' (3 or 4 of 71).
        """
        margins = rows @ self.coefficients.T + self.intercepts
        signs = np.where(targets[:, None] == np.arange(len(self.intercepts)), 1, -1)
        return np.flatnonzero((signs * margins < 1 - SLACK).any(axis=0))

    def learn(self, taught: csr_matrix, targets: NDArray[np.int64], labels: NDArray[np.int64]) -> None:
        """Fit ``labels`` to ``taught`` (a row a question) anew, each against all others; leave the rest as it is.

        liblinear works on one core, and its random numbers are one sequence for all threads: so several processes, and
        each label with a seed of its own, make the same weights whatever the machine.
        """
        if not len(labels):
            return
        doubles = taught.astype(np.float64)  # once: liblinear would convert it for each label
        if taught.nnz * len(labels) <= SERIAL or len(labels) < SHARES:
            fitted = [_against_rest(doubles, targets, labels)]
        else:
            shares = _even_shares(labels, targets)
            work = (delayed(_against_rest)(doubles, targets, share) for share in shares)
            fitted = Parallel(n_jobs=PROCESSES)(work)
            labels = np.concatenate(shares)
        self.coefficients[labels] = np.vstack([coefficients for coefficients, _ in fitted])
        self.intercepts[labels] = np.concatenate([intercepts for _, intercepts in fitted])

    @classmethod
    def empty(cls, labels: int, features: int) -> "Separation":
        """Return weights of nought."""
        return cls(np.zeros((labels, features), dtype=np.float32), np.zeros(labels, dtype=np.float32))


def _even_shares(labels: NDArray[np.int64], targets: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Deal the labels out, those with the most rows first: they take the longest, and no process shall wait at last."""
    rows = np.bincount(targets, minlength=int(labels.max()) + 1)[labels]
    ordered = labels[np.argsort(-rows, kind="stable")]
    return [ordered[start::SHARES] for start in range(SHARES)]


def _against_rest(
    taught: csr_matrix, targets: NDArray[np.int64], labels: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    coefficients, intercepts = np.zeros((len(labels), taught.shape[1]), np.float32), np.zeros(len(labels), np.float32)
    for position, label in enumerate(labels):
        coefficients[position], intercepts[position] = _one_against_rest(taught, targets == label)
    return coefficients, intercepts


def _one_against_rest(taught: csr_matrix, is_own: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    """Return the weights that tell a label's own rows from all others.

    A few of the others bound a label. So it is fitted to its own rows and some of the others, then again with all that
    turned out to be within the margin, until hardly any is left out: the weights are those of all rows (to a hundredth
    of the margin), in two thirds of the time.
    """
    chosen = is_own.copy()
    chosen[:: max(1, len(is_own) // BEGINNING)] = True
    while True:
        svm = LinearSVC(C=REGULARISATION, tol=TOLERANCE, random_state=SEED).fit(taught[chosen], is_own[chosen])
        margins = taught @ svm.coef_[0] + svm.intercept_[0]
        missed = ~chosen & (margins > SLACK - 1)
        if missed.sum() <= MISSED_SHARE * len(is_own):
            return svm.coef_[0], float(svm.intercept_[0])
        chosen |= missed
