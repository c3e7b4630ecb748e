"""Conversations that are held on the website and on Telegram alike, and what is compared of their answers."""

import asyncio
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.languages import LANGUAGES
from tests.channels.web_client import Visitor
from tests.fakes.telegram import Person

FILE = Path(__file__).with_name("conversations.yml")
SECONDS = 30.0

_LOCAL = re.compile(r"http://127\.0\.0\.1\S*")
"""What only this machine can open: of use on the page that it serves, and left out on Telegram."""
_CALENDAR = re.compile(r"http://[^\s)]*/events/[^\s)]*\.ics[^\s)]*")
Turn = str | int
"""What is written, or the number of the button that is tapped."""


@dataclass(frozen=True)
class Talk:
    """A conversation in one language."""

    name: str
    language: str
    turns: tuple[Turn, ...]


@dataclass
class Said:
    """What came back after one turn, without markup and white space."""

    text: str = ""
    buttons: list[str] = field(default_factory=list)
    files: int = 0


def talks() -> list[Talk]:
    """Return all conversations."""
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))["conversations"]
    return [
        Talk(f"{number}-{language}", language, tuple(turn.get("tap", turn.get(language)) for turn in turns))
        for number, turns in enumerate(data)
        for language in LANGUAGES
    ]


async def on_web(visitor: Visitor, talk: Talk) -> list[Said]:
    """Hold a conversation on the website; return what is to be seen on any channel."""
    await visitor.begin()
    said, buttons = [], []
    for turn in talk.turns:
        assert isinstance(turn, str) or turn < len(buttons), f"{talk.name}: there is no button {turn} after {said}"
        sent = {"text": turn} if isinstance(turn, str) else {"payload": buttons[turn]["payload"]}
        body, key = {**sent, "language": talk.language}, uuid.uuid4().hex
        reply = await visitor.call("POST", "/messages", body, Idempotency_Key=key)
        assert reply.status == 202, (talk, reply)
        messages = [m for m in await visitor.answered(SECONDS) if m["in_reply_to"] == reply.data["id"]]
        assert messages, (talk, turn)
        buttons = next((m["buttons"] for m in reversed(messages) if m["buttons"]), buttons)
        said.append(_shown(messages))
    return said


async def on_telegram(person: Person, talk: Talk, expected: list[Said]) -> list[Said]:
    """Hold a conversation on Telegram; a turn has ended when all of what is expected is there, or after a while."""
    said, seen = [], 0
    for turn, awaited in zip(talk.turns, expected, strict=True):
        if isinstance(turn, str):
            person.send(turn)
        else:
            tapped = [m for m in person.chat.from_bot if m.get("reply_markup")]
            assert tapped, (talk, turn)
            person.tap(tapped[-1], turn)
        said.append(await _until(lambda: person.chat.from_bot[seen:], awaited))  # noqa: B023 - awaited at once
        seen = len(person.chat.from_bot)
    return said


async def _until(look: Callable[[], list[dict[str, Any]]], awaited: Said) -> Said:
    for _ in range(round(SECONDS / 0.05)):
        if (found := _received(look())) == awaited:
            break
        if len(found.text) > len(awaited.text) + 20:
            break
        await asyncio.sleep(0.05)
    return found


def _shown(messages: list[dict[str, Any]]) -> Said:
    said = Said()
    for message in messages:
        said.text += bare(message["text"])
        said.buttons += [button["title"] for button in message["buttons"]]
        files = _CALENDAR.findall(message["text"])
        files += [card["calendar"] for card in message["cards"] if len(message["cards"]) == 1 and card["calendar"]]
        said.files += len(set(files))
    return said


def _received(messages: list[dict[str, Any]]) -> Said:
    said = Said()
    for message in messages:
        said.text += re.sub(r"\s", "", message.get("text", ""))
        rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
        said.buttons += [button["text"] for row in rows for button in row]
        said.files += "document" in message
    return said


def bare(text: str) -> str:
    """Return our small markdown as its characters, points for list marks, without white space."""
    text = re.sub(r"\[([^\]]*)\]\(https?://[^)]*\)", r"\1", text)
    text = re.sub(r"^- ", "• ", _LOCAL.sub("", text), flags=re.M)
    return re.sub(r"\s", "", re.sub(r"\*\*|(?<!\w)_|_(?!\w)", "", text))
