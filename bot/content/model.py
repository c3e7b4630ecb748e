"""What the content files say, once read: plain data that knows neither files' syntax nor Rasa."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

Texts = dict[str, str]
"""Language tag to text."""


@dataclass(frozen=True)
class Sentence:
    """A training sentence and the place it stands in."""

    text: str
    file: Path
    line: int


@dataclass(frozen=True)
class Source:
    """A document's title per language and the words of it that prove an answer."""

    title: Texts
    quote: str
    line: int


@dataclass(frozen=True)
class Entry:
    """One FAQ entry: a fact with its questions, its answer and its proof."""

    id: str
    topic: str
    owner: str
    sources: tuple[Source, ...]
    related: tuple[str, ...]
    follow_ups: dict[str, str]
    valid_from: date | None
    valid_until: date | None
    review_by: date | None
    questions: dict[str, tuple[Sentence, ...]]
    answer: Texts
    file: Path
    lines: dict[str, int] = field(default_factory=dict)

    def line(self, key: str) -> int:
        """The line of a top-level key or of ``answer.de``, for problems."""
        return self.lines.get(key, 1)

    def title(self, language: str) -> str:
        """The entry's own short question, which stands first in its list."""
        return self.questions[language][0].text

    def valid_on(self, day: date) -> bool:
        """Whether the entry may be answered on ``day`` (both ends included)."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True)
class Phrase:
    """A sentence of the bot's own, named like Rasa's responses (utter_greet), and its buttons."""

    name: str
    texts: Texts
    buttons: tuple[str, ...]
    file: Path
    line: int


@dataclass(frozen=True)
class Topic:
    """A known thing about which visitors ask more than the source says."""

    id: str
    unknown_intent: str
    name: Texts
    offer: tuple[str, ...]
    file: Path
    line: int


@dataclass(frozen=True)
class Term:
    """A glossary line: a name, its forms in each language, how to recognise it, and what it stands for."""

    id: str
    names: Texts
    synonyms: dict[str, tuple[str, ...]]
    value_of: str | None
    proof: tuple[str, ...]
    file: Path
    line: int


@dataclass(frozen=True)
class Namesakes:
    """Names of ours of one kind, per language, and the names of other things that may stand in their place.

    ``place`` marks cities and countries: they are replaced only where nothing more telling is named.
    """

    id: str
    place: bool
    ours: dict[str, tuple[str, ...]]
    others: dict[str, tuple[str, ...]]


Words = dict[str, tuple[str, ...]]
"""Language tag to words."""


@dataclass(frozen=True)
class EventWords:
    """Words by which visitors narrow a search for events; ids to words of each language."""

    kinds: dict[str, Words] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)
    """kind -> the category that is searched if nothing names the kind"""
    filters: dict[str, Words] = field(default_factory=dict)
    requests: dict[str, Words] = field(default_factory=dict)
    hints: dict[str, Words] = field(default_factory=dict)
    refining: Words = field(default_factory=dict)
    origins: Words = field(default_factory=dict)
    """words before the city that a visitor comes from"""
    ordinary: Words = field(default_factory=dict)


@dataclass
class Content:
    """All that nlu_data holds."""

    root: Path
    entries: dict[str, Entry] = field(default_factory=dict)
    dialogue: dict[str, dict[str, list[Sentence]]] = field(default_factory=dict)
    """intent -> language -> sentences"""
    phrases: dict[str, Phrase] = field(default_factory=dict)
    topics: dict[str, Topic] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)
    concepts: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    """concept -> language -> words that mean it"""
    namesakes: list[Namesakes] = field(default_factory=list)
    event_words: EventWords = field(default_factory=EventWords)
    unreadable: set[str] = field(default_factory=set)
    """ids of entries whose file could not be read: named once, not again by everything that links to them"""
    sources: dict[str, str] = field(default_factory=dict)
    """file name -> text of the documents that quotes are looked up in"""
