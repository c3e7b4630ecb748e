"""The website's channel: routes under /webhooks/web. docs/web-channel.md is the wire format.

All state is in the database and in the visitor's token; a process may be killed, or have neighbours, at any time.
"""

import functools
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Self

import sqlalchemy as sa
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import settings
from bot.channels.core import Handler, Turns
from bot.channels.core.answers import Answer
from bot.channels.health import is_ready
from bot.channels.web import requests, tokens
from bot.channels.web.events import Pace, send_events
from bot.channels.web.gate import Gate, Rates, too_many
from bot.channels.web.outbox import BusyError, GoneError, Outbox
from bot.channels.web.queue import Queue
from bot.channels.web.requests import Refused
from bot.channels.web.runner import Runner
from bot.channels.web.streams import FullError, Streams
from bot.channels.web.texts import WidgetTexts
from bot.content.library import SpeechFile
from bot.database import connect
from bot.engine.tracker_store import Conversations
from bot.inbox import secret
from bot.inbox.recorder import record, record_thumb
from bot.inbox.store import Inbox
from bot.kept_secret import kept_secret
from bot.languages import LANGUAGES

BUSY_SECONDS = 2.0
MAX_REQUEST = 2_000_000
"""What the whole server reads of a body before it closes the connection (Sanic's own limit is 100 MB)."""
DAY = 24 * 3600
Handle = Callable[..., Awaitable[HTTPResponse | None]]


