"""Dates, times and zones as people and spreadsheets write them."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.events.model import City
from bot.events.readers.result import RefusedError

ZONES = {City.BERLIN: "Europe/Berlin", City.BEIJING: "Asia/Shanghai", City.ONLINE: "Europe/Berlin"}
FIRST_YEAR, LAST_YEAR = 2000, 2100
_RELATIVE = re.compile(r"\+(?P<days>\d{1,3})d(?: (?P<time>\d{2}:\d{2}))?$")
_CLOCK = (
    r"(?:[\s,T]+(?:um\s+)?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?::(?P<second>\d{2}))?)?(?:\s*(?:Uhr|点|h))?)?$"
)
_WRITTEN = (
    re.compile(r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})" + _CLOCK),
    re.compile(r"(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})" + _CLOCK),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})" + _CLOCK),
    re.compile(
        r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]"
        r"(?:\s*(?P<hour>\d{1,2})(?:[:：点](?P<minute>\d{2})?(?::(?P<second>\d{2}))?分?)?)?$"
    ),
)
_SLASHED = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}")


def zone(name: str, column: str = "timezone") -> ZoneInfo:
    """Return an IANA zone; refuse a name that is none."""
    try:
        if name.startswith(("/", ".")) or ".." in name:
            raise ValueError(name)
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RefusedError(column, f"'{name[:60]}' is no IANA time zone; write one such as Europe/Berlin") from error


def local(text: str, column: str, tz: ZoneInfo) -> tuple[datetime, bool]:
    """Return the wall-clock time in ``tz`` (naive) that ``text`` says, and whether it is a date alone.

    ISO 8601, with an offset or without, German dates such as 10.03.2027 19:00, and Chinese and ISO-like ones.
    """
    moment = _iso(text, tz) or _written(text, column)
    if moment is None:
        hint = "; the order of day and month is not clear" if _SLASHED.match(text) else ""
        raise RefusedError(column, f"'{text[:60]}' is no time such as 2027-03-10T19:00 or 10.03.2027 19:00{hint}")
    return in_sense(moment[0], column), moment[1]


def relative(text: str, today: date) -> tuple[datetime, bool] | None:
    """Return a start such as ``+3d 19:00``, three days from ``today``: how our own sample calendar stays fresh."""
    if not (match := _RELATIVE.match(text)):
        return None
    at = time.fromisoformat(match["time"]) if match["time"] else time()
    return datetime.combine(today + timedelta(days=int(match["days"])), at), match["time"] is None


def in_sense(moment: datetime, column: str) -> datetime:
    """Return ``moment``; refuse a year that no event of ours is in."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise RefusedError(column, f"the year {moment.year} is not between {FIRST_YEAR} and {LAST_YEAR}; correct it")
    return moment


def ordered(start: datetime, end: datetime | None, column: str = "end") -> None:
    """Refuse an end before the start."""
    if end is not None and end.replace(tzinfo=None) < start.replace(tzinfo=None):
        raise RefusedError(column, f"{end:%Y-%m-%d %H:%M} is before the start {start:%Y-%m-%d %H:%M}; correct one")


def _iso(text: str, tz: ZoneInfo) -> tuple[datetime, bool] | None:
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):  # week dates and figures without dashes are typing errors here
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        try:
            moment = moment.astimezone(tz)
        except OverflowError:
            return None
    return moment.replace(tzinfo=None, microsecond=0, fold=0), len(text) == len("2027-03-10")


def _written(text: str, column: str) -> tuple[datetime, bool] | None:
    for pattern in _WRITTEN:
        if match := pattern.match(text):
            parts = [match[name] for name in ("year", "month", "day", "hour", "minute", "second")]
            try:
                return datetime(*(int(part or 0) for part in parts)), match["hour"] is None  # type: ignore[arg-type]  # noqa: DTZ001
            except ValueError as error:
                raise RefusedError(column, f"'{text[:60]}' is no date of the calendar; correct it") from error
    return None
