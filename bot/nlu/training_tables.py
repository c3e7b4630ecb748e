"""What the content hands to NLU components beside sentences, carried in Rasa's lookup tables.

Lookup tables are part of the training data's fingerprint, so that a change in the glossary refits
what depends on it; a file read by a component on its own would be missed by Rasa's cache.
"""

from dataclasses import dataclass, field
from typing import Any

NAMES, TERMS, FOLLOW_UPS = "names", "terms", "follow_ups"
LANGUAGE_PROPERTY = "language"
"""The property of a training message that holds its language."""


@dataclass
class TrainingTables:
    """Names that are no language's words, words that stand for a value, and what follows on an entry."""

    names: list[str] = field(default_factory=list)
    terms: list[tuple[str, str, str]] = field(default_factory=list)
    """(kind, value, word), e.g. ("city", "beijing", "Peking")"""
    follow_ups: list[tuple[str, str, str]] = field(default_factory=list)
    """(entry, follow-up, target entry)"""

    def as_lookup_tables(self) -> list[dict[str, Any]]:
        """Return the tables in Rasa's form: named lists of texts."""
        return [
            {"name": NAMES, "elements": self.names},
            {"name": TERMS, "elements": ["\t".join(row) for row in self.terms]},
            {"name": FOLLOW_UPS, "elements": ["\t".join(row) for row in self.follow_ups]},
        ]

    @classmethod
    def from_lookup_tables(cls, tables: list[dict[str, Any]]) -> "TrainingTables":
        """Read what `as_lookup_tables` wrote; tables that are absent are empty."""
        by_name = {table["name"]: table["elements"] for table in tables}
        return cls(by_name.get(NAMES, []), _rows(by_name, TERMS), _rows(by_name, FOLLOW_UPS))


def _rows(tables: dict[str, list[str]], name: str) -> list[tuple[str, str, str]]:
    rows = []
    for element in tables.get(name, []):
        first, second, third = element.split("\t")
        rows.append((first, second, third))
    return rows
