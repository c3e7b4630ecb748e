"""Words about events in the form that the running bot uses: one list of terms, and what each kind of event is."""

from typing import Any

from bot.content.model import Content

FILTER, REQUEST, KIND = "filter", "request", "kind"
_VALUES = ("city", "category")


def event_terms(content: Content) -> list[tuple[str, str, str]]:
    """Return (kind of term, value, word) of every word; where two share a word the first is meant."""
    words = content.event_words
    listed = [
        (name, identifier, word)
        for name, group in ((FILTER, words.filters), (REQUEST, words.requests), (KIND, words.kinds))
        for identifier, by_language in group.items()
        for listing in by_language.values()
        for word in listing
    ]
    for term in content.terms:
        if term.value_of in _VALUES:
            named = [*term.names.values(), *(word for listing in term.synonyms.values() for word in listing)]
            listed += [(term.value_of, term.id, word) for word in named]
    first: dict[str, tuple[str, str, str]] = {}
    for name, value, word in listed:
        first.setdefault(word.lower(), (name, value, word))
    return list(first.values())


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
