"""The words by which an event is found, in three languages, and the words of a question; pure functions.

German and English words are folded ("Gärten" and "Gaerten" agree) and stand with their Snowball stems, which SQLite's
and PostgreSQL's own full-text searches would each do differently. Chinese has no word boundaries: a run of characters
stands as its pairs, and as single characters for the questions of one character.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.events.model import Event
from bot.nlu.stems import stem
from bot.text import HAN, plain

LONGEST = 60
SHORTEST_PART = 5
TITLE, VENUE, SUMMARY = 0, 1, 2
_LATIN_PLURALS = (("um", "en"), ("en", "um"))
"""Museum, Museen: what German took over from Latin, and its stemmer does not know."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Token:
    """A word of a question: the terms that match it whole, and the beginnings of a word's part that do."""

    terms: tuple[str, ...]
    parts: tuple[str, ...] = ()


def terms_of(event: Event) -> dict[str, int]:
    """Return the terms of an event, each with the best place in which it stands (title, venue, summary)."""
    texts = [(title, TITLE) for title in event.titles.values()]
    texts += [(title, TITLE) for override in event.overrides for title in override.titles.values()]
    texts += [(venue, VENUE) for venue in [event.venue, *(override.venue for override in event.overrides)]]
    texts += [(summary, SUMMARY) for summary in event.summaries.values()]
    found: dict[str, int] = {}
    for text, place in texts:
        for term in _terms(text):
            found[term] = min(place, found.get(term, place))
    for language in event.languages:
        found[language_term(language)] = SUMMARY
    return found


def language_term(language: str) -> str:
    """Return the term of a spoken language; its colon keeps it apart from words."""
    return f"language:{language.lower()}"[:LONGEST]


def roots(word: str) -> set[str]:
    """Return a folded word with its stems and theirs: whatever stands under the word stands under each of these."""
    found: set[str] = set()
    new = {word}
    while new:
        found |= new
        new = {stem(one, language) for one in new for language in ("de", "en")} - found
    return found


def parts_of(term: str) -> list[str]:
    """Return the ends of a word from five letters on, itself among them: what a part of a compound begins."""
    if HAN.search(term) or ":" in term:
        return []
    return [term[start:] for start in range(len(term) - SHORTEST_PART + 1)]


def tokens(words: Iterable[str]) -> list[Token]:
    """Return what must be found for each of the words; a word that holds no letter or figure gives nothing."""
    found: list[Token] = []
    for word in _pieces(" ".join(words)):
        if HAN.search(word):
            found += [Token((pair,)) for pair in ([word] if len(word) == 1 else _pairs(word))]
            continue
        found.append(_token(word))
    return list(dict.fromkeys(found))


def _token(word: str) -> Token:
    forms = [word, *(word[:-2] + other for ending, other in _LATIN_PLURALS if word.endswith(ending))]
    parts = [part for part in map(_part, forms) if len(part) >= SHORTEST_PART]
    # What begins with a part is found by it; only shorter words are looked up as they are.
    terms = [term for term in sorted(roots(word)) if not any(term.startswith(part) for part in parts)]
    return Token(tuple(terms), tuple(parts))


def _part(word: str) -> str:
    """Return the shortest stem of a word that is long enough to be looked for inside others."""
    stems = (word, stem(word, "de"), stem(word, "en"))
    return min((one for one in stems if len(one) >= SHORTEST_PART), key=len, default="")


def _terms(text: str) -> Iterable[str]:
    for word in _pieces(text):
        if HAN.search(word):
            yield from word
            yield from _pairs(word)
        else:
            yield from roots(word)


def _pieces(text: str) -> Iterable[str]:
    """Yield folded words and runs of simplified Chinese characters."""
    for word in _WORD.findall(plain(text)):
        start = 0
        for run in HAN.finditer(word):
            if run.start() > start:
                yield word[start : run.start()][:LONGEST]
            yield run[0]
            start = run.end()
        if start < len(word):
            yield word[start:][:LONGEST]


def _pairs(run: str) -> list[str]:
    return [run[position : position + 2] for position in range(len(run) - 1)]
