"""Changes of one event by hand, checked like a row of a table."""

from dataclasses import fields
from datetime import date
from typing import Any

from bot.errors import BotError
from bot.events.columns import written
from bot.events.model import Event
from bot.events.readers import moments
from bot.events.readers.result import RefusedError
from bot.events.readers.rows import Options, event_of_row
from bot.events.writers.table import row_of


class EditError(BotError):
    """Raised when an edit does not make a valid event; nothing is changed."""


def changed_fields(event: Event, cells: dict[str, str], today: date) -> dict[str, Any]:
    """Return the fields that change when ``cells``, by column, replace those of the event's row.

    A new start alone moves the end with it; a new city without a zone has the zone of that city.

    Raises:
        EditError: a cell cannot be taken, or what is left makes no event.
    """
    row = {**row_of(event), **cells}
    warnings: list[str] = []
    try:
        if "city" in cells and "timezone" not in cells and event.timezone == moments.ZONES[event.city]:
            row["timezone"] = ""
        if "start" in cells:
            _move(event, cells, row)
        new = event_of_row(row, Options(today), lambda column, reason: warnings.append(f"{column}: {reason}"))
    except RefusedError as problem:
        raise EditError(f"{event.uid}, {problem.column}: {problem.reason}") from problem
    if warnings:
        raise EditError(f"{event.uid}, {warnings[0]}")
    kept = ("uid", "sequence", "sample")
    names = [each.name for each in fields(Event) if each.name not in kept]
    return {name: getattr(new, name) for name in names if getattr(new, name) != getattr(event, name)}


def _move(event: Event, cells: dict[str, str], row: dict[str, str]) -> None:
    """Let the rest of the row follow a new start."""
    start, dated_only = moments.local(cells["start"], "start", moments.zone(event.timezone))
    if "all_day" not in cells:
        row["all_day"] = "yes" if dated_only else "no"
    if "end" not in cells and event.end is not None:
        if dated_only == event.all_day:
            length = event.end.replace(tzinfo=None) - event.start.replace(tzinfo=None)
            row["end"] = written(start + length, event.all_day)
        else:
            row["end"] = ""
