"""What a message says beyond the words that were understood: those that may name something; pure."""

import re
from collections.abc import Iterable, Sequence

from spacy.lang.de.stop_words import STOP_WORDS as GERMAN
from spacy.lang.en.stop_words import STOP_WORDS as ENGLISH

from bot.nlu.terms import Found
from bot.text import HAN, fold

MIN_WORD = 3
MAX_WORDS = 6
STOP_WORDS = {"de": GERMAN, "en": ENGLISH}
_WORD = re.compile(r"\w+")
_TAIL = re.compile(r"(?<=[^\W\d_])[a-z]{1,3}\b")


class Leftovers:
    """Knows the words that say nothing about which thing is meant (``ordinary``: language -> words)."""

    def __init__(self, ordinary: dict[str, list[str]]) -> None:
        # Single characters are parts of other words too: only at the ends of what is left they say nothing.
        self._particles = "".join(word for word in ordinary.get("zh", ()) if len(word) == 1)
        self._ordinary = {
            language: _pattern([*ordinary.get(language, ()), *STOP_WORDS.get(language, ())])
            for language in ("de", "en", "zh")
        }

    def of(self, rest: str, language: str) -> tuple[str, ...]:
        """Return the telling words of a folded, simplified text in which what was understood is blotted out."""
        stretches = (run.strip(self._particles) for run in HAN.findall(self._ordinary["zh"].sub(" ", rest)))
        runs = [run for run in stretches if len(run) > 1]
        ordinary = self._ordinary["de" if language == "de" else "en"]
        latin = [word for word in _WORD.findall(HAN.sub(" ", rest)) if len(word) >= MIN_WORD]
        kept = [word for word in latin if not ordinary.fullmatch(word)]
        return tuple(dict.fromkeys([*kept, *runs]))[:MAX_WORDS]


def without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return ``text``, as long as before, with bars in place of ``spans``: blanks would be taken together."""
    letters = list(text)
    for start, end in spans:
        letters[start:end] = "|" * (end - start)
    return "".join(letters)


def without_terms(text: str, terms: Iterable[Found]) -> str:
    """Return a folded ``text`` without the words that terms stand in or begin ("concert" in "concerts")."""
    return without(text, [(term.start, _word_end(text, term.end)) for term in terms])


def _word_end(text: str, at: int) -> int:
    tail = _TAIL.match(text, at)
    return tail.end() if tail else at


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted({fold(word) for word in words if len(word) > 1}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
