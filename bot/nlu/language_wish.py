"""Which language a message asks for, once it is known to ask for one: "bitte Deutsch, nicht Englisch"; pure.

A name of a language says nothing alone: "I don't speak German" asks for anything but German. So each mention is read
with the negations in its own part of the sentence.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bot.languages import LANGUAGES
from bot.text import fold, has_han, plain, to_simplified

WORDS = Path(__file__).with_name("language_words.yml")
_SIGNS = re.compile(r"[^\w\s']+")
_EITHER_WAY = re.compile(r"(\w)不\1")
"""好不好, 能不能: a question and no negation."""


@dataclass(frozen=True)
class Wish:
    """The languages that a message mentions as wanted and as not wanted, each in its order."""

    wanted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def mentions(self) -> bool:
        """Whether any of our languages is named at all."""
        return bool(self.wanted or self.refused)

    def target(self, spoken: str) -> str:
        """Return the language to go on in; who only refuses one gets the one that was ``spoken``, or another."""
        if self.wanted:
            return self.wanted[-1]
        return next(language for language in (spoken, "en", "de", "zh") if language not in self.refused)


def read(text: str) -> Wish:
    """Return what a message says about languages."""
    wanted: list[str] = []
    refused: list[str] = []
    vocabulary = _vocabulary()
    for part in vocabulary.parts(plain(text)):
        named = [language for language in LANGUAGES if vocabulary.names[language].search(part)]
        turned = len(vocabulary.against.findall(_EITHER_WAY.sub("", part))) % 2
        (refused if turned else wanted).extend(named)
    return Wish(tuple(dict.fromkeys(wanted)), tuple(language for language in refused if language not in wanted))


@dataclass(frozen=True)
class _Vocabulary:
    names: dict[str, re.Pattern[str]]
    against: re.Pattern[str]
    ends: re.Pattern[str]

    def parts(self, text: str) -> list[str]:
        """Cut a folded text where what is said of one language ends, each part with the word that it begins with."""
        cut = self.ends.sub(lambda match: f"|{match[0]}", _SIGNS.sub("|", text))
        return [part for part in cut.split("|") if part.strip()]


@lru_cache(maxsize=1)
def _vocabulary() -> _Vocabulary:
    data = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    names = {language: _pattern(words, ending="(?:e[rnms]?)?") for language, words in data["names"].items()}
    against, parts = (_pattern([word for words in data[key] for word in words]) for key in ("against", "parts"))
    return _Vocabulary(names, against, parts)


def _pattern(words: list[str], ending: str = "") -> re.Pattern[str]:
    folded = sorted({fold(to_simplified(word)) for word in words}, key=len, reverse=True)
    chinese, latin = ([re.escape(word) for word in folded if has_han(word) is han] for han in (True, False))
    return re.compile("|".join([rf"(?<![a-z'])(?:{'|'.join(latin)}){ending}(?![a-z'])", *chinese]))
