"""`action_subscribe`: begins to tell a visitor of what is new, as far as the conversation's messenger can."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from bot import clock


class Subscribe(Action):
    """Keeps the search of a message and says how and when it will be told of."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_subscribe"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Subscribe and say so."""
        language = services.language(tracker)
        dialogue = services.subscriptions(tracker)
        services.say(dispatcher, dialogue.subscribe(services.message(tracker), clock.now()), language)
        return []
