"""Telegram as a channel of Rasa's server: its lifecycle, and the route that Telegram calls in webhook mode.

Without a token it has no routes, and nothing is imported or opened. An update is acknowledged once it stands in the
mailbox; one that cannot be read is acknowledged too, as Telegram would bring it again for a day and keep back others.
"""

import hmac
import json
import logging
from typing import Any

import sqlalchemy as sa
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import settings
from bot.channels.core import Handler, Turns
from bot.channels.health import is_ready
from bot.content.library import SpeechFile
from bot.inbox.recorder import record

logger = logging.getLogger(__name__)

MAX_BODY = 1_000_000
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of it


class TelegramChannel(InputChannel):
    """Named in credentials.yml."""

    service: Any = None

    @classmethod
    def name(cls) -> str:
        """Return the channel's name in URLs."""
        return "telegram"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes, none without a token."""
        chosen = settings.load()
        blueprint = Blueprint("telegram_channel")
        if not chosen.telegram_token:
            return blueprint

        @blueprint.listener("before_server_start")
        async def prepare(app: Sanic, loop: Any) -> None:
            from bot.channels.telegram.service import Service

            speech = SpeechFile(chosen.compiled_content, chosen.content_dir)
            self.service = Service(chosen, speech, Turns(on_new_message, speech, lambda: is_ready(app), record))
            app.ctx.telegram = self.service.state

        @blueprint.listener("after_server_start")
        async def start(app: Sanic, loop: Any) -> None:
            self.service.start()

        @blueprint.listener("before_server_stop")
        async def stop(app: Sanic, loop: Any) -> None:
            await self.service.stop()

        if chosen.telegram_webhook:
            self._add_webhook(blueprint)
        return blueprint

    def _add_webhook(self, blueprint: Blueprint) -> None:
        @blueprint.post("/webhook", stream=True)
        async def receive(request: Request) -> HTTPResponse:
            shown = request.headers.get(SECRET_HEADER, "")
            if not hmac.compare_digest(shown.encode(), self.service.secret.encode()):
                return response.empty(403)
            body = await _read(request)
            if body is None:
                return response.empty(413)
            return await self._receive(body)

    async def _receive(self, body: bytes) -> HTTPResponse:
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            update = None  # for the receiver to count
        try:
            kept = await self.service.receive(update)
        except sa.exc.SQLAlchemyError as error:
            logger.error("An update of Telegram could not be kept: %s", type(error).__name__)
            kept = False
        return response.empty(200 if kept else 503)


async def _read(request: Request) -> bytes | None:
    """Return a request's body; None if it is larger than any update, of which no more is read then."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MAX_BODY:
        return None
    body = bytearray()
    if request.stream is not None:
        async for part in request.stream:
            body += part
            if len(body) > MAX_BODY:
                return None
    return bytes(body)
