"""What tests need beside Python: found or installed by a script of scripts/."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import portalocker
import pytest

from bot import settings
from bot.nlu import vectors
from bot.settings import PROJECT_ROOT

HOME = settings.load().home
"""Where this run's model is trained, before any test has a folder of its own."""


def keep_vectors(home: Path) -> None:
    """Give a test's ``home`` the vectors of our questions that this run has made already: a minute of encoding."""
    made = HOME / "carried" / f"{vectors.NAME}.pickle"
    if made.exists():
        (home / "carried").mkdir(parents=True, exist_ok=True)
        shutil.copy(made, home / "carried")


@contextlib.contextmanager
def alone(what: str) -> Iterator[None]:
    """Keep the other processes of this run waiting: packages are installed, and a model is trained, by one of them."""
    home = settings.load().home
    home.mkdir(parents=True, exist_ok=True)
    with portalocker.Lock(home / f"{what}.lock", timeout=1200):
        yield


def available(script: str, *arguments: str) -> Path:
    """Return what a script makes available; skip on a person's machine that has it not, fail in CI."""
    with alone("setup"):
        result = subprocess.run([PROJECT_ROOT / "scripts" / script, *arguments], capture_output=True, text=True)
    if result.returncode:
        pytest.fail(result.stderr)
    if not result.stdout.strip():
        pytest.skip(result.stderr.strip())
    return Path(result.stdout.strip())
