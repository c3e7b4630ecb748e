"""Hashes that only this installation can make, of senders and of questions."""

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from bot.settings import Settings


class Hasher:
    """Turns a name into a hash that cannot be tried out without the secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def __call__(self, purpose: str, name: str) -> str:
        """Return the hash of ``name``; the same name has another hash for another ``purpose``."""
        return hmac.new(self._secret, f"{purpose}\0{name}".encode(), hashlib.sha256).hexdigest()


def hasher(settings: Settings) -> Hasher:
    """Return the installation's hasher: with BOT_INBOX_SECRET, else with a secret kept under `home`."""
    return Hasher(settings.inbox_secret or _kept(settings.home / "inbox-secret"))


def _kept(path: Path) -> str:
    """Return the secret in a file that only its owner may read; made at the first call, whoever else calls."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # made with mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(secrets.token_hex(32))
            with contextlib.suppress(FileExistsError):  # another process was first: its secret is ours then
                os.link(temporary, path)
        finally:
            Path(temporary).unlink()
    return path.read_text(encoding="utf-8").strip()
