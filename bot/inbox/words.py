"""The words by which personal data is recognised (personal.yml), ready to stand in regular expressions."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("personal.yml")


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """Return the words by section."""
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def any_of(listed: Iterable[str]) -> str:
    """Return a pattern for any of ``listed``, the longest first; a space stands for any space, ' for ’ as well."""
    ordered = sorted(listed, key=len, reverse=True)
    escaped = (re.escape(word).replace(r"\ ", r"\s+").replace("'", "['’]") for word in ordered)
    return f"(?:{'|'.join(escaped)})"
