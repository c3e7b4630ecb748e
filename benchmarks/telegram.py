"""Measures Telegram's channel: 2,000 updates with faults and kills, real kills, and a Telegram that is blocked.

    uv run python benchmarks/telegram.py [storm] [real-kills] [blocked] [--json FILE] [--write-docs]

storm: 1,000 updates by polling and 1,000 by webhook through a strict fake of the Bot API (tests/fakes/telegram) with
its flood limits on, injected faults, and 40 kills (SIGKILL) of the connector with a stand-in for Rasa that counts its
turns. real-kills: 3 kills of Rasa's process under `bot serve`. blocked: the website's answers under load while
Telegram does not answer from the start, beside the same load with Telegram off: three servers that are asked in turn,
a second each, so that whatever else the machine does strikes all alike.
"""

import argparse
import asyncio
import itertools
import json
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.channels.telegram.mishaps import storm  # noqa: E402
from tests.channels.telegram.repeats import Interrupted, interrupted  # noqa: E402
from tests.channels.web_client import Visitor  # noqa: E402
from tests.fakes.telegram import FakeBotApi  # noqa: E402
from tests.serving.conftest import Server, start  # noqa: E402

PARTS = ["storm", "real-kills", "blocked"]
UPDATES, CHATS, KILLS, PACE = 1000, 50, 20, 90.0
REAL_KILLS = 3
ROUNDS, WARM_ROUNDS, TALKERS, THINK_SECONDS = 150, 10, 3, 0.1
"""In each round each server is asked all `QUESTIONS` by so many visitors at once, who rest after each answer."""
RESAMPLES = 1000
WAYS = ("off", "refused", "hanging")
QUESTIONS = ["Seit wann gibt es das Business Desk?", "Where is the Chinese Garden?", "大熊猫在哪里？", "Pandas?"]
BEGIN, END = "<!-- figures: benchmarks/telegram.py --write-docs -->", "<!-- end of telegram figures -->"


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
    cut: list[Interrupted] = []
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
                    rasa = server.child("rasa")
                    rasa.kill()
                    await asyncio.to_thread(rasa.wait, 10)
                    cut += await asyncio.to_thread(interrupted, kept["DATABASE_URL"], time.monotonic())
            finally:
                await asyncio.to_thread(server.stop)
        answers = {person.id: len(person.messages) for person in people}
    expected, sendings = REAL_KILLS, Counter(each.chat for each in cut)
    more = {chat: max(0, number - expected) for chat, number in answers.items()}
    doubled = sum(max(0, number - sendings[chat]) for chat, number in more.items())
    return {
        "kills": REAL_KILLS, "messages": expected * len(people), "doubled": doubled,
        "lost": sum(max(0, expected - number) for number in answers.values()),
        "doubled_uncertain": sum(more.values()) - doubled, "violations": api.violations,
    }  # fmt: skip


async def blocked(home: Path, model: Path) -> dict[str, Any]:
    """Compare the website's answers with Telegram off, refusing connections and hanging."""
    async with AsyncExitStack() as stack:
        sides = [await stack.enter_async_context(_serving(home / how, model, how)) for how in WAYS]
        connector = aiohttp.TCPConnector(limit=0)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        numbers = itertools.count(1)
        for at in range(WARM_ROUNDS + ROUNDS):
            for side in random.sample(sides, len(sides)):
                await side.ask(session, numbers, keep=at >= WARM_ROUNDS)
        without, *_ = sides
        return {side.how: {**side.figures(without), **await side.recover()} for side in sides}


