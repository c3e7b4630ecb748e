"""Compares a model that learnt an edit with one that learnt everything: first choices, leads, labels, seconds.

    uv run python benchmarks/edits.py [--write-docs]

A training is made without some questions of an entry, they are added as an edit, and taken away again; each result is
held against a whole training, on the questions of the evaluation.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot import settings  # noqa: E402
from bot.content import library  # noqa: E402
from bot.content.importer import training_data  # noqa: E402
from bot.evaluation import datasets  # noqa: E402
from bot.evaluation.calibration import Example, questions_of, word_cutter  # noqa: E402
from bot.evaluation.report import write_docs  # noqa: E402
from bot.nlu import carried  # noqa: E402
from bot.nlu.features import Question  # noqa: E402
from bot.nlu.ranker import QuestionRanker  # noqa: E402
from bot.nlu.separation import Separation  # noqa: E402
from bot.nlu.training_tables import LANGUAGE_PROPERTY, TrainingTables  # noqa: E402

EDITS = (("faq/desk_since", 4), ("faq/pandas", 6), ("subscribe", 5), ("faq/desk_since", 300))
MARKS = ("<!-- figures: benchmarks/edits.py --write-docs -->", "<!-- end of edit figures -->")
SEED = 1994
_learnt: list[int] = []


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write-docs", action="store_true")
    options = parser.parse_args()
    _count_learnt_labels()
    data = training_data(library.load(settings.load().content_dir))
    tables = TrainingTables.from_lookup_tables(data.lookup_tables)
    cutter = word_cutter(tables)
    taught: list[Example] = [
        (one.get("text"), one.get("intent_response_key") or one.get("intent"), one.get(LANGUAGE_PROPERTY))
        for one in data.training_examples
    ]
    asked = questions_of([(case.text, "", case.language) for case in datasets.load(datasets.FOLDER)], cutter)
    fit = Fitting(taught, questions_of(taught, cutter), tables.concepts, asked)
    head = ["| edit | labels learnt again, of all | other first choices | mean difference of leads | seconds, whole |"]
    rows = [row for name, number in EDITS for row in fit.rows(name, number)]
    table = "\n".join([*head, "|---|---|---|---|---|", *rows])
    print(table)
    if options.write_docs:
        write_docs(table, ("docs/benchmarks.md",), MARKS)


class Fitting:
    """Fits rankers to some of the questions that are taught, and asks them those of the evaluation."""

    def __init__(
        self, taught: list[Example], questions: list[Question], concepts: list[tuple[str, str, str]],
        asked: list[Question],
    ) -> None:  # fmt: skip
        self._taught, self._questions, self._concepts, self._asked = taught, questions, concepts, asked

    def rows(self, label: str, number: int) -> list[str]:
        """Return a row for adding ``number`` questions of ``label``, and one for taking them away."""
        mine = [at for at, (_, of, _) in enumerate(self._taught) if of == label]
        held = set(random.Random(SEED).sample(mine, min(number, len(mine))))  # not for secrets
        everything = list(range(len(self._taught)))
        without = [at for at in everything if at not in held]
        with tempfile.TemporaryDirectory() as folder:
            before, seconds, _ = self._fit(without, Path(folder), recall=False)
            added, took, labels = self._fit(everything, Path(folder), recall=True)
            removed, took_back, labels_back = self._fit(without, Path(folder), recall=True)
            whole, _, of = self._fit(everything, Path(folder), recall=False)
        return [
            _row(f"{len(held)} questions of {label} added", added, whole, f"{labels} of {of}", took, seconds),
            _row("these taken away again", removed, before, f"{labels_back} of {of}", took_back, seconds),
        ]

    def _fit(self, places: list[int], folder: Path, recall: bool) -> tuple[np.ndarray, float, int]:
        """Return the margins of what is asked, the seconds that learning took, and how many labels were learnt."""
        _learnt.clear()
        began = time.perf_counter()
        texts, labels = zip(*((text, label) for text, label, _ in (self._taught[at] for at in places)), strict=True)
        questions = [self._questions[at] for at in places]
        with carried.carrying(folder, recall):
            ranker = QuestionRanker(self._concepts).fit(list(texts), questions, list(labels))
        return ranker.margins(self._asked), time.perf_counter() - began, sum(_learnt)


def _row(what: str, edited: np.ndarray, whole: np.ndarray, labels: str, took: float, seconds: float) -> str:
    other = int((edited.argmax(axis=1) != whole.argmax(axis=1)).sum())
    difference = np.abs(_leads(edited) - _leads(whole)).mean()
    return f"| {what} | {labels} | {other} of {len(whole):,} | {difference:.4f} | {took:.0f}, {seconds:.0f} |"


def _leads(margins: np.ndarray) -> np.ndarray:
    best = np.sort(margins, axis=1)
    return np.asarray(best[:, -1] - best[:, -2])


def _count_learnt_labels() -> None:
    original = Separation.learn

    def learn(self: Separation, taught: object, targets: np.ndarray, labels: np.ndarray) -> None:
        _learnt.append(len(labels))
        original(self, taught, targets, labels)

    Separation.learn = learn  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
