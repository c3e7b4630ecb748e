"""Answers as Telegram shows them: HTML of few tags, texts of 4,096 UTF-16 units, one button a row. Pure.

https://core.telegram.org/bots/api#html-style
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from urllib.parse import urlsplit

from bot.channels.core.answers import Answer
from bot.channels.core.markdown import Bold, Inline, Italic, Items, Link, Text, parse, plain
from bot.channels.core.splitting import spans, utf16_units

MAX_UNITS = 4096
MAX_TITLE = 120
MOST_FILES = 5
_CALENDAR = re.compile(r"/events/[^/]+\.ics$")
_LOOPBACK = ("127.0.0.1", "localhost", "::1", "0.0.0.0")  # noqa: S104 - an address that nobody can open


@dataclass(frozen=True)
class Run:
    """Characters within the same tags, the outermost first."""

    text: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class TextPart:
    """One message: as HTML, and without markup for when Telegram does not take that."""

    html: str
    plain: str
    buttons: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class FilePart:
    """One message with a calendar file; ``address`` is the one that the website's visitors open."""

    address: str


Part = TextPart | FilePart


@dataclass
class _Flat:
    runs: list[Run] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def add(self, nodes: tuple[Inline, ...], tags: tuple[str, ...] = ()) -> None:
        for node in nodes:
            if isinstance(node, Text):
                self.runs.append(Run(node.text, tags))
            elif isinstance(node, Bold):
                self.add(node.children, (*tags, "b"))
            elif isinstance(node, Italic):
                self.add(node.children, (*tags, "i"))
            else:
                self._link(node, tags)

    def _link(self, node: Link, tags: tuple[str, ...]) -> None:
        if _CALENDAR.match(urlsplit(node.url).path) and node.url not in self.files:
            self.files.append(node.url)
        if not _is_local(node):
            self.add(node.children, (*tags, f'a href="{escape(node.url)}"'))
        elif plain(node.children) != node.url:
            self.add(node.children, tags)


def parts(answer: Answer) -> list[Part]:
    """Return the messages of an answer, in order: its text, and the calendar files of the events that it is about.

    These are the only event of a list, and those whose calendar files the text links to.
    """
    flat = _flatten(answer.text)
    whole = "".join(run.text for run in flat.runs)
    pieces = spans(whole, MAX_UNITS, utf16_units)
    buttons = tuple(
        {"title": each["title"][:MAX_TITLE], "payload": each["payload"]} for each in answer.buttons if each["title"]
    )
    made: list[Part] = [
        TextPart(_html(flat.runs, start, end), whole[start:end], buttons if at == len(pieces) - 1 else ())
        for at, (start, end) in enumerate(pieces)
    ]
    one = answer.cards[0].get("calendar") if len(answer.cards) == 1 else None
    return made + [FilePart(each) for each in dict.fromkeys([*flat.files, *([one] if one else [])][:MOST_FILES])]


def _flatten(text: str) -> _Flat:
    flat = _Flat()
    for at, block in enumerate(parse(text)):
        if at:
            flat.runs.append(Run("\n"))
        if not isinstance(block, Items):
            flat.add(block.children)
            continue
        for number, item in enumerate(block.items):
            mark = "•" if block.numbers is None else f"{block.numbers[number]}."
            flat.runs.append(Run(f"\n{mark} " if number else f"{mark} "))
            flat.add(item)
    return flat


def _html(runs: list[Run], start: int, end: int) -> str:
    return "".join(_tagged(runs, start, end))


def _tagged(runs: list[Run], start: int, end: int) -> Iterator[str]:
    at = 0
    for run in runs:
        shown = run.text[max(0, start - at) : max(0, end - at)]
        at += len(run.text)
        if shown:
            opened = "".join(f"<{tag}>" for tag in run.tags)
            closed = "".join(f"</{tag.split()[0]}>" for tag in reversed(run.tags))
            yield f"{opened}{escape(shown, quote=False)}{closed}"


def _is_local(link: Link) -> bool:
    """Whether a link leads to this machine alone, as those to calendar files do without a public address."""
    return urlsplit(link.url).hostname in _LOOPBACK
