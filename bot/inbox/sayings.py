"""Sentences of the inbox and the numbers for staff, kept as data in three languages (sayings.yml)."""

from pathlib import Path
from typing import Any

from bot import sayings
from bot.sayings import STAFF_LANGUAGE, Sayings

SAYINGS = Sayings(Path(__file__).with_suffix(".yml"))

__all__ = ["SAYINGS", "STAFF_LANGUAGE", "StaffError", "say"]


def say(name: str, language: str, /, **values: Any) -> str:
    """Return the sentence ``name`` in ``language`` with its blanks filled; parts are named ``name.part``.

    Raises:
        KeyError: no such sentence, or a blank that ``values`` does not fill.
    """
    return SAYINGS.say(name, language, **values)


class StaffError(sayings.StaffError):
    """Raised for something about the inbox that staff can mend."""

    def __init__(self, name: str, **values: Any) -> None:
        super().__init__(SAYINGS, name, **values)
