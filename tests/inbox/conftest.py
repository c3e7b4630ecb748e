"""An inbox on each database, and turns to fill it with."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.engine import Engine

from bot.database import connect
from bot.inbox.counters import Counters
from bot.inbox.secret import Hasher
from bot.inbox.store import Inbox
from bot.inbox.turn import Kind, Turn

NOW = datetime(2027, 3, 10, 9, 0, tzinfo=UTC)
TURN = Turn("visitor", "web", "de", "Wie heißen die Pandas?", Kind.UNKNOWN_ABOUT, "unknown_pandas", 0.9)


def turn(text: str = TURN.text, **changes: object) -> Turn:
    return replace(TURN, text=text, **changes)  # type: ignore[arg-type]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def inbox(engine: Engine) -> Inbox:
    return Inbox(engine, Hasher("secret"), days=90)


@pytest.fixture
def counters(engine: Engine) -> Counters:
    return Counters(engine)
