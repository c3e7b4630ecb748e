"""A visitor of the web channel, for tests: speaks the wire format and nothing else."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import aiohttp
from rasa.core.channels.channel import UserMessage
from sanic import Sanic

BASE = "/webhooks/web"


@dataclass
class Reply:
    """A response, read."""

    status: int
    data: Any
    headers: dict[str, str]


@dataclass
class Event:
    """One server-sent event; ``name`` is empty for a comment."""

    name: str
    data: Any = None
    id: int | None = None


@dataclass
class Visitor:
    """One browser: its token and its requests."""

    session: aiohttp.ClientSession
    address: str
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Send a request as it is and read the answer."""
        sent = {**self.headers, **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        async with self.session.request(method, f"{self.address}{BASE}{path}", data=data, headers=sent) as answer:
            text = await answer.text()
            read = json.loads(text) if "json" in answer.headers.get("content-type", "") else text
            return Reply(answer.status, read, {name.lower(): value for name, value in answer.headers.items()})

    async def begin(self) -> "Visitor":
        """Get a session."""
        reply = await self.call("POST", "/session", {"language": "de"})
        assert reply.status == 201, reply
        self.token = reply.data["token"]
        return self

    async def write(self, text: str, key: str = "", **more: Any) -> Reply:
        """Send a message."""
        return await self.call("POST", "/messages", {"text": text, "language": "de", **more},
                               Idempotency_Key=key or uuid.uuid4().hex)  # fmt: skip

    async def history(self) -> dict[str, Any]:
        """Return what is kept."""
        reply = await self.call("GET", "/history")
        assert reply.status == 200, reply
        return dict(reply.data)

    async def answered(self, seconds: float = 10) -> list[dict[str, Any]]:
        """Wait until nothing is pending and return all messages."""
        async with asyncio.timeout(seconds):
            while (kept := await self.history())["pending"]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return list(kept["messages"])

    async def events(self, last: int | None = None, until: Callable[[Event], bool] = lambda event: False,
                     seconds: float = 10) -> list[Event]:  # fmt: skip
        """Read the stream until an event fits or the server ends it."""
        found: list[Event] = []
        async with asyncio.timeout(seconds):
            async for event in self.stream(last):
                found.append(event)
                if until(event):
                    break
        return found

    async def stream(self, last: int | None = None) -> AsyncIterator[Event]:
        """Yield the events of one connection."""
        headers = {**self.headers, "Authorization": f"Bearer {self.token}", "Accept": "text/event-stream"}
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        async with self.session.get(f"{self.address}{BASE}/events", headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            assert answer.headers["content-type"].startswith("text/event-stream")
            buffer = ""
            async for part in answer.content.iter_any():
                buffer += part.decode()
                while "\n\n" in buffer:
                    block, _, buffer = buffer.partition("\n\n")
                    yield _parsed(block)


def _parsed(block: str) -> Event:
    fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line.startswith(":"))
    number = int(fields["id"]) if "id" in fields else None
    return Event(fields.get("event", ""), json.loads(fields["data"]) if "data" in fields else None, number)


Answering = Callable[[UserMessage], Awaitable[None]]


def stand_in(app: Sanic, answer: Answering) -> None:
    """Let a function take the place of Rasa's agent."""
    app.ctx.agent = SimpleNamespace(is_ready=lambda: True, handle_message=answer)
