"""`action_find_events`: reads what the visitor named, asks the event store, says what it found."""

import json
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import services
from bot import clock
from bot.events.model import Category, City, Filters
from bot.events.wording import spell_events, spell_range

PAGE = 5


class FindEvents(Action):
    """Lists upcoming events, five at a time; "more" continues the last list."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_find_events"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say one page of events and remember where it ended."""
        named = {entity["entity"]: entity["value"] for entity in tracker.latest_message.get("entities", [])}
        more = tracker.latest_message.get("continued") and tracker.get_slot("event_page")
        page = json.loads(more) if more else _first_page(named)
        filters = _filters(page)
        today = clock.now().date()
        found = services.events().upcoming(today, filters, PAGE + 1, page["shown"])
        speech, language = services.speech(), services.language(tracker)
        values = {"range": spell_range(filters, today, speech, language)}
        if not found:
            dispatcher.utter_message(response="utter_no_more_events" if page["shown"] else "utter_no_events", **values)
            return []
        values["events"] = spell_events(found[:PAGE], speech, language)
        dispatcher.utter_message(response="utter_events", **values)
        if len(found) > PAGE:
            dispatcher.utter_message(response="utter_more_events")
        return [SlotSet("event_page", json.dumps({**page, "shown": page["shown"] + PAGE}))]


def _first_page(named: dict[str, str]) -> dict[str, Any]:
    return {"shown": 0, **{kind: named[kind] for kind in ("city", "category", "month") if kind in named}}


def _filters(page: dict[str, Any]) -> Filters:
    return Filters(
        city=City(page["city"]) if "city" in page else None,
        category=Category(page["category"]) if "category" in page else None,
        month=int(page["month"]) if "month" in page else None,
    )
