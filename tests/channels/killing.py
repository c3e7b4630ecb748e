"""Visitors who talk to a server that is killed again and again, and what they must see in the end."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot import settings
from bot.content import library
from bot.content.library import publish_speech
from bot.settings import PROJECT_ROOT
from tests.channels.web_client import Visitor

START_SECONDS = 20
TROUBLE = (aiohttp.ClientError, ConnectionError, TimeoutError, AssertionError)


@dataclass
class Killable:
    """The process that forks servers (tests.channels.killable)."""

    process: asyncio.subprocess.Process
    address: str
    log: Path
    server: int = 0
    awake: str = ""
    """A path that answers once the server is there."""
    settings: dict[str, str] = field(default_factory=dict)
    """Of this server alone."""

    @classmethod
    async def start(
        cls,
        home: Path,
        port: int,
        module: str = "tests.channels.killable",
        awake: str = "/webhooks/web/texts/de",
        **environment: str,
    ) -> "Killable":
        """Start it and its first server, with the content compiled as `bot serve` leaves it."""
        await _publish(home)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, str(port), cwd=PROJECT_ROOT,
            env={**os.environ, "BOT_HOME": str(home), "RASA_TELEMETRY_ENABLED": "false", **environment},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=(home / "server.log").open("ab"),
        )  # fmt: skip
        self = cls(process, f"http://127.0.0.1:{port}", home / "server.log", awake=awake)
        while (await self._line()) != "ready":
            pass
        await self.again()
        return self

    async def sibling(self, home: Path, port: int, **environment: str) -> "Killable":
        """Start another server of the same parent, which is spared its imports; `stop` the parent last."""
        await _publish(home)
        own = {"PORT": str(port), "BOT_HOME": str(home), **environment}
        other = Killable(self.process, f"http://127.0.0.1:{port}", self.log, awake=self.awake, settings=own)
        await other.again()
        return other

    async def _line(self) -> str:
        assert self.process.stdout
        line = await asyncio.wait_for(self.process.stdout.readline(), 60)
        assert line, "the server's parent ended"
        return line.decode().strip()

    async def again(self) -> None:
        """Start a server and wait until it answers."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(self.settings).encode() + b"\n")
        while not (line := await self._line()).isdecimal():
            pass
        self.server = int(line)
        try:
            async with aiohttp.ClientSession() as session, asyncio.timeout(START_SECONDS):
                while True:
                    with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                        async with session.get(f"{self.address}{self.awake}"):
                            return
                    await asyncio.sleep(0.02)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.server, signal.SIGUSR1)
            await asyncio.sleep(1)
            raise AssertionError(f"the server did not start:\n{self.log.read_text()[-9000:]}") from None

    async def kill(self) -> None:
        """Kill the server at once, whatever it does, and wait until its port is free."""
        if not self.server:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.server, signal.SIGKILL)
            while True:
                await asyncio.sleep(0.005)
                os.kill(self.server, 0)

    async def stop(self) -> None:
        """End all."""
        await self.kill()
        self.process.kill()
        await self.process.wait()


async def _publish(home: Path) -> None:
    chosen = settings.load({"BOT_HOME": str(home)})
    publish_speech(await asyncio.to_thread(library.load, chosen.content_dir), chosen.compiled_content)


