"""Recurrence rules: checked, and written in one way, so that the same rule is the same text in every file."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.events.readers.result import RefusedError
from bot.events.rule import RecurrenceError, Rule

MAX_COUNT = 5000
MAX_DATES = 2000
"""How many dates one event may add or leave out."""
_ORDER = ("FREQ", "UNTIL", "COUNT", "INTERVAL", "BYHOUR", "BYMINUTE", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO",
          "BYMONTH", "BYSETPOS", "WKST")  # fmt: skip
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_NUMBERS = {
    "BYHOUR": 23,
    "BYMINUTE": 59,
    "BYMONTHDAY": 31,
    "BYYEARDAY": 366,
    "BYWEEKNO": 53,
    "BYMONTH": 12,
    "BYSETPOS": 366,
}
_DAY = re.compile(r"(?:[+-]?(?:[1-9]|[1-4]\d|5[0-3]))?(?:MO|TU|WE|TH|FR|SA|SU)$")
_UNTIL = re.compile(r"(?P<date>\d{8})(?:T(?P<time>\d{6})(?P<utc>Z)?)?$")
_LONGEST = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


def checked(text: str, start: datetime, all_day: bool, column: str = "rrule") -> str:
    """Return the rule in its one form; ``start`` carries the event's zone.

    Refused are rules that are no RFC 5545, that recur more than daily, or that never happen. An end (UNTIL) is
    given in UTC for an event with times and as a date for an all-day one, as RFC 5545 asks for.
    """
    parts = _parts(text, column)
    for name, value in parts.items():
        _check(name, value, column)
    if "UNTIL" in parts:
        if "COUNT" in parts:
            raise RefusedError(column, "has both COUNT and UNTIL; keep one of them")
        parts["UNTIL"] = _until(parts["UNTIL"], start, all_day, column)
    _check_day_exists(parts, column)
    rule = ";".join(f"{name}={parts[name]}" for name in _ORDER if name in parts)
    _check_happens(rule, start, column)
    return rule


def _parts(text: str, column: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in re.sub(r"^RRULE:", "", "".join(text.split()).upper()).strip(";").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in parts or name not in _ORDER:
            raise RefusedError(
                column,
                f"'{part[:40] or text[:40]}' is no part of a rule such as FREQ=WEEKLY;BYDAY=TU;UNTIL=20271231",
            )
        parts[name] = value
    if parts.get("FREQ") not in _FREQUENCIES:
        raise RefusedError(column, f"FREQ must be one of {', '.join(_FREQUENCIES)}; write e.g. FREQ=WEEKLY;BYDAY=TU")
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    return parts


def _check(name: str, value: str, column: str) -> None:
    if name in ("COUNT", "INTERVAL"):
        limit = MAX_COUNT if name == "COUNT" else 1000
        if not re.fullmatch(r"\d{1,10}", value) or not 1 <= int(value) <= limit:
            raise RefusedError(column, f"{name}={value[:20]} must be a whole number from 1 to {limit}")
    elif name == "BYDAY" and not all(_DAY.match(day) for day in value.split(",")):
        raise RefusedError(column, f"BYDAY={value[:40]} must be days such as MO,TU or 2SA")
    elif name == "WKST" and value not in ("MO", "TU", "WE", "TH", "FR", "SA", "SU"):
        raise RefusedError(column, f"WKST={value[:20]} must be a day such as MO")
    elif name in _NUMBERS:
        for number in value.split(","):
            low = 0 if name in ("BYHOUR", "BYMINUTE") else 1
            if not re.fullmatch(r"[+-]?\d{1,3}", number) or not low <= abs(int(number)) <= _NUMBERS[name]:
                raise RefusedError(column, f"{name}={value[:40]} must be numbers from {low} to {_NUMBERS[name]}")


def _until(text: str, start: datetime, all_day: bool, column: str) -> str:
    try:
        if not (match := _UNTIL.match(text)):
            raise ValueError(text)
        day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        clock = time(int(match["time"][:2]), int(match["time"][2:4]), int(match["time"][4:])) if match["time"] else None
        if clock is None:
            last = datetime.combine(day, time(23, 59, 59), tzinfo=start.tzinfo)
        else:
            last = datetime.combine(day, clock, tzinfo=UTC if match["utc"] else start.tzinfo)
        if last < start:
            raise RefusedError(column, f"UNTIL={text[:20]} is before the start; correct one of them")
        if all_day:
            return f"{last.astimezone(start.tzinfo):%Y%m%d}" if match["utc"] else f"{day:%Y%m%d}"
        return f"{last.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    except (ValueError, OverflowError) as error:
        raise RefusedError(column, f"UNTIL={text[:20]} is no date such as 20271231 or 20271231T180000Z") from error


def _check_day_exists(parts: dict[str, str], column: str) -> None:
    months, days = parts.get("BYMONTH"), parts.get("BYMONTHDAY")
    if months and days:
        longest = max(_LONGEST.get(int(month), 31) for month in months.split(","))
        if min(abs(int(day)) for day in days.split(",")) > longest:
            raise RefusedError(column, f"no month of BYMONTH={months} has a day {days}; correct one of them")


def _check_happens(rule: str, start: datetime, column: str) -> None:
    """Refuse a rule that the calendar could not expand, or that gives no date within nine years of the start."""
    naive = start.replace(tzinfo=None)
    unending = ";".join(part for part in rule.split(";") if not part.startswith(("UNTIL=", "COUNT=")))
    zone = start.tzinfo if isinstance(start.tzinfo, ZoneInfo) else ZoneInfo("UTC")
    try:
        first = next(Rule(unending, naive, zone).starts(naive, naive + timedelta(days=366 * 9)), None)
    except RecurrenceError as error:
        raise RefusedError(column, str(error)) from error
    if first is None:
        raise RefusedError(column, f"'{rule[:80]}' never happens within nine years; correct it")
