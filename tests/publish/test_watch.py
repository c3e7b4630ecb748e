"""The watch over a new publication, against a server that says what the test wants."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import web

from bot.publish.watch import Watch


@dataclass
class Stand:
    """A server's health and figures."""

    url: str = ""
    publication: int | None = 7
    answered: int = 100
    failed: int = 2
    failing: int = 0
    """Messages that fail between two looks."""

    async def ready(self, request: web.Request) -> web.Response:
        return web.json_response({"publication": self.publication})

    async def metrics(self, request: web.Request) -> web.Response:
        self.failed += self.failing
        return web.Response(
            text="# TYPE bot_turns_total counter\n"
            f'bot_turns_total{{channel="web",result="answered"}} {self.answered}\n'
            f'bot_turns_total{{channel="web",result="failed"}} {self.failed}\n'
        )


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    found = Stand()
    app = web.Application()
    app.router.add_get("/health/ready", found.ready)
    app.router.add_get("/metrics", found.metrics)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


async def test_a_publication_that_works_stays(stand: Stand) -> None:
    assert await Watch(stand.url, 7, watched=0.3, every=0.02).harm() is None


async def test_one_whose_messages_fail_must_go_and_it_is_said_how_many(stand: Stand) -> None:
    stand.failing = 1
    assert await Watch(stand.url, 7, watched=5, every=0.02).harm() == "failing failed=3 turns=3"


async def test_failures_from_before_do_not_count(stand: Stand) -> None:
    stand.failed = 50
    assert await Watch(stand.url, 7, watched=0.3, every=0.02).harm() is None


async def test_one_that_the_server_cannot_load_must_go(stand: Stand) -> None:
    stand.publication = None
    assert await Watch(stand.url, 7, watched=5, loading=0.1, every=0.02).harm() == "not_loaded"


async def test_a_server_that_does_not_answer_is_no_evidence() -> None:
    assert await Watch("http://127.0.0.1:9", 7, watched=0.2, loading=0.05, every=0.02).harm() is None
