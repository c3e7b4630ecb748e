from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot import settings
from bot.channels.core import messenger_tables
from bot.channels.core.mailbox import Mailbox
from bot.content.library import SpeechFile
from bot.database import connect
from bot.events.inquiry import Inquiry
from bot.events.model import Query
from bot.events.store import EventStore
from bot.subscriptions import service
from bot.subscriptions.lookups import series_start
from bot.subscriptions.model import Address, Kind, told_of
from bot.subscriptions.postman import Postman
from tests.events.conftest import BERLIN

NOW = datetime(2027, 3, 10, 12, tzinfo=BERLIN)  # a Wednesday
CHAT = Address("telegram", "42")


def at(text: str, zone: Any = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@dataclass
class Post:
    """A database with a calendar, a mailbox and a postman, whose clock the test turns."""

    engine: Engine
    store: EventStore
    speech: SpeechFile

    def postman(self, owner: str = "one") -> Postman:
        return Postman(self.engine, {"telegram": Mailbox(self.engine, "telegram", owner, 30)}, self.speech)

    def once(self, now: datetime) -> int:
        return self.postman().once(now)

    def texts(self, chat: str = CHAT.chat) -> list[str]:
        outgoing = messenger_tables.outgoing
        messenger_tables.create(self.engine)
        query = sa.select(outgoing.c.body).where(outgoing.c.chat == chat).order_by(outgoing.c.id)
        with self.engine.connect() as connection:
            return [messenger_body(body) for body in connection.execute(query).scalars()]

    def subscribe(
        self, kind: Kind = Kind.NEWS, address: Address = CHAT, speaks: str = "de", now: datetime = NOW, **query: Any
    ) -> bool:
        mark = self.store.mark()
        return service.subscribe(self.engine, address, speaks, kind, Inquiry(Query(**query)), mark, now)

    def remind(
        self, uid: str = "a", address: Address = CHAT, language: str = "de", now: datetime = NOW
    ) -> datetime | None:
        one = self.store.occurrences(uid, now, 1)[0]
        told = told_of(one, series_start(self.store, one))
        return service.remind(self.engine, address, language, one, told, now)


def messenger_body(body: str) -> str:
    import json

    return str(json.loads(body)["answer"]["text"])


@pytest.fixture(scope="session")
def speech() -> SpeechFile:
    chosen = settings.load()
    return SpeechFile(chosen.home / "no such file", chosen.content_dir)


@pytest.fixture
def post(database_url: str, speech: SpeechFile) -> Iterator[Post]:
    engine = connect(database_url)
    yield Post(engine, EventStore(engine), speech)
    engine.dispose()
