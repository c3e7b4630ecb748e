"""`bot calibrate`: measures on questions held out for this alone how sure is sure; writes bot/nlu/thresholds.json.

The questions of tests/calibration are ranked by a model fitted on the training data. A question of an unknown
intent that would be answered counts as a false answer, near the topic or far. The threshold is the lowest
that keeps false answers under the limits, so that as much as possible is answered.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from bot.content.importer import training_data
from bot.content.model import Content
from bot.errors import BotError
from bot.languages import LANGUAGES
from bot.nlu.decision import FAQ, THRESHOLDS_FILE, UNKNOWN_FAR, UNKNOWN_PREFIX
from bot.nlu.features import Question
from bot.nlu.ranker import QuestionRanker, softmax
from bot.nlu.training_tables import LANGUAGE_PROPERTY, TrainingTables
from bot.nlu.words import WordCutter
from bot.settings import PROJECT_ROOT
from bot.text import clean, has_han, to_simplified

FOLDER = PROJECT_ROOT / "tests" / "calibration"
# Below what is allowed in the end (0.02, 0.1, 0.03): real traffic is harder than what any author writes. With 0.05 near
# the topic, 0.1 % more right answers cost 0.7 % more made-up ones.
MAX_WRONG, MAX_NEAR, MAX_FAR, MAX_SMALL_TALK = 0.01, 0.035, 0.02, 0.03
# Below the confidence that all but this share of the rightly ranked have, a guess is not worth a button.
WEAK_SHARE = 0.01
_STEPS = np.arange(0.0, 1.0, 0.02)

Example = tuple[str, str, str]
"""text, label, language"""


class CalibrationError(BotError):
    """Raised when no thresholds keep the limits."""


@dataclass(frozen=True)
class Calibration:
    """The thresholds, and what they were measured to do on the calibration questions (shares of 1)."""

    sure: float
    over_unknown: float
    unsure: float
    dialogue: float
    questions: int
    answered_right: float
    answered_wrong: float
    near_answered: float
    far_answered: float


@dataclass(frozen=True)
class Ranking:
    """What a model made of labelled questions, one element each."""

    labels: NDArray[np.str_]
    first: NDArray[np.str_]
    lead: NDArray[np.float64]
    over_unknown: NDArray[np.float64]
    confidence: NDArray[np.float64]


def calibrate(content: Content, report: Callable[[int, int, str], None]) -> Calibration:
    """Return the calibration for ``content``; takes some ten seconds."""
    data = training_data(content)
    tables = TrainingTables.from_lookup_tables(data.lookup_tables)
    cutter = word_cutter(tables)
    report(1, 2, "learning the training questions")
    trained = [
        (
            message.get("text"),
            message.get("intent_response_key") or message.get("intent"),
            message.get(LANGUAGE_PROPERTY),
        )
        for message in data.training_examples
    ]
    ranker = QuestionRanker(tables.concepts).fit(
        [text for text, _, _ in trained], questions_of(trained, cutter), [label for _, label, _ in trained]
    )
    report(2, 2, "ranking the calibration questions")
    return choose(rank(ranker, held_out(content), cutter))


def held_out(content: Content, folder: Path = FOLDER) -> list[Example]:
    """Return the calibration questions with their labels and languages."""
    examples = []
    for language in LANGUAGES:
        groups = yaml.safe_load((folder / f"{language}.yml").read_text(encoding="utf-8"))
        for name, texts in groups.items():
            label = f"{FAQ}{name}" if name in content.entries else name
            examples += [(str(text), label, language) for text in texts]
    return examples


def rank(ranker: QuestionRanker, examples: list[Example], cutter: WordCutter) -> Ranking:
    """Return what ``ranker`` makes of ``examples``."""
    margins = ranker.margins(questions_of(examples, cutter)).astype(float)
    labels = np.array(ranker.labels)
    rows, first = np.arange(len(margins)), margins.argmax(axis=1)
    rivals = margins.copy()
    rivals[rows, first] = -np.inf
    is_unknown = np.char.startswith(labels, UNKNOWN_PREFIX)
    return Ranking(
        labels=np.array([label for _, label, _ in examples]),
        first=labels[first],
        lead=margins[rows, first] - rivals.max(axis=1),
        over_unknown=margins[rows, first] - rivals[:, is_unknown].max(axis=1),
        confidence=softmax(margins).max(axis=1).astype(float),
    )


def choose(ranking: Ranking) -> Calibration:
    """Return the lowest thresholds that keep false answers under the limits."""
    is_faq = np.char.startswith(ranking.labels, FAQ)
    is_far = ranking.labels == UNKNOWN_FAR
    is_near = np.char.startswith(ranking.labels, UNKNOWN_PREFIX) & ~is_far
    right, answers = ranking.first == ranking.labels, np.char.startswith(ranking.first, FAQ)
    best = None
    for sure, over_unknown in product(_STEPS, _STEPS):
        answered = answers & (ranking.lead >= sure) & (ranking.over_unknown >= over_unknown)
        wrong, near, far = (answered & ~right)[is_faq].mean(), answered[is_near].mean(), answered[is_far].mean()
        gained = (answered & right)[is_faq].mean()
        within = wrong <= MAX_WRONG and near <= MAX_NEAR and far <= MAX_FAR
        # Of those that answer the same number of questions, the one with the fewest false answers.
        if within and (best is None or (gained, -wrong - near - far) > (best[0], -sum(best[3:]))):
            best = gained, sure, over_unknown, wrong, near, far
    if best is None:
        raise CalibrationError(
            "no threshold keeps false answers under the limits; add training questions where they are"
        )
    gained, sure, over_unknown, wrong, near, far = best
    return Calibration(
        sure=float(sure),
        over_unknown=float(over_unknown),
        unsure=float(np.quantile(ranking.confidence[is_faq & right], WEAK_SHARE)),
        dialogue=_dialogue_threshold(ranking),
        questions=len(ranking.labels),
        answered_right=float(gained),
        answered_wrong=float(wrong),
        near_answered=float(near),
        far_answered=float(far),
    )


def _dialogue_threshold(ranking: Ranking) -> float:
    """Return the lowest confidence at which few of the unknown questions are taken for small talk or events."""
    is_unknown = np.char.startswith(ranking.labels, UNKNOWN_PREFIX)
    taken = ~np.char.startswith(ranking.first, FAQ) & ~np.char.startswith(ranking.first, UNKNOWN_PREFIX)
    for step in _STEPS:
        if (taken & (ranking.confidence >= step))[is_unknown].mean() <= MAX_SMALL_TALK:
            break
    return float(step)


def write(calibration: Calibration, path: Path = THRESHOLDS_FILE) -> None:
    """Write the thresholds and their measurement, the file that the model reads."""
    rounded = {key: round(value, 4) for key, value in asdict(calibration).items()}
    path.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


def word_cutter(tables: TrainingTables) -> WordCutter:
    """Return what cuts words as the trained tokenizer does, Chinese names whole."""
    return WordCutter(tuple(sorted({name for name in tables.names if has_han(name)})))


def questions_of(examples: Iterable[Example], cutter: WordCutter) -> list[Question]:
    """Return the questions of ``examples``, cut into words."""
    return [
        Question(tuple(word.text for word in cutter.cut(to_simplified(clean(text)), language)), language)
        for text, _, language in examples
    ]
