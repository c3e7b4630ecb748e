"""A schema.org Schedule becomes an RFC 5545 recurrence rule."""

import re
from datetime import datetime, time
from typing import Any

from bot.events.readers import moments, rules
from bot.events.readers.jsonld_values import each, local_name, plain
from bot.events.readers.result import RefusedError

_FREQUENCIES = {"D": "DAILY", "W": "WEEKLY", "M": "MONTHLY", "Y": "YEARLY"}


def moment(schedule: dict[str, Any], which: str) -> str:
    """Return the date and time that ``startDate`` and ``startTime`` (or ``end…``) of a schedule say, or nothing."""
    day, at = plain(schedule.get(f"{which}Date"))[:10], plain(schedule.get(f"{which}Time"))
    return f"{day}T{at}" if day and at else day


def end_of_first_day(schedule: dict[str, Any], start: datetime) -> str:
    """Return when the first date ends: a schedule's ``endDate`` is the end of the series."""
    at = plain(schedule.get("endTime"))
    return f"{start:%Y-%m-%d}T{at}" if at else ""


def rule(schedule: dict[str, Any], start: datetime, all_day: bool) -> tuple[str, tuple[datetime, ...]]:
    """Return the rule of a schedule and the dates that it leaves out; none if it does not repeat."""
    written = plain(schedule.get("repeatFrequency"))
    if not written:
        return "", ()
    match = re.fullmatch(r"P(\d{1,3})([DWMY])", written.upper())
    if match is None:
        raise RefusedError("eventSchedule", f"repeatFrequency '{written[:40]}' must be like P1W (a week) or P2D")
    parts = [f"FREQ={_FREQUENCIES[match[2]]}", f"INTERVAL={int(match[1])}"]
    if days := ",".join(local_name(day)[:2].upper() for day in each(schedule.get("byDay"))):
        parts.append(f"BYDAY={days}")
    for name, key in (("BYMONTHDAY", "byMonthDay"), ("BYMONTH", "byMonth")):
        if numbers := ",".join(plain(number) for number in each(schedule.get(key))):
            parts.append(f"{name}={numbers}")
    if count := plain(schedule.get("repeatCount")):
        parts.append(f"COUNT={count}")
    elif until := plain(schedule.get("endDate")):
        parts.append(f"UNTIL={until[:10].replace('-', '')}")
    return rules.checked(";".join(parts), start, all_day, "eventSchedule"), _left_out(schedule, start)


def _left_out(schedule: dict[str, Any], start: datetime) -> tuple[datetime, ...]:
    zone = start.tzinfo
    found = set()
    for day in each(schedule.get("exceptDate")):
        left_out, dated_only = moments.local(plain(day), "eventSchedule", zone)  # type: ignore[arg-type]
        at = start.time() if dated_only or start.time() == time() else left_out.time()
        found.add(datetime.combine(left_out, at, tzinfo=zone))
    return tuple(sorted(found))
