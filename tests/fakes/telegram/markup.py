"""Message texts: parse_mode HTML, its entities, lengths in UTF-16 units.

Sources: https://core.telegram.org/bots/api#html-style and #sendmessage. Where Telegram forgives what its documentation
forbids (a bare "&" or ">", code with other entities inside, an address that is none), the text passes and the slip is
reported.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.telegram.errors import bad

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_ENTITIES = 100
_KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
    "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote", "tg-emoji": "custom_emoji",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href"},
    "span": {"class"},
    "code": {"class"},
    "blockquote": {"expandable"},
    "tg-emoji": {"emoji-id"},
}
_PIECE = re.compile(r"<(?P<end>/?)(?P<tag>[^\s>]*)(?P<rest>[^>]*)>|&(?:#\d+|#x[0-9a-fA-F]+|lt|gt|amp|quot);|.", re.S)
_ATTRIBUTE = re.compile(r"""\s+([a-zA-Z-]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
Report = Callable[[str], None]


def units(text: str) -> int:
    """Return the length of ``text`` in UTF-16 code units, as Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass
class Parsed:
    """A text without its tags, and its entities."""

    text: str
    entities: list[dict[str, Any]] = field(default_factory=list)


def read(text: str, parse_mode: str, most: int, what: str, report: Report) -> Parsed:
    """Return a text as Telegram would show it; raise ApiError if it would not."""
    if parse_mode not in ("", "HTML", "html"):
        report(f"parse_mode {parse_mode!r} is none that this fake knows")
        raise bad("unsupported parse_mode")
    parsed = _Html(report).parse(text) if parse_mode else Parsed(text)
    if "\x00" in parsed.text:
        raise bad("strings must be encoded in UTF-8")
    parsed.text = parsed.text.rstrip()
    length = units(parsed.text)
    if not parsed.text.strip() and what == "text":
        raise bad("message text is empty")
    if length > most:
        raise bad("message is too long" if what == "text" else f"message {what} is too long")
    if len(parsed.entities) > MAX_ENTITIES:
        report("more than 100 entities: Telegram drops the rest")
    return parsed


class _Html:
    def __init__(self, report: Report) -> None:
        self.report = report
        self.out = ""
        self.entities: list[dict[str, Any]] = []
        self.open: list[tuple[str, int, dict[str, str]]] = []

    def parse(self, text: str) -> Parsed:
        for piece in _PIECE.finditer(text):
            at = len(text[: piece.start()].encode())
            if piece["tag"] is not None:
                self._end(piece, at) if piece["end"] else self._start(piece, at)
            elif piece.group() == "<":
                raise bad("can't parse entities: Unclosed start tag at byte offset " + str(at))
            else:
                if piece.group() in "&>":
                    self.report(f"{piece.group()!r} stands unescaped in HTML")
                self.out += html.unescape(piece.group()) if len(piece.group()) > 1 else piece.group()
        if self.open:
            raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{self.open[-1][0]}\"")
        return Parsed(self.out, self.entities)

    def _start(self, piece: re.Match[str], at: int) -> None:
        tag = piece["tag"].lower()
        attributes = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(piece["rest"])}
        if tag not in _KINDS:
            raise bad(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {at}')
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise bad(f'can\'t parse entities: Tag "span" must have class "tg-spoiler" at byte offset {at}')
        if set(attributes) - _ATTRIBUTES.get(tag, set()) or _ATTRIBUTE.sub("", piece["rest"]).strip():
            self.report(f"<{tag}> with attributes that Telegram does not know: {piece['rest'].strip()!r}")
        above = [name for name, _, _ in self.open]
        if ({"code", "pre"} & set(above) and above[-1:] != ["pre"]) or (tag in above and tag in ("a", "blockquote")):
            self.report(f"<{tag}> may not stand inside {above}")
        self.open.append((tag, units(self.out), attributes))

    def _end(self, piece: re.Match[str], at: int) -> None:
        tag = piece["tag"].lower()
        if not self.open:
            raise bad(f"can't parse entities: Unexpected end tag at byte offset {at}")
        name, start, attributes = self.open.pop()
        if tag not in ("", name):
            raise bad(
                f'can\'t parse entities: Unmatched end tag at byte offset {at}, expected "</{name}>", found "</{tag}>"'
            )
        entity: dict[str, Any] = {"type": _KINDS[name], "offset": start, "length": units(self.out) - start}
        if name == "a":
            entity["url"] = html.unescape(attributes.get("href", ""))
            if urlsplit(entity["url"]).scheme not in ("http", "https", "tg", "mailto"):
                self.report(f"a link without a usable address: {entity['url']!r}")
                return
        if entity["length"]:
            self.entities.append(entity)
