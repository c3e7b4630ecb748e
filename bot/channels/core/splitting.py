"""Cuts a long text where a reader would pause, in German, English and Chinese. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterator

_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"[。！？；…][”』」）)]*|[.!?][\"”“»’)\]]*\s+")
_CLAUSE = re.compile(r"[，、：]|[,;:–—]\s+")
_SPACE = re.compile(r"\s+")
# "3. März", "z. B.", "Dr. Li" go on after their full stop.
_GOES_ON = re.compile(
    r"(?:\b\d{1,3}|\b[^\W\d_]|\b(?:Dr|Prof|Nr|No|St|Str|Mr|Mrs|Ms|ca|bzw|usw|vgl|inkl|evtl|approx|vs))\.\s+$",
    re.IGNORECASE,
)
_LOOK_BACK = 12
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")


def utf16_units(text: str) -> int:
    """Return the length of ``text`` as Telegram counts it."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def split(text: str, limit: int, length: Callable[[str], int] = len) -> list[str]:
    """Return ``text`` in pieces no longer than ``limit`` by ``length``, without the white space between them."""
    return [text[start:end] for start, end in spans(text, limit, length)]


def spans(text: str, limit: int, length: Callable[[str], int] = len) -> list[tuple[int, int]]:
    """Return where the pieces of ``text`` begin and end.

    A paragraph's or a line's end is preferred to a sentence's if the piece is at least half full then; after that
    come the ends of clauses and words; only a word longer than ``limit`` is cut, and no character with its accent.
    """
    found: list[tuple[int, int]] = []
    start = _skip(text, 0)
    while start < len(text):
        most = _fitting(text, start, limit, length)
        end = len(text) if most == len(text) else _best(text, start, most)
        stop = start + len(text[start:end].rstrip())
        if stop > start:
            found.append((start, stop))
        start = _skip(text, end)
    return found


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _fitting(text: str, start: int, limit: int, length: Callable[[str], int]) -> int:
    """Return the greatest end whose piece fits; at least one character is taken."""
    low, high = start + 1, min(len(text), start + limit)
    while low < high:
        middle = (low + high + 1) // 2
        if length(text[start:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _best(text: str, start: int, most: int) -> int:
    half = start + (most - start) // 2
    for pattern, least in ((_PARAGRAPH, half), (_LINE, half), (_SENTENCE, start), (_LINE, start), (_CLAUSE, half),
                           (_SPACE, start)):  # fmt: skip
        ends = [end for end in _ends(pattern, text, start, most) if end > least]
        if ends:
            return ends[-1]
    end = most
    while end > start + 1 and _belongs_together(text, end):
        end -= 1
    return end if end > start + 1 else most


def _ends(pattern: re.Pattern[str], text: str, start: int, most: int) -> Iterator[int]:
    """Yield the ends of what matches. White space after a piece is not part of it, so it may reach beyond."""
    for match in pattern.finditer(text, start, min(len(text), most + 1)):
        end = match.end()
        if text[start:end].rstrip() and start + len(text[start:end].rstrip()) <= most:
            before = text[max(start, end - _LOOK_BACK) : end]
            if pattern is _SENTENCE and _GOES_ON.search(before):
                continue
            yield end


def _belongs_together(text: str, at: int) -> bool:
    """Whether a cut at ``at`` would part an accent, a joined emoji or a flag from what it belongs to."""
    after, before = text[at], text[at - 1]
    return (
        unicodedata.category(after) in ("Mn", "Me", "Mc")
        or "\u200d" in (after, before)
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or (_FLAG.match(after) is not None and _flag_letters_before(text, at) % 2 == 1)
    )


def _flag_letters_before(text: str, at: int) -> int:
    number = 0
    while number < at and _FLAG.match(text[at - 1 - number]):
        number += 1
    return number
