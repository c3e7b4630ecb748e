"""Words about events in the form that the running bot uses: one list of terms, and what each kind of event is."""

from collections.abc import Iterator
from typing import Any

from bot.content.model import Content

FILTER, REQUEST, KIND, HINT, ELSEWHERE, ORIGIN = "filter", "request", "kind", "hint", "elsewhere", "origin"
CITIES = "city"
"""The namesakes that are cities."""
_VALUES = ("city", "category")


def event_terms(content: Content) -> list[tuple[str, str, str]]:
    """Return (kind of term, value, word) of every word; where two share a word the first is meant.

    Cities that are not ours are "elsewhere", but for where a visitor says to be from.
    """
    words = content.event_words
    listed = [
        (name, identifier, word)
        for name, group in (
            (FILTER, words.filters),
            (REQUEST, words.requests),
            (KIND, words.kinds),
            (HINT, words.hints),
        )
        for identifier, by_language in group.items()
        for listing in by_language.values()
        for word in listing
    ]
    for term in content.terms:
        if term.value_of in _VALUES:
            named = [*term.names.values(), *(word for listing in term.synonyms.values() for word in listing)]
            listed += [(term.value_of, term.id, word) for word in named]
    listed += _elsewhere(content)
    first: dict[str, tuple[str, str, str]] = {}
    for name, value, word in listed:
        first.setdefault(word.lower(), (name, value, word))
    return list(first.values())


def _elsewhere(content: Content) -> Iterator[tuple[str, str, str]]:
    for namesake in content.namesakes:
        if namesake.id != CITIES:
            continue
        for language, cities in namesake.others.items():
            between = "" if language == "zh" else " "
            for city in cities:
                yield ELSEWHERE, CITIES, city
                for word in content.event_words.origins.get(language, ()):
                    yield ORIGIN, CITIES, f"{word}{between}{city}"


def compile_event_words(content: Content) -> dict[str, Any]:
    """Return plain data: ``terms``, ``kinds`` (category and names in each language), ``refining`` and ``ordinary``."""
    words = content.event_words
    return {
        "terms": event_terms(content),
        "kinds": {
            kind: {
                "category": words.categories[kind],
                "names": by_language,
            }
            for kind, by_language in words.kinds.items()
        },
        "refining": words.refining,
        "ordinary": words.ordinary,
    }
