"""Looks after a publication that has just gone live: is it loaded, and do visitors go on being answered.

Run by `bot serve`, so that it is watched even when whoever published has closed the terminal.
"""

import asyncio
import time
from dataclasses import dataclass

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bot import metrics

LOADING_SECONDS = 30.0
WATCHED_SECONDS = 300.0
EVERY_SECONDS = 1.0
FAILED, FAILED_SHARE = 3, 0.05
"""From so many failed messages, and so large a share of all since, on a publication does harm."""


@dataclass(frozen=True)
class Count:
    """Visitors' messages since the server's start: all, and those that failed."""

    turns: float = 0.0
    failed: float = 0.0


@dataclass
class Watch:
    """Watches one publication at a server's address (``http://…``)."""

    url: str
    number: int
    watched: float = WATCHED_SECONDS
    loading: float = LOADING_SECONDS
    every: float = EVERY_SECONDS

    async def harm(self) -> str | None:
        """Return why the publication must go, as `bot.publish.wording.reason` reads it; None if all went well.

        A server that does not answer is no evidence: it may be starting, or stopping.
        """
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            before = await self._count(session)
            began, loaded = time.monotonic(), False
            while time.monotonic() - began < self.watched:
                await asyncio.sleep(self.every)
                spoken = None if loaded else await self._spoken(session)
                loaded = loaded or spoken == self.number
                if spoken is not None and not loaded and time.monotonic() - began > self.loading:
                    return "not_loaded"
                now = await self._count(session)
                if before is None or (now is not None and now.turns < before.turns):
                    before = now  # the server was not there, or has started anew
                elif now is not None and (reason := _harm(before, now)):
                    return reason
        return None

    async def _spoken(self, session: aiohttp.ClientSession) -> int | None:
        """Return the publication that is spoken from, 0 if its model is not loaded; None if nobody answers."""
        try:
            async with session.get(f"{self.url}/health/ready") as answer:
                return int((await answer.json()).get("publication") or 0)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None

    async def _count(self, session: aiohttp.ClientSession) -> Count | None:
        try:
            async with session.get(f"{self.url}/metrics") as answer:
                text = await answer.text()
        except (aiohttp.ClientError, TimeoutError):
            return None
        samples = [
            sample
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == "bot_turns_total"
        ]
        failed = sum(sample.value for sample in samples if sample.labels.get("result") == metrics.FAILED)
        return Count(sum(sample.value for sample in samples), failed)


def _harm(before: Count, now: Count) -> str | None:
    failed, turns = round(now.failed - before.failed), round(now.turns - before.turns)
    if failed >= FAILED and failed > FAILED_SHARE * turns:
        return f"failing failed={failed} turns={turns}"
    return None
