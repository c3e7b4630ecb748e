"""A real `bot serve` on ports of its own, with a home and content of its own."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.settings import PROJECT_ROOT
from tests.available import keep_vectors

START_SECONDS = 120


@dataclass
class Server:
    """A running `bot serve`."""

    process: subprocess.Popen[str]
    port: int
    home: Path
    content: Path
    output: Path

    def request(self, path: str, body: bytes | None = None, kind: str = "application/json") -> tuple[int, Any]:
        """Return the status and the body, parsed if it is JSON."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body)
        if body is not None:
            request.add_header("Content-Type", kind)
        try:
            with urllib.request.urlopen(request, timeout=40) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def say(self, text: str, sender: str = "visitor", **more: Any) -> list[dict[str, Any]]:
        """Send a message over the REST channel and return the answers."""
        body = json.dumps({"sender": sender, "message": text, **more}).encode()
        status, answers = self.request("/webhooks/rest/webhook", body)
        assert status == 200, answers
        return list(answers)

    def wait_for(self, text: str, seconds: float = START_SECONDS) -> float:
        """Wait until ``text`` is printed and return how long that took."""
        started = time.monotonic()
        while text not in self.output.read_text(encoding="utf-8"):
            if self.process.poll() is not None or time.monotonic() - started > seconds:
                raise AssertionError(f"'{text}' was not printed:\n{self.output.read_text(encoding='utf-8')}")
            time.sleep(0.05)
        return time.monotonic() - started

    def child(self, name: str) -> psutil.Process:
        """Return the child process that runs a module."""
        return next(
            child for child in psutil.Process(self.process.pid).children(recursive=True) if name in child.cmdline()
        )

    def stop(self) -> int:
        """Press Ctrl-C and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def free_ports() -> int:
    """Return a port that is free and so are the two that go with it."""
    while True:
        with contextlib.ExitStack() as held:
            port = _bound(held, 0)
            with contextlib.suppress(OSError, OverflowError):
                if port < 60_000 and _bound(held, port + 1) and _bound(held, port + 2):
                    return port


def _bound(held: contextlib.ExitStack, port: int) -> int:
    probe = held.enter_context(socket.socket())
    probe.bind(("127.0.0.1", port))
    return int(probe.getsockname()[1])


def start(
    tmp: Path, model: Path | None, prepare: Callable[[Path], None] = lambda content: None, **environment: str
) -> Server:
    home, content, output = tmp / "home", tmp / "nlu_data", tmp / "output.txt"
    shutil.copytree(PROJECT_ROOT / "nlu_data", content)
    prepare(content)
    if model is not None:
        (home / "models").mkdir(parents=True)
        shutil.copy(model, home / "models")
    keep_vectors(home)
    port = free_ports()
    env = {**os.environ, "BOT_HOME": str(home), "BOT_CONTENT": str(content), "BOT_PORT": str(port), **environment}
    with output.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "serve"], env=env, cwd=PROJECT_ROOT, stdout=file, stderr=file, text=True
        )
    return Server(process, port, home, content, output)


@pytest.fixture(scope="module")
def server(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start(tmp_path_factory.mktemp("serve"), model)
    try:
        running.wait_for("ready:")
        yield running
    finally:
        running.stop()
