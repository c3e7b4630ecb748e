"""Words of three languages that mean the same, as one feature: what German questions teach helps Chinese ones.

The lexicon is content (nlu_data/concepts.yml). German and English words match by their stems, phrases by
the stems in a row, the longest first; Chinese words by their characters.
"""

import re
from collections import defaultdict
from itertools import combinations

from bot.nlu.stems import HAS_WORD, stem
from bot.text import HAN, fold

ConceptRow = tuple[str, str, str]
"""concept, language, word or phrase"""


class ConceptFinder:
    """Finds the concepts of a question."""

    def __init__(self, rows: list[ConceptRow]) -> None:
        self._stems: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._chinese: dict[str, set[str]] = defaultdict(set)
        for concept, language, phrase in rows:
            if HAN.search(phrase):
                self._chinese[phrase].add(concept)
            elif words := re.findall(r"\w+", phrase):
                self._stems[tuple(stem(fold(word), language) for word in words)].add(concept)
        self._longest = max((len(key) for key in self._stems), default=0)
        ordered = sorted(self._chinese, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered)) or r"(?!)")

    def features(self, words: tuple[str, ...], language: str) -> list[str]:
        """Return a feature for each concept named and for each pair of different ones."""
        found = self.find(words, language)
        pairs = combinations(sorted(set(found)), 2)
        return [*(f"c:{concept}" for concept in found), *(f"cc:{one}|{other}" for one, other in pairs)]

    def find(self, words: tuple[str, ...], language: str) -> list[str]:
        """Return the concepts in the order of the words; Latin words first."""
        latin = [stem(fold(word), language) for word in words if HAS_WORD.search(word) and not HAN.search(word)]
        found: list[str] = []
        position = 0
        while position < len(latin):
            length, concepts = self._at(latin, position)
            found += concepts
            position += length
        chinese = "".join(word if HAN.search(word) else " " for word in words)
        return found + [
            concept for match in self._pattern.finditer(chinese) for concept in sorted(self._chinese[match[0]])
        ]

    def _at(self, stems: list[str], position: int) -> tuple[int, list[str]]:
        """Return the longest phrase at a position: how many words, and its concepts."""
        for length in range(min(self._longest, len(stems) - position), 0, -1):
            if concepts := self._stems.get(tuple(stems[position : position + length])):
                return length, sorted(concepts)
        return 1, []
