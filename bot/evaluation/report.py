"""Figures from outcomes: rates with confidence intervals, as data and as a Markdown table, and the misses as text."""

import math
from collections import Counter
from statistics import median
from typing import Any

from bot.errors import BotError
from bot.evaluation.outcomes import Outcome, Verdict
from bot.languages import LANGUAGES
from bot.settings import PROJECT_ROOT

DOCUMENTS = ("docs/evaluation.md", "README.md")
MARKS = ("<!-- figures: bot evaluate --write-docs -->", "<!-- end of figures -->")
DAMAGE_MARKS = ("<!-- figures: bot evaluate --perturbed --write-docs -->", "<!-- end of damaged figures -->")
Z95 = 1.96
_ROWS = (
    ("faq", "right", "questions answered with the right entry in the right language"),
    ("faq", "wrong", "of these, confidently answered with something else"),
    ("faq", "answered or offered", "right entry answered or on a button"),
    (
        "voices",
        "right",
        "questions in ordinary and harder voices (e-mail, speech, dialect, learners, typing errors): right",
    ),
    ("voices", "wrong", "of these, confidently answered with something else"),
    ("voices", "answered or offered", "right entry answered or on a button"),
    ("circumlocutions", "right", "questions that avoid the source's words: right"),
    ("circumlocutions", "wrong", "of these, confidently answered with something else"),
    ("circumlocutions", "answered or offered", "right entry answered or on a button"),
    ("small_talk", "right", "small talk understood"),
    ("follow_ups", "right", "follow-ups answered for the topic at hand"),
    ("events", "right", "event questions recognised"),
    ("subscriptions", "right", "subscriptions and reminders told from questions about events"),
    ("unknown_far", "wrong", "far from the topic, answered as if known"),
    ("unknown_near", "wrong", "near the topic but not in the source, answered as if known"),
    ("misuse", "right", "insults, orders, pressed keys: the fitting sentence in the conversation's language"),
    ("misuse", "dear", "of these, thanks, a new start, a subscription or another language"),
    ("language", "right", "language of short messages"),
    ("mentions", "right", "messages that name a language and do not ask for it, answered as what they are"),
    ("mentions", "dear", "of these, taken for a request to change the language"),
    ("language_requests", "right", "requests for a language followed"),
    ("repeat_in", "right", "the last answer said again in another language"),
)


