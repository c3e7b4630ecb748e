"""How event sources fare, as an administrator sees it."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.channels.health import SiteChannel
from bot.events.store import EventStore, Source

READ = datetime(2027, 3, 10, 10, tzinfo=ZoneInfo("Europe/Berlin"))


async def test_failing_and_held_back_event_sources_show_in_health(serve: Any, store: EventStore) -> None:
    for name, noted in {
        "good": {"last_success": READ},
        "down": {"last_success": READ, "last_error": "down: https://secret.example"},
        "never": {"last_error": "never"},
        "held": {"last_success": READ, "held_back": "most events are gone"},
        "new": {},
    }.items():
        store.put_source(Source(name, f"https://{name}.example/"))
        if noted:
            store.note_source(name, **noted)
    site = await serve(SiteChannel())
    status, body, _ = await site.get("/health/ready")
    state = json.loads(body)
    assert status == 503  # for want of a model, not because of the sources
    assert (state["model"], state["database"]) == (False, True)
    assert state["event_sources"] == {
        "good": "ok",
        "down": "failing since 2027-03-10T09:00Z",
        "never": "failing since it was added",
        "held": "held back",
        "new": "not read yet",
    }
