"""Health, metrics, static files and the site's pages.

A channel in Rasa's eyes, because channels are the only way to add routes to its server.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Engine

from bot import settings
from bot.channels.core import Handler
from bot.channels.pages import Pages, version
from bot.channels.static_files import FOR_EVER, StaticFiles
from bot.content.library import SpeechFile
from bot.database import connect, is_readable
from bot.events.store import EventStore, EventsUnavailableError, Source
from bot.languages import LANGUAGES

FILES = StaticFiles(settings.PROJECT_ROOT / "bot" / "web" / "static")

registry = CollectorRegistry()
requests_total = Counter(
    "bot_http_requests_total", "HTTP requests by route and status", ["route", "status"], registry=registry
)
request_seconds = Histogram("bot_http_request_seconds", "Time to answer an HTTP request", ["route"], registry=registry)
model_loaded = Gauge("bot_model_loaded", "1 if a model is loaded", registry=registry)


def is_ready(app: Sanic) -> bool:
    """Whether the server has a model, so that a turn would be answered."""
    agent = getattr(app.ctx, "agent", None)
    return agent is not None and bool(agent.is_ready())


def event_sources(engine: Engine) -> dict[str, str] | None:
    """Return how each calendar that is fetched from elsewhere fares; None if that cannot be read."""
    try:
        return {source.name: _state_of(source) for source in EventStore(engine).sources()}
    except EventsUnavailableError:
        return None


def _state_of(source: Source) -> str:
    if source.held_back:
        return "held back"
    read = source.last_success
    if source.last_error:
        return f"failing since {read.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if read else "failing since it was added"
    return "ok" if read else "not read yet"


class SiteChannel(InputChannel):
    """Named in credentials.yml; takes no messages."""

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return "site"

    def url_prefix(self) -> str:
        """Return the root: these routes stand outside /webhooks."""
        return "/"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Return the routes."""
        chosen = settings.load()
        engine = connect(chosen.database_url)
        pages = Pages(SpeechFile(chosen.compiled_content, chosen.content_dir), FILES, chosen.public_url)
        blueprint = Blueprint("site")
        for language in LANGUAGES:
            blueprint.add_route(_page(pages, language), f"/{language}", ["GET", "HEAD"], name=f"page_{language}")

        @blueprint.route("/static/<name:path>", methods=["GET", "HEAD"])
        async def static(request: Request, name: str) -> HTTPResponse:
            named_by_content = request.args.get("v") == version(FILES, name)
            return FILES.answer(request, name, FOR_EVER if named_by_content else None)

        @blueprint.get("/health/live")
        async def live(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.get("/health/ready")
        async def ready(request: Request) -> HTTPResponse:
            state = {"model": is_ready(request.app), "database": await asyncio.to_thread(is_readable, engine)}
            sources = await asyncio.to_thread(event_sources, engine) if state["database"] else None
            # A museum's server or a messenger that is down is no reason to take the assistant out of service.
            others = {"event_sources": sources, "telegram": str(getattr(request.app.ctx, "telegram", "off"))}
            return response.json({**state, **others}, status=200 if all(state.values()) else 503)

        @blueprint.get("/metrics")
        async def metrics(request: Request) -> HTTPResponse:
            model_loaded.set(is_ready(request.app))
            return response.raw(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

        @blueprint.listener("before_server_start")
        async def count_requests(app: Sanic, loop: Any) -> None:
            app.register_middleware(_start_clock, "request")
            app.register_middleware(_serve_front_page(pages), "request")
            app.register_middleware(_count, "response")

        return blueprint


async def _start_clock(request: Request) -> None:
    request.ctx.started = time.perf_counter()


def _page(pages: Pages, language: str) -> Callable[[Request], Awaitable[HTTPResponse]]:
    async def page(request: Request) -> HTTPResponse:
        return await asyncio.to_thread(pages.answer, request, language)

    return page


def _serve_front_page(pages: Pages) -> Callable[[Request], Awaitable[HTTPResponse | None]]:
    async def serve(request: Request) -> HTTPResponse | None:
        """Answer "/" with the page in the visitor's language; Rasa's own greeting holds that route."""
        if request.path == "/" and request.method in ("GET", "HEAD"):
            return await asyncio.to_thread(pages.answer, request)
        return None

    return serve


async def _count(request: Request, answer: HTTPResponse) -> None:
    # The route's pattern, never the path: paths are the visitor's.
    route = request.route.path if request.route else "none"
    requests_total.labels(route, str(answer.status)).inc()
    request_seconds.labels(route).observe(time.perf_counter() - getattr(request.ctx, "started", time.perf_counter()))
