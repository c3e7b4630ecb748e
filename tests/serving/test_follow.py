"""A server on another machine takes over what the first one publishes: answers and model together."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.content import library
from bot.content.model import Content
from bot.serving import follower
from bot.serving.follower import Follower, FollowError, Live
from bot.serving.model_server import PATH, ModelServer
from tests.serving.conftest import Server, free_ports, start
from tests.serving.test_publish import edit, publish

TOKEN = "t" * 40
MODEL, NEWER = "0123456789abcdef.tar.gz", "fedcba9876543210.tar.gz"


@dataclass
class Pair:
    """A model server, and a follower that is asked to pull by hand."""

    server: ModelServer
    follower: Follower
    session: aiohttp.ClientSession
    folder: Path
    url: str
    served: list[Live]
    said: list[str]
    arrived: asyncio.Event

    def publish(self, name: str, speech: dict[str, Any]) -> None:
        """Make a model of some bytes live on the first server."""
        (self.folder / name).write_bytes(name.encode())
        self.server.publish(self.folder / name, {**speech, "model": name, "publication": 1})

    async def pull(self) -> Live | None:
        return await self.follower.pull(self.session)


@asynccontextmanager
async def pair(tmp: Path, token: str = TOKEN, code: str = "v1") -> AsyncIterator[Pair]:
    port = free_ports()
    server = ModelServer(TOKEN, "v1")
    await server.start("127.0.0.1", port)
    for name in ("there", "here"):
        (tmp / name).mkdir()
    served: list[Live] = []
    said: list[str] = []
    arrived, loop = asyncio.Event(), asyncio.get_running_loop()

    def take(live: Live) -> None:
        served.append(live)
        loop.call_soon_threadsafe(arrived.set)

    url = f"http://127.0.0.1:{port}"
    following = Follower(url, token, code, tmp / "here", take, said.append)
    try:
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
            yield Pair(server, following, session, tmp / "there", url, served, said, arrived)
    finally:
        await server.stop()


@pytest.fixture(scope="module")
def speech(content: Content) -> dict[str, Any]:
    return library.compile_speech(content)


async def test_answers_and_model_come_together_and_once(tmp_path: Path, speech: dict[str, Any]) -> None:
    async with pair(tmp_path) as two:
        assert await two.pull() is None, "nothing is live yet"
        two.publish(MODEL, speech)
        live = await two.pull()
        assert live
        assert (live[0], live[1]["model"]) == (tmp_path / "here" / MODEL, MODEL)
        assert live[0].read_bytes() == MODEL.encode()
        assert await two.pull() is None, "unchanged"
        two.publish(NEWER, speech)
        newer = await two.pull()
        assert newer and newer[0].name == NEWER


async def test_a_changed_answer_brings_no_model(tmp_path: Path, speech: dict[str, Any]) -> None:
    async with pair(tmp_path) as two:
        two.publish(MODEL, speech)
        await two.pull()
        (two.folder / MODEL).unlink()  # it could not be fetched again
        two.server.publish(two.folder / MODEL, {**speech, "model": MODEL, "publication": 2})
        live = await two.pull()
        assert live and live[1]["publication"] == 2


async def test_a_wrong_token_gets_nothing_by_header_or_address(tmp_path: Path, speech: dict[str, Any]) -> None:
    async with pair(tmp_path, token="w" * 40) as two:
        two.publish(MODEL, speech)
        with pytest.raises(FollowError, match="BOT_MODELS_TOKEN"):
            await two.pull()
        async with aiohttp.ClientSession() as stranger:
            for address in (PATH, f"{PATH}?token=guess"):
                async with stranger.get(two.url + address) as answer:
                    assert (answer.status, await answer.read()) == (401, b"")
            async with stranger.get(f"{two.url}{PATH}?token={TOKEN}") as answer:  # as Rasa sends it
                assert (answer.status, answer.headers["ETag"]) == (200, MODEL)


async def test_other_code_is_refused_with_what_to_do(tmp_path: Path, speech: dict[str, Any]) -> None:
    async with pair(tmp_path, code="v2") as two:
        two.publish(MODEL, speech)
        with pytest.raises(FollowError, match="bring both to the same"):
            await two.pull()


@pytest.mark.parametrize("name", ["../../etc/passwd", "/tmp/x.tar.gz", "0123456789abcdef.tar.gz/..", "", 7, None])
async def test_a_model_cannot_be_written_elsewhere(tmp_path: Path, speech: dict[str, Any], name: object) -> None:
    async with pair(tmp_path) as two:
        two.publish(MODEL, speech)
        two.server.publish(two.folder / MODEL, {**speech, "model": name})
        with pytest.raises(FollowError, match="names no model"):
            await two.pull()
        assert list((tmp_path / "here").iterdir()) == []


async def test_speech_that_nobody_could_speak_from_is_not_taken_over(tmp_path: Path) -> None:
    async with pair(tmp_path) as two:
        two.publish(MODEL, {"entries": {"one": {}}})
        with pytest.raises(FollowError, match="nothing can be spoken"):
            await two.pull()


async def test_a_model_that_is_replaced_meanwhile_waits_for_its_answers(tmp_path: Path, speech: dict[str, Any]) -> None:
    async with pair(tmp_path) as two:
        two.publish(MODEL, speech)
        (two.folder / NEWER).write_bytes(b"newer")
        two.server.publish(two.folder / NEWER)  # between the two requests
        assert await two.pull() is None
        assert list((tmp_path / "here").iterdir()) == []


async def test_too_large_a_model_is_not_kept(
    tmp_path: Path, speech: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "MODEL_BYTES", 5)
    async with pair(tmp_path) as two:
        two.publish(MODEL, speech)
        with pytest.raises(FollowError, match="more than 5 bytes"):
            await two.pull()
        assert list((tmp_path / "here").iterdir()) == []


async def test_a_server_that_is_away_is_said_once_and_followed_again_when_it_is_back(
    tmp_path: Path, speech: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(follower, "PULL_SECONDS", 0.02)
    async with pair(tmp_path) as two:
        two.publish(MODEL, speech)
        await two.server.stop()
        following = asyncio.create_task(two.follower.run())
        await asyncio.sleep(0.3)
        assert len(two.said) == 1
        assert "still served" in two.said[0]
        assert TOKEN not in two.said[0]
        await two.server.start("127.0.0.1", int(two.url.rsplit(":", 1)[1]))
        await asyncio.wait_for(two.arrived.wait(), 30)
        following.cancel()
        assert two.served[0][0].name == MODEL


def test_what_was_followed_last_is_there_after_a_start(tmp_path: Path) -> None:
    compiled = tmp_path / "content.json"
    assert follower.last(compiled, tmp_path) is None
    compiled.write_text(f'{{"model": "{MODEL}"}}', encoding="utf-8")
    assert follower.last(compiled, tmp_path) is None, "the model is gone"
    (tmp_path / MODEL).touch()
    assert follower.last(compiled, tmp_path) == (tmp_path / MODEL, {"model": MODEL})


@pytest.fixture(scope="module")
def servers(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    folder = tmp_path_factory.mktemp("follow")
    first = start(folder / "first", model, BOT_PUBLISH="command", BOT_MODELS_TOKEN=TOKEN)
    try:
        url = f"http://127.0.0.1:{first.port + 51}"
        second = start(folder / "second", None, BOT_FOLLOW=url, BOT_MODELS_TOKEN=TOKEN)
        try:
            first.wait_for("ready:")
            second.wait_for("ready:")
            yield first, second
        finally:
            second.stop()
    finally:
        first.stop()


def test_a_publication_is_live_on_both_servers_and_survives_the_first_ones_absence(
    servers: tuple[Server, Server],
) -> None:
    first, second = servers
    asked = "Seit wann gibt es das Business Desk?"
    assert "Seitdem ist" in second.say(asked)[0]["text"]
    edit(first, "Seitdem ist", "Seither ist")
    assert publish(first).returncode == 0
    second.wait_for("publication 2 of", 20)
    assert "Seither ist" in second.say(asked)[0]["text"]
    refused = publish(second, BOT_FOLLOW="http://127.0.0.1:1")
    assert refused.returncode == 1
    assert "127.0.0.1:1" in refused.stderr
    assert TOKEN not in (second.home / "endpoints.yml").read_text(encoding="utf-8")
    logs = "".join(path.read_text(encoding="utf-8") for path in (second.home / "logs").iterdir())
    assert TOKEN not in logs + second.output.read_text(encoding="utf-8")
    shutil.rmtree(second.content)  # nothing of its own is spoken from
    first.stop()
    assert "Seither ist" in second.say(asked, sender="later")[0]["text"]
