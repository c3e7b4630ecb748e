"""Rasa component: tokens by script, with the glossary's Chinese names kept whole."""

from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.languages import DEFAULT_LANGUAGE
from bot.nlu import carried, persistence
from bot.nlu.training_tables import LANGUAGE_PROPERTY, TrainingTables
from bot.nlu.words import WordCutter
from bot.text import clean, has_han, to_simplified

CARRIED = "words"
Sentences = dict[tuple[str, str], list[tuple[str, int]]]
"""(text, language) -> its words, and where each starts; plain, for they are read in a fraction of the time"""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class ScriptTokenizer(Tokenizer):
    """Normalises, folds traditional to simplified, and cuts Han runs with jieba, the rest with spaCy."""

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, names: tuple[str, ...] = ()
    ) -> None:
        super().__init__(config)
        self._storage, self._resource = storage, resource
        self._names = names
        self._cutter: WordCutter | None = None
        # Only while training data is cut: the last training's words, and this one's.
        self._known: Sentences | None = None
        self._used: Sentences | None = None

    @staticmethod
    def required_packages() -> list[str]:
        """Return no packages: Rasa would look for pip distributions of these names."""
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the keys that Rasa's base class reads."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

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
    ) -> "ScriptTokenizer":
        """Return a tokenizer that knows no names yet."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "ScriptTokenizer":
        """Return the tokenizer with its names."""
        tokenizer = cls(config, model_storage, resource, tuple(persistence.load(model_storage, resource)))
        tokenizer._cutter = WordCutter(tokenizer._names)  # half a second, which no visitor shall wait for
        return tokenizer

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the Chinese names of the glossary."""
        names = TrainingTables.from_lookup_tables(training_data.lookup_tables).names
        chinese = sorted({name for name in names if has_han(name)})
        self._names, self._cutter = tuple(chinese), None
        return persistence.save(chinese, self._storage, self._resource)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Cut all training sentences; those that the last training has cut are taken from it."""
        self._known = carried.recall(CARRIED, self._names) or {}
        self._used = {}
        done = super().process_training_data(training_data)
        carried.keep(CARRIED, self._names, self._used)
        self._known = self._used = None
        return done

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Return the tokens of the message's normalised text; none of them is blank."""
        language = message.get(LANGUAGE_PROPERTY) or DEFAULT_LANGUAGE
        return [Token(*word) for word in self._words(message.get(attribute), language)]

    def _words(self, text: str, language: str) -> list[tuple[str, int]]:
        if self._known is None or self._used is None:
            return self._cut(text, language)
        sentence = (text, language)
        if sentence not in self._used:
            self._used[sentence] = self._known.get(sentence) or self._cut(text, language)
        return self._used[sentence]

    def _cut(self, text: str, language: str) -> list[tuple[str, int]]:
        self._cutter = self._cutter or WordCutter(self._names)
        return [(word.text, word.start) for word in self._cutter.cut(to_simplified(clean(text)), language)]
