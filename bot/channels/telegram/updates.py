"""What an update of the Bot API asks of us; everything in it is untrusted.

Read from the plain JSON, as both ways in have it, and because one update of a kind that a library's parser does not
know must not keep all that come after it: python-telegram-bot's `get_updates` fails as a whole then.
Only what an answer needs is taken: no names, no pictures, and of a group nothing that is not meant for us.
https://core.telegram.org/bots/api#update
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ALLOWED = ("message", "callback_query", "my_chat_member")
COMMANDS = ("start", "events", "language", "help", "stop")
MEDIA = {
    "photo": "photo", "animation": "photo", "video": "photo", "video_note": "photo", "voice": "voice", "audio": "voice",
    "sticker": "sticker", "location": "location", "venue": "location", "document": "other", "contact": "other",
    "poll": "other", "dice": "other", "story": "other", "game": "other", "paid_media": "other", "checklist": "other",
}  # fmt: skip
MAX_TEXT = 4096
_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,32})(?:@(?P<bot>\w+))?(?:\s|$)", re.ASCII)
_GONE = ("kicked", "left")


class UndecodableError(Exception):
    """Raised for an update that is not of the form that the Bot API describes."""


@dataclass(frozen=True)
class Me:
    """The bot itself."""

    id: int
    username: str


@dataclass(frozen=True)
class Letter:
    """A message or a tap. ``kind`` is "text", "tap", "command" or what of `MEDIA` was sent."""

    update_id: int
    chat: str
    kind: str
    text: str
    """the text, the tapped button's data or the command's name"""
    hint: str | None = None
    """the account's language"""
    key: str = ""
    """what it is known by if it comes again: an album of pictures is one letter"""
    message_id: int | None = None
    thread: int | None = None
    group: bool = False
    tap: str | None = None


@dataclass(frozen=True)
class Gone:
    """The bot was blocked, or removed from a group."""

    chat: str


@dataclass(frozen=True)
class Moved:
    """A group became another chat."""

    old: str
    new: str


def update_id(update: Any) -> int:
    """Return an update's number.

    Raises:
        UndecodableError: it has none.
    """
    number = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise UndecodableError
    return number


def read(update: Any, me: Me) -> Letter | Gone | Moved | None:
    """Return what an update is to us; None if it is not meant for us.

    Raises:
        UndecodableError: it is not of the form that the Bot API describes.
    """
    number = update_id(update)
    try:
        if "message" in update:
            return _message(number, update["message"], me)
        if "callback_query" in update:
            return _tap(number, update["callback_query"])
        if "my_chat_member" in update:
            changed = update["my_chat_member"]
            return Gone(_chat(changed)) if changed["new_chat_member"]["status"] in _GONE else None
    except (KeyError, TypeError, AttributeError, IndexError, ValueError):
        raise UndecodableError from None
    return None


def _message(number: int, message: dict[str, Any], me: Me) -> Letter | Moved | None:
    if new := message.get("migrate_to_chat_id"):
        return Moved(_chat(message), str(int(new)))
    if message.get("from", {}).get("is_bot") and "sender_chat" not in message:
        return None
    group, text, kind = message["chat"]["type"] != "private", message.get("text") or message.get("caption"), "text"
    command = _command(text) if "text" in message else None
    if group and not _is_for(message, command, me):
        return None
    if command and command[1] in (None, me.username.lower()):
        if command[0] in COMMANDS:
            kind, text = "command", command[0]
        elif group and not command[1]:
            return None  # another bot's, most likely
    if not text:
        kind = next((MEDIA[name] for name in MEDIA if name in message), "")
        if not kind:
            return None  # somebody joined, a message was pinned
    elif kind == "text":
        text = re.sub(rf"@{re.escape(me.username)}\b", " ", _string(text), flags=re.IGNORECASE).strip() or "?"
    album = message.get("media_group_id")
    return Letter(
        number, _chat(message), kind, (text or "")[:MAX_TEXT], _hint(message),
        f"album-{album}" if isinstance(album, str) else str(number), int(message["message_id"]),
        message.get("message_thread_id") if message.get("is_topic_message") else None, group,
    )  # fmt: skip


def _tap(number: int, query: dict[str, Any]) -> Letter | None:
    message, data = query.get("message"), query.get("data")
    if not isinstance(message, dict) or not isinstance(data, str):
        return None
    return Letter(
        number, _chat(message), "tap", data[:64], _hint(query), str(number), int(message["message_id"]),
        message.get("message_thread_id") if message.get("is_topic_message") else None,
        message["chat"].get("type", "private") != "private", _string(query["id"]),
    )  # fmt: skip


def _is_for(message: dict[str, Any], command: tuple[str, str | None] | None, me: Me) -> bool:
    """Whether a message in a group is meant for us: a command, a mention, or a reply to what we said."""
    if command:
        return command[1] == me.username.lower() or (command[1] is None and command[0] in COMMANDS)
    if message.get("reply_to_message", {}).get("from", {}).get("id") == me.id:
        return True
    return any(
        mentioned.lower() == f"@{me.username}".lower() or user == me.id for mentioned, user in _mentions(message)
    )


def _mentions(message: dict[str, Any]) -> Iterator[tuple[str, int | None]]:
    text = message.get("text") or message.get("caption") or ""
    units = text.encode("utf-16-le", errors="surrogatepass")
    for entity in message.get("entities") or message.get("caption_entities") or ():
        start = int(entity["offset"]) * 2
        shown = units[start : start + int(entity["length"]) * 2].decode("utf-16-le", errors="replace")
        if entity["type"] == "mention":
            yield shown, None
        elif entity["type"] == "text_mention":
            yield shown, entity["user"]["id"]


def _command(text: Any) -> tuple[str, str | None] | None:
    """Return a command's name and the bot that it names; what follows (a deep link's payload) is not looked at."""
    found = _COMMAND.match(_string(text))
    return (found["name"].lower(), found["bot"].lower() if found["bot"] else None) if found else None


def _chat(message: dict[str, Any]) -> str:
    return str(int(message["chat"]["id"]))


def _hint(message: dict[str, Any]) -> str | None:
    tag = message.get("from", {}).get("language_code")
    return tag[:20] if isinstance(tag, str) else None


def _string(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError
    return text
