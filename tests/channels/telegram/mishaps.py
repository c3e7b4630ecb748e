"""Visitors who write on Telegram while everything goes wrong, and what they must see in the end.

Calls fail before and after they took effect, updates come twice and overtake those of other chats, and the server is
killed at random moments.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot import settings
from tests.channels.killing import Killable, stable_port
from tests.channels.telegram.repeats import Interrupted, Repeated, interrupted, repeats
from tests.fakes.telegram import FakeBotApi, Fault, Person

CHANCES = {
    "sendMessage": {
        Fault("error"): 0.03, Fault("flood", 1): 0.01, Fault("drop_before"): 0.03, Fault("drop_after"): 0.03,
        Fault("slow", 0.3): 0.02, Fault("late", 0.7): 0.02,
    },
    "getUpdates": {Fault("error"): 0.05, Fault("drop_before"): 0.05, Fault("drop_after"): 0.05},
    "webhook": {Fault("duplicate", 2.0): 0.06, Fault("drop_after"): 0.06},
}  # fmt: skip
PATIENCE = 90.0
"""Seconds without anything new, after which what is missing is lost."""


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    mode: str
    updates: int
    chats: int
    kills: int
    faults: dict[str, int]
    lost: int
    doubled: int
    """Sent again although Telegram had said that it has it, and the process lived to note that."""
    doubled_how: list[Repeated]
    doubled_uncertain: int
    """Sent again because the answer was lost, or the process was killed before it had noted it: nobody can know."""
    killed_after: list[float]
    """Where it was a kill: seconds from when Telegram took it until the process was gone."""
    out_of_order: int
    conflicts: int
    seconds: float
    problems: list[str]
    violations: list[str]


@dataclass
class Storm:
    """One run."""

    api: FakeBotApi
    home: Path
    mode: str
    moments: random.Random
    parent: Killable | None = None
    """Whose imports are used; without one the storm has its own."""
    kills: int = 0
    cut: list[Interrupted] = field(default_factory=list)

    async def run(self, updates: int, chats: int, kills: int, pace: float) -> Outcome:
        """Let ``chats`` visitors write ``updates`` messages within about ``pace`` seconds."""
        started, port = time.monotonic(), stable_port()
        more = {"BOT_PUBLIC_URL": f"http://127.0.0.1:{port}"} if self.mode == "webhook" else {}
        more |= {"TELEGRAM_TOKEN": self.api.token, "TELEGRAM_API_URL": self.api.url}
        parent = self.parent or await start_parent(self.home)
        server = await parent.sibling(self.home, port, **more)
        people = [self.api.user(100 + number) for number in range(chats)]
        sent: dict[int, list[str]] = {person.id: [] for person in people}
        try:
            killing = asyncio.create_task(self._kill(server, kills, pace))
            for number in range(updates):
                person = people[number % chats]
                text = f"word{person.id}x{len(sent[person.id])}"
                person.send(text)
                sent[person.id].append(text)
                await asyncio.sleep(self.moments.uniform(0, 2 * pace / updates))
            await killing
            await self._settle(people, sent)
        finally:
            await server.kill()
            if not self.parent:
                await parent.stop()
        return self._outcome(people, sent, time.monotonic() - started)

    async def _kill(self, server: Killable, kills: int, pace: float) -> None:
        for _ in range(kills):
            await asyncio.sleep(self.moments.uniform(0.5, 1.5) * pace / (kills + 1))
            await server.kill()
            await asyncio.to_thread(self._take_effect)
            self.kills, gone_at = self.kills + 1, time.monotonic()
            database = settings.load({"BOT_HOME": str(self.home)}).database_url
            self.cut += await asyncio.to_thread(interrupted, database, gone_at)
            await server.again()

    def _take_effect(self) -> None:
        """Let the fake carry out the calls that were on their way from a process when it was killed."""
        for _ in range(20):
            self.api.call(lambda: None)  # a turn of its loop
            time.sleep(0.005)

    async def _settle(self, people: Sequence[Person], sent: dict[int, list[str]]) -> None:
        """Wait until all is there, or nothing has come for long."""
        last, since = -1, time.monotonic()
        while time.monotonic() - since < PATIENCE:
            if all(len(self._once(p.id)[0]) >= 2 * len(sent[p.id]) for p in people) and not self.api.inbox.waiting:
                break
            if len(self.api.sent) != last:
                last, since = len(self.api.sent), time.monotonic()
            await asyncio.sleep(0.2)
        await asyncio.sleep(3)  # for what comes too much

    def _outcome(self, people: Sequence[Person], sent: dict[int, list[str]], seconds: float) -> Outcome:
        lost = disordered = 0
        problems, repeated = [], []
        for person in people:
            expected = [line for at, text in enumerate(sent[person.id], 1) for line in (f"{at}: {text}", "more")]
            once, again = self._once(person.id)
            repeated += again
            missing = len([line for line in expected if line != "more" and line not in once])
            missing += max(0, expected.count("more") - once.count("more"))
            lost += missing
            if once != expected:
                disordered += not missing
                problems.append(f"{person.id}: {once}")
        doubled = [each for each in repeated if each.avoidable]
        killed_after = [each.killed_after for each in repeated if each.killed_after is not None]
        return Outcome(
            self.mode, sum(map(len, sent.values())), len(people), self.kills, dict(self.api.faults.happened), lost,
            len(doubled), doubled, len(repeated) - len(doubled), killed_after, disordered,
            self.api.inbox.conflicts, round(seconds, 1), problems[:5], self.api.violations[:5],
        )  # fmt: skip

    def _once(self, chat: int) -> tuple[list[str], list[Repeated]]:
        cut = [each for each in self.cut if each.chat == chat]
        return repeats([sent for sent in self.api.sent if sent.chat == chat], cut)


async def start_parent(home: Path) -> Killable:
    """Start a process that forks servers with the Telegram channel; its first one has no token, and ends at once."""
    parent = await Killable.start(home, stable_port(), "tests.channels.telegram.killable", "/health/live")
    await parent.kill()
    return parent


async def storm(
    home: Path, mode: str, updates: int, chats: int, kills: int, pace: float, seed: int = 1, flood: bool = False,
    parent: Killable | None = None,
) -> Outcome:  # fmt: skip
    """Run one storm by "polling" or "webhook"; ``flood`` switches Telegram's own limits on."""
    with FakeBotApi() as api:
        api.faults.at_random(seed, CHANCES)
        api.flood.on, api.inbox.jitter = flood, 0.3
        return await Storm(api, home, mode, random.Random(seed), parent).run(updates, chats, kills, pace)
