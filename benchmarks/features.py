"""Measures what the ranker's features are chosen by: the encoder's weight and size, letters, regularisation.

    uv run python benchmarks/features.py [--only NAME ...] [--write-docs]

Each choice is fitted to all training questions and asked the calibration questions (by other authors than those of the
training; `bot calibrate` takes its thresholds from them too), and the development sets' circumlocutions. Two choices at
a time, each in a process of its own; ten minutes on two cores.
"""

import argparse
import multiprocessing
import shutil
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot import quiet, settings

quiet.hush()

from bot.content import library  # noqa: E402
from bot.content.importer import training_data  # noqa: E402
from bot.evaluation import datasets  # noqa: E402
from bot.evaluation.calibration import Example, held_out, questions_of, rank, word_cutter  # noqa: E402
from bot.evaluation.report import write_docs  # noqa: E402
from bot.languages import LANGUAGES  # noqa: E402
from bot.nlu import carried, features, ranker, separation, vectors  # noqa: E402
from bot.nlu.belief import FAQ  # noqa: E402
from bot.nlu.training_tables import LANGUAGE_PROPERTY, TrainingTables  # noqa: E402

DOCUMENT = "docs/decisions/0004-encoder.md"
MARKS = ("<!-- figures: benchmarks/features.py --write-docs -->", "<!-- end of features figures -->")
AT_ONCE = 2


@dataclass(frozen=True)
class Choice:
    """What is set otherwise than in the product: (module, constant) -> value."""

    name: str
    otherwise: tuple[tuple[Any, str, Any], ...] = ()


CHOICES = [
    Choice("as it is: 256 axes, weight 1, letters 3–5, C = 1"),
    Choice("without the encoder", ((features, "MEANING_WEIGHT", 0.0),)),
    Choice("weight 0.5", ((features, "MEANING_WEIGHT", 0.5),)),
    Choice("weight 1.5", ((features, "MEANING_WEIGHT", 1.5),)),
    Choice("weight 2", ((features, "MEANING_WEIGHT", 2.0),)),
    Choice("128 axes", ((features, "AXES", 128),)),
    Choice("all 512 axes", ((features, "AXES", 512),)),
    Choice("no pairs of words", ((features, "MAX_PAIRED", 0),)),
    Choice("letters 2–5", ((features, "LATIN_GRAMS", (2, 3, 4, 5)),)),
    Choice("letters 3–4", ((features, "LATIN_GRAMS", (3, 4)),)),
    Choice("half as many sparse features", ((features, "MATRIX_BUDGET", features.MATRIX_BUDGET // 2),)),
    Choice("C = 0.5", ((separation, "REGULARISATION", 0.5),)),
    Choice("C = 2", ((separation, "REGULARISATION", 2.0),)),
    Choice("no naive Bayes", ((ranker, "GENERATIVE_SHARE", 0.0),)),
    Choice("10 % naive Bayes", ((ranker, "GENERATIVE_SHARE", 0.1),)),
]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", choices=[choice.name for choice in CHOICES])
    parser.add_argument("--write-docs", action="store_true")
    options = parser.parse_args()
    chosen = [at for at, choice in enumerate(CHOICES) if options.only is None or choice.name in options.only]
    lines = [
        "| features | learnt in one process, s | weights, MB | calibration set | of it known | circumlocutions |",
        "|---|---|---|---|---|---|",
    ]
    # A process of its own for each: what one sets must not reach the next.
    with ProcessPoolExecutor(AT_ONCE, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        for line in pool.map(measured, chosen):
            print(line, flush=True)
            lines.append(line)
    if options.write_docs:
        write_docs("\n".join(lines), (DOCUMENT,), MARKS)


def measured(number: int) -> str:
    """Fit with one of `CHOICES` and return its row: shares of right first choices in German / English / Chinese."""
    choice = CHOICES[number]
    for module, constant, value in choice.otherwise:
        setattr(module, constant, value)
    separation.SERIAL = 10**12  # other processes would not know of what was set here
    content = library.load(settings.load().content_dir)
    data = training_data(content)
    tables = TrainingTables.from_lookup_tables(data.lookup_tables)
    cutter = word_cutter(tables)
    taught = [
        (one.get("text"), one.get("intent_response_key") or one.get("intent"), one.get(LANGUAGE_PROPERTY))
        for one in data.training_examples
    ]
    with tempfile.TemporaryDirectory() as folder, carried.carrying(Path(folder), recall=False):
        # No other fit may be kept where publications look for theirs; of what was encoded already all may make use.
        made = settings.load().home / "carried" / f"{vectors.NAME}.pickle"
        if made.exists():
            shutil.copy(made, folder)
        questions = questions_of(taught, cutter)
        started = time.perf_counter()
        fitted = ranker.QuestionRanker(tables.concepts).fit(
            [text for text, _, _ in taught], questions, [label for _, label, _ in taught]
        )
    seconds = time.perf_counter() - started
    megabytes = (fitted._weights.nbytes + fitted._meaning.nbytes) / 1e6
    calibration = held_out(content)
    known = [example for example in calibration if example[1].startswith(FAQ)]
    roundabout = [
        (case.text, f"{FAQ}{case.expected}", case.language)
        for case in datasets.development()
        if case.set == datasets.CIRCUMLOCUTIONS
    ]
    shares = [right(fitted, examples, cutter) for examples in (calibration, known, roundabout)]
    return f"| {choice.name} | {seconds:.0f} | {megabytes:.0f} | {' | '.join(shares)} |"


def right(fitted: ranker.QuestionRanker, examples: list[Example], cutter: Any) -> str:
    """Return the shares of right first choices, a language each."""
    found = []
    for language in LANGUAGES:
        ranking = rank(fitted, [example for example in examples if example[2] == language], cutter)
        found.append(f"{np.mean(ranking.first == ranking.labels):.1%}".replace("%", ""))
    return " / ".join(found)


if __name__ == "__main__":
    main()
