"""Brings what another server has made live to this one: answers and model together, by ETag."""

import asyncio
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from bot.content import library
from bot.errors import BotError
from bot.serving.model_server import CODE_HEADER, PATH, SPEECH_PATH

PULL_SECONDS, PAUSE_SECONDS = 0.5, 10.0
"""How often the other server is asked, and how long it is left alone after a failure."""
SPEECH_BYTES, MODEL_BYTES = 20_000_000, 500_000_000
TIMEOUT = aiohttp.ClientTimeout(total=120, sock_connect=5, sock_read=30)
_MODEL = re.compile(r"[0-9a-f]{8,64}\.tar\.gz")
Live = tuple[Path, dict[str, Any]]
"""A model's file and the speech that goes with it."""


class FollowError(BotError):
    """Raised for something that cannot be taken over; what was live here stays so."""


class Follower:
    """Follows the model server at ``url``; keeps models in ``models`` and calls ``serve`` with what is new."""

    def __init__(
        self, url: str, token: str, code: str, models: Path, serve: Callable[[Live], None], say: Callable[[str], None]
    ) -> None:
        self._url, self._code, self._models, self._serve, self._say = url, code, models, serve, say
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._etag = ""

    async def run(self) -> None:
        """Follow for ever; a failure is said once, and what was live stays so until it has passed."""
        failure = ""
        async with aiohttp.ClientSession(timeout=TIMEOUT, headers=self._headers) as session:
            while True:
                try:
                    if live := await self.pull(session):
                        await asyncio.to_thread(self._serve, live)
                    failure, pause = "", PULL_SECONDS
                except (BotError, aiohttp.ClientError, TimeoutError, OSError) as error:
                    if failure != (failure := f"{self._url} cannot be followed: {error or type(error).__name__}"):
                        self._say(f"{failure}\nwhat was live here is still served")
                    pause = PAUSE_SECONDS
                await asyncio.sleep(pause)

    async def pull(self, session: aiohttp.ClientSession) -> Live | None:
        """Return what is live there, if it is new here; None if it is not, or nothing is live there yet.

        Raises:
            FollowError: it cannot be used here; the text says why.
        """
        async with session.get(f"{self._url}{SPEECH_PATH}", headers={"If-None-Match": self._etag}) as answer:
            if answer.status in (204, 304):
                return None
            _require_ok(answer)
            if answer.headers.get(CODE_HEADER) != self._code:
                raise FollowError("it runs another version of the assistant; bring both to the same one")
            etag, speech = answer.headers.get("ETag", ""), _speech(await _body(answer, SPEECH_BYTES))
        model = self._models / str(speech["model"])
        if not model.exists() and not await self._fetch(session, model):
            return None  # it has moved on meanwhile; the next pull brings both
        self._etag = etag
        return model, speech

    async def _fetch(self, session: aiohttp.ClientSession, target: Path) -> bool:
        """Bring the model; it appears whole or not at all. False if another one is live by now."""
        async with session.get(f"{self._url}{PATH}") as answer:
            _require_ok(answer)
            if answer.headers.get("ETag") != target.name:
                return False
            body = await _body(answer, MODEL_BYTES)
        await asyncio.to_thread(_write, target, body)
        return True


def last(compiled: Path, models: Path) -> Live | None:
    """Return what was followed last, if both parts are still here."""
    try:
        speech = json.loads(compiled.read_text(encoding="utf-8"))
        model = models / str(speech["model"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (model, speech) if model.is_file() else None


def _speech(body: bytes) -> dict[str, Any]:
    """Return checked speech: each turn would fail on a damaged one, and its model's name becomes a file's."""
    try:
        speech: dict[str, Any] = json.loads(body)
        library.parse_speech(speech)
        name = speech["model"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FollowError(f"nothing can be spoken from what it hands out ({type(error).__name__})") from error
    if not isinstance(name, str) or not _MODEL.fullmatch(name):
        raise FollowError("what it hands out names no model")
    return speech


def _require_ok(answer: aiohttp.ClientResponse) -> None:
    if answer.status == 401:
        raise FollowError("it does not accept BOT_MODELS_TOKEN; set the same one on both servers")
    if answer.status != 200:
        raise FollowError(f"it answers {answer.status}")


async def _body(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    parts, size = [], 0
    async for part in answer.content.iter_chunked(1 << 20):
        size += len(part)
        if size > limit:
            raise FollowError(f"it hands out more than {limit:,} bytes")
        parts.append(part)
    return b"".join(parts)


def _write(target: Path, body: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".following-", delete=False) as file:
        file.write(body)
    Path(file.name).replace(target)
