"""A frozen now for the tests of dates: a Monday at noon in Berlin."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 23, 12, tzinfo=BERLIN)
