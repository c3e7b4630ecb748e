"""What staff set themselves, laid over what a source says.

An edit of a field holds until the source says something new of that very field: then that is the newer word. What
staff did to single dates (a cancelled Tuesday) holds by date.
"""

import json
from typing import Any

from bot.events.rows import Values

Edits = dict[str, Any]
_LISTS = "overrides"


def apply(source: Values, held: Edits) -> tuple[Values, Edits]:
    """Return the source's values with the edits that still hold, and those edits."""
    values, still = dict(source), {}
    for name, edit in held.items():
        if name == _LISTS:
            values[name] = _merged(source[name], edit["set"])
            still[name] = edit
        elif source.get(name) == edit["was"]:
            values[name] = edit["set"]
            still[name] = edit
    return values, still


def record(held: Edits, old: Values, new: Values) -> Edits:
    """Return the edits after staff changed an event from ``old`` to ``new``."""
    made = dict(held)
    for name, value in new.items():
        if value == old[name] or name in ("sequence", "uid"):
            continue
        if name == _LISTS:
            before = json.loads(old[name])
            touched = [override for override in json.loads(value) if override not in before]
            earlier = json.loads(made[name]["set"]) if name in made else []
            made[name] = {"set": json.dumps(_by_date([*earlier, *touched]), ensure_ascii=False, sort_keys=True)}
        else:
            made[name] = {"was": made[name]["was"] if name in made else old[name], "set": value}
    return made


def _merged(source: str, staff: str) -> str:
    return json.dumps(_by_date([*json.loads(source), *json.loads(staff)]), ensure_ascii=False, sort_keys=True)


def _by_date(overrides: list[Values]) -> list[Values]:
    """Return the last override of each date, by date."""
    last = {(override["recurrence_id"], override.get("and_following", False)): override for override in overrides}
    return [last[date] for date in sorted(last)]
