"""The report's words in three languages."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml


@lru_cache(maxsize=1)
def _read() -> Any:
    return yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))


def word(name: str, language: str, /, **values: str) -> str:
    """Return the word ``name`` ("columns.unknown") in ``language`` with its blanks filled.

    Raises:
        KeyError: no such word, or a blank that ``values`` does not fill.
    """
    texts = _read()
    for part in name.split("."):
        texts = texts[part]
    return str(texts[language]).format_map(values)


def known(section: str, name: str, language: str) -> str:
    """Return the word for ``name`` in a section, or ``name`` itself if it has none."""
    texts = _read()[section].get(name)
    return texts[language] if texts else name
