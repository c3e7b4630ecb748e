"""One RFC 5545 recurrence rule: refused if it is hostile, and read only as far as a window reaches."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from bot.errors import BotError

MAX_LENGTH = 1000
EARLIEST = 1600
"""Calendars date yearly days from 1601 or 1604; what begins earlier is a mistake that costs time."""
MAX_COUNTED = 12_000
"""Periods or dates to read before the window, where each must be counted: 32 years of days, about 30 ms."""
MAX_TIMES_A_DAY = 24
_DAYS = {"DAILY": 1.0, "WEEKLY": 7.0, "MONTHLY": 30.4, "YEARLY": 365.2}
_LISTS = {
    "BYMONTH": (1, 12), "BYMONTHDAY": (-31, 31), "BYYEARDAY": (-366, 366), "BYWEEKNO": (-53, 53),
    "BYHOUR": (0, 23), "BYMINUTE": (0, 59), "BYSECOND": (0, 59), "BYSETPOS": (-366, 366),
}  # fmt: skip
_WEEKDAY = re.compile(r"[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"\d{8}(T\d{6}Z?)?")


class RecurrenceError(BotError):
    """Raised when a recurrence is no valid rule, or one that would fill the calendar without end."""


class Rule:
    """A rule of a series that starts at ``start`` (naive, local to ``zone``)."""

    def __init__(self, text: str, start: datetime, zone: ZoneInfo) -> None:
        parts = _parts(text)
        if start.year < EARLIEST:
            raise RecurrenceError(f"the series begins in the year {start.year}; check its start")
        self._start = start
        self._days = _DAYS[parts["FREQ"]]
        self._interval = int(parts.pop("INTERVAL", "1"))
        self._until = _until(parts.pop("UNTIL", ""), zone)
        self._counted = "COUNT" in parts
        # Whole days and weeks can be skipped without being counted; months and years are few anyway.
        self._can_skip = not self._counted and self._days <= 7
        self._text = ";".join(f"{name}={value}" for name, value in parts.items())

    def starts(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """Yield the naive local starts from ``first`` to ``last``, both included, in order.

        Raises:
            RecurrenceError: counting from the first date to the window would take too long.
        """
        last = min(last, self._until or last)
        origin = self._origin(first)
        if origin > last:
            return
        periods = int((last - origin).days / self._days / self._interval) + 3
        if periods > MAX_COUNTED:
            raise self._too_long_ago()
        # A step that leaves the window need not be longer: dateutil would count its months up to the year 9999.
        interval = min(self._interval, int((last - origin).days / self._days) + 3)
        try:
            rule = rrulestr(self._text, dtstart=origin)
            assert isinstance(rule, rrule)  # noqa: S101  # one rule gives one
            for number, moment in enumerate(rule.replace(interval=_Step(interval, periods))):
                if moment > last:
                    return
                if moment >= first:
                    yield moment
                elif number >= MAX_COUNTED:
                    raise self._too_long_ago()
        except _WindowPassedError:
            return
        except (ValueError, TypeError, OverflowError) as error:
            raise RecurrenceError(f"'{self._text}' is no recurrence rule ({error})") from error

    def _too_long_ago(self) -> RecurrenceError:
        return RecurrenceError(f"the series began {self._start:%Y-%m-%d}, too long ago to count; give a later start")

    def _origin(self, first: datetime) -> datetime:
        """Return the last start of a period of the rule from which nothing before ``first`` needs reading."""
        if not self._can_skip or first <= self._start:
            return self._start
        period = int(self._days) * self._interval
        return self._start + timedelta(days=max((first - self._start).days // period - 1, 0) * period)


class _WindowPassedError(Exception):
    pass


class _Step(int):
    """An interval that ends the search of dateutil, which else looks for a next date until the year 9999."""

    left: int

    def __new__(cls, interval: int, periods: int) -> "_Step":
        step = super().__new__(cls, interval)
        step.left = periods
        return step

    def __radd__(self, other: int) -> int:
        self._use()
        return other + int(self)

    def __mul__(self, other: int) -> int:
        self._use()
        return int(self) * other

    def _use(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _WindowPassedError


def _parts(text: str) -> dict[str, str]:
    if len(text) > MAX_LENGTH:
        raise RecurrenceError(f"the recurrence rule has {len(text)} characters; {MAX_LENGTH} are allowed")
    parts: dict[str, str] = {}
    for part in text.upper().replace(" ", "").strip(";").removeprefix("RRULE:").split(";"):
        name, _, value = part.partition("=")
        if name in parts or not _is_valid(name, value):
            raise RecurrenceError(f"'{part[:60]}' cannot stand in a recurrence rule such as FREQ=WEEKLY;BYDAY=TU")
        parts[name] = value
    if "FREQ" not in parts:
        raise RecurrenceError("the recurrence rule lacks FREQ; write for example FREQ=WEEKLY;BYDAY=TU")
    if parts["FREQ"] not in _DAYS:
        raise RecurrenceError(f"FREQ={parts['FREQ']} is too often for a calendar; use FREQ=DAILY with BYHOUR")
    times = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= len(set(parts.get(name, "").split(",")))
    if times > MAX_TIMES_A_DAY:
        raise RecurrenceError(f"the rule gives {times} times a day; {MAX_TIMES_A_DAY} are allowed")
    return parts


def _is_valid(name: str, value: str) -> bool:
    if name == "FREQ":
        return value in {*_DAYS, "HOURLY", "MINUTELY", "SECONDLY"}
    if name in ("INTERVAL", "COUNT"):
        return value.isascii() and value.isdecimal() and 0 < int(value) <= 2**31
    if name == "UNTIL":
        return _UNTIL.fullmatch(value) is not None
    if name == "WKST":
        return value in ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    if name == "BYDAY":
        return all(_WEEKDAY.fullmatch(day) for day in value.split(","))
    if name not in _LISTS:
        return False
    low, high = _LISTS[name]
    numbers = value.split(",")
    return all(re.fullmatch(r"[+-]?\d{1,3}", number) and low <= int(number) <= high for number in numbers) and (
        low == 0 or all(int(number) for number in numbers)
    )


def _until(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the last allowed local start. A date alone includes the whole day, as people mean it."""
    if not text:
        return None
    try:
        if len(text) == len("20270310"):
            return datetime.combine(date.fromisoformat(text), time.max)
        moment = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    except ValueError as error:
        raise RecurrenceError(f"UNTIL={text} is no date") from error
    return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) if text.endswith("Z") else moment
