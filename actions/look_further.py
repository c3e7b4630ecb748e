"""`action_look_further`: asks whether a message names an event, before something less sure is said."""

import json
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from bot import clock
from bot.nlu.conversation import EVENTS_TOPIC


class LookFurther(Action):
    """Lists the events that a message names, else says what would have been said without the calendar."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_look_further"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say the events and remember the search, or give the answer that was found without it."""
        language = services.language(tracker)
        dialogue = services.event_dialogue(language)
        said, memory = dialogue.look_further(services.message(tracker), clock.now())
        if not said:
            dispatcher.utter_message(response=services.response_without_calendar(tracker))
            return []
        services.say(dispatcher, said, language, services.answer_beside(tracker))
        if memory is None:
            return []
        return [SlotSet(services.EVENT_MEMORY, json.dumps(memory)), SlotSet("last_entry", EVENTS_TOPIC)]
