"""`action_find_events`: hands the message to the dialogue about events, says and remembers what comes back."""

import json
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from bot import clock
from bot.nlu.conversation import EVENTS_TOPIC
from bot.temporal import warm_up


class FindEvents(Action):
    """Answers everything about events: searches, changes to a search, "more", one event's details."""

    def __init__(self) -> None:
        # Once at start: the first reading of a date loads lexicons and holidays for half a second.
        warm_up(clock.now())

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_find_events"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say what the calendar has, and keep the search for the next message."""
        # Only right after events may a message change their search: "and in Beijing?"
        kept = tracker.get_slot(services.EVENT_MEMORY) if tracker.latest_message.get("topic") == EVENTS_TOPIC else None
        language = services.language(tracker)
        dialogue = services.event_dialogue(language)
        said, memory = dialogue.answer(services.message(tracker), json.loads(kept) if kept else None, clock.now())
        services.say(dispatcher, said, language)
        return [SlotSet(services.EVENT_MEMORY, json.dumps(memory))] if memory else []
