"""Six changes to Rasa 3.6.21 that no extension point allows. Each says why and what it was measured to win.

`install` is called by `ContentSpeaker`, which Rasa builds before the first message. tests/engine/
test_patches.py fails when an upstream signature changes.
"""

import asyncio
import functools
import logging
from typing import Any

import aiohttp
from jsonschema import Draft7Validator
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

from bot.nlu.conversation import METADATA_KEY, ConversationContext
from bot.text import defuse

logger = logging.getLogger(__name__)

# Rasa would wait five minutes for a server that is there but does not answer.
ACTION_TIMEOUT = 10.0
UNAVAILABLE = "utter_service_unavailable"
LOOK_FURTHER = "action_look_further"
# Their DEBUG lines hold what visitors wrote and were answered.
TALKATIVE = ("processor", "agent", "policies", "actions", "nlg")
_installed = False


def install() -> None:
    """Apply all patches once."""
    global _installed
    if not _installed:
        _installed = True
        _cache_action_validator()
        _cache_event_types()
        _cache_empty_domain()
        _tell_visitors_of_failed_actions()
        _give_context_to_parsing()
        _keep_texts_out_of_logs()


def _cache_action_validator() -> None:
    """Rasa rebuilds a large JSON schema for each action result: 31 ms a turn, 4.9 ms with one validator."""

    @functools.lru_cache(maxsize=1)
    def validator() -> Draft7Validator:
        return Draft7Validator(RemoteAction.action_response_format_spec())

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        validator().validate(result)
        return True

    RemoteAction._validate_action_result = validate


def _cache_event_types() -> None:
    """Rasa walks all subclasses of Event for every stored event; a dictionary knows the answer."""
    original = Event.resolve_by_type
    Event.resolve_by_type = staticmethod(functools.lru_cache(maxsize=256)(original))


def _cache_empty_domain() -> None:
    """Rasa makes an empty domain for each message, to see whether its own is one: 0.4 ms; nobody changes this one."""
    Domain.empty = functools.lru_cache(maxsize=1)(Domain.empty)


def _tell_visitors_of_failed_actions() -> None:
    """A failing action server makes a silent turn; the visitor shall be told, in their language."""
    original = RemoteAction.run

    @functools.wraps(original)
    async def run(
        self: RemoteAction, output_channel: Any, nlg: Any, tracker: DialogueStateTracker, domain: Any
    ) -> list[Event]:
        try:
            return list(await asyncio.wait_for(original(self, output_channel, nlg, tracker, domain), ACTION_TIMEOUT))
        except (RasaException, aiohttp.ClientError, TimeoutError) as error:
            logger.error("The action %s failed: %s", self.name(), type(error).__name__)
            name = _instead_of(self.name(), tracker)
            message = await nlg.generate(name, tracker, output_channel.name())
            return [BotUttered(message.pop("text"), data=message, metadata={"utter_action": name})]

    RemoteAction.run = run


def _instead_of(action: str, tracker: DialogueStateTracker) -> str:
    """Return what is said when an action fails: what is unknown stays unknown, and only a search is unavailable."""
    if action == LOOK_FURTHER and tracker.latest_message:
        return f"utter_{tracker.latest_message.intent.get('name')}"
    return UNAVAILABLE


def _give_context_to_parsing() -> None:
    """NLU parses a message alone; ours needs the conversation's language and topic.

    Typed text that begins with "/" would trigger any intent and set slots: it is stripped here, so that
    no channel can forget it.
    """
    original = MessageProcessor.parse_message

    @functools.wraps(original)
    async def parse_message(
        self: MessageProcessor,
        message: UserMessage,
        tracker: DialogueStateTracker | None = None,
        only_output_properties: bool = True,
    ) -> dict[str, Any]:
        message.text = defuse(message.text or "")
        kept = message.metadata
        slots = tracker.current_slot_values() if tracker else {}
        context = ConversationContext.from_slots(slots).as_metadata()
        message.metadata = {**(kept or {}), METADATA_KEY: context}
        try:
            parsed = dict(await original(self, message, tracker, only_output_properties))
        finally:
            message.metadata = kept
        if hasattr(message.output_channel, "parsed"):  # ours: what is counted of a turn is read from it
            message.output_channel.parsed = parsed
        return parsed

    MessageProcessor.parse_message = parse_message


def _keep_texts_out_of_logs() -> None:
    """Lower what Rasa says of single messages: with --debug, two lines of each turn held the visitor's text."""
    for name in TALKATIVE:
        logging.getLogger(f"rasa.core.{name}").setLevel(logging.INFO)
