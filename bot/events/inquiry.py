"""What a visitor asks the calendar: read from a message and from what was asked before; pure.

A new question starts from nothing; one that begins with "and", names only what shall change, or comes as a request on
the list ("more", "the second one") starts from the last search.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Any, Self

from bot.events.model import Category, City, Query
from bot.nlu.terms import Found, TermFinder
from bot.temporal import Span, read
from bot.text import HAN, clean, fold, to_simplified

# A message of more other words than this is a question of its own, not a change of the last one.
MAX_CHANGE_WORDS = 3
MIN_WORD = 4
MAX_WORDS = 6
_WORD = re.compile(r"\w+")
_PICKED = re.compile(r"pick_(\d+|last)")
_SPOKEN = "spoken_"


@dataclass(frozen=True)
class Inquiry:
    """A search: the query, the kind of event that was named, and the other readings of the time."""

    query: Query = field(default_factory=Query)
    kind: str | None = None
    others: tuple[Span, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return the search as plain data."""
        query = self.query
        return {
            "start": query.start and query.start.isoformat(),
            "end": query.end and query.end.isoformat(),
            "city": query.city and query.city.value,
            "category": query.category and query.category.value,
            "free": query.free,
            "language": query.language,
            "words": list(query.words),
            "time_of_day": query.time_of_day and [moment.isoformat() for moment in query.time_of_day],
            "kind": self.kind,
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Return what `as_data` made plain."""
        clock = data.get("time_of_day")
        query = Query(
            start=_moment(data.get("start")),
            end=_moment(data.get("end")),
            city=City(data["city"]) if data.get("city") else None,
            category=Category(data["category"]) if data.get("category") else None,
            free=data.get("free"),
            language=data.get("language"),
            words=tuple(data.get("words") or ()),
            time_of_day=(time.fromisoformat(clock[0]), time.fromisoformat(clock[1])) if clock else None,
        )
        return cls(query, data.get("kind"))


@dataclass(frozen=True)
class Asked:
    """What a message asks: a search, a request on the list that was shown, and words that may be of a title."""

    inquiry: Inquiry
    requests: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    narrowed: bool = False
    """whether the message itself names anything to search by"""

    @property
    def picked(self) -> int | None:
        """Which one of the list is meant: 0 for the first, -1 for the last, None for none."""
        found = next((match for request in self.requests if (match := _PICKED.match(request))), None)
        return None if found is None else -1 if found[1] == "last" else int(found[1]) - 1


class EventWords:
    """The content's words about events, ready to be found (`bot.content.event_words.compile_event_words`)."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._finder = TermFinder([(name, value, word) for name, value, word in data["terms"]])
        self.kinds: dict[str, dict[str, Any]] = data["kinds"]
        self._refining = {language: tuple(map(fold, words)) for language, words in data["refining"].items()}
        self._ordinary = {language: _ordinary(words) for language, words in data["ordinary"].items()}

    def understand(self, text: str, language: str, now: datetime, before: Inquiry | None = None) -> Asked:
        """Return what ``text`` asks; ``now`` is the visitor's, ``before`` the last search if it may be meant."""
        normal = clean(text)
        reading = read(normal, language, now)
        plain = fold(to_simplified(_without(normal, reading.words if reading else ())))
        terms = self._finder.find(plain)
        rest = _without(plain, [(term.start, term.end) for term in terms])
        words = self._telling(rest, language)
        requests = frozenset(term.value for term in terms if term.kind == "request") - {"noun"}
        noun = any(term.value == "noun" for term in terms)
        fresh = before is None or not (
            self._refines(plain, language) or requests or (len(words) <= MAX_CHANGE_WORDS and not noun)
        )
        inquiry = Inquiry() if fresh or before is None else replace(before, others=())
        inquiry, narrowed = _narrowed(inquiry, terms, self.kinds)
        if reading:
            span, clock = reading.span, reading.time_of_day
            query = replace(inquiry.query, start=span.start, end=span.end, time_of_day=clock)
            inquiry = replace(inquiry, query=query, others=reading.alternatives)
        return Asked(_widened(inquiry, requests), requests, words, narrowed or reading is not None)

    def _refines(self, plain: str, language: str) -> bool:
        return plain.lstrip(" ,.!?，。|").startswith(self._refining.get(language, ()))

    def _telling(self, rest: str, language: str) -> tuple[str, ...]:
        """Return the words that may belong to a title: neither ordinary nor short."""
        chinese = self._ordinary["zh"].sub(" ", rest)
        runs = [run for run in HAN.findall(chinese) if len(run) > 1]
        ordinary = self._ordinary["de" if language == "de" else "en"]
        latin = [word for word in _WORD.findall(HAN.sub(" ", rest)) if len(word) >= MIN_WORD or word.isdecimal()]
        kept = [word for word in latin if not ordinary.fullmatch(word)]
        return tuple(dict.fromkeys([*kept, *runs]))[:MAX_WORDS]


def _narrowed(inquiry: Inquiry, terms: Sequence[Found], kinds: dict[str, dict[str, Any]]) -> tuple[Inquiry, bool]:
    """Return the search with what the terms name, and whether they name anything."""
    query, kind = inquiry.query, inquiry.kind
    changed = False
    for term in terms:
        before = (query, kind)
        if term.kind == "city":
            query = replace(query, city=City(term.value))
        elif term.kind == "category" and not any(other.kind == "kind" for other in terms):
            query, kind = replace(query, category=Category(term.value), words=()), None
        elif term.kind == "kind":
            query, kind = replace(query, category=None, words=()), term.value
        elif term.kind == "filter" and term.value == "free":
            query = replace(query, free=True)
        elif term.kind == "filter" and term.value.startswith(_SPOKEN):
            query = replace(query, language=term.value.removeprefix(_SPOKEN))
        changed = changed or before != (query, kind)
    return replace(inquiry, query=query, kind=kind), changed


def _widened(inquiry: Inquiry, requests: frozenset[str]) -> Inquiry:
    """Return the search without the conditions that a request takes off."""
    query, kind = inquiry.query, inquiry.kind
    if "any_city" in requests:
        query = replace(query, city=None)
    if "any_category" in requests:
        query, kind = replace(query, category=None, words=()), None
    if "any_time" in requests:
        query = replace(query, start=None, end=None, time_of_day=None)
    if "any_price" in requests:
        query = replace(query, free=None)
    return replace(inquiry, query=query, kind=kind)


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return ``text``, as long as before, with bars in place of ``spans``: blanks would be taken together."""
    letters = list(text)
    for start, end in spans:
        letters[start:end] = "|" * (end - start)
    return "".join(letters)


def _ordinary(words: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted({fold(word) for word in words}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
