"""The process that trains and asks for a publisher, at the lowest priority; started early, as it imports Rasa first."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.evaluation.datasets import Case
from bot.publish.ledger import SAYINGS
from bot.publish.worker import DONE, Job
from bot.sayings import StaffError
from bot.settings import PROJECT_ROOT

Progress = Callable[[str, int, int, str], None]
"""Takes what is done ("checking", "training", "asking"), the step, the number of steps, and a detail."""


class Workshop:
    """One `bot.publish.worker`, which does one job at most and ends with this process, killed or not."""

    def __init__(self, home: Path) -> None:
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  # closed with the workshop
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot.publish.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True, cwd=PROJECT_ROOT,
            env={**os.environ, "BOT_HOME": str(home)},
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._process.communicate()
        self._errors.close()

    def kill(self) -> None:
        """End it at once; it has nothing half done that anybody would see. Safe to call from any thread."""
        if self._process.poll() is None:
            self._process.kill()

    def work(self, root: Path, cases: list[Case], live: str, folder: Path, progress: Progress) -> None:
        """Train the model for the content ``root``, and ask it and the model named ``live`` (empty: none) the cases.

        What each makes of them is kept in ``folder``.

        Raises:
            StaffError: it failed.
        """
        listed = [case.as_row() for case in cases]
        with contextlib.suppress(BrokenPipeError):  # it has ended already; its errors say why
            if self._process.stdin:
                self._process.stdin.write(Job(str(root), listed, live, str(folder)).line())
                self._process.stdin.flush()
        for line in self._process.stdout or ():
            with contextlib.suppress(ValueError, KeyError, TypeError):
                said = json.loads(line)
                if said["phase"] == DONE:
                    return
                progress(said["phase"], said["step"], said["steps"], said["what"])
        if code := self._process.wait():
            self._errors.seek(0)
            last = next((line for line in reversed(self._errors.read().splitlines()) if line.strip()), str(code))
            raise StaffError(SAYINGS, "not_trained", reason=last)
