"""Rasa component: finds the glossary's cities, categories and months in a message, as entities."""

import re
from dataclasses import dataclass

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.component import FittedComponent
from bot.nlu.training_tables import TrainingTables
from bot.text import clean, fold, has_han, to_simplified

# German compounds: "Kulturveranstaltung" is about culture. Shorter stems would find too much.
MIN_PREFIX = 5

Term = tuple[str, str, str]
"""kind, value, word"""


@dataclass(frozen=True)
class Found:
    """A term in a text: what it stands for and where."""

    kind: str
    value: str
    start: int
    end: int


class TermFinder:
    """Finds terms, the longest first where they overlap; ``terms`` are (kind, value, word)."""

    def __init__(self, terms: list[Term]) -> None:
        # One pattern for all, longer words before shorter: a pass over the message instead of one a term.
        ordered = sorted(terms, key=lambda term: -len(term[2]))
        self._terms = {f"t{number}": (kind, value) for number, (kind, value, _) in enumerate(ordered)}
        words = (f"(?P<t{number}>{_pattern(fold(word))})" for number, (_, _, word) in enumerate(ordered))
        self._pattern = re.compile("|".join(words) or r"(?!)")

    def find(self, text: str) -> list[Found]:
        """Return the terms in ``text``, in their order."""
        plain = fold(to_simplified(clean(text)))
        return [
            Found(*self._terms[match.lastgroup], match.start(), match.end())
            for match in self._pattern.finditer(plain)
            if match.lastgroup
        ]


def _pattern(word: str) -> str:
    if has_han(word):
        return (r"(?<!\d)" if word[0].isdecimal() else "") + re.escape(word)
    return rf"\b{re.escape(word)}" + ("" if len(word) >= MIN_PREFIX else r"\b")


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
            if "find_events" not in {ranked["name"] for ranked in message.get("intent_ranking", [])[:3]}:
                continue
            found = self._finder.find(message.get(TEXT) or "")
            entities = [
                {"entity": term.kind, "value": term.value, "start": term.start, "end": term.end,
                 "extractor": "TermExtractor"}
                for term in found
            ]  # fmt: skip
            message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        return messages