@dataclass
class Talker:
    """A visitor who writes one message after the other, and a page that shows what the stream says."""

    visitor: Visitor
    name: str
    sent: list[str] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)
    repeated: int = 0

    async def begin(self) -> None:
        """Get a session, however often it takes."""
        while True:
            with contextlib.suppress(*TROUBLE):
                await self.visitor.begin()
                return
            await asyncio.sleep(0.02)

    async def write(self) -> None:
        """Send the next message, again and again with the same key until it is accepted."""
        text, key = f"{self.name}-{len(self.sent)}", uuid.uuid4().hex
        while True:
            with contextlib.suppress(*TROUBLE):
                reply = await self.visitor.write(text, key=key)
                if reply.status in (200, 202):
                    self.repeated += reply.data["duplicate"]
                    break
                assert reply.status == 429, reply  # ten wait already: the queue is full, as it should be
            await asyncio.sleep(0.02)
        self.sent.append(text)

    async def watch(self) -> None:
        """Read the stream for ever, from the last number that was shown."""
        while True:
            with contextlib.suppress(*TROUBLE):
                last = self.shown[-1]["id"] if self.shown else None
                async for event in self.visitor.stream(last):
                    if event.name == "message":
                        self.shown.append(event.data)
            await asyncio.sleep(0.02)

    def problems(self, kept: list[dict[str, Any]]) -> tuple[int, int, list[str]]:
        """Return how many messages were lost and doubled, and what else is wrong."""
        mine = [message for message in self.shown if message["role"] == "user"]
        texts = [message["text"] for message in mine]
        lost = sum(text not in texts for text in self.sent)
        doubled = len(texts) - len(set(texts))
        wrong = [] if texts == self.sent else [f"{self.name}: order"]
        for number, message in enumerate(mine, start=1):
            answers = [each["text"] for each in self.shown if each["in_reply_to"] == message["id"]]
            expected = [f"{number}: {message['text']}", "more"]
            lost += max(0, len(expected) - len(answers))
            doubled += max(0, len(answers) - len(expected))
            if answers != expected:
                wrong.append(f"{message['text']}: {answers}")
        # The history is the newest 300 only.
        if [message["id"] for message in self.shown][-len(kept) :] != [message["id"] for message in kept]:
            wrong.append(f"{self.name}: the stream and the history differ")
        return lost, doubled, wrong


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    kills: int
    messages: int
    repeated: int
    lost: int
    doubled: int
    wrong: list[str]


def stable_port() -> int:
    """Return a free port that no client is given for its own end.

    A client that tries a port of that range while nobody listens may be connected with itself, and hold the port.
    """
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


async def kill_in_mid_conversation(home: Path, kills: int, talkers: int = 6, seed: int = 1) -> Outcome:
    """Let visitors talk while the server is killed at random moments, then compare what they saw and what they sent."""
    moments = random.Random(seed)
    server = await Killable.start(home, stable_port())
    tasks: list[asyncio.Task[Any]] = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30, sock_read=10)) as session:
        try:
            all_of = [Talker(Visitor(session, server.address), f"v{number}") for number in range(talkers)]
            await asyncio.gather(*(talker.begin() for talker in all_of))
            going = asyncio.Event()
            going.set()
            tasks = [asyncio.create_task(talker.watch()) for talker in all_of]
            writers = [asyncio.create_task(_talk(talker, going, moments)) for talker in all_of]
            for _ in range(kills):
                await asyncio.sleep(moments.uniform(0.02, 0.5))
                await server.kill()
                await server.again()
            going.clear()
            await asyncio.gather(*writers)
            kept = [await talker.visitor.answered(60) for talker in all_of]
            await _all_shown(all_of, kept)
        finally:
            for task in tasks:
                task.cancel()
            await server.stop()
    found = [talker.problems(messages) for talker, messages in zip(all_of, kept, strict=True)]
    return Outcome(
        kills, sum(len(talker.sent) for talker in all_of), sum(talker.repeated for talker in all_of),
        sum(lost for lost, _, _ in found), sum(doubled for _, doubled, _ in found),
        [problem for _, _, wrong in found for problem in wrong],
    )  # fmt: skip


async def _talk(talker: Talker, going: asyncio.Event, moments: random.Random) -> None:
    while going.is_set():
        await talker.write()
        await asyncio.sleep(moments.uniform(0, 0.08))


async def _all_shown(all_of: list[Talker], kept: list[list[dict[str, Any]]]) -> None:
    """Give the streams ten seconds to show what is kept."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            for talker, messages in zip(all_of, kept, strict=True):
                while not talker.shown or talker.shown[-1]["id"] < messages[-1]["id"]:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
