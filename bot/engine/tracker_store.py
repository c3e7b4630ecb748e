"""Conversations in one row each: the slots and the last few turns, so that a turn costs the same at any length.

Rasa's SQL store replays a whole session for every message (25 ms at turn 10, 161 ms at turn 200 in the
stock bot). This one keeps what the rules need, which is also all that privacy allows: old turns are
dropped as new ones come, and conversations at rest are deleted after BOT_CONVERSATION_DAYS.
"""

import json
import logging
import time
from collections.abc import Iterable
from itertools import islice
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Engine

from bot import settings
from bot.database import connect

logger = logging.getLogger(__name__)

KEPT_TURNS = 4
PURGE_INTERVAL = 3600
_RESTORED = {"restored": True}

metadata = sa.MetaData()
conversation = sa.Table(
    "conversation",
    metadata,
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("updated_at", sa.Float, nullable=False, index=True),
    sa.Column("slots", sa.Text, nullable=False),
    sa.Column("events", sa.Text, nullable=False),
)


class Conversations:
    """What channels may do to kept conversations from outside a turn. All methods block."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        metadata.create_all(engine)

    def forget(self, sender_id: str) -> bool:
        """Delete a conversation; False if there is none."""
        with self._engine.begin() as connection:
            chosen = conversation.delete().where(conversation.c.sender_id == sender_id)
            return bool(connection.execute(chosen).rowcount)

    def answers_to(self, sender_id: str, message_id: str) -> list[dict[str, Any]] | None:
        """Return what was answered to a message, as output channels get it; None if its turn was not saved."""
        query = sa.select(conversation.c.events).where(conversation.c.sender_id == sender_id)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        events = json.loads(row.events) if row else []
        asked = [at for at, event in enumerate(events) if event.get("message_id") == message_id]
        if not asked:
            return None
        answers = []
        for event in events[asked[-1] + 1 :]:
            if event["event"] == "user":
                break
            if event["event"] == "bot":
                data = {name: value for name, value in (event.get("data") or {}).items() if value}
                answers.append({"recipient_id": sender_id, "text": event.get("text") or "", **data})
        return answers


class CompactTrackerStore(TrackerStore, SerializedTrackerAsText):
    """Named under ``tracker_store`` in endpoints.yml; SQLite by default, PostgreSQL by DATABASE_URL."""

    def __init__(
        self, domain: Domain | None = None, host: str | None = None, event_broker: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(domain, event_broker)
        chosen = settings.load()
        self._engine: Engine = connect(host or chosen.database_url)
        self._max_age = chosen.conversation_days * 24 * 3600
        self._purged = 0.0
        metadata.create_all(self._engine)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the conversation's slots and last turns."""
        await self.stream_events(tracker)
        slots = {name: slot.value for name, slot in tracker.slots.items() if slot.value != slot.initial_value}
        row = {
            "updated_at": time.time(),
            "slots": json.dumps(slots, ensure_ascii=False),
            "events": json.dumps([event.as_dict() for event in _recent(tracker.events)], ensure_ascii=False),
        }
        with self._engine.begin() as connection:
            updated = connection.execute(
                conversation.update().where(conversation.c.sender_id == tracker.sender_id).values(row)
            )
            if updated.rowcount == 0:
                connection.execute(conversation.insert().values(sender_id=tracker.sender_id, **row))
        self._purge()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation as far as it is kept, or None."""
        query = sa.select(conversation.c.slots, conversation.c.events).where(conversation.c.sender_id == sender_id)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        restored = [
            SlotSet(name, value, timestamp=0.0, metadata=_RESTORED).as_dict()
            for name, value in json.loads(row.slots).items()
        ]
        return DialogueStateTracker.from_dict(sender_id, restored + json.loads(row.events), self.domain.slots)

    async def keys(self) -> Iterable[str]:
        """Return the sender ids of all conversations."""
        with self._engine.connect() as connection:
            return [row.sender_id for row in connection.execute(sa.select(conversation.c.sender_id))]

    async def delete(self, sender_id: str) -> None:
        """Delete a conversation, if there is one."""
        Conversations(self._engine).forget(sender_id)

    def _purge(self) -> None:
        """Delete conversations at rest for too long, at most once an hour."""
        now = time.time()
        if now - self._purged < PURGE_INTERVAL:
            return
        self._purged = now
        with self._engine.begin() as connection:
            connection.execute(conversation.delete().where(conversation.c.updated_at < now - self._max_age))


def _recent(events: Iterable[Event]) -> list[Event]:
    """Return the events of the last turns, from a point where the bot was listening; restored slots are not theirs."""
    own = [event for event in events if event.metadata.get("restored") is not True]
    starts = [
        position
        for position, event in enumerate(own)
        if isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME
    ]
    if len(starts) <= KEPT_TURNS + 1:
        return own
    return list(islice(own, starts[-(KEPT_TURNS + 1)], None))
