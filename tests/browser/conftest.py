"""A real `bot serve` and a real Chromium (scripts/browser.sh), started once for all tests of this folder.

Package scope, not session scope: while Playwright's synchronous interface is open no other test can run an event loop.
"""

import functools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.available import available
from tests.browser.site import Visit
from tests.serving.conftest import Server, start

ENVIRONMENT = {
    "BOT_CLOCK": "2027-03-10T10:00:00+01:00",
    "BOT_PRIVACY_URL": "https://www.example.org/privacy",
}
FLAGS = [
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        pass


@dataclass(frozen=True)
class City:
    """A folder that is served at another origin."""

    folder: Path
    origin: str


@pytest.fixture(scope="session")
def chromium() -> Path:
    return available("browser.sh", "chromium")


@pytest.fixture(scope="session")
def node_modules() -> Path:
    return available("browser.sh", "node")


@pytest.fixture(scope="session")
def axe(node_modules: Path) -> str:
    return (node_modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="package")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Another site, of an origin that the assistant's server lets in."""
    folder = tmp_path_factory.mktemp("city")
    (folder / "favicon.ico").touch()
    handler = functools.partial(QuietHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield City(folder, f"http://localhost:{running.server_port}")
        running.shutdown()
        thread.join()


@pytest.fixture(scope="package")
def server(chromium: Path, city: City, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    patch = pytest.MonkeyPatch()
    for name, value in {**ENVIRONMENT, "BOT_WEB_ORIGINS": city.origin}.items():
        patch.setenv(name, value)
    running = start(tmp_path_factory.mktemp("browser"), model)
    patch.undo()
    try:
        running.wait_for("ready:")
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="package")
def browser(chromium: Path, server: Server) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Callable[..., Visit]]:
    """Opens the site as a new visitor; at the end the browser may have complained of nothing that was not expected."""
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    def opened(language: str = "de", prepare: Callable[[Page], None] = lambda page: None, **options: Any) -> Visit:
        context = browser.new_context(base_url=f"http://127.0.0.1:{server.port}", **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        visit = Visit(context.new_page(), language)
        visits.append(visit)
        prepare(visit.page)
        visit.page.goto(f"/{language}")
        return visit

    yield opened
    troubles = [trouble for each in visits for trouble in each.troubles]
    for context in contexts:
        context.close()
    assert troubles == []
