"""Rasa component: finds what a message says of events (cities, categories, "free", a time), as entities."""

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot import clock
from bot.nlu.component import FittedComponent
from bot.nlu.conversation import EVENTS_TOPIC, ConversationContext
from bot.nlu.decision import FIND_EVENTS
from bot.nlu.terms import Term, TermFinder
from bot.nlu.training_tables import LANGUAGE_PROPERTY, TrainingTables
from bot.temporal import read

TIME = "time"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class TermExtractor(FittedComponent):
    """Learns its terms from the training data's tables."""

    def __init__(self, storage: ModelStorage, resource: Resource, fitted: list[Term] | None = None) -> None:
        super().__init__(storage, resource)
        self._finder = TermFinder(fitted or [])

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the words that stand for a value."""
        terms = TrainingTables.from_lookup_tables(training_data.lookup_tables).terms
        self._finder = TermFinder(terms)
        return self._save(terms)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add an entity for each term found in a message that may be about events; nothing else needs them."""
        for message in messages:
            if _may_be_about_events(message):
                entities = self._entities(message.get(TEXT) or "", message.get(LANGUAGE_PROPERTY) or "de")
                message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        return messages

    def _entities(self, text: str, language: str) -> list[dict[str, object]]:
        found = [(term.kind, term.value, term.start, term.end) for term in self._finder.find(text)]
        now = clock.now()
        reading = read(text, language, now)
        if reading and (reading.span.end is None or reading.span.end > now.replace(tzinfo=None)):
            found += [(TIME, reading.kind, start, end) for start, end in reading.words]
        return [
            {"entity": kind, "value": value, "start": start, "end": end, "extractor": "TermExtractor"}
            for kind, value, start, end in found
        ]


def _may_be_about_events(message: Message) -> bool:
    context = ConversationContext.from_metadata(message.get("metadata"))
    likely = {ranked["name"] for ranked in message.get("intent_ranking", [])[:3]}
    return FIND_EVENTS in likely or context.last_entry == EVENTS_TOPIC
