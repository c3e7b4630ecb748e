"""Sentences for staff, kept as data in three languages next to the code that says them.

A YAML file maps a name to its text by language, or to parts (``message``, ``fix``) that are each such a mapping.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.errors import BotError

STAFF_LANGUAGE = "en"
"""What the command line speaks unless it is told otherwise."""
_NAMES = Path(__file__).with_name("sayings.yml")


class Sayings:
    """The sentences of one YAML file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def say(self, name: str, language: str, /, **values: Any) -> str:
        """Return the sentence ``name`` in ``language`` with its blanks filled; parts are named ``name.part``.

        Raises:
            KeyError: no such sentence, or a blank that ``values`` does not fill.
        """
        texts: Any = _read(self._path)
        for part in name.split("."):
            texts = texts[part]
        return str(texts[language]).format_map(_spelt(values, language))

    def names(self) -> list[str]:
        """Return the names of all sentences."""
        return list(_read(self._path))

    def data(self, name: str) -> Any:
        """Return what stands under ``name`` as it is: lists and tables of texts."""
        return _read(self._path)[name]


class StaffError(BotError):
    """Raised for something that staff can mend; says it in each language. Its text is the English one."""

    def __init__(self, sayings: Sayings, name: str, **values: Any) -> None:
        self._sayings, self.name, self._values = sayings, name, values
        super().__init__(self.said(STAFF_LANGUAGE))

    def said(self, language: str) -> str:
        """Return what is wrong and what to do, in ``language``."""
        return self._sayings.say(self.name, language, **self._values)


def _spelt(values: dict[str, Any], language: str) -> dict[str, Any]:
    """Add the name of a language beside its tag: ``language_name`` is "German" where ``language`` is "de"."""
    names = _read(_NAMES)["languages"]
    spelt = {f"{key}_name": names[value][language] for key, value in values.items() if str(value) in names}
    return values | spelt


@lru_cache
def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
