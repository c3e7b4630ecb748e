"""What tests need beside Python: found or installed by a script of scripts/."""

import subprocess
from pathlib import Path

import pytest

from bot.settings import PROJECT_ROOT


def available(script: str, *arguments: str) -> Path:
    """Return what a script makes available; skip on a person's machine that has it not, fail in CI."""
    result = subprocess.run([PROJECT_ROOT / "scripts" / script, *arguments], capture_output=True, text=True)
    if result.returncode:
        pytest.fail(result.stderr)
    if not result.stdout.strip():
        pytest.skip(result.stderr.strip())
    return Path(result.stdout.strip())
