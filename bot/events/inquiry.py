"""What a visitor asks the calendar: read from a message and from what was asked before; pure.

A new question starts from nothing; one that begins with "and", names only what shall change, or comes as a request on
the list ("more", "the second one") starts from the last search.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Any, Self

from dateutil.relativedelta import relativedelta

from bot.events.model import Category, City, Query
from bot.nlu.leftovers import Leftovers, without, without_terms
from bot.nlu.terms import Found, TermFinder
from bot.temporal import Reading, Span, read
from bot.text import HAN, clean, fold, to_simplified

# A message of more other words than this is a question of its own, not a change of the last one.
MAX_CHANGE_WORDS = 3
_QUOTED = re.compile(r"„([^“”\"]{2,80})[“”\"]|“([^”]{2,80})”|\"([^\"]{2,80})\"|《([^》]{2,80})》|「([^」]{2,80})」")
NOUN = "noun"
"""The request that is none: "events" is said in most questions of their own."""
LATER = {
    "day_later": relativedelta(days=1),
    "week_later": relativedelta(weeks=1),
    "month_later": relativedelta(months=1),
}
"""Requests that move the time of the last search on."""
_PICKED = re.compile(r"pick_(\d+|last)")
_SPOKEN = "spoken_"
NO_CONDITIONS = frozenset({"request", "hint", "elsewhere", "origin"})
_DIMENSION = {"kind": "category"}


@dataclass(frozen=True)
class Inquiry:
    """A search: the query, the kinds of event that were named, and the other readings of the time."""

    query: Query = field(default_factory=Query)
    kinds: tuple[str, ...] = ()
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
            "kinds": list(self.kinds),
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
        return cls(query, tuple(data.get("kinds") or ()))


@dataclass(frozen=True)
class Asked:
    """What a message asks: a search, a request on the list that was shown, and words that may be of a title."""

    inquiry: Inquiry
    requests: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    """titles, or parts of them, in quotation marks"""
    says_events: bool = False
    """whether it says that it is about events at all"""
    narrowed: bool = False
    """whether the message itself names anything to search by"""
    elsewhere: bool = False
    """whether it names a city, and none that events are known in"""

    @property
    def dated_kind(self) -> bool:
        """Whether a kind of event and a time are named: "a flea market at the weekend"."""
        query = self.inquiry.query
        return bool(self.inquiry.kinds) and (query.start is not None or query.end is not None)

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
        self._leftovers = Leftovers(data["ordinary"])

    def names_of(self, kind: str) -> list[str]:
        """Return the words that a kind is looked for by: the first of each language."""
        return list(dict.fromkeys(listed[0] for listed in self.kinds[kind]["names"].values()))

    def understand(self, text: str, language: str, now: datetime, before: Inquiry | None = None) -> Asked:
        """Return what ``text`` asks; ``now`` is the visitor's, ``before`` the last search if it may be meant."""
        quoted = tuple(
            found.strip() for match in _QUOTED.finditer(text) if (found := next(filter(None, match.groups())))
        )
        normal = clean(_QUOTED.sub(" ", text))
        reading = read(normal, language, now)
        if before and reading and self._moves_on(normal, reading):
            reading = None  # "a week later": than what was asked before, not than today
        plain = fold(to_simplified(without(normal, reading.words if reading else ())))
        terms = self._finder.find(plain)
        words = self._leftovers.of(without_terms(plain, terms), language)
        requests = frozenset(term.value for term in terms if term.kind == "request")
        dimensions = {_DIMENSION.get(term.kind, term.kind) for term in terms} - NO_CONDITIONS
        named = len(dimensions) + (reading is not None)
        changes = bool(requests - {NOUN}) or (len(words) <= MAX_CHANGE_WORDS and NOUN not in requests and named <= 1)
        keep = before is not None and (changes or self._refines(plain, language))
        inquiry, narrowed = _narrowed(replace(before, others=()) if keep and before else Inquiry(), terms)
        if reading:
            span, clock = reading.span, reading.time_of_day
            query = replace(inquiry.query, start=span.start, end=span.end, time_of_day=clock)
            inquiry = replace(inquiry, query=query, others=reading.alternatives)
        elif keep:
            inquiry = _moved_on(inquiry, requests)
        says_events = NOUN in requests
        requests -= {NOUN, *LATER}
        cities = {term.kind for term in terms} & {"elsewhere", "city"}
        elsewhere = cities == {"elsewhere"}
        narrowed = narrowed or reading is not None
        return Asked(_widened(inquiry, requests), requests, words, quoted, says_events, narrowed, elsewhere)

    def _moves_on(self, text: str, reading: Reading) -> bool:
        """Whether all words of a time belong to a request to move the last search on ("the week after next": no)."""
        later = [term for term in self._finder.find(text) if term.kind == "request" and term.value in LATER]
        inside = (any(term.start <= start and end <= term.end for term in later) for start, end in reading.words)
        return bool(later) and all(inside)

    def _refines(self, plain: str, language: str) -> bool:
        return plain.lstrip(" ,.!?，。|").startswith(self._refining.get(language, ()))

    def variants(self, word: str) -> list[tuple[str, ...]]:
        """Return the forms in which a word may be looked for, the most telling first.

        A run of Chinese characters may hold more than the title.
        """
        if not HAN.search(word):
            return [(word,)]
        return [(word,), *((word[at : at + 2],) for at in range(len(word) - 1) if len(word) > 2)]


def _narrowed(inquiry: Inquiry, terms: Sequence[Found]) -> tuple[Inquiry, bool]:
    """Return the search with what the terms name, and whether they name anything."""
    query = inquiry.query
    kinds = tuple(dict.fromkeys(term.value for term in terms if term.kind == "kind"))
    category = next((term.value for term in terms if term.kind == "category"), None)
    if kinds or category:
        query = replace(query, category=Category(category) if category and not kinds else None, words=())
    for term in terms:
        if term.kind == "city":
            query = replace(query, city=City(term.value))
        elif term.kind == "filter" and term.value == "free":
            query = replace(query, free=True)
        elif term.kind == "filter" and term.value.startswith(_SPOKEN):
            query = replace(query, language=term.value.removeprefix(_SPOKEN))
    found = replace(inquiry, query=query, kinds=kinds or (() if category else inquiry.kinds))
    return found, found != inquiry


def _moved_on(inquiry: Inquiry, requests: frozenset[str]) -> Inquiry:
    """Return the search with its time moved on: "and the week after?"."""
    step = next((LATER[request] for request in requests if request in LATER), None)
    query = inquiry.query
    if step is None or (query.start is None and query.end is None):
        return inquiry
    start, end = (moment and moment + step for moment in (query.start, query.end))
    return replace(inquiry, query=replace(query, start=start, end=end))


def _widened(inquiry: Inquiry, requests: frozenset[str]) -> Inquiry:
    """Return the search without the conditions that a request takes off."""
    query, kinds = inquiry.query, inquiry.kinds
    if "any_city" in requests:
        query = replace(query, city=None)
    if "any_category" in requests:
        query, kinds = replace(query, category=None, words=()), ()
    if "any_time" in requests:
        query = replace(query, start=None, end=None, time_of_day=None)
    if "any_price" in requests:
        query = replace(query, free=None)
    return replace(inquiry, query=query, kinds=kinds)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
