"""What the NLU may know of the conversation that a message belongs to.

Rasa's graph parses a message alone; `bot.engine.patches` adds this context to the message's metadata
before each parse. A message parsed without it (training, `rasa shell nlu`) has an empty context.
"""

from dataclasses import asdict, dataclass
from typing import Any, Self

from bot.languages import supported

METADATA_KEY = "conversation"
EVENTS_TOPIC = "@events"
NOTHING = "-"
"""The value of a slot that was deliberately emptied (from_entity mappings cannot set null)."""


@dataclass(frozen=True)
class ConversationContext:
    """The slots that decide how the next message is understood."""

    language: str | None = None
    language_locked: bool = False
    last_entry: str | None = None
    offered: str | None = None
    hint: str | None = None
    chosen: bool = False
    """Whether the visitor has just picked the hint's language in the channel."""

    @classmethod
    def from_metadata(cls, metadata: Any) -> Self:
        """Read the context that was added to a message's metadata; the channel's own hint is ``language``.

        With ``chosen`` the visitor picked it: it holds from this message on, as if it had been asked for.
        """
        if not isinstance(metadata, dict):
            return cls()
        known = metadata.get(METADATA_KEY)
        hint = metadata.get("language")
        context = cls(**known) if isinstance(known, dict) else cls()
        language = supported(hint) if isinstance(hint, str) else None
        picked = {"language": language, "language_locked": True, "chosen": True}
        more = picked if language and metadata.get("chosen") is True else {}
        return cls(**{**asdict(context), "hint": language, **more})

    @classmethod
    def from_slots(cls, slots: dict[str, Any]) -> Self:
        """Read the context from a tracker's slot values."""
        return cls(
            language=slots.get("language"),
            language_locked=slots.get("language_locked") == "yes",
            last_entry=_filled(slots.get("last_entry")),
            offered=_filled(slots.get("offered")),
        )

    def as_metadata(self) -> dict[str, Any]:
        """Return the plain form for a message's metadata."""
        return asdict(self)


def _filled(value: Any) -> str | None:
    return value if isinstance(value, str) and value != NOTHING else None
