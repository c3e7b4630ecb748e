"""Answers as Telegram shows them: HTML of few tags, texts of 4,096 UTF-16 units, one button a row. Pure.

https://core.telegram.org/bots/api#html-style
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from urllib.parse import urlsplit

from bot.channels.core.answers import Answer
from bot.channels.core.markdown import Bold, Inline, Italic, Items, Link, Text, parse
from bot.channels.core.splitting import spans, utf16_units

MAX_UNITS = 4096
MAX_TITLE = 120
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

    def add(self, nodes: tuple[Inline, ...], tags: tuple[str, ...] = ()) -> None:
        for node in nodes:
            if isinstance(node, Text):
                self.runs.append(Run(node.text, tags))
            elif isinstance(node, Bold):
                self.add(node.children, (*tags, "b"))
            elif isinstance(node, Italic):
                self.add(node.children, (*tags, "i"))
            else:
                self.add(node.children, tags if _is_local(node) else (*tags, f'a href="{escape(node.url)}"'))


def parts(answer: Answer, source_line: str = "") -> list[Part]:
    """Return the messages of an answer, in order; ``source_line`` is added below it.

    An answer about one event brings its calendar file along.
    """
    text = "\n\n".join(filter(None, [answer.text, f"_{source_line}_" if source_line else ""]))
    buttons = tuple(
        {"title": each["title"][:MAX_TITLE], "payload": each["payload"]} for each in answer.buttons if each["title"]
    )
    texts = _texts(text)
    made: list[Part] = [
        TextPart(html, plain, buttons if at == len(texts) - 1 else ()) for at, (html, plain) in enumerate(texts)
    ]
    if len(answer.cards) == 1 and answer.cards[0].get("calendar"):
        made.append(FilePart(answer.cards[0]["calendar"]))
    return made


def _texts(text: str) -> list[tuple[str, str]]:
    """Return the pieces of a text in our markdown, each as HTML and without markup."""
    runs = _flatten(text)
    whole = "".join(run.text for run in runs)
    return [(_html(runs, start, end), whole[start:end]) for start, end in spans(whole, MAX_UNITS, utf16_units)]


def _flatten(text: str) -> list[Run]:
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
    return flat.runs


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
