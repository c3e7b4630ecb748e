"""Characters to tokens: words, single Han characters, figures and the written forms of dates and times.

Offsets always refer to the text as it was passed in, though the tokens hold its normal form (NFKC, simplified).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from bot.text import has_han, to_simplified


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text: its type ("word", "han", "num", "dmy", ...), its normal form or figures, and its place."""

    type: str
    value: str
    figures: tuple[int, ...]
    start: int
    end: int


_SCANNER = re.compile(
    r"""
    (?P<skip>https?://\S+|www\.\S+|\S+@\S+\.\w+|\+\d[\d\s/()-]{5,}\d|\d+,\d+(?![\d.])|\#\w+)
  | (?P<short>(?<!\w)['’]\d{2}(?!\w))
  | (?P<iso>(?<!\d)\d{4}(?:-\d{1,2}-|\.\d{1,2}\.|/\d{1,2}/)\d{1,2}(?!\d))(?:T(?=\d))?
  | (?P<dmy>(?<![\d.,])\d{1,2}(?:\.\s?\d{1,2}\.\s?\d{4}|\.\d{1,2}\.\d{2}(?!\s?(?:uhr|h\b|[:\d]))
      |/\d{1,2}/(?:\d{4}|\d{2})|-\d{1,2}-\d{4})(?![\d:]))
  | (?P<dm>(?<![\d.,])\d{1,2}(?:\.\s?\d{1,2}\.(?!\d)|\.\s?\d{1,2}\.(?=\d{2}\s?(?:uhr|h\b|:))))
  | (?P<slash>(?<![\d./])\d{1,2}/\d{1,2}(?![\d/]))
  | (?P<ym>(?<!\d)(?:\d{4}-\d{2}|\d{1,2}[/.]\d{4})(?![\d-]))
  | (?P<hhmm>(?<![\d:])\d{1,2}(?::\d{2}(?::\d{2})?|h\d{2})(?![\d:]))
  | (?P<pair>(?<![\d.])\d{1,2}\.\d{1,2}(?![\d.]))
  | (?P<ord>\d+(?:st|nd|rd|th|ter|tes|ten|te)(?![^\W\d_]))
  | (?P<dotnum>\d+\.(?!\d))
  | (?P<num>\d+)
  | (?P<mixed>[a-z]+\d+[a-z\d]*)
  | (?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)
  | (?P<sign>\S)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NUMBERED = re.compile(r"(kw|cw|wk|q|week|woche|quartal)(\d{1,2})", re.IGNORECASE)
_FIGURES = re.compile(r"\d+")
_POSSESSIVE = re.compile(r"['’]s$")
_DASHES = str.maketrans("–—−‐‑―~～〜", "---------")


@lru_cache(maxsize=8192)
def _character(char: str) -> str:
    """Return the normal form of one character; longer forms are kept, for the offsets are counted by character."""
    folded = unicodedata.normalize("NFKC", char).translate(_DASHES)
    return to_simplified(folded) if has_han(folded) else folded


def scan(text: str) -> list[Token]:
    """Return the tokens of ``text``."""
    places: list[int] = []
    normal: list[str] = []
    for index, char in enumerate(text):
        form = char if char < "\x80" else _character(char)
        normal.append(form)
        places.extend([index] * len(form))
    places.append(len(text))
    tokens: list[Token] = []
    for match in _SCANNER.finditer("".join(normal)):
        kind, start = match.lastgroup or "sign", match.start()
        if kind == "word" and has_han(match[0]):
            _split_scripts(match[0], start, places, tokens)
        elif kind == "mixed":
            _mixed(match[0], start, places, tokens)
        else:
            tokens.append(_token(kind, match[0], start, places))
    return tokens


def _token(kind: str, raw: str, start: int, places: list[int]) -> Token:
    figures = (
        tuple(int(part) for part in _FIGURES.findall(raw)[:4]) if kind not in ("word", "han", "sign", "skip") else ()
    )
    value = word_form(raw) if kind == "word" else raw
    return Token(kind, value, figures, places[start], places[start + len(raw) - 1] + 1)


@lru_cache(maxsize=16384)
def word_form(word: str) -> str:
    """Return the form in which words are looked up: lower case, without accents and the possessive."""
    lowered = _POSSESSIVE.sub("", word.lower()).replace("ß", "ss")
    plain = "".join(char for char in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(char))
    return plain.replace("'", "").replace("’", "")


def _mixed(raw: str, start: int, places: list[int], tokens: list[Token]) -> None:
    """Split "KW50" and "Q2"; "U15" and "B2B" are words that name no number."""
    numbered = _NUMBERED.fullmatch(raw)
    if numbered is None:
        tokens.append(_token("skip", raw, start, places))
        return
    tokens.append(_token("word", numbered[1], start, places))
    tokens.append(_token("num", numbered[2], start + len(numbered[1]), places))


def _split_scripts(raw: str, start: int, places: list[int], tokens: list[Token]) -> None:
    """Split "明天meeting" into Han characters and words."""
    for match in re.finditer(r"[a-zà-ž'’]+|.", raw, re.IGNORECASE):
        kind = "han" if has_han(match[0]) else "word"
        tokens.append(_token(kind, match[0], start + match.start(), places))


def words(phrase: str) -> list[str]:
    """Return the token values of a lexicon phrase."""
    return [token.value for token in scan(phrase)]
