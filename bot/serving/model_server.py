"""Hands out what is live: the model by Rasa's own model-server protocol, and what the bot speaks from beside it.

GET with If-None-Match, answered by ETag. Rasa pulls the model; a server that follows this one pulls both.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web

PATH, SPEECH_PATH = "/models/current", "/speech/current"
CODE_HEADER = "X-Bot-Code"
"""Names the code that the model and the speech were made with: another version may not be able to use them."""


class ModelServer:
    """Serves one model file and one speech; `publish` replaces them.

    ``token`` is what callers must know (empty: nothing), ``code`` names the version that all of it was made with.
    """

    def __init__(self, token: str = "", code: str = "") -> None:
        self._token, self._code = token, code
        self._model: Path | None = None
        self._speech, self._speech_etag = b"", ""
        self._runner: web.AppRunner | None = None

    @property
    def etag(self) -> str | None:
        """The name of the model being served, which is its hash."""
        return self._model.name if self._model else None

    def publish(self, model: Path, speech: dict[str, Any] | None = None) -> None:
        """Serve ``model`` from now on, and ``speech`` of the same publication if there is one."""
        self._model = model
        if speech is not None:
            self._speech = json.dumps(speech, ensure_ascii=False).encode()
            self._speech_etag = hashlib.sha256(self._speech).hexdigest()[:16]

    async def start(self, host: str, port: int) -> None:
        """Listen on ``host``:``port``.

        Raises:
            OSError: the port is taken.
        """
        app = web.Application(middlewares=[self._check_token])
        app.router.add_get(PATH, self._current)
        app.router.add_get(SPEECH_PATH, self._current_speech)
        self._runner = web.AppRunner(app, access_log=None)  # Rasa sends the token in the address
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner:
            await self._runner.cleanup()

    @web.middleware
    async def _check_token(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        sent = request.headers.get(hdrs.AUTHORIZATION, "").removeprefix("Bearer ") or request.query.get("token", "")
        if self._token and not hmac.compare_digest(sent.encode(), self._token.encode()):
            return web.Response(status=401)
        return await handler(request)

    async def _current(self, request: web.Request) -> web.StreamResponse:
        if self._model is None:
            return web.Response(status=204)
        if request.headers.get(hdrs.IF_NONE_MATCH) == self.etag:
            return web.Response(status=304)
        # Not a FileResponse, which has an ETag of its own: this one tells Rasa, and us, which model is loaded.
        model = self._model
        body = await asyncio.to_thread(model.read_bytes)
        return web.Response(body=body, headers={"ETag": model.name, "filename": model.name})

    async def _current_speech(self, request: web.Request) -> web.StreamResponse:
        if not self._speech:
            return web.Response(status=204)
        headers = {"ETag": self._speech_etag, CODE_HEADER: self._code}
        if request.headers.get(hdrs.IF_NONE_MATCH) == self._speech_etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=self._speech, content_type="application/json", headers=headers)
