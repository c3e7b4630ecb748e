"""What a request for a calendar file asks for; everything in it is untrusted."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl, unquote

from bot.events.model import Category, City, Query
from bot.languages import DEFAULT_LANGUAGE, LANGUAGES, supported

MAX_UID = 255
MAX_QUERY = 500
_ENDING = ".ics"
_SPOKEN = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8}){0,3}", re.IGNORECASE)
_START = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?", re.ASCII)
# Networks that hang these onto links mean no harm; any other unknown name is a mistake that should be seen.
_TRACKING = re.compile(r"utm_\w+|\w*clid")
Choice = TypeVar("Choice", bound=StrEnum)


class RequestError(Exception):
    """Raised when a request cannot be answered; the text names the parameter and says what it takes."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class FeedRequest:
    """A feed: which events, and the language that they are shown in."""

    query: Query
    language: str


@dataclass(frozen=True)
class DateRequest:
    """An event, or its date at a local start (a day alone: the first one that begins on it)."""

    uid: str
    start: datetime | date | None
    language: str

    @property
    def file_name(self) -> str:
        """A name that any file system and any header takes."""
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", self.uid)[:60].strip("-") or "event"
        return f"{stem}.ics"


def read_feed(query_string: str) -> FeedRequest:
    """Return what a feed's query string asks for.

    Raises:
        RequestError: a parameter is unknown, given twice or has no possible value.
    """
    given = _parameters(query_string, ("city", "category", "free", "language", "lang"))
    free, spoken = given.get("free"), given.get("language")
    if free not in (None, "0", "1"):
        raise RequestError(400, "'free' must be 1 or 0")
    if spoken is not None and not _SPOKEN.fullmatch(spoken):
        raise RequestError(400, "'language' must be the tag of a spoken language, for example zh")
    query = Query(
        city=_choice(given, "city", City),
        category=_choice(given, "category", Category),
        free=None if free is None else free == "1",
        language=spoken.lower() if spoken else None,
    )
    return FeedRequest(query, _language(given))


def read_date(name: str, query_string: str) -> DateRequest:
    """Return what is asked for by the last, still quoted part of the path and the query string.

    Raises:
        RequestError: that is no calendar file, or a parameter is unknown, given twice or has no possible value.
    """
    given = _parameters(query_string, ("start", "lang"))
    try:
        file = unquote(name, errors="strict")
    except UnicodeDecodeError:
        file = ""
    uid = file.removesuffix(_ENDING)
    # A control character is in no uid, and PostgreSQL takes some of them for an error.
    if not file.endswith(_ENDING) or not 0 < len(uid) <= MAX_UID or re.search(r"[\x00-\x1f\x7f]", uid):
        raise RequestError(404, "there is no such calendar file; its address is /events/<uid>.ics")
    return DateRequest(uid, _start(given.get("start")), _language(given))


def _parameters(query_string: str, known: tuple[str, ...]) -> dict[str, str]:
    if len(query_string) > MAX_QUERY:
        raise RequestError(400, f"the part after '?' is longer than {MAX_QUERY} characters")
    given: dict[str, str] = {}
    for name, value in parse_qsl(query_string, keep_blank_values=True):
        if _TRACKING.fullmatch(name):
            continue
        if name not in known:
            raise RequestError(400, f"'{name[:40]}' is no parameter here; there are {', '.join(known)}")
        if name in given:
            raise RequestError(400, f"'{name}' is given twice")
        given[name] = value
    return given


def _choice(given: dict[str, str], name: str, kind: type[Choice]) -> Choice | None:
    if name not in given:
        return None
    try:
        return kind(given[name])
    except ValueError:
        raise RequestError(400, f"'{name}' must be one of {', '.join(kind)}") from None


def _language(given: dict[str, str]) -> str:
    if "lang" not in given:
        return DEFAULT_LANGUAGE
    language = supported(given["lang"])
    if language is None:
        raise RequestError(400, f"'lang' must be one of {', '.join(LANGUAGES)}")
    return language


def _start(text: str | None) -> datetime | date | None:
    if text is None:
        return None
    try:
        if not _START.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        raise RequestError(
            400, "'start' must be the event's local time, for example 2027-03-10T19:00, or a day"
        ) from None
