import time
from pathlib import Path

import pytest
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered

from bot.engine import tracker_store
from bot.engine.tracker_store import KEPT_TURNS, CompactTrackerStore

DOMAIN = Domain.from_dict(
    {"slots": {"language": {"type": "text", "mappings": [{"type": "custom"}]}}, "intents": ["greet"]}
)


@pytest.fixture
def store(tmp_path: Path) -> CompactTrackerStore:
    return CompactTrackerStore(DOMAIN, host=f"sqlite:///{tmp_path}/test.sqlite")


async def turn(store: CompactTrackerStore, text: str) -> None:
    tracker = await store.get_or_create_tracker("visitor")
    tracker.update(UserUttered(text, {"name": "greet"}), DOMAIN)
    tracker.update(ActionExecuted("utter_greet"))
    tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
    await store.save(tracker)


async def test_slots_outlive_the_turn_that_set_them(store: CompactTrackerStore) -> None:
    tracker = await store.get_or_create_tracker("visitor")
    tracker.update(SlotSet("language", "zh"))
    await store.save(tracker)
    for number in range(3 * KEPT_TURNS):
        await turn(store, f"message {number}")
    restored = await store.retrieve("visitor")
    assert restored is not None
    assert restored.get_slot("language") == "zh"


async def test_only_the_last_turns_are_kept(store: CompactTrackerStore) -> None:
    for number in range(40):
        await turn(store, f"message {number}")
    restored = await store.retrieve("visitor")
    assert restored is not None
    texts = [event.text for event in restored.events if isinstance(event, UserUttered)]
    assert texts == [f"message {number}" for number in range(40 - KEPT_TURNS, 40)]


async def test_conversations_survive_a_new_store(store: CompactTrackerStore, tmp_path: Path) -> None:
    await turn(store, "hello")
    again = CompactTrackerStore(DOMAIN, host=f"sqlite:///{tmp_path}/test.sqlite")
    restored = await again.retrieve("visitor")
    assert restored is not None
    assert restored.latest_message is not None
    assert restored.latest_message.text == "hello"
    assert list(await again.keys()) == ["visitor"]


async def test_old_conversations_are_deleted(store: CompactTrackerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await turn(store, "hello")
    future = time.time() + 31 * 24 * 3600
    monkeypatch.setattr(tracker_store.time, "time", lambda: future)
    tracker = await store.get_or_create_tracker("somebody else")
    await store.save(tracker)
    assert list(await store.keys()) == ["somebody else"]


async def test_an_unknown_sender_has_no_conversation(store: CompactTrackerStore) -> None:
    assert await store.retrieve("nobody") is None
