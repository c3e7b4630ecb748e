"""Compiles nlu_data into Rasa's training data: one retrieval intent for the FAQ, the rest as written.

Answers do not take part: Rasa's responses are mere names, and `bot.engine.speaker` says the texts. So an
edit of an answer changes no fingerprint and needs no training.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import rasa.shared.utils.io
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot import settings
from bot.content import library
from bot.content.event_words import event_terms
from bot.content.model import Content, Sentence
from bot.content.namesakes import look_alikes
from bot.nlu.decision import UNKNOWN_FAR
from bot.nlu.training_tables import LANGUAGE_PROPERTY, TrainingTables

RETRIEVAL_INTENT = "faq"


_prepared: ContextVar[Content | None] = ContextVar("content", default=None)


@contextlib.contextmanager
def importing(content: Content) -> Iterator[None]:
    """Let the importers that Rasa makes within this context have ``content``, read and checked already."""
    token = _prepared.set(content)
    try:
        yield
    finally:
        _prepared.reset(token)


class ContentImporter(TrainingDataImporter):
    """Named under ``importers`` in config.yml, so that `rasa train` and `bot train` read the same content."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        project_directory: str | None = None,
        **kwargs: Any,
    ) -> None:
        self._config_file = config_file or str(settings.PROJECT_ROOT / "config.yml")
        self._domain_file = settings.PROJECT_ROOT / "domain.yml"
        self._content: Content | None = _prepared.get()
        self._training_data: TrainingData | None = None

    @property
    def content(self) -> Content:
        """The checked content, read once, or what `importing` was given."""
        if self._content is None:
            self._content = library.load(settings.load().content_dir)
        return self._content

    def get_domain(self) -> Domain:
        """Return domain.yml with a name for every response that the content holds."""
        domain = Domain.from_path(str(self._domain_file))
        names = [name for name in self.content.phrases if name.startswith("utter_")]
        names += [f"utter_{RETRIEVAL_INTENT}/{entry}" for entry in self.content.entries]
        return domain.merge(Domain.from_dict({"responses": {name: [{"text": name}] for name in names}}))

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """Return the rules."""
        steps = YAMLStoryReader().read_from_file(self.content.root / "rules.yml")
        return StoryGraph(steps)

    def get_conversation_tests(self) -> StoryGraph:
        """Return nothing: whole conversations are tested by tests/dialogues."""
        return StoryGraph([])

    def get_config(self) -> dict[str, Any]:
        """Return config.yml."""
        return dict(rasa.shared.utils.io.read_model_configuration(self._config_file))

    def get_config_file_for_auto_config(self) -> str | None:
        """Return where config.yml stands."""
        return self._config_file

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return every training sentence with its language, and the tables for our components; made once."""
        if self._training_data is None:
            self._training_data = training_data(self.content)
        return self._training_data


class TrainingSentence(Message):
    """A training message that is not copied and is fingerprinted quickly.

    Rasa copies all messages deeply each time it merges importers, eight times, and hashes each dozens of times; with
    20,000 sentences that was a third of the training time.
    """

    _cached_fingerprint: str | None

    def __deepcopy__(self, memo: dict[int, Any]) -> "TrainingSentence":
        # Nothing changes a sentence but the tokenizer, after the last merge, and always to the same tokens.
        return self

    def set(self, prop: str, info: Any, add_to_output: bool = False) -> None:
        """Set a property; one that is so already costs no new fingerprint, as Rasa does at each merge."""
        if add_to_output or self.data.get(prop) != info:
            super().set(prop, info, add_to_output)

    def __hash__(self) -> int:
        """Return a hash that equal messages share; Rasa's is that of the fingerprint, at every look for duplicates."""
        return hash(self.data.get(TEXT))

    def fingerprint(self) -> str:
        """Return a hash of all data; of texts and tokens without Rasa's walk over containers."""
        if self._cached_fingerprint is None and not self.features:
            values = repr([(name, _plain(value)) for name, value in sorted(self.data.items())])
            self._cached_fingerprint = hashlib.md5(values.encode(), usedforsecurity=False).hexdigest()
        return self._cached_fingerprint or str(super().fingerprint())


def _plain(value: Any) -> Any:
    """Return a value whose `repr` says all that it holds: tokens by their texts and places."""
    if isinstance(value, list):
        return [(item.text, item.start) if isinstance(item, Token) else item for item in value]
    return value


def training_data(content: Content) -> TrainingData:
    """Return the NLU training data of ``content``."""
    messages = [
        _message(sentence, f"{RETRIEVAL_INTENT}/{entry.id}", language)
        for entry in content.entries.values()
        for language, sentences in entry.questions.items()
        for sentence in sentences
    ]
    messages += [
        _message(sentence, intent, language)
        for intent, languages in content.dialogue.items()
        for language, sentences in languages.items()
        for sentence in sentences
    ]
    messages += [_message(sentence, UNKNOWN_FAR, language) for sentence, language in look_alikes(content)]
    return TrainingData(messages, lookup_tables=_tables(content).as_lookup_tables())


def _message(sentence: Sentence, intent: str, language: str) -> Message:
    message = TrainingSentence.build(text=sentence.text, intent=intent)
    message.set(LANGUAGE_PROPERTY, language)
    return message


def _tables(content: Content) -> TrainingTables:
    tables = TrainingTables()
    names: set[str] = set()
    for term in content.terms:
        # A term counts as a name only where Latin text writes it alike in both languages, but for its capitals.
        german = {word.lower() for word in (term.names.get("de", ""), *term.synonyms.get("de", ()))}
        english = {word.lower() for word in (term.names.get("en", ""), *term.synonyms.get("en", ()))}
        names |= (german & english) | {term.names.get("zh", ""), *term.synonyms.get("zh", ())}
    tables.terms = event_terms(content)
    tables.ordinary = {language: list(words) for language, words in content.event_words.ordinary.items()}
    tables.names = sorted(names - {""})
    tables.follow_ups = [
        (entry.id, kind, target) for entry in content.entries.values() for kind, target in entry.follow_ups.items()
    ]
    tables.concepts = [
        (concept, language, word)
        for concept, words in content.concepts.items()
        for language, listed in words.items()
        for word in listed
    ]
    return tables
