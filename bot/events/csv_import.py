"""Reads events from CSV with the columns of the shared contract; refuses bad rows one by one, with the reason.

A start such as ``+3d 19:00`` (three days from today) is allowed in the sample calendar only, so that it
never grows stale.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import BotError
from bot.events.model import Category, City, Event, Status
from bot.languages import LANGUAGES

COLUMNS = (
    "uid", "status", "start", "end", "all_day", "timezone", "city", "venue", "category", "free", "languages", "url",
    "rrule", "exdates", "title_de", "title_en", "title_zh", "summary_de", "summary_en", "summary_zh",
)  # fmt: skip
REQUIRED = ("uid", "start", "city", "category")
ZONES = {City.BERLIN: "Europe/Berlin", City.BEIJING: "Asia/Shanghai", City.ONLINE: "Europe/Berlin"}
LIMITS = {"uid": 255, "venue": 300, "url": 2000, "title": 300, "summary": 4000}
_RELATIVE = re.compile(r"\+(?P<days>\d{1,3})d(?: (?P<time>\d{2}:\d{2}))?$")
Kind = TypeVar("Kind", City, Category, Status)
_TRUE, _FALSE = {"true", "yes", "ja", "1", "是"}, {"false", "no", "nein", "0", "否"}


class EventFileError(BotError):
    """Raised when a file cannot be read as events at all."""


@dataclass(frozen=True)
class Refused:
    """A row that was left out: its number in the file (the header is 1), the column, the reason."""

    row: int
    column: str
    reason: str


class _InvalidCellError(Exception):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


def read_csv(path: Path, today: date, sample: bool = False) -> tuple[list[Event], list[Refused]]:
    """Return the events of a CSV file and the rows that were refused.

    ``today`` dates relative starts; they and the sample mark are for our own sample calendar.

    Raises:
        EventFileError: the file is missing, not UTF-8, or lacks a required column.
    """
    events: dict[str, Event] = {}
    refused: list[Refused] = []
    for number, row in _rows(path):
        try:
            event = _event(row, today, sample)
            if event.uid in events:
                raise _InvalidCellError("uid", f"'{event.uid}' stands twice in this file; give each event its own")
            events[event.uid] = event
        except _InvalidCellError as problem:
            refused.append(Refused(number, problem.column, problem.reason))
    return list(events.values()), refused


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EventFileError(f"{path}: cannot be read ({error.strerror}); check the name") from error
    except UnicodeDecodeError as error:
        raise EventFileError(f"{path}: not UTF-8 (byte {error.start}); save it as 'CSV UTF-8'") from error
    lines = text.splitlines()
    delimiter = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
    reader = csv.DictReader(lines, delimiter=delimiter)
    header = reader.fieldnames or []
    if missing := [column for column in REQUIRED if column not in header]:
        raise EventFileError(f"{path}: the first line lacks {', '.join(missing)}; the columns are {','.join(COLUMNS)}")
    if unknown := [column for column in header if column not in COLUMNS]:
        raise EventFileError(f"{path}: unknown columns {', '.join(unknown)}; the columns are {','.join(COLUMNS)}")
    for row in reader:
        yield reader.line_num, {key: (value or "").strip() for key, value in row.items() if key}


def _event(row: dict[str, str], today: date, sample: bool) -> Event:
    city = _choice(row, "city", City)
    name = row.get("timezone") or ZONES[city]
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise _InvalidCellError("timezone", f"'{name}' is no IANA zone such as Europe/Berlin") from error
    for column in ("rrule", "exdates"):
        if row.get(column):
            raise _InvalidCellError(column, "recurring events cannot be imported yet; write one row a date")
    start, dated_only = _moment(row, "start", today, sample)
    end, _ = _moment(row, "end", today, sample) if row.get("end") else (None, False)
    if end and end < start:
        raise _InvalidCellError("end", f"'{row['end']}' is before the start")
    titles = _texts(row, "title")
    if not titles:
        raise _InvalidCellError("title_de", "no title in any language")
    return Event(
        uid=_limited(row, "uid", "uid"),
        status=_choice(row, "status", Status) if row.get("status") else Status.SCHEDULED,
        start=start.replace(tzinfo=zone),
        end=end.replace(tzinfo=zone) if end else None,
        all_day=_truth(row, "all_day") or dated_only,
        timezone=name,
        city=city,
        venue=_limited(row, "venue", "venue", required=False),
        category=_choice(row, "category", Category),
        free=_truth(row, "free"),
        languages=_languages(row),
        url=_url(row),
        titles=titles,
        summaries=_texts(row, "summary"),
        sample=sample,
    )


def _moment(row: dict[str, str], column: str, today: date, sample: bool) -> tuple[datetime, bool]:
    """Return a local time, and whether only a date was given."""
    text = row.get(column, "")
    if sample and (match := _RELATIVE.match(text)):
        at = time.fromisoformat(match["time"]) if match["time"] else time()
        return datetime.combine(today + timedelta(days=int(match["days"])), at), match["time"] is None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _InvalidCellError(column, f"'{text}' is no ISO 8601 time such as 2027-03-10T19:00") from error
    return moment.replace(tzinfo=None), len(text) == len("2027-03-10")


def _choice(row: dict[str, str], column: str, kind: type[Kind]) -> Kind:
    text = row.get(column, "").lower()
    try:
        return kind(text)
    except ValueError as error:
        allowed = ", ".join(member.value for member in kind)
        raise _InvalidCellError(column, f"'{row.get(column, '')}' is none of {allowed}") from error


def _truth(row: dict[str, str], column: str) -> bool | None:
    text = row.get(column, "").lower()
    if not text:
        return None
    if text in _TRUE | _FALSE:
        return text in _TRUE
    raise _InvalidCellError(column, f"'{row[column]}' is neither yes nor no")


def _limited(row: dict[str, str], column: str, limit: str, required: bool = True) -> str:
    text = row.get(column, "")
    if required and not text:
        raise _InvalidCellError(column, "is empty")
    if len(text) > LIMITS[limit]:
        raise _InvalidCellError(column, f"has {len(text)} characters; {LIMITS[limit]} are allowed")
    return text


def _texts(row: dict[str, str], kind: str) -> dict[str, str]:
    texts = {language: _limited(row, f"{kind}_{language}", kind, required=False) for language in LANGUAGES}
    return {language: text for language, text in texts.items() if text}


def _languages(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in row.get("languages", "").split(";") if part.strip())


def _url(row: dict[str, str]) -> str:
    url = _limited(row, "url", "url", required=False)
    if url and not url.startswith("https://"):
        raise _InvalidCellError("url", f"'{url[:60]}' does not begin with https://")
    return url
