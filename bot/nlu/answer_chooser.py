"""Rasa component: turns a ranking and the conversation's context into an intent, a response and slots.

It sets the property ``response_selector`` as Rasa's own ResponseSelector would, so that one rule
(`faq` -> `utter_faq`) speaks the response ``utter_faq/<entry>`` of whichever entry was chosen, and
emits entities that fill the slots by `from_entity`: no action server takes part in a FAQ turn.
"""

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import language_wish
from bot.nlu.belief import FAQ, Ranked
from bot.nlu.component import FittedComponent
from bot.nlu.conversation import EVENTS_TOPIC, NOTHING, ConversationContext
from bot.nlu.decision import HINT, NOISE, Chooser, Clues, Decision, Thresholds
from bot.nlu.language import Evidence
from bot.nlu.language_identifier import EVIDENCE, LANGUAGE
from bot.nlu.question_classifier import KNOWN_WORDS, RANKING
from bot.nlu.term_extractor import COMPLETE
from bot.nlu.training_tables import TrainingTables
from bot.text import has_letters

OFFER, TOPIC_INTENT, CONTINUED, OTHERWISE = "offer", "topic_intent", "continued", "otherwise"
QUESTION = re.compile("[?？吗呢嗎]")
NOUN = "noun"
"""The request that only says "events"."""
SHORT = 4
"""Words of a message that changes a search ("and only culture?")."""
TOPIC = "topic"
"""What the conversation was about before the message."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class AnswerChooser(FittedComponent):
    """The last component of the pipeline."""

    def __init__(
        self, storage: ModelStorage, resource: Resource, fitted: dict[tuple[str, str], str] | None = None
    ) -> None:
        super().__init__(storage, resource)
        self._chooser = Chooser(Thresholds.read(), fitted or {})

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which entry follows on which."""
        rows = TrainingTables.from_lookup_tables(training_data.lookup_tables).follow_ups
        self._chooser.follow_ups = {(entry, kind): target for entry, kind, target in rows}
        return self._save(self._chooser.follow_ups)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set ``intent``, ``response_selector``, ``offer`` and the slots' entities on each message."""
        for message in messages:
            if message.get(RANKING) is not None:
                self._process(message)
        return messages

    def _process(self, message: Message) -> None:
        context = ConversationContext.from_metadata(message.get("metadata"))
        ranking = [Ranked(ranked["name"], ranked["confidence"]) for ranked in message.get(RANKING)]
        named = frozenset(HINT if entity["value"] == NOUN else entity["entity"] for entity in message.get(ENTITIES, []))
        wordless = not has_letters(message.get(TEXT)) and not named
        short = sum(has_letters(token.text) for token in message.get(TOKENS_NAMES[TEXT]) or []) <= SHORT
        clues = Clues(
            named, short, bool(message.get(COMPLETE)), message.get(KNOWN_WORDS) is not False, _asks(message),
            language_wish.read(message.get(TEXT)), str(message.get(LANGUAGE)),
        )  # fmt: skip
        decision = self._chooser.choose([] if wordless else ranking, context, clues)
        if decision.intent == NOISE:  # pressed keys are in no language: the conversation's goes on
            message.set(LANGUAGE, context.language or context.hint or message.get(LANGUAGE), add_to_output=True)
            message.set(EVIDENCE, Evidence.NONE.value, add_to_output=True)
        message.set(INTENT, {"name": decision.intent, "confidence": decision.confidence}, add_to_output=True)
        message.set(OFFER, list(decision.offer), add_to_output=True)
        message.set(TOPIC_INTENT, decision.topic_intent, add_to_output=True)
        message.set(TOPIC, context.last_entry, add_to_output=True)
        message.set(CONTINUED, decision.continued, add_to_output=True)
        message.set(OTHERWISE, decision.otherwise, add_to_output=True)
        message.set("response_selector", _response_selector(decision), add_to_output=True)
        entities = [*message.get(ENTITIES, []), *_slot_entities(decision, context, message)]
        message.set(ENTITIES, entities, add_to_output=True)


def _asks(message: Message) -> bool:
    return bool(QUESTION.search(message.get(TEXT) or ""))


def _response_selector(decision: Decision) -> dict[str, Any]:
    if decision.entry is None:
        return {}
    key = f"{FAQ}{decision.entry}"
    response = {
        "intent_response_key": key, "utter_action": f"utter_{key}", "confidence": decision.confidence, "responses": [],
    }  # fmt: skip
    return {"all_retrieval_intents": ["faq"], "faq": {"response": response, "ranking": []}}


def _slot_entities(decision: Decision, context: ConversationContext, message: Message) -> list[dict[str, Any]]:
    """Return the entities that fill the conversation's slots from this message."""
    slots = {"offered": decision.offer[0] if "unsure" in (decision.intent, decision.otherwise) else NOTHING}
    if decision.request and decision.entry:
        # The last answer in another language: the next message may be in any.
        slots |= {"language": decision.request, "language_locked": NOTHING}
    elif decision.request:
        slots |= {"language": decision.request, "language_locked": "yes"}
    elif context.chosen and context.language:
        slots |= {"language": context.language, "language_locked": "yes"}
    elif not context.language_locked:
        spoke = message.get(EVIDENCE) == Evidence.TEXT
        if spoke or context.language is None:
            slots["language"] = message.get(LANGUAGE)
    if decision.intent == "start_over":
        slots |= {"last_entry": NOTHING, "language_locked": "yes" if context.chosen else NOTHING}
    elif decision.entry:
        slots["last_entry"] = decision.entry
    elif decision.intent == "find_events":
        slots["last_entry"] = EVENTS_TOPIC
    return [_entity(name, value) for name, value in slots.items()]


def _entity(name: str, value: str) -> dict[str, Any]:
    return {"entity": name, "value": value, "start": 0, "end": 0, "extractor": "AnswerChooser"}
