"""A turn as the inbox and the numbers see it: plain data, made from what Rasa understood and what was answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.languages import DEFAULT_LANGUAGE, supported
from bot.nlu.decision import CALENDAR_FIRST


class Kind(StrEnum):
    """What became of a message."""

    ANSWERED = "answered"
    """by an entry"""
    EVENTS = "events"
    """by the calendar, also with "there are none" """
    TALK = "talk"
    """no question: a greeting, thanks, a wish for another language"""
    UNKNOWN = "unknown"
    UNKNOWN_ABOUT = "unknown_about"
    """not known, of a thing that is"""
    UNSURE = "unsure"
    """asked back"""
    FAILED = "failed"
    THUMB_UP = "thumb_up"
    THUMB_DOWN = "thumb_down"


PROBE = "readiness"
"""The sender of the turn by which `bot serve` finds out that everything is up: nobody's question."""
OPEN = frozenset({Kind.UNKNOWN, Kind.UNKNOWN_ABOUT, Kind.UNSURE, Kind.THUMB_DOWN})
"""What staff should look at: the texts of these are kept."""
_INTENTS = {
    "unknown": Kind.UNKNOWN, "follow_up_unknown": Kind.UNKNOWN, "unknown_about": Kind.UNKNOWN_ABOUT,
    "unsure": Kind.UNSURE, "faq": Kind.UNKNOWN, "find_events": Kind.EVENTS,
}  # fmt: skip


@dataclass(frozen=True)
class Turn:
    """A message and what became of it. ``text`` is the visitor's own: it is masked before it is kept."""

    sender: str
    channel: str
    language: str
    text: str
    kind: Kind
    entry: str | None = None
    """the entry that answered or would be offered first, or the intent of what is unknown about a topic"""
    confidence: float = 0.0
    offered: tuple[str, ...] = ()


def of(
    sender: str, channel: str, text: str, parsed: Mapping[str, Any] | None, answers: Iterable[Mapping[str, Any]]
) -> Turn:
    """Return the turn of a message that Rasa read as ``parsed`` (None: it failed) and that got ``answers``."""
    parsed = parsed or {}
    intent = parsed.get("intent") or {}
    customs = [custom for answer in answers if isinstance(custom := answer.get("custom"), dict)]
    entry = next((custom["entry"] for custom in customs if custom.get("entry")), None)
    # What the calendar could not tell is what it would have been without it.
    name = parsed.get("otherwise") if intent.get("name") == CALENDAR_FIRST else intent.get("name")
    kind = _kind(name, entry, customs)
    offered = tuple(parsed.get("offer") or ())
    if kind is Kind.UNKNOWN_ABOUT:
        entry = parsed.get("topic_intent")
    elif kind is Kind.UNSURE and offered:
        entry = offered[0]
    language = supported(parsed.get("language")) or DEFAULT_LANGUAGE
    return Turn(sender, channel, language, text, kind, entry, float(intent.get("confidence") or 0.0), offered)


def _kind(intent: str | None, entry: str | None, customs: list[dict[str, Any]]) -> Kind:
    if intent is None:
        return Kind.FAILED
    if entry:
        return Kind.ANSWERED
    if any(custom.get("events") or custom.get("instead") for custom in customs):
        return Kind.EVENTS  # the calendar knew what nothing else did
    # An entry outside its validity is understood, and yet not answered: "faq" without an entry is unknown.
    return _INTENTS.get(intent, Kind.TALK)
