"""What the actions share: the event store, the phrases, the conversation's language. Opened on first use."""

from functools import lru_cache

from rasa_sdk import Tracker

from bot import settings
from bot.content.library import Speech, SpeechFile
from bot.database import connect
from bot.events.store import EventStore
from bot.languages import DEFAULT_LANGUAGE, supported


@lru_cache(maxsize=1)
def events() -> EventStore:
    """Return the event store of DATABASE_URL."""
    return EventStore(connect(settings.load().database_url))


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
