"""Looks an inquiry up in the calendar; with nothing found, drops one condition in a fixed order and says which."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bot.events.inquiry import Asked, EventWords, Inquiry
from bot.events.model import Category, Occurrence, Query
from bot.events.store import EventStore

PAGE = 5
MANY = 200


@dataclass(frozen=True)
class Page:
    """Occurrences in order of start, whether there are more, and what had to be dropped to find them."""

    found: tuple[Occurrence, ...]
    more: bool = False
    dropped: str | None = None
    """time_of_day, words, kind, language, free, category, city; None if everything was kept"""
    later: Occurrence | None = None
    """with nothing found in the time asked for: the next one that fits"""


class EventFinder:
    """Answers inquiries from a store."""

    def __init__(self, store: EventStore, words: EventWords) -> None:
        self._store, self._words = store, words

    def with_title_words(self, asked: Asked, now: datetime) -> tuple[Inquiry, list[str]]:
        """Return the inquiry narrowed by what is quoted and by the words that titles or venues hold, and the others.

        Words count together: "Tai-Chi" is one event's, "weather concert" none's. If no events are spoken of, a run of
        Chinese characters of which a title holds a scrap only is one of the others.
        """
        known: tuple[str, ...] = asked.quoted
        foreign = []
        for word in asked.words:
            variants = (variant for variant in self._words.variants(word) if self._store.names((*known, *variant), now))
            variant = next(variants, ())
            known = (*known, *variant)
            if not variant or (_is_scrap(variant[0], word) and not asked.says_events):
                foreign.append(word)
        query = asked.inquiry.query
        return replace(asked.inquiry, query=replace(query, words=(*query.words, *known))), foreign

    def with_unknown_words(self, inquiry: Inquiry, asked: Asked, foreign: list[str]) -> Inquiry:
        """Return the inquiry narrowed by what no title holds, if that is all that a message about events names.

        "Tennis events?" is then told that there are none, before what there is.
        """
        if not asked.says_events or asked.narrowed or inquiry.query.words or len(foreign) != 1:
            return inquiry
        return replace(inquiry, query=replace(inquiry.query, words=tuple(foreign)))

    def page(self, inquiry: Inquiry, now: datetime, offset: int = 0) -> Page:
        """Return a page of what fits; with nothing on the first, the nearest thing to it."""
        found = self._find(inquiry, now, offset + PAGE + 1)[offset:]
        if found or offset:
            return Page(tuple(found[:PAGE]), len(found) > PAGE)
        later = self._later(inquiry, now)
        for dropped, wider in _relaxed(inquiry, self._words):
            if others := self._find(wider, now, PAGE):
                return Page(tuple(others), dropped=dropped, later=later)
        return Page((), later=later)

    def _later(self, inquiry: Inquiry, now: datetime) -> Occurrence | None:
        if inquiry.query.end is None or inquiry.query.end <= now.replace(tzinfo=None):
            return None
        found = self._find(replace(inquiry, query=replace(inquiry.query, end=None)), now, 1)
        return found[0] if found else None

    def _find(self, inquiry: Inquiry, now: datetime, limit: int) -> list[Occurrence]:
        if not inquiry.kinds:
            return self._store.find(inquiry.query, now=now, limit=limit)
        # Of several kinds ("basketball tournament") all must be named, in whichever language.
        most = limit if len(inquiry.kinds) == 1 else MANY
        found = [_merged(self._of_kind(kind, inquiry.query, now, most)) for kind in inquiry.kinds]
        both = set.intersection(*({_key(one) for one in each} for each in found))
        return [one for one in found[0] if _key(one) in both][:limit]

    def _of_kind(self, kind: str, query: Query, now: datetime, limit: int) -> Iterator[list[Occurrence]]:
        for word in self._words.names_of(kind):
            yield self._store.find(replace(query, words=(*query.words, word)), now=now, limit=limit)


def _is_scrap(found: str, word: str) -> bool:
    """Whether what was found is less than half of a run of characters: two of nine are no title."""
    return 2 * len(found) < len(word)


def _key(one: Occurrence) -> tuple[datetime, str]:
    return one.start.replace(tzinfo=None), one.event.uid


def _merged(lists: Iterable[list[Occurrence]]) -> list[Occurrence]:
    """Return each occurrence of several lists once, by local start, then uid."""
    by_key = {_key(one): one for found in lists for one in found}
    return [by_key[key] for key in sorted(by_key)]


def _relaxed(inquiry: Inquiry, words: EventWords) -> Iterator[tuple[str, Inquiry]]:
    """Yield the inquiry with one condition less, the least telling first."""
    query = inquiry.query
    if query.time_of_day:
        yield "time_of_day", replace(inquiry, query=replace(query, time_of_day=None))
    if query.words:
        yield "words", replace(inquiry, query=replace(query, words=()))
    if inquiry.kinds:
        category = Category(words.kinds[inquiry.kinds[0]]["category"])
        yield "kind", replace(inquiry, kinds=(), query=replace(query, category=category))
    if query.language:
        yield "language", replace(inquiry, query=replace(query, language=None))
    if query.free is not None:
        yield "free", replace(inquiry, query=replace(query, free=None))
    if query.category:
        yield "category", replace(inquiry, query=replace(query, category=None))
    if query.city:
        yield "city", replace(inquiry, query=replace(query, city=None))