@dataclass
class Side:
    """One of the servers that are compared. Times are in milliseconds."""

    how: str
    server: Server
    api: FakeBotApi
    rasa: psutil.Process
    rounds: list[list[float]] = field(default_factory=list)
    seconds: float = 0.0
    busy_seconds: float = 0.0
    """What its process has worked while it was asked."""

    async def ask(self, session: aiohttp.ClientSession, numbers: Iterator[int], keep: bool) -> None:
        """Let visitors ask, and keep how long each answer took."""
        begun, worked = time.perf_counter(), self._worked()
        taken = await asyncio.gather(*(self._talk(session, next(numbers)) for _ in range(TALKERS)))
        if keep:
            self.rounds.append([one for each in taken for one in each])
            self.seconds += time.perf_counter() - begun
            self.busy_seconds += self._worked() - worked

    async def _talk(self, session: aiohttp.ClientSession, number: int) -> list[float]:
        address = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        one = await Visitor(session, f"http://127.0.0.1:{self.server.port}", headers=address).begin()
        stream, taken = one.stream(), []
        await anext(stream)
        for question in QUESTIONS:
            started = time.perf_counter()
            await one.write(question, key=uuid.uuid4().hex)
            async for event in stream:
                if event.name == "message" and event.data["role"] == "bot":
                    break
            taken.append((time.perf_counter() - started) * 1000)
            await asyncio.sleep(THINK_SECONDS)
        await stream.aclose()
        return taken

    def _worked(self) -> float:
        times = self.rasa.cpu_times()
        return float(times.user + times.system)

    def figures(self, without: "Side") -> dict[str, Any]:
        """Return the figures, beside those of the server without Telegram."""
        ratios = sorted(self._ratio(without, random.choices(range(ROUNDS), k=ROUNDS)) for _ in range(RESAMPLES))
        low, high = ratios[RESAMPLES // 40], ratios[-RESAMPLES // 40]
        everything = range(ROUNDS)
        return {
            "answers": ROUNDS * TALKERS * len(QUESTIONS), "p50": round(self._cut(everything, 50), 1),
            "p99": round(self._cut(everything, 99), 1), "p99_ratio": round(self._ratio(without, everything), 2),
            "p99_ratio_95": [round(low, 2), round(high, 2)], "busy": round(self.busy_seconds / self.seconds, 2),
            "state": self.server.request("/health/ready")[1]["telegram"],
        }  # fmt: skip

    def _ratio(self, without: "Side", rounds: Sequence[int]) -> float:
        return self._cut(rounds, 99) / without._cut(rounds, 99)

    def _cut(self, rounds: Sequence[int], percent: int) -> float:
        return statistics.quantiles((one for at in rounds for one in self.rounds[at]), n=100)[percent - 1]

    async def recover(self) -> dict[str, Any]:
        """Let Telegram answer again; return after how many seconds what somebody had written was answered."""
        if self.how == "off":
            return {}
        opened, self.api.hanging = time.monotonic(), False
        if self.how == "refused":
            await asyncio.to_thread(self.api.accept_connections)
        await asyncio.to_thread(self.api.user(7).wait, 1, 120)
        return {"recovered_s": round(time.monotonic() - opened, 1)}


@asynccontextmanager
async def _serving(home: Path, model: Path, how: str) -> AsyncIterator[Side]:
    """Run a server whose Telegram is not there from the start."""
    await asyncio.to_thread(home.mkdir)
    with FakeBotApi() as api:
        api.user(7, "de").send("Pandas?")
        if how == "refused":
            await asyncio.to_thread(api.refuse_connections)
        api.hanging = how == "hanging"
        more = {} if how == "off" else {"TELEGRAM_TOKEN": api.token, "TELEGRAM_API_URL": api.url}
        server = await asyncio.to_thread(start, home, model, BOT_PROXIES="1", **more)
        try:
            await asyncio.to_thread(server.wait_for, "ready:")
            yield Side(how, server, api, server.child("rasa"))
        finally:
            await asyncio.to_thread(server.stop)


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
        what = f"{real['messages']} messages over {real['kills']} kills of the real server: lost, doubled, sent again"
        rows.append((what, f"{real['lost']}, {real['doubled']}, {real['doubled_uncertain']}", "0, 0, –"))
    if load := figures.get("blocked"):
        rows.append(
            (
                "website's answers under load with each, server busy",
                f"{load['off']['answers']:,}, {load['off']['busy']:.0%}",
                "–",
            )
        )
        for how in WAYS:
            one = load[how]
            low, high = one["p99_ratio_95"]
            ratio = "" if how == "off" else f" ({one['p99_ratio']:.2f} ×, 95 %: {low:.2f} to {high:.2f})"
            what = f"website's p50 and p99 under load, Telegram {how}, ms"
            rows.append((what, f"{one['p50']:,}, {one['p99']:,}{ratio}", "–" if how == "off" else "p99 ≤ 1.5 ×"))
        for how in ("refused", "hanging"):
            rows.append((f"Telegram {how} and back: first answer after, s", str(load[how]["recovered_s"]), "–"))
    return "\n".join(["| what | measured | asked |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)])


if __name__ == "__main__":
    main()
