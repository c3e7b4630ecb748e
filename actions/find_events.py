"""`action_find_events`: hands the message to the dialogue about events, says and remembers what comes back."""

import json
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from bot import clock
from bot.events.dialogue import Message
from bot.nlu.conversation import EVENTS_TOPIC

MEMORY = "event_search"


class FindEvents(Action):
    """Answers everything about events: searches, changes to a search, "more", one event's details."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_find_events"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say what the calendar has, and keep the search for the next message."""
        parsed = tracker.latest_message
        ranking = parsed.get("intent_ranking") or [{}]
        message = Message(
            text=parsed.get("text") or "",
            language=parsed.get("language") or services.language(tracker),
            continued=bool(parsed.get("continued")),
            intent=str(ranking[0].get("name", "")),
        )
        # Only right after events may a message change their search: "and in Beijing?"
        kept = tracker.get_slot(MEMORY) if parsed.get("topic") == EVENTS_TOPIC else None
        said, memory = services.event_dialogue(services.language(tracker)).answer(
            message, json.loads(kept) if kept else None, clock.now()
        )
        for answer in said:
            buttons = [{"title": text, "payload": text} for text in answer.buttons]
            dispatcher.utter_message(
                response=answer.phrase, buttons=buttons, json_message=answer.data or None, **answer.values
            )
        return [SlotSet(MEMORY, json.dumps(memory))] if memory else []
