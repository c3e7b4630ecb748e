"""The same question in three languages must get the same entry: how often it does, and where it does not."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.evaluation.datasets import FOLDER, Case
from bot.evaluation.outcomes import Outcome, Verdict
from bot.languages import LANGUAGES

FILE = FOLDER / "parallel.yml"


@dataclass(frozen=True)
class Agreement:
    """Of ``number`` questions: how many got one and the same reaction in all languages, how many the right entry."""

    number: int
    same: int
    all_right: int
    disagreements: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return {"number": self.number, "same": self.same, "all_right": self.all_right}


def load(file: Path = FILE) -> list[list[Case]]:
    """Return the parallel questions, a list of one case a language for each."""
    rows = yaml.safe_load(file.read_text(encoding="utf-8"))["parallel"]
    return [[Case(row[language], language, "faq", row["entry"]) for language in LANGUAGES] for row in rows]


def compare(groups: list[list[Case]], outcomes: list[Outcome]) -> Agreement:
    """Return the agreement of ``outcomes``, which are those of ``groups`` one after the other."""
    by_group: dict[int, list[Outcome]] = defaultdict(list)
    for position, outcome in enumerate(outcomes):
        by_group[position // len(LANGUAGES)].append(outcome)
    same = [group for group in by_group.values() if len({_reaction(outcome) for outcome in group}) == 1]
    different = [group for group in by_group.values() if group not in same]
    right = sum(all(outcome.verdict is Verdict.RIGHT for outcome in group) for group in by_group.values())
    lines = tuple(
        f"{group[0].case.expected}: "
        + ", ".join(f"{item.case.language} {_reaction(item)} ('{item.case.text}')" for item in group)
        for group in different
    )
    return Agreement(len(groups), len(same), right, lines)


def _reaction(outcome: Outcome) -> str:
    """What the visitor got: an entry, or no answer (asked back and unknown are one)."""
    return outcome.got if outcome.verdict in (Verdict.RIGHT, Verdict.WRONG) else "no answer"
