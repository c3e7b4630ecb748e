"""Hands the current model to Rasa by Rasa's own model-server protocol: GET with If-None-Match, answered by ETag."""

import asyncio
from pathlib import Path

from aiohttp import web

PATH = "/models/current"


class ModelServer:
    """Serves one model file on loopback; `publish` replaces it."""

    def __init__(self) -> None:
        self._model: Path | None = None
        self._runner: web.AppRunner | None = None

    @property
    def etag(self) -> str | None:
        """The name of the model being served, which is its hash."""
        return self._model.name if self._model else None

    def publish(self, model: Path) -> None:
        """Serve ``model`` from now on."""
        self._model = model

    async def start(self, port: int) -> None:
        """Listen on 127.0.0.1:``port``.

        Raises:
            OSError: the port is taken.
        """
        app = web.Application()
        app.router.add_get(PATH, self._current)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner:
            await self._runner.cleanup()

    async def _current(self, request: web.Request) -> web.StreamResponse:
        if self._model is None:
            return web.Response(status=204)
        if request.headers.get("If-None-Match") == self.etag:
            return web.Response(status=304)
        # Not a FileResponse, which has an ETag of its own: this one tells Rasa, and us, which model is loaded.
        body = await asyncio.to_thread(self._model.read_bytes)
        return web.Response(body=body, headers={"ETag": self._model.name, "filename": self._model.name})
