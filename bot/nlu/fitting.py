"""Fits a ranker's features and weights to questions; after an edit, only what the edit touches.

A fit is kept for the next one (`bot.nlu.carried`). If few questions came or went since, the features stay as they
were, grow by what the new questions hold, and only the labels that rest on these questions are learnt again. After
many edits everything is learnt anew, so that the features do not fall behind the content.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from bot.nlu import carried
from bot.nlu.concepts import ConceptFinder, ConceptRow
from bot.nlu.features import Blocks, Question, QuestionFeatures
from bot.nlu.separation import SEED, Separation
from bot.nlu.typos import miswrite

NAME = "questions"
EDITED_SHARE = 0.05
"""Of all rows: so many may come and go before everything is learnt anew."""
MANY_LABELS = 300
"""Above, an SVM for each takes minutes."""


Plain = tuple[tuple[str, ...], str, str]
"""A question's words, language and text: what `Question` holds, read from a file in a third of the time."""


class Row(NamedTuple):
    """One row that is learnt: a question, its label, and whether it is a miswritten copy."""

    plain: Plain
    label: str
    copy: bool

    @property
    def question(self) -> Question:
        """The question, to take its features."""
        return Question(*self.plain)


@dataclass
class Fit:
    """What was learnt from ``rows``: ``blocks`` are their features, ``labels`` name the separation's rows.

    Of very many labels there is no separation. ``edited`` is how many rows came or went since a whole fit.
    """

    features: QuestionFeatures
    rows: list[Row]
    blocks: Blocks
    labels: list[str]
    separation: Separation | None
    edited: int = 0

    @property
    def taught(self) -> csr_matrix:
        """The features of all rows, a row each."""
        return self.blocks.together

    @property
    def targets(self) -> NDArray[np.int64]:
        """The label of each row, by its position."""
        places = {label: position for position, label in enumerate(self.labels)}
        return np.array([places[row.label] for row in self.rows], dtype=np.int64)


def fit(questions: list[Question], labels: list[str], concepts: list[ConceptRow]) -> Fit:
    """Return the fit to ``questions`` and their ``labels`` (equally long)."""
    rows = _rows(questions, labels)
    fitted = _after_the_last(rows, concepts) or _whole(rows, concepts)
    carried.keep(NAME, concepts, (replace(fitted, rows=[]), [tuple(row) for row in fitted.rows]))
    return fitted


def _after_the_last(rows: list[Row], concepts: list[ConceptRow]) -> Fit | None:
    kept: tuple[Fit, list[tuple[Plain, str, bool]]] | None = carried.recall(NAME, concepts)
    if kept is None:
        return None
    last, listed = kept
    return _after(replace(last, rows=[Row(*row) for row in listed]), rows)


def _rows(questions: list[Question], labels: list[str]) -> list[Row]:
    """Return a row a question and, of each Chinese one, a copy with a typing error; the same copy at every fit.

    Words of letters are mended by the speller instead; Chinese has no letters to mend.
    """
    rows = [Row(_plain(question), label, copy=False) for question, label in zip(questions, labels, strict=True)]
    for question, label in zip(questions, labels, strict=True):
        # Of its own words: so a question more or less changes no other's copy.
        chance = random.Random(f"{SEED} {' '.join(question.words)}")  # noqa: S311  # not for secrets
        if copy := miswrite(question, chance):
            rows.append(Row(_plain(copy), label, copy=True))
    return rows


def _plain(question: Question) -> Plain:
    return question.words, question.language, question.text


def _whole(rows: list[Row], concepts: list[ConceptRow]) -> Fit:
    labels = sorted({row.label for row in rows})
    features = QuestionFeatures(ConceptFinder(concepts))
    # The vocabulary is that of the questions as written: misspelt words would be half of it and say nothing.
    blocks = features.fit([row.question for row in rows if not row.copy], len(labels))
    if copies := [row.question for row in rows if row.copy]:
        blocks = blocks.above(features.taught(copies))
    if len(labels) > MANY_LABELS:
        return Fit(features, rows, blocks, labels, None)
    separation = Separation.empty(len(labels), sum(blocks.widths))
    fitted = Fit(features, rows, blocks, labels, separation)
    separation.learn(fitted.taught, fitted.targets, np.arange(len(labels)))
    return fitted


def _after(last: Fit, rows: list[Row]) -> Fit | None:
    """Return the fit to ``rows`` as an edit of the last one; None if that is not possible, or no longer near enough."""
    kept, added = _compare(last.rows, rows)
    gone = np.setdiff1d(np.arange(len(last.rows)), kept)
    edited = last.edited + len(added) + len(gone)
    labels = sorted({row.label for row in rows})
    if last.separation is None or len(labels) > MANY_LABELS or edited > EDITED_SHARE * len(rows):
        return None
    # What is gone shows in the weights as they were, what is new in the weights as they are now.
    moved = {last.labels[at] for at in last.separation.resting_on(last.blocks.of(gone).together, last.targets[gone])}
    blocks = _grown(last.blocks.of(kept), last.features, added)
    separation = _carried_over(last, last.separation, labels, blocks)
    fitted = Fit(last.features, [*(last.rows[at] for at in kept), *added], blocks, labels, separation, edited)
    taught, targets = fitted.taught, fitted.targets
    moved |= {labels[at] for at in separation.resting_on(taught[len(kept) :], targets[len(kept) :])}
    moved |= set(labels) - set(last.labels)
    again = [position for position, label in enumerate(labels) if label in moved]
    separation.learn(taught, targets, np.array(again, dtype=np.int64))
    return fitted


def _compare(before: list[Row], rows: list[Row]) -> tuple[NDArray[np.int64], list[Row]]:
    """Return the positions of the earlier rows that are still there, and the rows that are new."""
    places: dict[Row, list[int]] = defaultdict(list)
    for position, row in enumerate(before):
        places[row].append(position)
    kept, added = [], []
    for row in rows:
        if places.get(row):
            kept.append(places[row].pop())
        else:
            added.append(row)
    return np.array(sorted(kept), dtype=np.int64), added


def _grown(kept: Blocks, features: QuestionFeatures, added: list[Row]) -> Blocks:
    """Return the kept rows' features with those of the ``added`` below, as wide as ``features`` are then."""
    features.grow([row.question for row in added if not row.copy])
    if not added:
        return kept
    new = features.taught([row.question for row in added])
    for block, wider in zip(kept[:2], new[:2], strict=True):
        block.resize((block.shape[0], wider.shape[1]))
    return kept.above(new)


def _carried_over(last: Fit, weights: Separation, labels: list[str], blocks: Blocks) -> Separation:
    """Return the last ``weights`` in the places of today's labels and features; nought where there were none."""
    known = [label for label in labels if label in set(last.labels)]
    here, there = ([listed.index(label) for label in known] for listed in (labels, last.labels))
    separation = Separation.empty(len(labels), sum(blocks.widths))
    before = after = 0
    for narrow, wide in zip(last.blocks.widths, blocks.widths, strict=True):
        separation.coefficients[here, after : after + narrow] = weights.coefficients[there, before : before + narrow]
        before, after = before + narrow, after + wide
    separation.intercepts[here] = weights.intercepts[there]
    return separation
