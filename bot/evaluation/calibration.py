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

from bot import settings
from bot.content.importer import training_data
from bot.content.model import Content
from bot.errors import BotError
from bot.languages import LANGUAGES
from bot.nlu import carried
from bot.nlu.belief import FAQ
from bot.nlu.decision import DEAR, MISUSE, THRESHOLDS_FILE, UNKNOWN_FAR, UNKNOWN_PREFIX, UNMEASURED
from bot.nlu.features import Question
from bot.nlu.ranker import QuestionRanker, softmax
from bot.nlu.training_tables import LANGUAGE_PROPERTY, TrainingTables
from bot.nlu.words import WordCutter
from bot.settings import PROJECT_ROOT
from bot.text import clean, has_han, to_simplified

FOLDER = PROJECT_ROOT / "tests" / "calibration"
# Half of what is allowed in the end: strangers' questions are harder than those of any author who was asked here.
# Twice as much would answer 1 % more of the known questions and 0.8 % more of the near ones.
MAX_WRONG, MAX_NEAR, MAX_FAR = 0.005, 0.025, 0.015
# Of those that a label of small talk is believed of: so many may be of another group; of a dear act hardly any.
MAX_STRANGERS, MAX_STRANGERS_DEAR = 0.2, 0.03
# What all but this share of a label's own have, is its weakest confidence. Strangers' messages are weaker than those
# that an author of ours thinks of, so a part of it is enough; of a dear act more.
LOST_SHARE = 0.03
SPARE, SPARE_DEAR = 0.5, 0.75
# So many of the far questions may be offered an entry: what is offered more rarely, known questions miss.
OFFERED_FAR = 0.2
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
    near: float
    beliefs: dict[str, float]
    questions: int
    answered_right: float
    answered_wrong: float
    near_answered: float
    far_answered: float
    known_offered: float


@dataclass(frozen=True)
class Ranking:
    """What a model made of labelled questions, one element each."""

    labels: NDArray[np.str_]
    first: NDArray[np.str_]
    lead: NDArray[np.float64]
    over_unknown: NDArray[np.float64]
    confidence: NDArray[np.float64]
    behind: NDArray[np.float64]
    """how far the likeliest entry's margin is behind the first label's"""


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
    with carried.carrying(settings.load().home / "carried", recall=False):
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
        behind=margins[rows, first] - margins[:, np.char.startswith(labels, FAQ)].max(axis=1),
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
    gained, sure, over_unknown, wrong, near_answered, far = best
    near = float(np.quantile(ranking.behind[is_far], OFFERED_FAR))
    return Calibration(
        sure=float(sure),
        over_unknown=float(over_unknown),
        unsure=float(np.quantile(ranking.confidence[is_faq & right], WEAK_SHARE)),
        near=near,
        beliefs=_beliefs(ranking),
        questions=len(ranking.labels),
        answered_right=float(gained),
        answered_wrong=float(wrong),
        near_answered=float(near_answered),
        far_answered=float(far),
        known_offered=float((ranking.behind <= near)[is_faq].mean()),
    )


def _beliefs(ranking: Ranking) -> dict[str, float]:
    """Return, for each label that is neither an entry nor unknown, the confidence from which it is believed.

    The lowest at which few of those taken for it are something else, but at least a part of what nearly all of its own
    have: no label is believed at any confidence.
    """
    beliefs = {}
    for label in sorted(set(ranking.labels)):
        if label.startswith((FAQ, UNKNOWN_PREFIX)):
            continue
        taken = ranking.first == label
        others = np.array([_group(other) != _group(label) for other in ranking.labels])
        own, strangers = (ranking.confidence[taken & kind] for kind in (ranking.labels == label, others))
        allowed, spare = (MAX_STRANGERS_DEAR, SPARE_DEAR) if label in DEAR else (MAX_STRANGERS, SPARE)
        least = spare * float(np.quantile(own, LOST_SHARE)) if len(own) else UNMEASURED
        fit = (step for step in _STEPS if step >= least and _share(strangers >= step, own >= step) <= allowed)
        beliefs[label] = float(next(fit, UNMEASURED))
    return beliefs


def _group(label: str) -> str:
    """Return what a label is one of: praise that is taken for thanks costs nothing, an insult that is does."""
    if label.startswith(FAQ):
        return FAQ
    return UNKNOWN_PREFIX if label.startswith(UNKNOWN_PREFIX) else "misuse" if label in MISUSE else "talk"


def _share(strangers: NDArray[np.bool_], own: NDArray[np.bool_]) -> float:
    return float(strangers.sum() / max(1, strangers.sum() + own.sum()))


def write(calibration: Calibration, path: Path = THRESHOLDS_FILE) -> None:
    """Write the thresholds and their measurement, the file that the model reads."""
    values = asdict(calibration)
    beliefs = {label: round(value, 4) for label, value in values.pop("beliefs").items()}
    rounded = {key: round(value, 4) for key, value in values.items()} | {"beliefs": beliefs}
    path.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


def word_cutter(tables: TrainingTables) -> WordCutter:
    """Return what cuts words as the trained tokenizer does, Chinese names whole."""
    return WordCutter(tuple(sorted({name for name in tables.names if has_han(name)})))


def questions_of(examples: Iterable[Example], cutter: WordCutter) -> list[Question]:
    """Return the questions of ``examples``, cut into words."""
    return [
        Question(tuple(word.text for word in cutter.cut(to_simplified(clean(text)), language)), language, text)
        for text, _, language in examples
    ]
