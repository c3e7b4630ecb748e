"""The local profile's REST channel: Rasa's wire format, with our core in front of it.

`POST /webhooks/rest/webhook {"sender","message","metadata":{"language":"de"}}` answers
`[{"recipient_id","text","buttons"?,"custom"?}, …]`. The client chooses its sender, so this channel is for
this machine only: `bot serve` binds loopback, and the production profile leaves the channel out.
"""

import json
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import settings
from bot.channels.core import MAX_SENDER, Handler, Incoming, Turns
from bot.channels.health import is_ready
from bot.content.library import SpeechFile
from bot.inbox.recorder import record

MAX_BODY = 1_000_000


class RestChannel(InputChannel):
    """Named in credentials.yml; takes the place of Rasa's own `rest`."""

    @classmethod
    def name(cls) -> str:
        """Return the channel's name in URLs."""
        return "rest"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the channel's routes."""
        chosen = settings.load()
        speech = SpeechFile(chosen.compiled_content, chosen.content_dir)
        blueprint = Blueprint("rest_channel")

        @blueprint.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.listener("before_server_start")
        async def prepare(app: Sanic, loop: Any) -> None:
            app.ctx.turns = Turns(on_new_message, speech, lambda: is_ready(app), record)

        @blueprint.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            incoming = _read(request)
            if isinstance(incoming, str):
                return response.json({"error": incoming}, status=400)
            return response.json(await request.app.ctx.turns.run(incoming))

        return blueprint


def _read(request: Request) -> Incoming | str:
    """Return the message of a request, or what is wrong with it."""
    if "application/json" not in request.headers.get("content-type", ""):
        # A foreign page can post text/plain without asking; JSON makes the browser ask first.
        return "send application/json"
    if len(request.body) > MAX_BODY:
        return f"the body is larger than {MAX_BODY} bytes"
    try:
        body = json.loads(request.body)
    except ValueError:
        return "the body is not JSON"
    if not isinstance(body, dict):
        return "the body is not a JSON object"
    sender, text = body.get("sender"), body.get("message")
    if not isinstance(sender, str) or not 0 < len(sender) <= MAX_SENDER:
        return f"'sender' must be a text of 1 to {MAX_SENDER} characters"
    if not isinstance(text, str):
        return "'message' must be a text"
    metadata = body.get("metadata")
    hint = metadata.get("language") if isinstance(metadata, dict) else None
    return Incoming(sender, text, RestChannel.name(), hint if isinstance(hint, str) else None)