def wilson(successes: int, number: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a rate (Wilson's score interval), as shares of 1."""
    if number == 0:
        return 0.0, 1.0
    share = successes / number
    centre = share + Z95**2 / (2 * number)
    spread = Z95 * math.sqrt(share * (1 - share) / number + Z95**2 / (4 * number**2))
    scale = 1 + Z95**2 / number
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def figures(outcomes: list[Outcome]) -> dict[str, Any]:
    """Return ``{language: {set: {number, rates, intervals, latency}}}``; rates are shares of 1, latency in ms."""
    result: dict[str, Any] = {}
    for language in LANGUAGES:
        mine = [outcome for outcome in outcomes if outcome.case.language == language]
        sets = dict.fromkeys(outcome.case.set for outcome in mine)
        result[language] = {name: _set_figures([o for o in mine if o.case.set == name]) for name in sets}
    return result


def _set_figures(outcomes: list[Outcome]) -> dict[str, Any]:
    counts = Counter(outcome.verdict.value for outcome in outcomes)
    counts["answered or offered"] = counts["right"] + counts["offered"]
    counts["answered"] = counts["right"] + counts["wrong"]
    number = len(outcomes)
    rates = {
        name: {"rate": counts[name] / number, "interval": wilson(counts[name], number)}
        for name in ("right", "wrong", "offered", "unknown", "dear", "answered", "answered or offered")
    }
    return {"number": number, **rates, "latency_ms": 1000 * median(outcome.seconds for outcome in outcomes)}


def markdown(data: dict[str, Any], agreement: dict[str, Any] | None = None, timed: bool = True) -> str:
    """Return the figures as a Markdown table, a column a language, percentages with their intervals.

    ``agreement`` is the data of `bot.evaluation.parallel.Agreement`; ``timed`` adds how long a turn took.
    """
    lines = [
        "| what | " + " | ".join(LANGUAGES) + " |",
        "|---|" + "---|" * len(LANGUAGES),
    ]
    for name, rate, meaning in rows_of(data):
        cells = [_cell(data[language].get(name), rate) for language in LANGUAGES]
        lines.append(f"| {meaning} | " + " | ".join(cells) + " |")
    if timed:
        latencies = [f"{data[language]['faq']['latency_ms']:.1f} ms" for language in LANGUAGES]
        lines.append("| median time of a whole turn, in process | " + " | ".join(latencies) + " |")
    if agreement:
        low, high = wilson(agreement["same"], agreement["number"])
        share = agreement["same"] / agreement["number"]
        same = f"{100 * share:.1f} % ({100 * low:.1f}–{100 * high:.1f}), n={agreement['number']}"
        lines.append(f"| the same question in three languages gets the same reaction | {same}" + " | " * 2 + " |")
    return "\n".join(lines)


def rows_of(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the table's rows (set, rate, meaning) that any language has figures of."""
    return [row for row in _ROWS if any(row[0] in sets for sets in data.values())]


def _cell(figures: dict[str, Any] | None, rate: str) -> str:
    if figures is None:
        return "–"
    low, high = figures[rate]["interval"]
    return f"{100 * figures[rate]['rate']:.1f} % ({100 * low:.1f}–{100 * high:.1f}), n={figures['number']}"


def perturbed_markdown(data: dict[str, Any]) -> str:
    """Return strict accuracy under each kind of damage beside the undamaged questions', in percent."""
    names = dict.fromkeys(name for sets in data.values() for name in sets if name.startswith("faq~"))
    lines = ["| questions damaged by | " + " | ".join(LANGUAGES) + " |", "|---|" + "---|" * len(LANGUAGES)]
    for name in ("faq", *names):
        cells = [
            f"{100 * figures['right']['rate']:.1f} % (wrong {100 * figures['wrong']['rate']:.1f} %)"
            if (figures := data[language].get(name))
            else "–"
            for language in LANGUAGES
        ]
        kind = name.partition("~")[2].replace("_", " ") or "nothing"
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def confusions(outcomes: list[Outcome]) -> list[str]:
    """Return which entry was taken for which, the most frequent first."""
    pairs = Counter(
        (outcome.case.expected, outcome.got)
        for outcome in outcomes
        if outcome.case.set == "faq" and outcome.verdict is Verdict.WRONG
    )
    return [f"{number} x {expected} taken for {got}" for (expected, got), number in pairs.most_common()]


def misses(outcomes: list[Outcome]) -> list[str]:
    """Return every case that was not right: wrong answers first, each with what was expected and what came."""
    failed = [outcome for outcome in outcomes if outcome.verdict is not Verdict.RIGHT]
    failed.sort(key=lambda outcome: (outcome.verdict is not Verdict.WRONG, outcome.case.set, outcome.case.language))
    return [
        f"{outcome.verdict:8} {outcome.case.language} {outcome.case.set}: '{outcome.case.text}' "
        f"expected {outcome.case.expected}, got {outcome.got}"
        for outcome in failed
    ]


def regressions(data: dict[str, Any], baseline: dict[str, Any]) -> list[str]:
    """Return what got worse than ``baseline`` by more than its confidence interval."""
    found = []
    for language in LANGUAGES:
        for name, figures in baseline.get(language, {}).items():
            now = data.get(language, {}).get(name)
            if now is None:
                found.append(f"{language} {name}: no longer measured")
                continue
            low, high = figures["right"]["interval"][0], figures["wrong"]["interval"][1]
            if now["right"]["rate"] < low:
                found.append(f"{language} {name}: right {now['right']['rate']:.1%}, was {figures['right']['rate']:.1%}")
            if now["wrong"]["rate"] > high:
                found.append(f"{language} {name}: wrong {now['wrong']['rate']:.1%}, was {figures['wrong']['rate']:.1%}")
    return found


def write_docs(table: str, documents: tuple[str, ...] = DOCUMENTS, marks: tuple[str, str] = MARKS) -> None:
    """Put ``table`` between ``marks`` in every document that shows it.

    Raises:
        BotError: a document has no marks.
    """
    begin, end = marks
    for name in documents:
        path = PROJECT_ROOT / name
        text = path.read_text(encoding="utf-8")
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise BotError(f"{name} has no place for the table; add the lines '{begin}' and '{end}'")
        path.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")
