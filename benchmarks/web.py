"""Measures the website's channel: idle visitors, and kills of the server in mid-conversation.

    uv run python benchmarks/web.py [idle] [kills] [real-kills] [--json FILE]

idle: 500 visitors with an open stream; how much more memory Rasa's process takes, and how long a first message takes
with them and without. kills: 200 kills (SIGKILL) of the web channel with a stand-in for Rasa that keeps conversations
as Rasa does (tests/channels/killable.py). real-kills: 5 kills of Rasa's process under `bot serve`.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.channels.killing import TROUBLE, kill_in_mid_conversation  # noqa: E402
from tests.channels.web_client import Visitor  # noqa: E402
from tests.serving.conftest import Server, start  # noqa: E402

IDLE, FIRST_MESSAGES = 500, 40
SETTLE_SECONDS = 70.0
"""Longer than a stream lives: each idle visitor has come again once."""
KILLS, REAL_KILLS = 200, 5
QUESTIONS = ["Seit wann gibt es das Business Desk?", "Where is the Chinese Garden?", "大熊猫在哪里？", "Pandas?"]


def main() -> None:
    """Run what is asked for and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["idle", "kills", "real-kills"])
    parser.add_argument("--model", type=Path, help="a trained model (default: the newest under .bot/models)")
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    model = options.model or max((ROOT / ".bot" / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for part in options.parts:
            home = Path(folder) / part
            home.mkdir()
            if part == "idle":
                figures[part] = asyncio.run(idle(home, model))
            elif part == "kills":
                seed = int(time.time())
                outcome = asyncio.run(kill_in_mid_conversation(home, options.kills, seed=seed))
                figures[part] = vars(outcome)
            elif part == "real-kills":
                figures[part] = asyncio.run(real_kills(home, model))
            print(part, json.dumps(figures[part], indent=1), flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


@asynccontextmanager
async def serving(home: Path, model: Path) -> AsyncIterator[Server]:
    """Run `bot serve` as behind a proxy, so that each visitor can have an address of their own."""
    os.environ["BOT_PROXIES"] = "1"
    server = start(home, model)
    try:
        await asyncio.to_thread(server.wait_for, "ready:")
        yield server
    finally:
        await asyncio.to_thread(server.stop)


def visitor(session: aiohttp.ClientSession, server: Server, number: int) -> Visitor:
    """Return a visitor with an address of their own."""
    address = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
    return Visitor(session, f"http://127.0.0.1:{server.port}", headers=address)


async def idle(home: Path, model: Path) -> dict[str, Any]:
    """Compare a server without visitors and with many who only have the chat open."""
    async with serving(home, model) as server, _session() as session:
        rasa = server.child("rasa")
        await first_messages(session, server, 10_000)  # warm
        before = await first_messages(session, server, 20_000)
        memory = await _memory(rasa)
        watching = [asyncio.create_task(_watch(session, server, number)) for number in range(IDLE)]
        await asyncio.sleep(SETTLE_SECONDS)
        more = await _memory(rasa) - memory
        open_ = sum(link.status == psutil.CONN_ESTABLISHED for link in rasa.net_connections("tcp"))
        used = await asyncio.to_thread(rasa.cpu_percent, 10.0)
        after = await first_messages(session, server, 30_000)
        for task in watching:
            task.cancel()
    return {
        "visitors": IDLE, "connections_open": open_,
        "rss_before_mb": round(memory, 1), "rss_more_mb": round(more, 1), "cpu_percent": used,
        "first_message_ms": {"without": before, "with": after, "ratio": round(after["p50"] / before["p50"], 2)},
    }  # fmt: skip


async def first_messages(session: aiohttp.ClientSession, server: Server, number: int) -> dict[str, float]:
    """Return how long a new visitor's first message takes until its answer is on their stream, in milliseconds."""
    taken = []
    for at in range(FIRST_MESSAGES):
        one = await visitor(session, server, number + at).begin()
        stream = one.stream()
        await anext(stream)  # connected
        started = time.perf_counter()
        await one.write(QUESTIONS[at % len(QUESTIONS)])
        async for event in stream:
            if event.name == "message" and event.data["role"] == "bot":
                break
        taken.append((time.perf_counter() - started) * 1000)
        await stream.aclose()
    return {"p50": round(statistics.median(taken), 1), "p95": round(statistics.quantiles(taken, n=20)[-1], 1)}


async def real_kills(home: Path, model: Path) -> dict[str, Any]:
    """Kill Rasa's process soon after messages were accepted, start `bot serve` again, look at what the visitor sees."""
    # One database and one secret for all starts; each start has a home of its own otherwise.
    os.environ |= {"DATABASE_URL": f"sqlite:///{home / 'kept.sqlite'}", "BOT_SESSION_SECRET": "s" * 64}
    lost = doubled = 0
    seen: list[int] = []
    token = ""
    async with _session() as session:
        for kill in range(REAL_KILLS + 1):
            folder = home / str(kill)
            folder.mkdir()
            async with serving(folder, model) as server:
                one = visitor(session, server, 1)
                one.token = token
                if not token:
                    await one.begin()
                    token = one.token
                messages = await one.answered(90)
                for number in seen:
                    answers = sum(message["in_reply_to"] == number for message in messages)
                    lost, doubled = lost + (answers == 0), doubled + max(0, answers - 1)
                if kill == REAL_KILLS:
                    break
                for question in random.sample(QUESTIONS, 3):
                    seen.append((await one.write(question)).data["id"])
                await asyncio.sleep(random.uniform(0, 0.05))
                server.child("rasa").kill()
    return {"kills": REAL_KILLS, "messages": len(seen), "lost": lost, "doubled": doubled}


async def _watch(session: aiohttp.ClientSession, server: Server, number: int) -> None:
    await asyncio.sleep(number / 50)  # they did not all come at once
    one = await visitor(session, server, number).begin()
    while True:
        with suppress(*TROUBLE):
            async for _ in one.stream():
                pass


async def _memory(process: psutil.Process) -> float:
    """Return resident megabytes, the median of some seconds."""
    found = []
    for _ in range(7):
        found.append(process.memory_info().rss / 1e6)
        await asyncio.sleep(0.5)
    return statistics.median(found)


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None))


if __name__ == "__main__":
    main()
