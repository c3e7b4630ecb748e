"""Makes a publication a commit where the content is in a git work tree."""

import getpass
import subprocess
from pathlib import Path

SECONDS = 30


def commit(content: Path, message: str) -> str | None:
    """Commit what changed in the content folder, and nothing else; return the commit, None if there is nothing to do.

    Raises:
        OSError, subprocess.SubprocessError: git failed; what is live does not depend on it.
    """
    if _git(content, "rev-parse", "--is-inside-work-tree", check=False) != "true":
        return None
    _git(content, "add", "--all", "--", ".")
    if not _git(content, "status", "--porcelain", "--", "."):
        return None
    _git(content, "commit", "--quiet", "--only", "--message", message, "--", ".")
    return _git(content, "rev-parse", "--short", "HEAD")


def author(content: Path) -> str:
    """Return who works here: git's name for them, else the system's."""
    try:
        name = _git(content, "config", "user.name", check=False)
    except (OSError, subprocess.SubprocessError):
        name = ""
    if name:
        return name
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return ""


def _git(folder: Path, *arguments: str, check: bool = True) -> str:
    done = subprocess.run(  # noqa: S603  # our own arguments; the git of the person's PATH is meant
        ["git", "-C", str(folder), *arguments],  # noqa: S607
        check=check, capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.stdout.strip()
