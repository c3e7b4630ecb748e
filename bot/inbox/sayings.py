"""Sentences of the inbox and the numbers for staff, kept as data in three languages (sayings.yml)."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.errors import BotError

STAFF_LANGUAGE = "en"
"""What the command line speaks unless it is told otherwise."""


def say(name: str, language: str, /, **values: Any) -> str:
    """Return the sentence ``name`` in ``language`` with its blanks filled; parts are named ``name.part``.

    Raises:
        KeyError: no such sentence, or a blank that ``values`` does not fill.
    """
    texts: Any = _read()
    for part in name.split("."):
        texts = texts[part]
    return str(texts[language]).format_map(values)


class StaffError(BotError):
    """Raised for something that staff can mend; says it in each language. Its text is the English one."""

    def __init__(self, name: str, **values: Any) -> None:
        self.name, self._values = name, values
        super().__init__(self.said(STAFF_LANGUAGE))

    def said(self, language: str) -> str:
        """Return what is wrong and what to do, in ``language``."""
        return say(self.name, language, **self._values)


@lru_cache(maxsize=1)
def _read() -> Any:
    return yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
