"""Rasa component: ranks intents and FAQ entries for a message; `AnswerChooser` decides what becomes of it."""

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu import encoder
from bot.nlu.component import FittedComponent
from bot.nlu.features import Question
from bot.nlu.ranker import QuestionRanker
from bot.nlu.training_tables import LANGUAGE_PROPERTY, TrainingTables

RANKING = "intent_ranking"
KNOWN_WORDS = "known_words"
"""The property that says whether the training questions hold all words that could name something."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class QuestionClassifier(FittedComponent):
    """Fits a `QuestionRanker` on the tokens; an FAQ entry's label is its full retrieval intent ``faq/<entry>``."""

    def __init__(self, storage: ModelStorage, resource: Resource, fitted: QuestionRanker | None = None) -> None:
        super().__init__(storage, resource)
        self._ranker = fitted or QuestionRanker()
        if fitted:
            encoder.load()  # a second and 120 MB, which no visitor shall wait for

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on every training message that has an intent."""
        examples = [message for message in training_data.nlu_examples if message.get(TEXT) and message.get(INTENT)]
        self._ranker = QuestionRanker(TrainingTables.from_lookup_tables(training_data.lookup_tables).concepts)
        self._ranker.fit(
            [message.get(TEXT) for message in examples],
            [_question(message) for message in examples],
            [message.get(INTENT_RESPONSE_KEY) or message.get(INTENT) for message in examples],
        )
        return self._save(self._ranker)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set ``intent_ranking`` on each message, best first, and ``intent`` to its first."""
        written = [message for message in messages if message.get(TEXT)]
        questions = [_question(message) for message in written]
        rankings = self._ranker.rank([message.get(TEXT) for message in written], questions)
        for message, question, ranked in zip(written, questions, rankings, strict=True):
            ranking = [{"name": one.label, "confidence": one.confidence} for one in ranked]
            message.set(KNOWN_WORDS, self._ranker.knows(question))
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(RANKING, ranking, add_to_output=True)
        return messages


def _question(message: Message) -> Question:
    tokens = message.get(TOKENS_NAMES[TEXT]) or []
    return Question(tuple(token.text for token in tokens), message.get(LANGUAGE_PROPERTY) or "en", message.get(TEXT))
