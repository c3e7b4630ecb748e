"""The regression set: questions of real visitors that staff took into an entry, which every later model must answer.

It stands in nlu_data/regression/<language>.yml, so that staff own it: `regression:`, under it an entry's id, under
that its questions. `bot inbox assign` writes it; lines may be added and removed by hand.
"""

from pathlib import Path

import yaml

from bot.errors import BotError
from bot.evaluation.datasets import Case
from bot.languages import LANGUAGES

FOLDER, KEY = "regression", "regression"
EMPTY = """\
# Questions of visitors that must go on being answered by these entries. `bot inbox assign` adds to them.
regression: {}
"""
"""The text of a file without questions."""


class RegressionError(BotError):
    """Raised for a regression file that cannot be read."""


def file(content_dir: Path, language: str) -> Path:
    """Return where the regression questions of a language stand."""
    return content_dir / FOLDER / f"{language}.yml"


def load(content_dir: Path) -> list[Case]:
    """Return all regression questions as cases of the set ``faq``; none if there are no files."""
    return [case for language in LANGUAGES for case in _read(file(content_dir, language), language)]


def _read(path: Path, language: str) -> list[Case]:
    if not path.exists():
        return []
    try:
        groups = yaml.safe_load(path.read_text(encoding="utf-8"))[KEY] or {}
        return [Case(str(text), language, "faq", entry) for entry, texts in groups.items() for text in texts]
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise RegressionError(
            f"{path}: cannot be read ({error}); it must hold '{KEY}:' and entries' questions"
        ) from error
