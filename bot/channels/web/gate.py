"""Who may call the web channel from a browser, and how often: origins, CORS, rate limits."""

import math
from dataclasses import dataclass, field

from sanic import response
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse
from sanic_cors.core import SANIC_CORS_EVALUATED

from bot.channels.core.limits import Limiter, Rate
from bot.channels.web.requests import Refused, origin_of

PREFIX = "/webhooks/web"
HEADERS = "authorization, content-type, idempotency-key, last-event-id"
METHODS = "GET, POST, DELETE"
PREFLIGHT_SECONDS = 7200
REQUESTS, SESSIONS = Rate(400, 40), Rate(30, 0.5)
MESSAGES_OF_ADDRESS, MESSAGES_OF_SESSION = Rate(60, 4), Rate(8, 0.5)
OPEN_HEADERS = "etag, retry-after"


@dataclass(frozen=True)
class Rates:
    """How often what may be done. An address may be a whole office or school behind one router."""

    requests: Rate = REQUESTS
    sessions: Rate = SESSIONS
    messages_of_address: Rate = MESSAGES_OF_ADDRESS
    messages_of_session: Rate = MESSAGES_OF_SESSION


@dataclass
class Gate:
    """Registered as middleware of the whole server, as Rasa's own CORS would answer preflights first."""

    origins: frozenset[str]
    rates: Rates = field(default_factory=Rates)

    def __post_init__(self) -> None:
        self._requests = Limiter(self.rates.requests)
        self._sessions = Limiter(self.rates.sessions)
        self._of_address = Limiter(self.rates.messages_of_address)
        self._of_session = Limiter(self.rates.messages_of_session)

    async def enter(self, request: Request) -> HTTPResponse | None:
        """Answer preflights and requests of foreign pages; let the others through."""
        if not _is_ours(request):
            return None
        setattr(request.ctx, SANIC_CORS_EVALUATED, "1")  # Rasa's own CORS adds nothing then
        if not self._admits(request):
            return response.json({"error": "origin"}, 403)
        return response.empty(204) if request.method == "OPTIONS" else None

    async def leave(self, request: Request, answer: BaseHTTPResponse) -> None:
        """Add what browsers must know."""
        if not _is_ours(request):
            return
        headers = answer.headers
        headers["Vary"] = "Origin"
        headers["X-Content-Type-Options"] = "nosniff"
        headers.setdefault("Cache-Control", "no-store")
        origin = request.headers.get("origin")
        if origin and self._admits(request):
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = OPEN_HEADERS
            if request.method == "OPTIONS":
                headers["Access-Control-Allow-Methods"] = METHODS
                headers["Access-Control-Allow-Headers"] = HEADERS
                headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)

    def _admits(self, request: Request) -> bool:
        origin = request.headers.get("origin", "").lower()
        return not origin or origin in self.origins or origin_of(origin).partition("://")[2] == request.host.lower()

    def count_request(self, request: Request) -> None:
        """Count any request of an address.

        Raises:
            Refused: there were too many.
        """
        _check(self._requests.wait(address_of(request)))

    def count_session(self, request: Request) -> None:
        """Count a new session.

        Raises:
            Refused: the address has made too many.
        """
        _check(self._sessions.wait(address_of(request)))

    def count_message(self, request: Request, session: str) -> None:
        """Count a visitor's message, for the session first: one visitor's flood is not their neighbours'.

        Raises:
            Refused: there were too many.
        """
        _check(self._of_session.wait(session))
        _check(self._of_address.wait(address_of(request)))


def address_of(request: Request) -> str:
    """Return the visitor's address: the one that connects, or what as many proxies as there are say of it."""
    return str(request.remote_addr or request.ip)


def too_many(seconds: float) -> Refused:
    """Return the refusal of what comes too often."""
    return Refused(429, "rate", "utter_too_many", {"Retry-After": str(max(1, math.ceil(seconds)))})


def _check(wait: float) -> None:
    if wait:
        raise too_many(wait)


def _is_ours(request: Request) -> bool:
    return bool(request.path == PREFIX or request.path.startswith(f"{PREFIX}/"))
