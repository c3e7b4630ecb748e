"""Hashes that only this installation can make, of senders and of questions."""

import hashlib
import hmac

from bot.kept_secret import kept_secret
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
    return Hasher(settings.inbox_secret or kept_secret(settings.home / "inbox-secret"))
