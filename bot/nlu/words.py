"""Cuts a message into words by script: Chinese runs with jieba, everything else with spaCy's blank tokenizers."""

import io
import logging
from dataclasses import dataclass
from functools import lru_cache

import jieba
import spacy
from spacy.tokenizer import Tokenizer as SpacyTokenizer

from bot.text import HAN

MIN_FREQUENCY = 20


@dataclass(frozen=True)
class Word:
    """A word and where it starts in the text it was cut from."""

    text: str
    start: int


class WordCutter:
    """Cuts text of any of our scripts; build it once, it reads jieba's dictionary."""

    def __init__(self, names: tuple[str, ...] = ()) -> None:
        """Prepare jieba with ``names`` (Chinese names that must stay whole)."""
        jieba.setLogLevel(logging.WARNING)
        self._jieba = jieba.Tokenizer()
        self._jieba.FREQ, self._jieba.total = self._jieba.gen_pfdict(_common_words())
        self._jieba.initialized = True
        for name in names:
            self._jieba.add_word(name)

    def cut(self, text: str, language: str) -> list[Word]:
        """Return the words of ``text``; ``language`` chooses between German and English rules."""
        words: list[Word] = []
        position = 0
        for match in HAN.finditer(text):
            words += _cut_spaced(text[position : match.start()], position, language)
            words += [Word(word, match.start() + start) for word, start, _ in self._jieba.tokenize(match[0])]
            position = match.end()
        return words + _cut_spaced(text[position:], position, language)


def _common_words() -> io.BytesIO:
    """Return jieba's dictionary without its rare words: 30 MB and a second less, no question cut worse for it."""
    with jieba.get_dict_file() as file:
        common = io.BytesIO(b"".join(line for line in file if int(line.split()[1]) >= MIN_FREQUENCY))
    common.name = "jieba's common words"
    return common


def _cut_spaced(text: str, offset: int, language: str) -> list[Word]:
    if not text.strip():
        return []
    document = _spacy_tokenizer("de" if language == "de" else "en")(text)
    return [Word(token.text, offset + token.idx) for token in document if not token.is_space]


@lru_cache(maxsize=2)
def _spacy_tokenizer(language: str) -> SpacyTokenizer:
    return spacy.blank(language).tokenizer
