"""The processes that `bot serve` runs: started together, watched, stopped together."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.settings import PROJECT_ROOT

STOP_SECONDS = 10.0
TAIL_LINES = 15


@dataclass
class Child:
    """A running process, its name for people, and its log."""

    name: str
    process: Process
    log: Path

    def tail(self) -> str:
        """Return the last lines of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])


class Children:
    """All children of one `serve`."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self.running: list[Child] = []

    async def start(self, name: str, arguments: list[str], environment: Mapping[str, str]) -> Child:
        """Start ``python -m <arguments>`` in its own process group, its output going to a log file."""
        self._logs.mkdir(parents=True, exist_ok=True)
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *arguments,
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
                env={**os.environ, **environment}, cwd=PROJECT_ROOT, start_new_session=True,
            )  # fmt: skip
        child = Child(name, process, log)
        self.running.append(child)
        return child

    async def first_to_die(self) -> Child:
        """Wait until one child ends and return it."""
        waits = {asyncio.create_task(child.process.wait()): child for child in self.running}
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return waits[done.pop()]
        finally:
            for wait in waits:
                wait.cancel()

    async def stop(self) -> None:
        """End all children: politely, then by force."""
        alive = [child for child in self.running if child.process.returncode is None]
        for child in alive:
            child.process.terminate()
        for child in alive:
            try:
                await asyncio.wait_for(child.process.wait(), STOP_SECONDS)
            except TimeoutError:
                child.process.kill()
                await child.process.wait()
        self.running.clear()
