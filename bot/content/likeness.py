"""What only meaning tells of entries: two that overlap, and one whose questions are so alike that others miss it.

`bot validate` looks for both, across languages. It needs the encoder, so it takes no part in a publication, which its
gate guards by really trained models; a second run takes the vectors that the first one kept.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.content.model import Content, Sentence
from bot.content.problems import Problems
from bot.nlu import vectors

OVERLAP = 0.3
"""Share of an entry's questions whose nearest question is one and the same other entry's, from which they overlap.

Of the 1,190 pairs of the 35 entries of December 2026 the highest is 0.22 (what the Desk does for Berlin firms, and for
Chinese ones), the tenth 0.10.
"""
ALIKE = 0.6
"""Mean likeness (cosine about the mean question) of an entry's questions in a language, from which they say one thing.

Seven random questions of today's entries: 0.21 in the middle, 0.52 at most; seven made by one template: 0.86.
"""
FEWEST = 5
BLOCK = 1_000


@dataclass(frozen=True)
class _Asked:
    entry: str
    language: str
    sentence: Sentence


def check(content: Content, problems: Problems) -> None:
    """Add a warning for each pair of entries that overlap, and each language of an entry whose questions are alike."""
    asked = [
        _Asked(entry.id, language, sentence)
        for entry in content.entries.values()
        for language, sentences in entry.questions.items()
        for sentence in sentences
    ]
    if len(asked) < FEWEST:
        return
    rows = vectors.of([one.sentence.text for one in asked]).astype(np.float32)
    rows -= rows.mean(axis=0)  # what all questions to us share is no likeness
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    _check_overlaps(asked, rows, content, problems)
    _check_variety(asked, rows, content, problems)


def _check_overlaps(asked: list[_Asked], rows: NDArray[np.float32], content: Content, problems: Problems) -> None:
    entries = np.array([one.entry for one in asked])
    nearest = _nearest(rows)
    for entry in content.entries.values():
        mine = np.flatnonzero(entries == entry.id)
        others, counts = np.unique(entries[nearest[mine]], return_counts=True)
        for other, count in zip(others, counts, strict=True):
            if other != entry.id and len(mine) >= FEWEST and count > OVERLAP * len(mine):
                at = next(row for row in mine if entries[nearest[row]] == other)
                question, twin = asked[at].sentence, asked[nearest[at]].sentence
                problems.warn(
                    question.file, question.line, "entries_overlap",
                    entry=entry.id, other=str(other), share=f"{count / len(mine):.0%}", text=question.text,
                    twin=twin.text,
                )  # fmt: skip


def _nearest(rows: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the position of the likest other question of each."""
    found = np.empty(len(rows), dtype=np.int64)
    for start in range(0, len(rows), BLOCK):
        likeness = rows[start : start + BLOCK] @ rows.T
        likeness[np.arange(len(likeness)), np.arange(start, start + len(likeness))] = -np.inf
        found[start : start + BLOCK] = likeness.argmax(axis=1)
    return found


def _check_variety(asked: list[_Asked], rows: NDArray[np.float32], content: Content, problems: Problems) -> None:
    for entry in content.entries.values():
        for language in entry.questions:
            mine = [at for at, one in enumerate(asked) if (one.entry, one.language) == (entry.id, language)]
            number = len(mine)
            if number < FEWEST:
                continue
            total = float((rows[mine].sum(axis=0) ** 2).sum())  # of all pairs, each with itself too
            likeness = (total - number) / (number * (number - 1))
            if likeness > ALIKE:
                problems.warn(
                    entry.file, entry.line("questions"), "questions_alike",
                    language=language, likeness=f"{likeness:.2f}", most=f"{ALIKE:.2f}",
                )  # fmt: skip
