"""Rasa component: finds what a message says of events (cities, categories, "free", a time), as entities."""

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot import clock
from bot.nlu.component import FittedComponent
from bot.nlu.leftovers import Leftovers, without, without_terms
from bot.nlu.terms import Term, TermFinder
from bot.nlu.training_tables import LANGUAGE_PROPERTY, TrainingTables
from bot.temporal import read
from bot.text import plain

TIME = "time"
COMPLETE = "complete"
"""The property that says whether a message holds nothing but terms, a time and words that tell nothing."""
Fitted = tuple[list[Term], dict[str, list[str]]]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class TermExtractor(FittedComponent):
    """Learns its terms and the ordinary words from the training data's tables."""

    def __init__(self, storage: ModelStorage, resource: Resource, fitted: Fitted | None = None) -> None:
        super().__init__(storage, resource)
        terms, ordinary = fitted or ([], {})
        self._finder, self._leftovers = TermFinder(terms), Leftovers(ordinary)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the words that stand for a value."""
        tables = TrainingTables.from_lookup_tables(training_data.lookup_tables)
        self._finder, self._leftovers = TermFinder(tables.terms), Leftovers(tables.ordinary)
        return self._save((tables.terms, tables.ordinary))

    def process(self, messages: list[Message]) -> list[Message]:
        """Add an entity for each term found, and whether nothing else was said."""
        for message in messages:
            if text := message.get(TEXT):
                self._process(message, text, message.get(LANGUAGE_PROPERTY) or "de")
        return messages

    def _process(self, message: Message, text: str, language: str) -> None:
        terms = self._finder.find(text)
        found = [(term.kind, term.value, term.start, term.end) for term in terms]
        now = clock.now()
        reading = read(text, language, now)
        if reading and (reading.span.end is None or reading.span.end > now.replace(tzinfo=None)):
            found += [(TIME, reading.kind, start, end) for start, end in reading.words]
        entities = [
            {"entity": kind, "value": value, "start": start, "end": end, "extractor": "TermExtractor"}
            for kind, value, start, end in found
        ]
        message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        rest = without(plain(text), reading.words if reading else ())
        message.set(COMPLETE, not self._leftovers.of(without_terms(rest, terms), language))
