"""What the actions share: the event store, the phrases, the conversation's language. Opened on first use."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.engine import Engine

from bot import settings
from bot.content.library import Speech, SpeechFile
from bot.database import connect
from bot.events.dialogue import EventDialogue, Links, Message, Said
from bot.events.inquiry import EventWords
from bot.events.links import feed_url, occurrence_url
from bot.events.store import EventStore
from bot.events.wording import EventWording
from bot.languages import DEFAULT_LANGUAGE, supported
from bot.nlu.conversation import EVENTS_TOPIC
from bot.nlu.decision import CALENDAR_FIRST
from bot.subscriptions.address import of_conversation
from bot.subscriptions.dialogue import SubscriptionDialogue

EVENT_MEMORY = "event_search"
"""The slot that keeps the last search for events."""
_words: tuple[Speech, EventWords] | None = None


@lru_cache(maxsize=1)
def connect_once() -> Engine:
    """Return the engine of DATABASE_URL."""
    return connect(settings.load().database_url)


@lru_cache(maxsize=1)
def events() -> EventStore:
    """Return the event store of DATABASE_URL."""
    return EventStore(connect_once())


def event_dialogue(language: str) -> EventDialogue:
    """Return the dialogue about events, in the newest published words."""
    published = speech()
    return EventDialogue(events(), _event_words(published), EventWording(published, language), _links())


def subscriptions(tracker: Tracker) -> SubscriptionDialogue:
    """Return the dialogue about subscriptions with whoever is speaking."""
    published, spoken = speech(), language(tracker)
    address = of_conversation(tracker.get_latest_input_channel(), tracker.sender_id)
    engine = connect_once()
    return SubscriptionDialogue(
        engine, events(), _event_words(published), EventWording(published, spoken), address, _links().feed
    )


def event_memory(tracker: Tracker) -> dict[str, Any] | None:
    """Return the last search for events if events are still the topic."""
    kept = tracker.get_slot(EVENT_MEMORY) if tracker.latest_message.get("topic") == EVENTS_TOPIC else None
    return json.loads(kept) if kept else None


def _links() -> Links:
    base = settings.load().public_url
    return Links(
        occurrence=lambda one, language: occurrence_url(base, one, language),
        feed=lambda inquiry, language: feed_url(base, inquiry.query, language),
    )


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


def message(tracker: Tracker) -> Message:
    """Return the visitor's message as far as events go."""
    parsed = tracker.latest_message
    ranking = parsed.get("intent_ranking") or [{}]
    return Message(
        text=parsed.get("text") or "",
        language=parsed.get("language") or language(tracker),
        continued=bool(parsed.get("continued")),
        intent=str(ranking[0].get("name", "")),
    )


def response_without_calendar(tracker: Tracker) -> str:
    """Return the response to a message that names no event: an entry's answer, or that it is not known."""
    parsed = tracker.latest_message
    intent = parsed["intent"]["name"]
    decided = parsed.get("otherwise") if intent == CALENDAR_FIRST else intent
    return f"utter_faq/{_entry(tracker)}" if decided == "faq" else f"utter_{decided}"


def answer_beside(tracker: Tracker) -> list[str]:
    """Return the title of the entry that would have been the answer, as a button beside the events; or nothing."""
    entry = _entry(tracker)
    return [speech().title(entry, language(tracker))] if entry in speech().entries else []


def _entry(tracker: Tracker) -> str:
    chosen = tracker.latest_message.get("response_selector") or {}
    key = str(chosen.get("faq", {}).get("response", {}).get("intent_response_key", ""))
    return key.removeprefix("faq/")


def say(dispatcher: CollectingDispatcher, said: list[Said], language: str, beside: Sequence[str] = ()) -> None:
    """Say what the dialogue about events answered, the buttons ``beside`` it under the last part."""
    for answer in said:
        texts = [*answer.buttons, *(beside if answer is said[-1] else ())]
        buttons = [{"title": text, "payload": text} for text in texts]
        data = {"language": language, **answer.data}
        dispatcher.utter_message(response=answer.phrase, buttons=buttons, json_message=data, **answer.values)
