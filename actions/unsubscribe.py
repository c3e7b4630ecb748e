"""`action_unsubscribe`: ends all subscriptions and reminders at once."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import services


class Unsubscribe(Action):
    """Ends all subscriptions and reminders at once, as far as the conversation's messenger can."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_unsubscribe"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """End everything and say so."""
        dialogue = services.subscriptions(tracker)
        said = dialogue.unsubscribe()
        services.say(dispatcher, said, services.language(tracker))
        return []
