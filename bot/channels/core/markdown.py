"""The small markdown of our answers as a tree that any channel can show in its own way.

**bold**, _italic_, [label](https://…), bare links, lines that begin with "- " or "1. ", line breaks. Nothing else is
markup: HTML, headings and images stay the characters that they are.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

_INLINE = re.compile(
    r"\*\*(?P<bold>[^*\n]+)\*\*"
    r"|(?<!\w)_(?P<italic>[^_\n]+)_(?!\w)"
    r"|\[(?P<label>[^\[\]\n]+)\]\((?P<target>[^()\s]+)\)"
    r"|(?P<bare>https?://[^\s<>\"，。；！？（）]+)"
)
_ITEM = re.compile(r"(?P<mark>-|\d{1,3}\.) (?P<rest>.+)")
_AFTER_LINK = ".,;:!?)'»“”"


@dataclass(frozen=True)
class Text:
    """Plain characters."""

    text: str


@dataclass(frozen=True)
class Bold:
    """Stressed."""

    children: "tuple[Inline, ...]"


@dataclass(frozen=True)
class Italic:
    """Set apart."""

    children: "tuple[Inline, ...]"


@dataclass(frozen=True)
class Link:
    """A link; its address is http or https."""

    url: str
    children: "tuple[Inline, ...]"


Inline = Text | Bold | Italic | Link


@dataclass(frozen=True)
class Line:
    """One line of text; empty between paragraphs."""

    children: tuple[Inline, ...]


@dataclass(frozen=True)
class Items:
    """A list; ``numbers`` are those written, None for a list of points."""

    items: tuple[tuple[Inline, ...], ...]
    numbers: tuple[int, ...] | None


Block = Line | Items


def parse(text: str) -> tuple[Block, ...]:
    """Return the lines and lists of ``text``; never fails, and never makes a link of anything but http(s)."""
    blocks: list[Block] = []
    for line in text.split("\n"):
        found = _ITEM.fullmatch(line)
        if found is None:
            blocks.append(Line(tuple(_inline(line))))
            continue
        item, number = tuple(_inline(found["rest"])), None if found["mark"] == "-" else int(found["mark"][:-1])
        last = blocks[-1] if blocks else None
        if isinstance(last, Items) and (last.numbers is None) == (number is None):
            numbers = None if number is None or last.numbers is None else (*last.numbers, number)
            blocks[-1] = Items((*last.items, item), numbers)
        else:
            blocks.append(Items((item,), None if number is None else (number,)))
    return tuple(blocks)


def plain(nodes: tuple[Inline, ...]) -> str:
    """Return the characters of ``nodes`` without markup."""
    return "".join(node.text if isinstance(node, Text) else plain(node.children) for node in nodes)


def safe_url(url: str) -> str:
    """Return ``url`` if it is an http(s) address with a host, else ""."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    harmless = url.isprintable() and not set(url) & set(" \\<>\"'`")
    return url if harmless and parts.scheme in ("http", "https") and parts.hostname else ""


def visible(text: str) -> str:
    """Return ``text`` without control and format characters (bidi overrides and isolates too); line breaks stay.

    The joiners of emoji and scripts stay: they turn nothing around.
    """
    kept = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(
        char for char in kept if char in "\n\u200c\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")
    )


def _inline(text: str) -> Iterator[Inline]:
    at = 0
    for match in _INLINE.finditer(text):
        node, end = _node(match)
        if node is None:
            continue
        if match.start() > at:
            yield Text(text[at : match.start()])
        yield node
        at = end
    if at < len(text):
        yield Text(text[at:])


def _node(match: re.Match[str]) -> tuple[Inline | None, int]:
    """Return a match's node and where it ends, or None if it is none after all."""
    if match["bold"]:
        return Bold(tuple(_inline(match["bold"]))), match.end()
    if match["italic"]:
        return Italic(tuple(_inline(match["italic"]))), match.end()
    if match["bare"]:
        url = match["bare"].rstrip(_AFTER_LINK)
        return (Link(url, (Text(url),)) if safe_url(url) else None), match.start() + len(url)
    url = safe_url(match["target"])
    return (Link(url, (Text(match["label"]),)) if url else None), match.end()
