"""Everybody waits for a reminder of the same concert: for the tests and benchmarks/reminders.py."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine

from bot.events.store import EventStore
from bot.subscriptions import service
from bot.subscriptions.model import Address, told_of
from tests.events.conftest import make_event
from tests.fakes.telegram import FakeBotApi

ASKED = datetime(2027, 3, 10, 12, tzinfo=ZoneInfo("Europe/Berlin"))


def subscribe(engine: Engine, api: FakeBotApi, number: int) -> None:
    """Have the chats from 1 to ``number`` ask, at `ASKED`, to be reminded of a concert."""
    store = EventStore(engine)
    store.save([make_event("concert", titles={"de": "Konzert"})], now=ASKED)
    one = store.occurrences("concert", ASKED, 1)[0]
    for chat in range(1, number + 1):
        api.user(chat, "de")
        service.remind(engine, Address("telegram", str(chat)), "de", one, told_of(one, one.start), ASKED)
