"""The evaluation sets: sentences with what is expected of them, one YAML file a language and kind."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.errors import BotError
from bot.languages import LANGUAGES
from bot.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "tests" / "evaluation"
SETS = ("faq", "small_talk", "follow_ups", "events", "subscriptions", "unknown_far", "unknown_near", "language")


class DatasetError(BotError):
    """Raised when an evaluation file cannot be read."""


@dataclass(frozen=True)
class Case:
    """A sentence, the set and language it belongs to, and the entry or intent that is expected."""

    text: str
    language: str
    set: str
    expected: str


def load(folder: Path = FOLDER) -> list[Case]:
    """Return all cases under ``folder``/<language>/<set>.yml."""
    return [case for language in LANGUAGES for name in SETS for case in _read(folder / language / f"{name}.yml")]


def _read(path: Path) -> list[Case]:
    language, name = path.parent.name, path.stem
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))[name]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise DatasetError(f"{path}: cannot be read ({error}); it must hold '{name}:' and its sentences") from error
    groups = data.items() if isinstance(data, dict) else [(language, data)]
    return [Case(str(text), language, name, expected) for expected, texts in groups for text in texts]
