"""Mends words that nobody has taught and that are one typing error away from a word that somebody has."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.nlu.features import Question
from bot.text import HAN, fold

# Shorter words have too many neighbours ("Apple" would become "apply").
MIN_LENGTH = 6
MIN_SEEN = 2
# Of words that could name something: characters of a Chinese one, letters of another.
MIN_HAN, MIN_LETTERS = 2, 4
CACHE = 20_000


class Speller:
    """Learns the words of the training questions; mends the words of new ones. Chinese is left alone."""

    def __init__(self, questions: Sequence[Question]) -> None:
        words = (fold(word) for question in questions for word in question.words)
        self._seen = Counter(word for word in words if word.isalpha())
        self._written = _most_written(word for question in questions for word in question.words)
        self._by_start: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word, count in self._seen.items():
            if count >= MIN_SEEN and len(word) >= MIN_LENGTH - 1 and not HAN.search(word):
                self._by_start[word[0], len(word)].append(word)
        self._mended: dict[str, str] = {}

    def mend(self, question: Question) -> Question:
        """Return ``question`` with its misspelt words replaced, in its text too, which its meaning is told by."""
        mended = tuple(self._word(word) for word in question.words)
        text = question.text
        for word, right in zip(question.words, mended, strict=True):
            if word != right:
                text = text.replace(word, self._written.get(right, right))
        return replace(question, words=mended, text=text)

    def knows(self, question: Question) -> bool:
        """Whether somebody has taught every word of a (mended) question that could name something."""
        folded = (fold(word) for word in question.words)
        return all(word in self._seen for word in folded if word.isalpha() and _may_name(word))

    def _word(self, word: str) -> str:
        folded = fold(word)
        if len(folded) < MIN_LENGTH or folded in self._seen or not folded.isalpha() or HAN.search(folded):
            return word
        if folded not in self._mended:
            if len(self._mended) > CACHE:
                self._mended.clear()
            self._mended[folded] = self._nearest(folded)
        return self._mended[folded] or word

    def _nearest(self, folded: str) -> str:
        """Return the most frequent known word at one swap, drop, addition or change after the first letter, or ""."""
        lengths = (len(folded) - 1, len(folded), len(folded) + 1)
        candidates = [word for length in lengths for word in self._by_start.get((folded[0], length), ())]
        near = process.extract(folded, candidates, scorer=OSA.distance, score_cutoff=1, limit=None)
        return max((word for word, _, _ in near), key=lambda word: (self._seen[word], word), default="")


def _most_written(words: Iterable[str]) -> dict[str, str]:
    """Return how words are mostly written, by their folded forms, where that differs: "stadte" is "Städte"."""
    counts = Counter(word for word in words if len(word) >= MIN_LENGTH - 1 and word.isalpha() and not HAN.search(word))
    forms: dict[str, str] = {}
    for word, _ in counts.most_common():
        forms.setdefault(fold(word), word)
    return {folded: word for folded, word in forms.items() if folded != word}


def _may_name(word: str) -> bool:
    return len(word) >= (MIN_HAN if HAN.search(word) else MIN_LETTERS)
