"""Characters before words: normal forms, scripts, and the folding that forgives missing umlauts.

Pure functions on text; no model, no Rasa.
"""

import html
import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_LETTER = re.compile(r"[^\W\d_]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
# "Schüler*innen", ":innen", "_innen", "/-innen", "(innen)", "SchülerInnen", and one of them: "Schüler*in". A lone
# "/in" or "In" is more often something else ("events/in", "LinkedIn").
_GENDERED = re.compile(
    r"(?<=[^\W\d_A-ZÄÖÜ]{3})(?:[*:_·•](?:innen|in)|/-?innen|/-in|\((?:innen|in)\)|Innen)(?![^\W\d_])"
)
_WORD = re.compile(r"\w+")
_BEFORE_GENDER = re.compile(r"[*:_·•/(I]")
_COMMAND = re.compile(r"(?P<name>[\w-]+)\s*\{.*\}\s*$", re.DOTALL)
_UMLAUTS = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})
# "ae" and "oe" are always an umlaut typed on another keyboard for our purpose; "ue" after a vowel
# or q is not ("neue", "queue").
_DIGRAPHS = re.compile(r"ae|oe|(?<![aeiouq])ue")


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


def has_han(text: str) -> bool:
    """Whether any Chinese character stands in ``text``."""
    return HAN.search(text) is not None


def has_letters(text: str) -> bool:
    """Whether ``text`` holds a letter of any script, rather than figures, signs and emoji alone."""
    return _LETTER.search(text) is not None


def to_simplified(text: str) -> str:
    """Return ``text`` with traditional Chinese characters folded to simplified ones."""
    if not has_han(text):
        return text
    simplified: str = _converter().convert(text)
    return simplified.replace("甚么", "什么")  # a spelling of its own, not another form of a character


def defuse(text: str) -> str:
    """Return typed ``text`` without what Rasa would take for a command: leading slashes and an intent's JSON."""
    stripped = text.lstrip("/ \t\r\n")
    if stripped != text and (match := _COMMAND.match(stripped)):
        return match["name"].replace("_", " ")
    return stripped


def clean(text: str) -> str:
    """Return ``text`` in the one normal form that all readers of visitors' and staff's sentences work on.

    HTML entities read, NFKC (full-width to half-width), no markup, no control or invisible characters, German words
    that name both genders as the plain word ("Schüler*innen": "Schüler"), single spaces. Cleaning twice changes
    nothing.
    """
    before = None
    while text != before:  # what is left may close up to another tag, and "&amp;lt;" is "<" after two readings
        before, text = text, _clean(text)
    return text


def _clean(text: str) -> str:
    read = _ENTITY.sub(lambda entity: html.unescape(entity[0]), unicodedata.normalize("NFKC", text))
    seen = _TAG.sub(" ", _visible(read))
    if _BEFORE_GENDER.search(seen):  # most texts hold none of these, and _GENDERED looks behind at each letter
        seen = _GENDERED.sub("", seen)
    return " ".join(seen.split())


def _visible(text: str) -> str:
    """Drop what is not seen inside a word (soft hyphens, zero-width marks, controls); line ends separate."""
    return text if text.isprintable() else "".join(map(_seen, text))


def _seen(char: str) -> str:
    if char.isspace() or unicodedata.category(char) in ("Zl", "Zp"):
        return " "
    return "" if unicodedata.category(char) in ("Cc", "Cf") else char


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """Return lower-case ``text`` with umlauts, digraphs and accents folded: "Städte", "Staedte" and "Stadte" agree."""
    return _folded(text)


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """Return ``text`` as words are compared: clean, in simplified characters, folded."""
    return _folded(to_simplified(clean(text)))


def _folded(text: str) -> str:
    lowered = text.lower().translate(_UMLAUTS)
    if not lowered.isascii():
        decomposed = unicodedata.normalize("NFKD", lowered)
        lowered = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _DIGRAPHS.sub(lambda match: match[0][0], lowered)


def key(text: str) -> str:
    """Return the form in which two questions count as the same: that of `plain`, letters and figures only."""
    return "".join(_WORD.findall(plain(text)))
