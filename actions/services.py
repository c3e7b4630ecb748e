"""What the actions share: the event store, the phrases, the conversation's language. Opened on first use."""

from functools import lru_cache

from rasa_sdk import Tracker

from bot import settings
from bot.content.library import Speech, SpeechFile
from bot.database import connect
from bot.events.dialogue import EventDialogue, Links
from bot.events.inquiry import EventWords
from bot.events.store import EventStore
from bot.events.wording import EventWording
from bot.languages import DEFAULT_LANGUAGE, supported

_words: tuple[Speech, EventWords] | None = None


@lru_cache(maxsize=1)
def events() -> EventStore:
    """Return the event store of DATABASE_URL."""
    return EventStore(connect(settings.load().database_url))


def event_dialogue(language: str) -> EventDialogue:
    """Return the dialogue about events, in the newest published words."""
    published = speech()
    return EventDialogue(events(), _event_words(published), EventWording(published, language), Links())


def _event_words(published: Speech) -> EventWords:
    """Return the words about events, prepared once for each published speech."""
    global _words
    if _words is None or _words[0] is not published:
        _words = published, EventWords(published.event_words)
    return _words[1]


@lru_cache(maxsize=1)
def _speech_file() -> SpeechFile:
    chosen = settings.load()
    return SpeechFile(chosen.compiled_content, chosen.content_dir)


def speech() -> Speech:
    """Return the newest published phrases."""
    return _speech_file().speech


def language(tracker: Tracker) -> str:
    """Return the language to answer in."""
    return supported(tracker.get_slot("language")) or DEFAULT_LANGUAGE
