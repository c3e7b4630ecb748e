"""What requests to the web channel ask for; everything in them is untrusted."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sanic.request import Request

from bot.channels.core import MAX_CHARACTERS
from bot.channels.core.markdown import visible
from bot.channels.web.outbox import Written
from bot.languages import DEFAULT_LANGUAGE, supported

MAX_BODY = 16_384
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)


@dataclass
class Refused(Exception):  # noqa: N818 - it is an answer, not a failure
    """Raised to answer a request with an error: a code for programs, and the phrase that visitors may be shown."""

    status: int
    code: str
    phrase: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def bearer(request: Request) -> str | None:
    """Return the token of a request, or None."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


async def read_json(request: Request, optional: bool = False) -> dict[str, Any]:
    """Return the JSON object of a request's body, reading no more than is allowed; ``optional`` allows none.

    Raises:
        Refused: it is not JSON, no object, or too large.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    length = request.headers.get("content-length", "0")
    if optional and length == "0" and "transfer-encoding" not in request.headers:
        return {}
    if kind != "application/json":
        # A foreign page can post text/plain without asking; JSON makes the browser ask first.
        raise Refused(415, "json")
    if not length.isdecimal() or int(length) > MAX_BODY:
        raise Refused(413, "size")
    body = b""
    if request.stream is not None:
        async for part in request.stream:
            body += part
            if len(body) > MAX_BODY:
                raise Refused(413, "size")
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Refused(400, "request") from None
    if not isinstance(found, dict):
        raise Refused(400, "request")
    return found


def read_written(body: dict[str, Any]) -> Written:
    """Return a visitor's message; a button's payload is its text, so typing it and tapping it are the same.

    Raises:
        Refused: there is no text, or it is too long.
    """
    text = body.get("payload", body.get("text"))
    if not isinstance(text, str):
        raise Refused(400, "request")
    if len(text) > MAX_CHARACTERS:
        raise Refused(422, "too_long", "utter_too_long")
    shown = visible(text).strip()
    if not shown:
        raise Refused(422, "empty", "utter_unclear")
    return Written(shown, read_language(body), body.get("chosen") is True)


def read_language(body: dict[str, Any]) -> str:
    """Return the language that a body names, or ours."""
    tag = body.get("language")
    return (supported(tag) if isinstance(tag, str) else None) or DEFAULT_LANGUAGE


def read_key(request: Request) -> str:
    """Return the Idempotency-Key.

    Raises:
        Refused: there is none that could be one.
    """
    key = request.headers.get("idempotency-key", "")
    if not _KEY.fullmatch(key):
        raise Refused(400, "idempotency_key")
    return str(key)


def read_last(request: Request) -> int:
    """Return the Last-Event-ID, 0 if there is none.

    Raises:
        Refused: it is no number of ours.
    """
    text = request.headers.get("last-event-id", "").strip()
    if text and not _NUMBER.fullmatch(text):
        raise Refused(400, "last_event_id")
    return int(text or 0)


def read_feedback(body: dict[str, Any]) -> tuple[int, str | None]:
    """Return the number of an answer and what is thought of it.

    Raises:
        Refused: it is something else.
    """
    number, value = body.get("message"), body.get("value")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**31:
        raise Refused(400, "request")
    if value not in ("up", "down", None):
        raise Refused(400, "request")
    return number, value


def origin_of(url: str) -> str:
    """Return the origin of an address, as browsers write it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
