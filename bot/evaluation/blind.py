"""Blind figures: sets by authors who saw neither training data nor code nor misses, measured once before they are read.

What the first measurement found stays beside its sets (`first_try.json`): a second one, after somebody has read a
miss, is no longer blind and never takes its place.
"""

import json
from pathlib import Path
from typing import Any

from bot.evaluation import report
from bot.evaluation.outcomes import Outcome

FIRST_TRY = "first_try.json"
MARKS = ("<!-- figures: bot evaluate --blind --write-docs -->", "<!-- end of blind figures -->")
NEWEST_IN, ALL_IN = "README.md", "docs/evaluation.md"


def first_try(folder: Path) -> dict[str, Any] | None:
    """Return the figures of the first measurement of a folder's sets, or None before it."""
    path = folder / FIRST_TRY
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def measured(folder: Path, outcomes: list[Outcome]) -> dict[str, Any]:
    """Return today's figures; the first ones ever are kept beside the sets."""
    data = report.figures(outcomes)
    if not (folder / FIRST_TRY).exists():
        (folder / FIRST_TRY).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return data


def tables(*sets: Path) -> str:
    """Return the first try of each folder in ``sets`` as a Markdown table under its name, the newest first."""
    folders = sorted((path for each in sets for path in each.glob("*") if path.is_dir()), key=_name, reverse=True)
    found = [(folder.name, data) for folder in folders if (data := first_try(folder))]
    return "\n\n".join(f"Blind, first try, {name}:\n\n{report.markdown(data, timed=False)}" for name, data in found)


def _name(folder: Path) -> str:
    return folder.name
