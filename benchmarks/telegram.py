"""Measures Telegram's channel: 2,000 updates with faults and kills, real kills, and a Telegram that is blocked.

    uv run python benchmarks/telegram.py [storm] [real-kills] [blocked] [--json FILE] [--write-docs]

storm: 1,000 updates by polling and 1,000 by webhook through a strict fake of the Bot API (tests/fakes/telegram) with
its flood limits on, injected faults, and 40 kills (SIGKILL) of the connector with a stand-in for Rasa that counts its
turns. real-kills: 3 kills of Rasa's process under `bot serve`. blocked: the website's answers under load while
Telegram does not answer from the start, beside the same load with Telegram off.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.channels.telegram.mishaps import storm  # noqa: E402
from tests.channels.web_client import Visitor  # noqa: E402
from tests.fakes.telegram import FakeBotApi  # noqa: E402
from tests.serving.conftest import Server, start  # noqa: E402

PARTS = ["storm", "real-kills", "blocked"]
UPDATES, CHATS, KILLS, PACE = 1000, 50, 20, 90.0
REAL_KILLS = 3
LOAD_SECONDS, TALKERS, WARM_SECONDS = 60.0, 2, 5.0
WAYS = ("off", "refused", "hanging")
QUESTIONS = ["Seit wann gibt es das Business Desk?", "Where is the Chinese Garden?", "大熊猫在哪里？", "Pandas?"]
BEGIN, END = "<!-- figures: benchmarks/telegram.py --write-docs -->", "<!-- end of telegram figures -->"

_ready: list[None] = []


def main() -> None:
    """Run what is asked for and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=PARTS)
    parser.add_argument("--model", type=Path, help="a trained model (default: the newest under .bot/models)")
    parser.add_argument("--json", type=Path, help="where the figures are kept; parts that are not run stay in it")
    parser.add_argument("--write-docs", action="store_true")
    options = parser.parse_args()
    model = options.model or max((ROOT / ".bot" / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    figures: dict[str, Any] = {}
    if options.json and options.json.exists():
        figures = json.loads(options.json.read_text())
    work: dict[str, Callable[[Path, Path], Awaitable[Any]]] = {
        "storm": storms, "real-kills": real_kills, "blocked": blocked,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for part in options.parts:
            home = Path(folder) / part
            home.mkdir()
            figures[part] = asyncio.run(_run(work[part], home, model))
            print(part, json.dumps(figures[part], indent=1, ensure_ascii=False), flush=True)
            if options.json:
                options.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False))
    if options.write_docs:
        write_docs(figures)


async def _run(work: Callable[[Path, Path], Awaitable[Any]], home: Path, model: Path) -> Any:
    return await work(home, model)


async def storms(home: Path, model: Path) -> list[dict[str, Any]]:
    """Run a storm in each mode."""
    outcomes = []
    for mode in ("polling", "webhook"):
        (home / mode).mkdir()
        seed = int(time.time())
        outcome = await storm(home / mode, mode, UPDATES, CHATS, KILLS, PACE, seed=seed, flood=True)
        outcomes.append({"seed": seed, **asdict(outcome)})
    return outcomes


async def real_kills(home: Path, model: Path) -> dict[str, Any]:
    """Kill Rasa's process while it answers, start `bot serve` again, and count the answers."""
    kept = {"DATABASE_URL": f"sqlite:///{home / 'kept.sqlite'}", "BOT_SESSION_SECRET": "s" * 64}
    with FakeBotApi() as api:
        people = [api.user(100 + number, "de") for number in range(len(QUESTIONS))]
        for kill in range(REAL_KILLS + 1):
            folder = home / str(kill)
            folder.mkdir()
            server = start(folder, model, TELEGRAM_TOKEN=api.token, TELEGRAM_API_URL=api.url, **kept)
            try:
                await asyncio.to_thread(server.wait_for, "ready:")
                for person in people:  # what was written before the kill
                    with suppress(AssertionError):
                        await asyncio.to_thread(person.wait, kill, 60)
                if kill < REAL_KILLS:
                    for person, question in zip(people, QUESTIONS, strict=True):
                        person.send(question)
                    await asyncio.sleep(0.1 * kill)
                    server.child("rasa").kill()
            finally:
                await asyncio.to_thread(server.stop)
        answers = [len(person.messages) for person in people]
    expected = REAL_KILLS
    return {
        "kills": REAL_KILLS, "messages": expected * len(people), "lost": sum(max(0, expected - n) for n in answers),
        "doubled_uncertain": sum(max(0, n - expected) for n in answers), "violations": api.violations,
    }  # fmt: skip


async def blocked(home: Path, model: Path) -> dict[str, Any]:
    """Compare the website's answers with Telegram off, refusing connections and hanging.

    The three servers run side by side under the same load, so that whatever else the machine does strikes all alike.
    """
    return dict(zip(WAYS, await asyncio.gather(*(_beside(home / how, model, how) for how in WAYS)), strict=True))


async def _beside(home: Path, model: Path, how: str) -> dict[str, Any]:
    await asyncio.to_thread(home.mkdir)
    with FakeBotApi() as api:
        person = api.user(7, "de")
        person.send("Pandas?")
        if how == "refused":
            await asyncio.to_thread(api.refuse_connections)
        api.hanging = how == "hanging"
        more = {} if how == "off" else {"TELEGRAM_TOKEN": api.token, "TELEGRAM_API_URL": api.url}
        server = start(home, model, BOT_PROXIES="1", **more)
        try:
            await asyncio.to_thread(server.wait_for, "ready:")
            await _all_ready()
            found = await _load(server)
            if how != "off":
                api.hanging, opened = False, time.monotonic()
                if how == "refused":
                    await asyncio.to_thread(api.accept_connections)
                await asyncio.to_thread(person.wait, 1, 120)
                found["recovered_s"] = round(time.monotonic() - opened, 1)
            return found
        finally:
            await asyncio.to_thread(server.stop)


async def _all_ready() -> None:
    """Wait until each of the servers has come so far: a start costs the others too much."""
    _ready.append(None)
    while len(_ready) % len(WAYS):  # noqa: ASYNC110
        await asyncio.sleep(0.1)


async def _load(server: Server) -> dict[str, Any]:
    """Let visitors of the website ask for a while; return how long the answers took, in milliseconds."""
    numbers, taken = itertools.count(1), []
    end = time.monotonic() + LOAD_SECONDS

    async def talk(session: aiohttp.ClientSession) -> None:
        while time.monotonic() < end:
            number = next(numbers)
            address = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
            one = await Visitor(session, f"http://127.0.0.1:{server.port}", headers=address).begin()
            stream = one.stream()
            await anext(stream)
            for question in QUESTIONS:
                started = time.perf_counter()
                await one.write(question, key=uuid.uuid4().hex)
                async for event in stream:
                    if event.name == "message" and event.data["role"] == "bot":
                        break
                if time.monotonic() > end - LOAD_SECONDS + WARM_SECONDS:
                    taken.append((time.perf_counter() - started) * 1000)
                await asyncio.sleep(0.2)
            await stream.aclose()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(talk(session) for _ in range(TALKERS)))
    cuts = statistics.quantiles(taken, n=100)
    return {"answers": len(taken), "p50": round(statistics.median(taken), 1), "p99": round(cuts[98], 1)}


