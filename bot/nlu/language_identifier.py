"""Rasa component: sets a message's ``language``, and says whether its text spoke for it."""

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.component import FittedComponent
from bot.nlu.conversation import ConversationContext
from bot.nlu.decision import NOISE
from bot.nlu.language import LanguageModel
from bot.nlu.training_tables import LANGUAGE_PROPERTY, TrainingTables
from bot.text import clean

LANGUAGE, EVIDENCE = "language", "language_evidence"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class LanguageIdentifier(FittedComponent):
    """Learns from the training sentences' known languages; runs before the tokenizer."""

    def __init__(self, storage: ModelStorage, resource: Resource, fitted: LanguageModel | None = None) -> None:
        super().__init__(storage, resource)
        self._model = fitted or LanguageModel()

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on every sentence whose language is known."""
        spoken = (message for message in training_data.training_examples if message.get(LANGUAGE_PROPERTY))
        examples = [message for message in spoken if message.get(INTENT) != NOISE]  # pressed keys are no language's
        tables = TrainingTables.from_lookup_tables(training_data.lookup_tables)
        self._model.fit(
            ((clean(message.get(TEXT)), message.get(LANGUAGE_PROPERTY)) for message in examples), tables.names
        )
        return self._save(self._model)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data as it is: its languages are known."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set ``language`` and ``language_evidence`` on each message."""
        texts = [clean(message.get(TEXT) or "") for message in messages]
        self._model.prepare(texts)
        for message, text in zip(messages, texts, strict=True):
            context = ConversationContext.from_metadata(message.get("metadata"))
            found = self._model.identify(text, context.language, context.hint)
            message.set(LANGUAGE, found.language, add_to_output=True)
            message.set(EVIDENCE, found.evidence.value, add_to_output=True)
        return messages
