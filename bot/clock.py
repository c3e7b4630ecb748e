"""The one clock of the product, so that demos and tests can freeze "now" with BOT_CLOCK."""

from datetime import datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot import settings

BERLIN = ZoneInfo("Europe/Berlin")
BEIJING = ZoneInfo("Asia/Shanghai")


@lru_cache(maxsize=1)
def _frozen() -> datetime | None:
    return settings.load().clock


def now(zone: tzinfo = BERLIN) -> datetime:
    """Return the current moment in ``zone``: BOT_CLOCK if it is set, else the system's time."""
    frozen = _frozen()
    return frozen.astimezone(zone) if frozen else datetime.now(zone)


def full_years_since(year: int, month: int, day: int = 1) -> int:
    """Return the number of whole years from a date to today in Berlin."""
    today = now()
    return today.year - year - ((today.month, today.day) < (month, day))
