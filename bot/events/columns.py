"""The columns of a table of events, shared by what reads and what writes them."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.events.model import Override, Status
from bot.languages import LANGUAGES

COLUMNS = (
    "uid", "status", "start", "end", "all_day", "timezone", "city", "venue", "category", "free", "languages", "url",
    "rrule", "exdates", "title_de", "title_en", "title_zh", "summary_de", "summary_en", "summary_zh",
)  # fmt: skip
REQUIRED = ("uid", "start", "city", "category")
EXTRA = ("price", "rdates", "overrides")
"""Columns that an export adds when an event has something that the usual ones cannot hold."""


def override_to_data(override: Override, all_day: bool) -> dict[str, Any]:
    """Return what the ``overrides`` column holds of one differing date; nothing that is as in the series."""
    data: dict[str, Any] = {"at": written(override.recurrence_id, all_day)}
    if override.status is not Status.SCHEDULED:
        data["status"] = override.status.value
    for name, moment in (("start", override.start), ("end", override.end)):
        if moment is not None:
            data[name] = written(moment, all_day)
    if override.and_following:
        data["following"] = True
    if override.venue:
        data["venue"] = override.venue
    return data | {f"title_{tag}": override.titles[tag] for tag in LANGUAGES if override.titles.get(tag)}


def overrides_from_text(text: str, zone: ZoneInfo) -> tuple[Override, ...]:
    """Return the differing dates that the ``overrides`` column holds.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: the text is not what ``override_to_data`` wrote.
    """

    def moment(value: str | None) -> datetime | None:
        return datetime.fromisoformat(value).replace(tzinfo=zone) if value else None

    return tuple(
        Override(
            recurrence_id=datetime.fromisoformat(data["at"]).replace(tzinfo=zone),
            status=Status(data.get("status", "scheduled")),
            start=moment(data.get("start")),
            end=moment(data.get("end")),
            and_following=bool(data.get("following")),
            venue=str(data.get("venue", "")),
            titles={tag: str(data[f"title_{tag}"]) for tag in LANGUAGES if data.get(f"title_{tag}")},
        )
        for data in json.loads(text)
    )


def written(moment: datetime, all_day: bool) -> str:
    """Return a local time as the table has it: ``2027-03-10T19:00``, or the date alone."""
    if all_day:
        return f"{moment:%Y-%m-%d}"
    return moment.replace(tzinfo=None).isoformat(timespec="seconds" if moment.second else "minutes")
