"""What the content hands to NLU components beside sentences, carried in Rasa's lookup tables.

Lookup tables are part of the training data's fingerprint, so that a change in the glossary refits
what depends on it; a file read by a component on its own would be missed by Rasa's cache.
"""

from dataclasses import dataclass, field
from typing import Any

NAMES, TERMS, FOLLOW_UPS, CONCEPTS, ORDINARY = "names", "terms", "follow_ups", "concepts", "ordinary"
LANGUAGE_PROPERTY = "language"
"""The property of a training message that holds its language."""


@dataclass
class TrainingTables:
    """Names that belong to no language, words for a value, what follows on an entry, what means the same."""

    names: list[str] = field(default_factory=list)
    terms: list[tuple[str, str, str]] = field(default_factory=list)
    """(kind, value, word), e.g. ("city", "beijing", "Peking")"""
    follow_ups: list[tuple[str, str, str]] = field(default_factory=list)
    """(entry, follow-up, target entry)"""
    concepts: list[tuple[str, str, str]] = field(default_factory=list)
    """(concept, language, word)"""
    ordinary: dict[str, list[str]] = field(default_factory=dict)
    """language -> words that say nothing about which event is meant"""

    def as_lookup_tables(self) -> list[dict[str, Any]]:
        """Return the tables in Rasa's form: named lists of texts."""
        return [
            {"name": NAMES, "elements": self.names},
            {"name": TERMS, "elements": ["\t".join(row) for row in self.terms]},
            {"name": FOLLOW_UPS, "elements": ["\t".join(row) for row in self.follow_ups]},
            {"name": CONCEPTS, "elements": ["\t".join(row) for row in self.concepts]},
            *({"name": f"{ORDINARY}_{language}", "elements": words} for language, words in self.ordinary.items()),
        ]

    @classmethod
    def from_lookup_tables(cls, tables: list[dict[str, Any]]) -> "TrainingTables":
        """Read what `as_lookup_tables` wrote; tables that are absent are empty."""
        by_name = {table["name"]: table["elements"] for table in tables}
        terms, follow_ups, concepts = (_rows(by_name, name) for name in (TERMS, FOLLOW_UPS, CONCEPTS))
        ordinary = {
            name.removeprefix(f"{ORDINARY}_"): list(words)
            for name, words in by_name.items()
            if name.startswith(f"{ORDINARY}_")
        }
        return cls(by_name.get(NAMES, []), terms, follow_ups, concepts, ordinary)


def _rows(tables: dict[str, list[str]], name: str) -> list[tuple[str, str, str]]:
    rows = []
    for element in tables.get(name, []):
        first, second, third = element.split("\t")
        rows.append((first, second, third))
    return rows