def write_docs(figures: dict[str, Any]) -> None:
    """Put the figures into docs/benchmarks.md."""
    path = ROOT / "docs" / "benchmarks.md"
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    path.write_text(f"{before}{BEGIN}\n{table(figures)}\n{END}{after}", encoding="utf-8")


def table(figures: dict[str, Any]) -> str:
    """Return the figures as a table."""
    rows = []
    for one in figures.get("storm", []):
        what = (
            f"{one['updates']:,} updates by {one['mode']}, {sum(one['faults'].values())} faults, {one['kills']} kills"
        )
        wrong = f"{one['lost']}, {one['doubled']}, {one['out_of_order']}"
        rows.append((f"{what}: lost, doubled, chats out of order", wrong, "0, 0, 0"))
        rows.append((f"the same: sent again as nobody could know ({one['mode']})", str(one["doubled_uncertain"]), "–"))
    if real := figures.get("real-kills"):
        what = f"{real['messages']} messages over {real['kills']} kills of the real server: lost, sent again"
        rows.append((what, f"{real['lost']}, {real['doubled_uncertain']}", "0, –"))
    if load := figures.get("blocked"):
        without = load["off"]["p99"]
        for how in WAYS:
            ratio = f" ({load[how]['p99'] / without:.2f} ×)"
            rows.append((f"website's p99 under load, Telegram {how}, ms", f"{load[how]['p99']:,}{ratio}", "≤ 1.5 ×"))
        for how in ("refused", "hanging"):
            rows.append((f"Telegram {how} and back: first answer after, s", str(load[how]["recovered_s"]), "–"))
    return "\n".join(["| what | measured | asked |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)])


if __name__ == "__main__":
    main()
