"""Finds words that stand for a value (a city, a category, "free") in a text; pure."""

import re
from collections import defaultdict
from dataclasses import dataclass

from bot.text import fold, has_han, plain

# German compounds: "Kulturveranstaltung" is about culture. Shorter stems would find too much.
MIN_PREFIX = 5

Term = tuple[str, str, str]
"""kind, value, word"""


@dataclass(frozen=True)
class Found:
    """A term in a text: what it stands for and where."""

    kind: str
    value: str
    start: int
    end: int


class TermFinder:
    """Finds terms, the longest first where they overlap; ``terms`` are (kind, value, word)."""

    def __init__(self, terms: list[Term]) -> None:
        # One pattern for all, longer words before shorter: a pass over the message instead of one a term.
        ordered = sorted(terms, key=lambda term: -len(term[2]))
        self._terms = {f"t{number}": (kind, value) for number, (kind, value, _) in enumerate(ordered)}
        by_start: dict[str, list[str]] = defaultdict(list)
        for number, (_, _, word) in enumerate(ordered):
            folded = fold(word)
            by_start[folded[0]].append(f"(?P<t{number}>{_pattern(folded)})")
        # Told apart by their first letter, few of them are tried at each place of a message.
        groups = (f"(?={re.escape(start)})(?:{'|'.join(words)})" for start, words in by_start.items())
        self._pattern = re.compile("|".join(groups) or r"(?!)")

    def find(self, text: str) -> list[Found]:
        """Return the terms in ``text``, in their order."""
        folded = plain(text)
        return [
            Found(*self._terms[match.lastgroup], match.start(), match.end())
            for match in self._pattern.finditer(folded)
            if match.lastgroup
        ]


def _pattern(word: str) -> str:
    if has_han(word):
        return (r"(?<!\d)" if word[0].isdecimal() else "") + re.escape(word)
    return rf"\b{re.escape(word)}" + ("" if len(word) >= MIN_PREFIX else r"\b")
