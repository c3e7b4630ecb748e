"""Lexicons: the date words of a language as data (lexicon/*.yml), looked up by longest match.

A section is a type of item; "type+type" makes one word several items ("tonight" is a day and a part of it). A word
that ends in "~" takes the German endings of adjectives, one that ends in "?" is weak: it counts only beside another
date word ("may", "sun", "do").
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml
from rapidfuzz.distance import OSA

from bot.temporal import calendar, numerals
from bot.temporal.names import NAMED, Names
from bot.temporal.slips import variants
from bot.temporal.tokens import Token, scan, words

ENDINGS = ("", "e", "er", "en", "es", "em")
DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})  # as typed on other keyboards
TYPO_TYPES = frozenset(
    (
        "weekday",
        "month",
        "season",
        "holiday",
        "daypart",
        "relday",
        "unit",
        "units",
        "rel",
        "morgen",
        "clocktime",
        "part",
    )
)
TYPO_LENGTH = 5
MAX_ITEMS = 150  # a longer row of date words is no sentence; it is read up to here
_KINDS_OF_FIGURES = frozenset(("short", "iso", "dmy", "dm", "slash", "ym", "hhmm", "pair", "ord", "dotnum", "num"))


@dataclass(frozen=True, slots=True)
class Item:
    """A typed piece of the text. ``apart``: a comma stands before it. ``figures``: written with digits."""

    type: str
    value: Any
    start: int
    end: int
    weak: bool = False
    apart: bool = False
    figures: bool = False


@dataclass(frozen=True)
class Entry:
    """What a phrase means: one or more (type, value). ``slip``: weak only because it may be part of other words."""

    meanings: tuple[tuple[str, Any], ...]
    weak: bool = False
    slip: bool = False


@dataclass
class Node:
    """A place in the tree of phrases."""

    children: dict[str, "Node"] = field(default_factory=dict)
    entry: Entry | None = None


class Lexicon:
    """The date words of one language."""

    def __init__(self, *sources: dict[str, Any]) -> None:
        self.settings: dict[str, Any] = sources[0].get("settings", {})
        self.names = Names.of(sources[0].get("names", {}))
        self._root = Node()
        self._single: dict[str, Entry] = {}
        self._deletions: dict[str, set[str]] = {}
        self._protected: set[str] = set()
        for source in reversed(sources):  # the language's own words win
            for phrase, entry in _entries(source):
                self._add(phrase, entry)
            self._protected.update(words(word)[0] for word in source.get("protected", []))
            self._add_slips(source)
        self._index_typos()

    def _add(self, phrase: str, entry: Entry) -> None:
        node = self._root
        path = words(phrase)
        for word in path:
            node = node.children.setdefault(word, Node())
        node.entry = entry
        if len(path) == 1:
            self._single[path[0]] = entry

    def _add_slips(self, source: dict[str, Any]) -> None:
        if "slips" not in source:
            return
        entries = dict(_entries(source))
        dates = {phrase: entry for phrase, entry in entries.items() if ("word", "ignore") not in entry.meanings}
        kinds = [(phrase, entry.meanings[0][0]) for phrase, entry in dates.items()]
        for misspelt, phrase, weak in variants(source["slips"], kinds):
            if misspelt not in entries:
                entry = entries[phrase]
                self._add(misspelt, Entry(entry.meanings, weak=weak or entry.weak, slip=weak))

    def _index_typos(self) -> None:
        for word, entry in self._single.items():
            if (
                len(word) >= TYPO_LENGTH
                and not entry.weak
                and word.isalpha()
                and word not in self._protected
                and entry.meanings[0][0] in TYPO_TYPES
            ):
                for form in _deletions(word):
                    self._deletions.setdefault(form, set()).add(word)

    def items(self, text: str, *, typos: bool = True) -> list[Item]:
        """Return the items of ``text``; what the lexicon does not know becomes a "word" and parts its neighbours."""
        items: list[Item] = []
        for item in self._without_names(self._items(scan(text), typos), text):
            if not (items and item.type == items[-1].type == "word" and item.value == items[-1].value):
                items.append(item)
            if len(items) == MAX_ITEMS:
                break
        return items

    def _without_names(self, items: Iterator[Item], text: str) -> Iterator[Item]:
        """Turn date words that are names (Herr März) into words that name no time."""
        for item in items:
            start, end = item.start, item.end
            if item.type in NAMED and self.names.names(item.type, text[:start], text[start:end], text[end:]):
                yield replace(item, type="word", value="ignore")
            else:
                yield item

    def _items(self, tokens: list[Token], typos: bool) -> Iterator[Item]:
        index, apart, last = 0, False, None
        while index < len(tokens):
            token = tokens[index]
            found, size = self._match(tokens, index)
            if token.value == "," or token.value in "、，\n":
                apart, index = True, index + 1
                continue
            if found is None and token.type == "word" and typos:
                found, size = self._correct(token.value) or self._compound(token.value), 1
            run = numeral_run(tokens, index)
            if run > size or (run and found is None):
                found, size = _numeral("".join(token.value for token in tokens[index : index + run])), run
            end = tokens[index + max(size, 1) - 1].end
            for kind, value in found.meanings if found else _own(token, last):
                if kind == "filler":
                    continue
                weak = found is not None and found.weak and not (found.slip and index == 0)
                yield Item(kind, value, token.start, end, weak=weak, apart=apart, figures=not found)
                apart = False
            last, index = tokens[index + max(size, 1) - 1], index + max(size, 1)

    def _match(self, tokens: list[Token], index: int) -> tuple[Entry | None, int]:
        """Return the longest phrase from ``index`` on; hyphens inside it ("Mid-Autumn Festival") do not count."""
        node, found, size, place = self._root, None, 0, index
        while place < len(tokens):
            token = tokens[place]
            child = node.children.get(token.value)
            if child is None:
                if place > index and token.value == "-":
                    place += 1
                    continue
                break
            node, place = child, place + 1
            if node.entry is not None:
                found, size = node.entry, place - index
        return found, size

    @lru_cache(maxsize=8192)  # noqa: B019  # lexicons live as long as the process
    def _correct(self, word: str) -> Entry | None:
        """Return the entry of the date word that ``word`` misspells by one letter, never the first one."""
        if len(word) < TYPO_LENGTH or word in self._protected:
            return None
        candidates = {near for form in _deletions(word) for near in self._deletions.get(form, ()) if near[0] == word[0]}
        close = sorted(
            (near for near in candidates if OSA.distance(word, near, score_cutoff=1) <= 1),
            key=lambda near: (-len(near), near),
        )
        return replace(self._single[close[0]]) if close else None

    @lru_cache(maxsize=8192)  # noqa: B019
    def _compound(self, word: str) -> Entry | None:
        """Return the parts of a compound such as "Freitagabend", "Maiwoche", "Dezemberwochenende"."""
        pairs = self.settings.get("compounds")
        if not pairs:
            return None
        for cut in range(3, len(word) - 2):
            first, second = self._single.get(word[:cut]), self._single.get(word[cut:])
            if first is None and word[cut - 1] == "s":
                first = self._single.get(word[: cut - 1])
            if first and second and second.meanings[0][0] in pairs["after"].get(first.meanings[-1][0], ()):
                return Entry((*first.meanings, *second.meanings))
        return None


def numeral_run(tokens: list[Token], index: int) -> int:
    """Return how many tokens from ``index`` on are characters of a Chinese numeral."""
    end = index
    while end < len(tokens) and tokens[end].value in numerals.CHARACTERS and tokens[end].value:
        end += 1
    return end - index


def _numeral(run: str) -> Entry:
    """Return what a run of Chinese numerals means: a number, two of them (七八), or nothing."""
    number, pair = numerals.value(run), numerals.pair(run)
    if number is not None:
        return Entry((("num", number),))
    digits = numerals.two_digits(run)
    if pair is not None:
        return Entry((("twonum", pair),))
    return Entry((("twodigits", digits) if digits is not None else ("word", None),))


def _own(token: Token, last: Token | None) -> tuple[tuple[str, Any], ...]:
    """Return what a token means without a lexicon: figures, dashes, the end of a sentence."""
    if token.type == "short":  # '27
        return (("num", calendar.full_year(token.figures[0])),)
    if token.type in _KINDS_OF_FIGURES:
        single = token.type in ("num", "ord", "dotnum")
        value = token.figures[0] if single else (token.value, token.figures)
        return ((token.type, value),)
    if token.value == "-":
        return (("dash", None),)
    if token.value in "/&+":
        return (("and", token.value),)
    if (
        token.value == "."
        and last is not None
        and last.end == token.start
        and last.type == "word"
        and len(last.value) < 5
    ):
        return ()
    if token.type == "sign" and token.value in "\"'“”„«»()（）*_":
        return ()
    if token.value in ".?!;:。？！；：…":
        return (("stop", None),)
    return (("word", None),)


def _deletions(word: str) -> set[str]:
    return {word} | {word[:index] + word[index + 1 :] for index in range(len(word))}


def _entries(source: dict[str, Any]) -> Iterator[tuple[str, Entry]]:
    for section, content in source.items():
        if section in ("settings", "protected", "names", "slips"):
            continue
        if section in ("ignore", "function", "arrive", "leave"):
            for phrase in content:
                yield from _forms(str(phrase), (("word", section),))
            continue
        types = section.split("+")
        groups = content.items() if isinstance(content, dict) else [(None, content)]
        for value, phrases in groups:
            values = str(value).split() if len(types) > 1 else [value]
            meanings = tuple((kind, _plain(part)) for kind, part in zip(types, values, strict=True))
            for phrase in phrases:
                yield from _forms(str(phrase), meanings)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value


def _forms(phrase: str, meanings: tuple[tuple[str, Any], ...]) -> Iterator[tuple[str, Entry]]:
    entry = Entry(meanings, weak=phrase.endswith("?"))
    phrase = phrase.removesuffix("?")
    for ending in ENDINGS if "~" in phrase else ("",):
        form = phrase.replace("~", ending)
        yield form, entry
        if form != (typed := form.translate(DIGRAPHS)):
            yield typed, entry


def _load(language: str) -> dict[str, Any]:
    text = resources.files("bot.temporal").joinpath("lexicon", f"{language}.yml").read_text("utf-8")
    content = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe
    if not isinstance(content, dict):
        raise TypeError(f"bot/temporal/lexicon/{language}.yml: expected sections, found {type(content).__name__}")
    return content


LANGUAGES = ("de", "en", "zh")


@lru_cache(maxsize=8)
def lexicon(language: str) -> Lexicon:
    """Return the lexicon of a language. Chinese words are part of each: no Latin word can be taken for one."""
    return Lexicon(_load(language), *([_load("zh")] if language != "zh" else []))
