"""`action_look_further`: before "I do not know" is said, asks whether the message names an event of the calendar."""

import json
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from bot import clock
from bot.nlu.conversation import EVENTS_TOPIC


class LookFurther(Action):
    """Lists the events that an otherwise unknown message names, else says what the rule without it would say."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_look_further"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say the events and remember the search, or that it is not known."""
        language = services.language(tracker)
        dialogue = services.event_dialogue(language)
        said, memory = dialogue.look_further(services.message(tracker), clock.now())
        services.say(dispatcher, said, language)
        if not said:
            dispatcher.utter_message(response=f"utter_{tracker.latest_message['intent']['name']}")
            return []
        return [SlotSet(services.EVENT_MEMORY, json.dumps(memory)), SlotSet("last_entry", EVENTS_TOPIC)]
