"""`action_remind`: has a visitor reminded of an event."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from bot import clock


class Remind(Action):
    """Has a visitor reminded of an event, as far as the conversation's messenger can."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_remind"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Note the reminder and say when it comes."""
        dialogue = services.subscriptions(tracker)
        said = dialogue.remind(services.message(tracker), services.event_memory(tracker), clock.now())
        services.say(dispatcher, said, services.language(tracker))
        return []
