"""Sessions as signed tokens: the server keeps nothing for a visitor who has not written.

A token names a random session, is good for half an hour and can be renewed for a week after that.
"""

import contextlib
import os
import secrets
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import jwt

LIFETIME = 30 * 60
RENEW_AFTER = 15 * 60
GRACE = 7 * 24 * 3600
_ALGORITHM = "HS256"
_AUDIENCE = "web"
SECRET_BYTES = 32


class ForgedError(Exception):
    """Raised for a token that this server did not issue, or that can no longer be renewed."""


class ExpiredError(Exception):
    """Raised for a token that must be renewed first."""


@dataclass(frozen=True)
class Sessions:
    """Issues and reads tokens. ``grace`` is how long after its end a token can still be renewed, in seconds."""

    secret: str
    grace: float = GRACE
    lifetime: float = LIFETIME
    renew_after: float = RENEW_AFTER

    def issue(self, session: str | None = None) -> dict[str, str | int]:
        """Return a token for a session, a new one unless named, as the client gets it."""
        now = int(time.time())
        claims = {
            "sid": session or secrets.token_hex(16),
            "aud": _AUDIENCE,
            "iat": now,
            "exp": now + int(self.lifetime),
        }
        token = jwt.encode(claims, self.secret, algorithm=_ALGORITHM)
        return {"token": token, "expires_in": int(self.lifetime), "renew_after": int(self.renew_after)}

    def read(self, token: str, renewing: bool = False) -> str:
        """Return the session of a token.

        Raises:
            ForgedError: it is not ours, or too old even to be renewed.
            ExpiredError: it has ended; ``renewing`` takes it for its grace.
        """
        try:
            claims = jwt.decode(
                token,
                self.secret,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                options={"require": ["sid", "exp", "aud"], "verify_exp": False},
            )
        except jwt.InvalidTokenError:
            raise ForgedError from None
        session, ends = claims["sid"], claims["exp"]
        if not isinstance(session, str) or not isinstance(ends, int):
            raise ForgedError
        late = time.time() - ends
        if late >= self.grace:
            raise ForgedError
        if late >= 0 and not renewing:
            raise ExpiredError
        return session


def kept_secret(path: Path) -> str:
    """Return the secret in a file that only its owner may read; made at the first call, whoever else calls."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # made with mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(secrets.token_hex(SECRET_BYTES))
            with contextlib.suppress(FileExistsError):  # another process was first: its secret is ours then
                os.link(temporary, path)
        finally:
            Path(temporary).unlink()
    return path.read_text(encoding="utf-8").strip()
