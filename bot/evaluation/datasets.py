"""The evaluation sets: sentences with what is expected of them, one YAML file a language and kind.

``tests/evaluation/<language>/`` holds the development sets, whose misses have been read;
``tests/evaluation/blind/<date>/`` sets that were measured once before anybody read a miss, which move to
``tests/evaluation/read/<date>/`` when somebody does. All are laid out alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.errors import BotError
from bot.languages import LANGUAGES
from bot.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "tests" / "evaluation"
BLIND, READ = FOLDER / "blind", FOLDER / "read"
VOICES, CIRCUMLOCUTIONS = "voices", "circumlocutions"
MISUSE, MENTIONS, REQUESTS, REPEAT_IN = "misuse", "mentions", "language_requests", "repeat_in"
SETS = (
    "faq", VOICES, CIRCUMLOCUTIONS, "small_talk", "follow_ups", "events", "subscriptions", "unknown_far",
    "unknown_near", MISUSE, "language", MENTIONS, REQUESTS, REPEAT_IN,
)  # fmt: skip
KNOWN = frozenset({"faq", VOICES, CIRCUMLOCUTIONS})
"""Sets of questions that entries answer."""


class DatasetError(BotError):
    """Raised when an evaluation file cannot be read."""


@dataclass(frozen=True)
class Case:
    """A sentence, the set and language it belongs to, and the entry or intent that is expected.

    ``also`` are other entries whose answers hold the asked fact as well.
    """

    text: str
    language: str
    set: str
    expected: str
    also: tuple[str, ...] = ()

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> "Case":
        """Return the case that `as_row` wrote, also after a way through JSON."""
        text, language, name, expected, also = row
        return cls(text, language, name, expected, tuple(also))

    def as_row(self) -> list[Any]:
        """Return the case as plain data."""
        return [self.text, self.language, self.set, self.expected, list(self.also)]


def load(folder: Path = FOLDER) -> list[Case]:
    """Return all cases under ``folder``/<language>/<set>.yml.

    Raises:
        DatasetError: a file cannot be read, or there is none.
    """
    files = [folder / language / f"{name}.yml" for language in LANGUAGES for name in SETS]
    found = [case for path in files if path.exists() for case in _read(path)]
    if not found:
        raise DatasetError(f"{folder}: no sets are there; it must hold <language>/<set>.yml")
    return found


def development() -> list[Case]:
    """Return all cases whose misses have been read: those that a publication must pass, and the read blind sets."""
    return [*load(), *(case for folder in sorted(READ.glob("*")) if folder.is_dir() for case in load(folder))]


def newest_blind(folder: Path = BLIND) -> Path:
    """Return the folder of the blind sets with the latest date.

    Raises:
        DatasetError: there are none.
    """
    dates = sorted(path for path in folder.glob("*") if path.is_dir())
    if not dates:
        raise DatasetError(f"{folder}: no blind sets are there; docs/evaluation.md says how they are written")
    return dates[-1]


def _read(path: Path) -> list[Case]:
    language, name = path.parent.name, path.stem
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))[name]
        groups = data.items() if isinstance(data, dict) else [(language, data)]
        return [case for expected, rows in groups for case in _cases(rows, language, name, expected)]
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{path}: cannot be read ({error}); it must hold '{name}:' and its sentences") from error


def _cases(rows: list[Any], language: str, name: str, expected: str) -> Iterator[Case]:
    """Read sentences: plain texts, or a mapping of ``text`` and the entries that answer it ``also``."""
    for row in rows:
        if isinstance(row, dict):
            yield Case(str(row["text"]), language, name, expected, tuple(row.get("also", ())))
        else:
            yield Case(str(row), language, name, expected)
