"""`action_manage_subscriptions`: shows what a visitor has subscribed to, and sets zone and quiet hours."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from bot import clock


class ManageSubscriptions(Action):
    """Shows what a visitor has subscribed to, and sets the zone and the quiet hours."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_manage_subscriptions"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Set what was asked for and list what is kept."""
        dialogue = services.subscriptions(tracker)
        said = dialogue.manage(services.message(tracker), clock.now())
        services.say(dispatcher, said, services.language(tracker))
        return []
