"""Sessions as signed tokens: the server keeps nothing for a visitor who has not written.

A token names a random session, is good for half an hour and can be renewed for a week after that.
"""

import secrets
import time
from dataclasses import dataclass

import jwt

LIFETIME = 30 * 60
RENEW_AFTER = 15 * 60
GRACE = 7 * 24 * 3600
_ALGORITHM = "HS256"
_AUDIENCE = "web"


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
