from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.database import connect
from bot.events.model import Category, City, Event, Status
from bot.events.store import EventStore

BERLIN, BEIJING = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
NOW = datetime(2027, 3, 10, 10, tzinfo=BERLIN)


def make_event(uid: str = "a", start: str = "2027-03-13T19:00", hours: float | None = 2, **values: Any) -> Event:
    """An event in Berlin that takes two hours, unless said otherwise; times are local to its zone."""
    values = {"city": City.BERLIN, "timezone": "Europe/Berlin", **values}
    zone = ZoneInfo(values["timezone"])
    begin = datetime.fromisoformat(start).replace(tzinfo=zone)
    if hours is not None:
        values.setdefault("end", begin + timedelta(hours=hours))
    defaults = {
        "status": Status.SCHEDULED, "end": None, "all_day": False, "venue": "", "category": Category.CULTURE,
        "free": None, "languages": (), "url": "", "titles": {"de": uid},
    }  # fmt: skip
    return Event(**{**defaults, **values, "uid": uid, "start": begin})


@pytest.fixture
def store(database_url: str) -> Iterator[EventStore]:
    engine = connect(database_url)
    yield EventStore(engine)
    engine.dispose()
