"""The whole assistant in one process: a trained model, the content, the actions, conversations in memory."""

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain

from bot import settings
from bot.channels.core import Incoming, Turns
from bot.content.library import SpeechFile
from bot.engine.local_actions import LocalActions
from bot.engine.speaker import ContentSpeaker
from bot.nlu.decision import CALENDAR_FIRST, FIND_EVENTS


@dataclass(frozen=True)
class Reply:
    """What a visitor got for a message, and how it came about."""

    answers: list[dict[str, Any]]
    parsed: dict[str, Any]

    @property
    def text(self) -> str:
        """All texts of the reply."""
        return "\n".join(answer["text"] for answer in self.answers)

    @property
    def entry(self) -> str | None:
        """The FAQ entry that was answered, or None."""
        return next((entry for answer in self.answers if (entry := answer.get("custom", {}).get("entry"))), None)

    @property
    def intent(self) -> str:
        """What the message was taken for; what only the calendar could tell, by its answer."""
        name = str(self.parsed.get("intent", {}).get("name"))
        if name != CALENDAR_FIRST:
            return name
        listed = any("events" in answer.get("custom", {}) for answer in self.answers)
        return FIND_EVENTS if listed else str(self.parsed.get("otherwise"))

    @property
    def buttons(self) -> list[str]:
        """The titles of all buttons offered."""
        return [button["title"] for answer in self.answers for button in answer.get("buttons", [])]


@dataclass
class Assistant:
    """Loads a model once and answers any number of conversations."""

    agent: Agent
    turns: Turns
    _number: int = field(default=0)

    @classmethod
    def load(cls, model: Path) -> "Assistant":
        """Load a trained model."""
        chosen = settings.load()
        agent = Agent.load(
            str(model),
            generator=ContentSpeaker(),
            tracker_store=InMemoryTrackerStore(Domain.empty()),
            action_endpoint=LocalActions(),
        )
        speech = SpeechFile(chosen.compiled_content, chosen.content_dir)
        return cls(agent, Turns(agent.handle_message, speech, agent.is_ready))

    def conversation(self, language: str | None = None) -> "Conversation":
        """Start a conversation; ``language`` is the channel's hint."""
        return Conversation(self, uuid.uuid4().hex, language)


@dataclass(frozen=True)
class Conversation:
    """One visitor's turns."""

    assistant: Assistant
    sender: str
    hint: str | None

    async def say(self, text: str) -> Reply:
        """Send a message and return the reply."""
        answers = await self.assistant.turns.run(Incoming(self.sender, text, "rest", self.hint))
        tracker = await self.assistant.agent.tracker_store.retrieve(self.sender)
        parsed = tracker.latest_message.parse_data if tracker and tracker.latest_message else {}
        return Reply(answers, dict(parsed))