class WebChannel(InputChannel):
    """Named in credentials.yml."""

    def __init__(self, pace: Pace | None = None, rates: Rates | None = None) -> None:
        chosen = settings.load()
        engine = connect(chosen.database_url)
        keep = chosen.conversation_days * DAY
        signing = chosen.session_secret or kept_secret(chosen.session_secret_file)
        own = {requests.origin_of(address) for address in (chosen.url, chosen.public_url)}
        self.pace = pace or Pace()
        self.speech = SpeechFile(chosen.compiled_content, chosen.content_dir)
        self.gate = Gate(frozenset(own | set(chosen.web_origins)), rates or Rates())
        self.sessions = tokens.Sessions(signing, min(tokens.GRACE, keep))
        self.outbox = Outbox(engine)
        self.queue = Queue(engine, uuid.uuid4().hex, self.pace.lease_seconds)
        self.conversations = Conversations(engine)
        self.inbox = Inbox(engine, secret.hasher(chosen), chosen.inbox_days)
        self.streams = Streams()
        self.texts = WidgetTexts(self.speech, chosen.privacy_url)
        self.runner: Runner
        self._keep, self._proxies = keep, chosen.proxies

    @classmethod
    def name(cls) -> str:
        """Return the channel's name in URLs."""
        return "web"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Self:
        """Return the channel; credentials.yml may shorten or lengthen the times of its streams."""
        return cls(Pace(**(credentials or {})))

    async def post(self, session: str, answer: Answer) -> int:
        """Say something unasked to a session: it reaches the open page, or the visitor's next one.

        Raises:
            GoneError: the session was deleted.
        """
        number = await self.runner.blocking.run(self.outbox.post, session, answer)
        self.streams.wake(session)
        return number

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes."""
        blueprint = Blueprint("web_channel")

        @blueprint.listener("before_server_start")
        async def prepare(app: Sanic, loop: Any) -> None:
            turns = Turns(on_new_message, self.speech, lambda: is_ready(app), record)
            self.runner = Runner(turns, self.queue, self.outbox, self.conversations, self.streams, self._keep)
            app.config.PROXIES_COUNT = self._proxies or None
            app.config.REQUEST_MAX_SIZE = MAX_REQUEST
            app.request_middleware.appendleft(self.gate.enter)
            app.register_middleware(self.gate.leave, "response")

        @blueprint.listener("after_server_start")
        async def follow(app: Sanic, loop: Any) -> None:
            self.runner.start(self.pace.poll_seconds, self.pace.lease_seconds / 5)

        @blueprint.listener("before_server_stop")
        async def stop(app: Sanic, loop: Any) -> None:
            self.streams.end_all()
            await self.runner.stop()

        self._add_session_routes(blueprint)
        self._add_message_routes(blueprint)
        return blueprint

    def _add_session_routes(self, blueprint: Blueprint) -> None:
        @blueprint.post("/session", stream=True)
        @self._explained
        async def begin(request: Request) -> HTTPResponse:
            await requests.read_json(request)
            token = requests.bearer(request)
            if token is None:
                self.gate.count_session(request)
                return response.json(self.sessions.issue(), 201)
            session = await self._session(request, renewing=True)
            await self.runner.blocking.run(self.outbox.require, session)
            return response.json(self.sessions.issue(session))

        @blueprint.delete("/session")
        @self._explained
        async def end(request: Request) -> HTTPResponse:
            session = await self._session(request, renewing=True)
            for sender in await self.runner.blocking.run(self.outbox.delete, session):
                await self.runner.blocking.run(self.conversations.forget, sender)
                await self.runner.blocking.run(self.inbox.forget, sender)
            self.streams.wake(session)
            return response.empty()

        @blueprint.post("/restart", stream=True)
        @self._explained
        async def restart(request: Request) -> HTTPResponse:
            await requests.read_json(request, optional=True)
            session = await self._session(request)
            after, sender = await self.runner.blocking.run(self.outbox.restart, session)
            await self.runner.blocking.run(self.conversations.forget, sender)
            self.streams.wake(session)
            return response.json({"after": after})

        @blueprint.get("/texts/<language:str>")
        @self._explained
        async def texts(request: Request, language: str) -> HTTPResponse:
            if language not in LANGUAGES:
                raise Refused(404, "language")
            body, tag = self.texts.of(language)
            headers = {"ETag": tag, "Cache-Control": "public, max-age=300"}
            if tag in request.headers.get("if-none-match", ""):
                return response.empty(304, headers)
            return response.raw(body, headers=headers, content_type="application/json; charset=utf-8")

    def _add_message_routes(self, blueprint: Blueprint) -> None:
        @blueprint.post("/messages", stream=True)
        @self._explained
        async def receive(request: Request) -> HTTPResponse:
            session = await self._session(request)
            self.gate.count_message(request, session)
            key, written = requests.read_key(request), requests.read_written(await requests.read_json(request))
            number, known = await self.runner.blocking.run(self.outbox.accept, session, key, written)
            self.runner.wake(session)
            self.streams.wake(session)
            return response.json({"id": number, "duplicate": known}, 200 if known else 202)

        @blueprint.get("/events")
        @self._explained
        async def events(request: Request) -> None:
            session, last = await self._session(request), requests.read_last(request)
            await self.runner.blocking.run(self.outbox.require, session)
            stream = self.streams.open(session, last)
            try:
                await send_events(request, stream, self.outbox, self.runner.blocking, self.pace)
            finally:
                self.streams.close(stream)

        @blueprint.get("/history")
        @self._explained
        async def history(request: Request) -> HTTPResponse:
            page = await self.runner.blocking.run(self.outbox.history, await self._session(request))
            return response.json({"messages": page.messages, "pending": page.pending}, ensure_ascii=False)

        @blueprint.post("/feedback", stream=True)
        @self._explained
        async def feedback(request: Request) -> HTTPResponse:
            session = await self._session(request)
            number, value = requests.read_feedback(await requests.read_json(request))
            opinion = await self.runner.blocking.run(self.outbox.rate, session, number, value)
            if opinion is None:
                raise Refused(404, "message")
            if opinion.new:
                record_thumb(opinion.sender, self.name(), opinion.language, opinion.question, opinion.new == "up")
            return response.empty()

    async def _session(self, request: Request, renewing: bool = False) -> str:
        try:
            return self.sessions.read(requests.bearer(request) or "", renewing)
        except tokens.ForgedError:
            raise Refused(401, "session") from None
        except tokens.ExpiredError:
            raise Refused(401, "expired") from None

    def _explained(self, handle: Handle) -> Handle:
        """Count the request, and answer what goes wrong as the wire format says."""

        @functools.wraps(handle)
        async def explained(request: Request, *arguments: object, **named: object) -> HTTPResponse | None:
            try:
                self.gate.count_request(request)
                return await handle(request, *arguments, **named)
            except Refused as refusal:
                return self._refuse(refusal)
            except GoneError:
                return self._refuse(Refused(401, "session"))
            except BusyError:
                return self._refuse(too_many(BUSY_SECONDS))
            except (FullError, sa.exc.SQLAlchemyError):
                return self._refuse(Refused(503, "unavailable", "utter_error", {"Retry-After": "10"}))

        return explained

    def _refuse(self, refusal: Refused) -> HTTPResponse:
        said: dict[str, Any] = {"error": refusal.code}
        if refusal.phrase:
            said["text"] = self.speech.speech.phrases[refusal.phrase]
        return response.json(said, refusal.status, refusal.headers, ensure_ascii=False)
