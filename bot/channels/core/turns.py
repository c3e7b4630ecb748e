"""Runs a visitor's message: the length cap, one turn at a time per sender, a time limit that never loses the tracker.

When anything fails there is a sentence in the visitor's language.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from bot import metrics
from bot.content.library import SpeechFile
from bot.inbox import turn as inbox_turn
from bot.inbox.turn import Turn
from bot.languages import DEFAULT_LANGUAGE, supported
from bot.nlu.language import ONLY_ENGLISH, ONLY_GERMAN
from bot.text import clean, defuse, has_han

logger = logging.getLogger(__name__)

MAX_CHARACTERS = 1000
MAX_SENDER = 255
TURN_TIMEOUT = 30.0
# Rasa takes an empty text for no message at all and falls silent for the rest of the conversation.
WORDLESS = "…"

Handler = Callable[[UserMessage], Awaitable[Any]]


@dataclass(frozen=True)
class Incoming:
    """A visitor's message as a channel received it; everything in it is untrusted."""

    sender: str
    text: str
    channel: str
    hint: str | None = None
    chosen: bool = False
    """Whether the visitor picked the language of the hint: then it is the conversation's for good."""
    message_id: str | None = None
    """Kept with Rasa's event, so that a turn that was interrupted is known to have been run."""


class AnswerCollector(CollectingOutputChannel):
    """Collects a turn's answers, each in one piece: text, buttons and custom data together."""

    parsed: dict[str, Any] | None = None
    """What Rasa understood; `bot.engine.patches` notes it here."""

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one answer."""
        answer = {"recipient_id": recipient_id, "text": message.get("text") or ""}
        for part in ("buttons", "custom"):
            if message.get(part):
                answer[part] = message[part]
        self.messages.append(answer)


@dataclass
class Turns:
    """Runs turns for a channel."""

    handle: Handler
    speech: SpeechFile
    is_ready: Callable[[], bool]
    record: Callable[[Turn], None] | None = None
    """Hears of each turn for the inbox and the numbers; None where nobody real is asking."""
    _queues: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def run(self, incoming: Incoming) -> list[dict[str, Any]]:
        """Return the answers to a message; never raises, never returns nothing."""
        if len(incoming.text) > MAX_CHARACTERS:
            return self.say("utter_too_long", incoming)
        if not self.is_ready():
            return self.say("utter_not_ready", incoming)
        # Rasa's lock store polls once a second; waiting here costs a second message nothing.
        queue = self._queues.setdefault(incoming.sender, asyncio.Lock())
        async with queue:
            return await self._turn(incoming)

    async def _turn(self, incoming: Incoming) -> list[dict[str, Any]]:
        collector = AnswerCollector()
        metadata: dict[str, Any] = {"language": incoming.hint, "chosen": incoming.chosen} if incoming.hint else {}
        message = UserMessage(
            defuse(clean(incoming.text)) or WORDLESS,
            collector,
            incoming.sender,
            input_channel=incoming.channel,
            message_id=incoming.message_id,
            metadata=metadata,
        )
        turn = asyncio.ensure_future(self.handle(message))
        try:
            # Shielded: a turn that takes too long still ends and saves its tracker.
            await asyncio.wait_for(asyncio.shield(turn), TURN_TIMEOUT)
        except TimeoutError:
            logger.error("A turn on %s took longer than %s s", incoming.channel, TURN_TIMEOUT)
            turn.add_done_callback(_note_failure)
        except Exception as error:
            # The text stays out of the log: it is the visitor's.
            logger.error("A turn on %s failed: %s", incoming.channel, type(error).__name__, exc_info=error)
        metrics.turns_total.labels(incoming.channel, metrics.ANSWERED if collector.messages else metrics.FAILED).inc()
        if self.record:
            parsed = collector.parsed if collector.messages else None  # without an answer, the turn failed
            self.record(inbox_turn.of(incoming.sender, incoming.channel, incoming.text, parsed, collector.messages))
        return collector.messages or self.say("utter_error", incoming)

    def say(self, name: str, incoming: Incoming) -> list[dict[str, Any]]:
        """Return a phrase as the answer to a message that Rasa does not see."""
        language = _guess(incoming)
        text = self.speech.speech.phrases[name][language]
        return [{"recipient_id": incoming.sender, "text": text, "custom": {"language": language}}]


def _note_failure(turn: "asyncio.Future[Any]") -> None:
    if not turn.cancelled() and (error := turn.exception()):
        logger.error("A late turn failed: %s", type(error).__name__)


def _guess(incoming: Incoming) -> str:
    """Return a language for a sentence said without a parse: by script and stop words of the first characters."""
    if incoming.chosen and (chosen := supported(incoming.hint)):
        return chosen
    start = incoming.text[:400]
    if has_han(start):
        return "zh"
    words = set(re.findall(r"[^\W\d_]+", start.lower()))
    german, english = len(words & ONLY_GERMAN), len(words & ONLY_ENGLISH)
    if german != english:
        return "de" if german > english else "en"
    return supported(incoming.hint) or DEFAULT_LANGUAGE
