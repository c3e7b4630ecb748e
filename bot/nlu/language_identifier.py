"""Rasa component: sets a message's ``language``, and says whether its text spoke for it."""

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import persistence
from bot.nlu.conversation import ConversationContext
from bot.nlu.language import LanguageModel
from bot.nlu.training_tables import LANGUAGE_PROPERTY, TrainingTables
from bot.text import clean

LANGUAGE, EVIDENCE = "language", "language_evidence"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class LanguageIdentifier(GraphComponent):
    """Learns from the training sentences' known languages; runs before the tokenizer."""

    def __init__(self, storage: ModelStorage, resource: Resource, model: LanguageModel | None = None) -> None:
        self._storage, self._resource = storage, resource
        self._model = model or LanguageModel()

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
    ) -> "LanguageIdentifier":
        """Return an unfitted component."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LanguageIdentifier":
        """Return the component as it was fitted."""
        return cls(model_storage, resource, persistence.load(model_storage, resource))

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on every sentence whose language is known."""
        examples = [message for message in training_data.training_examples if message.get(LANGUAGE_PROPERTY)]
        tables = TrainingTables.from_lookup_tables(training_data.lookup_tables)
        self._model.fit(
            ((clean(message.get(TEXT)), message.get(LANGUAGE_PROPERTY)) for message in examples), tables.names
        )
        return persistence.save(self._model, self._storage, self._resource)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data as it is: its languages are known."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set ``language`` and ``language_evidence`` on each message."""
        for message in messages:
            context = ConversationContext.from_metadata(message.get("metadata"))
            found = self._model.identify(clean(message.get(TEXT) or ""), context.language, context.hint)
            message.set(LANGUAGE, found.language, add_to_output=True)
            message.set(EVIDENCE, found.evidence.value, add_to_output=True)
        return messages
