"""Rasa component: finds the glossary's cities, categories and months in a message, as entities."""

import re
from dataclasses import dataclass
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import persistence
from bot.nlu.training_tables import TrainingTables
from bot.text import clean, fold, has_han, to_simplified

# German compounds: "Kulturveranstaltung" is about culture. Shorter stems would find too much.
MIN_PREFIX = 5


@dataclass(frozen=True)
class Found:
    """A term in a text: what it stands for and where."""

    kind: str
    value: str
    start: int
    end: int


def find_terms(text: str, terms: list[tuple[str, str, str]]) -> list[Found]:
    """Return the terms in ``text``, longest first where they overlap; ``terms`` are (kind, value, word)."""
    plain = fold(to_simplified(clean(text)))
    found: list[Found] = []
    for kind, value, word in sorted(terms, key=lambda term: -len(term[2])):
        for match in re.finditer(_pattern(fold(word)), plain):
            if not any(match.start() < other.end and other.start < match.end() for other in found):
                found.append(Found(kind, value, match.start(), match.end()))
    return sorted(found, key=lambda item: item.start)


def _pattern(word: str) -> str:
    if has_han(word):
        return (r"(?<!\d)" if word[0].isdecimal() else "") + re.escape(word)
    return rf"\b{re.escape(word)}" + ("" if len(word) >= MIN_PREFIX else r"\b")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class TermExtractor(GraphComponent):
    """Learns its terms from the training data's tables."""

    def __init__(
        self, storage: ModelStorage, resource: Resource, terms: list[tuple[str, str, str]] | None = None
    ) -> None:
        self._storage, self._resource, self._terms = storage, resource, terms or []

    @staticmethod
    def required_packages() -> list[str]:
        """Return no packages: Rasa would look for pip distributions of these names."""
        return []

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Refit when our code changes."""
        return persistence.code_fingerprint()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "TermExtractor":
        """Return a component that knows no terms yet."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "TermExtractor":
        """Return the component with its terms."""
        return cls(model_storage, resource, persistence.load(model_storage, resource))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the words that stand for a value."""
        self._terms = TrainingTables.from_lookup_tables(training_data.lookup_tables).terms
        return persistence.save(self._terms, self._storage, self._resource)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add an entity for each term found."""
        for message in messages:
            found = find_terms(message.get(TEXT) or "", self._terms)
            entities = [
                {"entity": term.kind, "value": term.value, "start": term.start, "end": term.end,
                 "extractor": "TermExtractor"}
                for term in found
            ]  # fmt: skip
            message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        return messages
