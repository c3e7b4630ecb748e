"""Server-sent events: what a session's stream sends, and when it ends."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sanic.request import Request

from bot.channels.core.blocking import Blocking
from bot.channels.web.outbox import PAGE, GoneError, Outbox, Page
from bot.channels.web.streams import Stream

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
HEARTBEAT = ":\n\n"


@dataclass(frozen=True)
class Pace:
    """The times of a process, in seconds."""

    heartbeat_seconds: float = 15.0
    stream_seconds: float = 50.0
    """Well below Sanic's RESPONSE_TIMEOUT of 60 s, which would cut it without a word."""
    poll_seconds: float = 1.0
    lease_seconds: float = 10.0
    """After so long without a sign of life another process answers what this one has begun."""


async def send_events(request: Request, stream: Stream, outbox: Outbox, blocking: Blocking, pace: Pace) -> None:
    """Send a session's events until it is time for the client to come again."""
    answer = await request.respond(content_type="text/event-stream; charset=utf-8", headers=HEADERS)
    ends = time.monotonic() + pace.stream_seconds
    await answer.send(HEARTBEAT)  # so that the client knows at once that it is connected
    first = True
    while not stream.ended and time.monotonic() < ends:
        stream.news.clear()
        try:
            page = await blocking.run(outbox.since, stream.session, stream.sent)
        except (GoneError, sa.exc.SQLAlchemyError):
            break
        if text := _written(stream, page, first):
            await answer.send(text)
        first = False
        if len(page.messages) < PAGE:
            while not await _news(stream, min(pace.heartbeat_seconds, ends - time.monotonic())):
                if time.monotonic() >= ends:
                    break
                await answer.send(HEARTBEAT)
    await answer.send(_event("bye", {}))
    await answer.eof()


async def _news(stream: Stream, seconds: float) -> bool:
    try:
        await asyncio.wait_for(stream.news.wait(), max(seconds, 0))
    except TimeoutError:
        return False
    return True


def _written(stream: Stream, page: Page, first: bool) -> str:
    """Return a page's events: messages, then the ends and beginnings of turns."""
    events = [_event("message", message, message["id"]) for message in page.messages]
    if page.messages:
        stream.sent = page.messages[-1]["id"]
    if len(page.messages) == PAGE:
        return "".join(events)  # the rest comes at once
    pending = set(page.pending)
    ended = stream.typing - pending
    if first and page.answered and not pending:
        # Whoever lost the connection between an answer and its "done" learns it now.
        ended = {page.answered}
    elif answered := {m["in_reply_to"] for m in page.messages if m["in_reply_to"]} - pending:
        ended |= answered
    events += [_event("done", {"in_reply_to": number}) for number in sorted(ended)]
    events += [_event("typing", {"in_reply_to": number}) for number in sorted(pending - stream.typing)]
    stream.typing = pending
    return "".join(events)


def _event(name: str, data: dict[str, Any], number: int | None = None) -> str:
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
