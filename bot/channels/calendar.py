"""Calendar files over HTTP: one date, one event, or a feed that a calendar program subscribes to.

`GET /events/<uid>.ics?start=2027-03-10T19:00&lang=de` and
`GET /events.ics?city=berlin&category=culture&free=1&language=zh&lang=de` (bot.events.links writes such addresses).
A channel in Rasa's eyes, as that is how routes are added to its server.
"""

import asyncio
import functools
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import clock, settings
from bot.channels.calendar_request import DateRequest, FeedRequest, RequestError, read_date, read_feed
from bot.channels.core import Handler
from bot.content.library import Speech, SpeechFile
from bot.database import connect
from bot.events.feed import marked, occurrence_at, upcoming_events
from bot.events.store import EventStore, EventsUnavailableError

logger = logging.getLogger(__name__)

MAX_AGE = 900
KEPT_SECONDS = 60.0
"""How long a feed is answered from memory: however many ask for it, it is put together once a minute."""
KEPT_FEEDS = 64
Handle = Callable[..., Awaitable[HTTPResponse]]
_STAMPS = re.compile(rb"^DTSTAMP:.*\r\n", re.MULTILINE)


class CalendarChannel(InputChannel):
    """Named in credentials.yml; takes no messages."""

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return "calendar"

    def url_prefix(self) -> str:
        """Return the root: these routes stand outside /webhooks."""
        return "/"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes."""
        chosen = settings.load()
        calendars = Calendars(chosen.database_url, SpeechFile(chosen.compiled_content, chosen.content_dir))
        blueprint = Blueprint("calendar")

        @blueprint.route("/events.ics", methods=["GET", "HEAD"])
        @_explained
        async def feed(request: Request) -> HTTPResponse:
            asked = read_feed(request.query_string)
            body, tag = await calendars.feed(asked)
            headers = {"Cache-Control": f"max-age={MAX_AGE}", "ETag": tag}
            if _is_known(request.headers.get("if-none-match", ""), tag):
                return response.empty(304, headers)
            return _file(body, "events.ics", headers)

        @blueprint.route("/events/<name:str>", methods=["GET", "HEAD"])
        @_explained
        async def date(request: Request, name: str) -> HTTPResponse:
            asked = read_date(name, request.query_string)
            body = await asyncio.to_thread(calendars.date, asked, clock.now())
            if body is None:
                return _refused(404, "there is no such event, or it does not take place at that 'start' (any more)")
            return _file(body, asked.file_name, {"Cache-Control": "no-cache"})

        return blueprint


class Calendars:
    """Makes the files. The store is opened by the first request, so that a missing database delays no start."""

    def __init__(self, database_url: str, speech: SpeechFile) -> None:
        engine = connect(database_url)
        self._store = functools.cache(lambda: EventStore(engine))
        self._speech = speech
        self._feeds: dict[FeedRequest, tuple[float, bytes, str]] = {}
        self._turn = asyncio.Lock()

    async def feed(self, asked: FeedRequest) -> tuple[bytes, str]:
        """Return a feed and its ETag; feeds are put together one at a time, as each takes a processor."""
        async with self._turn:
            kept = self._feeds.pop(asked, None)
            if kept is None or time.monotonic() - kept[0] > KEPT_SECONDS:
                kept = (time.monotonic(), *await asyncio.to_thread(self._made, asked, clock.now()))
            self._feeds[asked] = kept
            if len(self._feeds) > KEPT_FEEDS:
                del self._feeds[next(iter(self._feeds))]
        return kept[1], kept[2]

    def date(self, asked: DateRequest, now: datetime) -> bytes | None:
        """Return an event's file, or that of one of its dates; None if there is no such."""
        # Here and below: 5 MB that a server whose visitors ask for no file never loads.
        from bot.events.writers.ics import occurrence_ics, to_ics

        store, speech = self._store(), self._speech.speech
        event = store.get(asked.uid)
        if event is None:
            return None
        remark, name = speech.phrases["event_sample"][asked.language], _name(speech, asked.language)
        if asked.start is None:
            return to_ics([marked(event, remark)], now, name, asked.language)
        one = occurrence_at(store, asked.uid, asked.start)
        return occurrence_ics(replace(one, event=marked(one.event, remark)), now, name, asked.language) if one else None

    def _made(self, asked: FeedRequest, now: datetime) -> tuple[bytes, str]:
        from bot.events.writers.ics import to_ics

        speech = self._speech.speech
        remark = speech.phrases["event_sample"][asked.language]
        events = [marked(event, remark) for event in upcoming_events(self._store(), asked.query, now)]
        body = to_ics(events, now, _name(speech, asked.language, asked), asked.language)
        # Weak, and without the moment of making: the same events are the same feed.
        return body, f'W/"{sha256(_STAMPS.sub(b"", body)).hexdigest()[:32]}"'


def _explained(handle: Handle) -> Handle:
    """Answer what goes wrong with a sentence instead of a page about errors."""

    @functools.wraps(handle)
    async def explained(*arguments: object, **named: object) -> HTTPResponse:
        try:
            return await handle(*arguments, **named)
        except RequestError as error:
            return _refused(error.status, str(error))
        except EventsUnavailableError as error:
            logger.error("A calendar file could not be made: %s", error)
            return _refused(
                503, "the event calendar cannot be read at the moment; try again later", {"Retry-After": "60"}
            )

    return explained


def _refused(status: int, text: str, headers: dict[str, str] | None = None) -> HTTPResponse:
    return response.json({"error": text}, status=status, headers={**(headers or {}), "Cache-Control": "no-store"})


def _file(body: bytes, name: str, headers: dict[str, str]) -> HTTPResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return response.raw(body, headers={**headers, **disposition}, content_type="text/calendar; charset=utf-8")


def _is_known(sent: str, tag: str) -> bool:
    """Whether If-None-Match names the tag; compared weakly (RFC 9110, 13.1.2)."""
    tags = {part.strip().removeprefix("W/") for part in sent.split(",")}
    return "*" in tags or tag.removeprefix("W/") in tags


def _name(speech: Speech, language: str, asked: FeedRequest | None = None) -> str:
    """Return how a calendar program names the calendar: the two cities, then what the feed is narrowed to."""

    def say(name: str) -> str:
        return speech.phrases[name][language]

    cities = f"{say('city_berlin')}–{say('city_beijing')}"
    if asked is None:
        return cities
    query = asked.query
    parts = [say(f"city_{query.city.value}")] if query.city else []
    if query.category:
        parts.append(say(f"category_{query.category.value}"))
    if query.free:
        parts.append(say("event_free"))
    if query.language:
        phrase = f"language_{query.language}"
        parts.append(say(phrase) if phrase in speech.phrases else query.language)
    # No commas: some programs show the backslash that iCalendar puts before them.
    return " · ".join([cities, *parts])
