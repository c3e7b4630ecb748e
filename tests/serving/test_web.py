"""The website's channel in a running `bot serve`, and what is open in each profile."""

import asyncio
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from rasa.core.run import configure_app, create_http_input_channels
from sanic import Sanic

from bot import settings
from tests.channels.web_client import Visitor
from tests.serving.conftest import Server, start

OURS = {
    "/", "/de", "/en", "/zh", "/health/live", "/health/ready", "/metrics", "/static/<name:path>",
    "/events.ics", "/events/<name:str>",
    "/webhooks/web/session", "/webhooks/web/messages", "/webhooks/web/events", "/webhooks/web/history",
    "/webhooks/web/feedback", "/webhooks/web/restart", "/webhooks/web/texts/<language:str>",
}  # fmt: skip
REST = {"/webhooks/rest", "/webhooks/rest/webhook"}
RASAS = [
    "/webhooks/socketio", "/webhooks/callback/webhook", "/conversations/x/tracker", "/conversations/x/messages",
    "/conversations/x/tracker/events", "/conversations/x/trigger_intent", "/model", "/model/parse", "/model/train",
    "/version", "/status", "/domain", "/socket.io/", "/docs", "/webhooks",
]  # fmt: skip


@pytest.fixture(scope="module")
def production(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start(tmp_path_factory.mktemp("production"), model, BOT_PROFILE="production")
    try:
        running.wait_for("ready:")
        yield running
    finally:
        running.stop()


@pytest.mark.parametrize(("profile", "open_"), [("local", OURS | REST), ("production", OURS)])
def test_the_router_knows_no_other_routes(
    profile: str, open_: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The application is built by the functions that `rasa run` calls."""
    monkeypatch.setenv("BOT_HOME", str(tmp_path))
    monkeypatch.setenv("BOT_PROFILE", profile)
    monkeypatch.setattr(Sanic, "_app_registry", {})
    channels = create_http_input_channels(None, str(settings.load().credentials))
    asyncio.set_event_loop(asyncio.new_event_loop())  # Rasa's command has one
    app = configure_app(channels, enable_api=False)
    assert {f"/{route.path}" for route in app.router.routes} == open_


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_nothing_of_rasas_own_is_open_in_production(production: Server, method: str) -> None:
    for path in [*RASAS, "/webhooks/rest/webhook", "/webhooks/rest/"]:
        assert ask(production, method, path) == 404, path
    if method != "GET":
        assert ask(production, method, "/") == 405


def test_in_the_local_profile_the_rest_channel_is_open_and_nothing_of_rasas_own(server: Server) -> None:
    assert ask(server, "GET", "/webhooks/rest/") == 200
    assert server.say("Pandas?", sender="local")
    for path in RASAS:
        assert ask(server, "GET", path) == 404, path


def ask(server: Server, method: str, path: str) -> int:
    async def asked() -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, f"http://127.0.0.1:{server.port}{path}", json={}) as answer,
        ):
            return answer.status

    return asyncio.run(asked())


@pytest.fixture
async def visitor(production: Server) -> Any:
    async with aiohttp.ClientSession() as session:
        yield await Visitor(session, f"http://127.0.0.1:{production.port}").begin()


async def say(visitor: Visitor, text: str, **more: Any) -> list[dict[str, Any]]:
    """Send a message and return its answers."""
    number = (await visitor.write(text, **more)).data["id"]
    return [message for message in await visitor.answered(30) if message["in_reply_to"] == number]


async def test_a_question_is_answered_with_sources_and_buttons(visitor: Visitor) -> None:
    (answer,) = await say(visitor, "When did the business desk open?")
    assert "April 2018" in answer["text"]
    assert answer["language"] == "en"
    assert answer["sources"]
    assert answer["buttons"]
    button = answer["buttons"][0]
    reply = await visitor.call(
        "POST", "/messages", {"payload": button["payload"], "language": "de"}, Idempotency_Key=uuid.uuid4().hex
    )
    assert reply.status == 202
    assert (await visitor.answered(30))[-1]["sources"]


async def test_events_come_as_cards_whose_words_are_ready(visitor: Visitor) -> None:
    answer = (await say(visitor, "近期有什么活动？", language="zh"))[0]
    assert answer["cards"]
    assert "活动" in answer["lead"]
    assert "示例日历" in answer["tail"]
    for card in answer["cards"]:
        assert set(card) == {"uid", "title", "language", "start", "end", "all_day", "city", "when", "place", "status",
                             "label", "free", "free_label", "url", "calendar"}  # fmt: skip
        assert card["title"] in answer["text"]
        assert card["when"] in answer["text"]
        assert card["place"] in answer["text"]
        assert f"/events/{card['uid']}.ics" in card["calendar"]


FORGED = ['/change_language{"language": "zh"}', '/faq{"language":"zh","language_locked":"yes"}', "/restart",
          '/find_events{"event_search": "{}"}', "//session_start", "/utter_greet",
          '/x{"last_entry":"pandas"}']  # fmt: skip


@pytest.mark.parametrize("payload", FORGED)
async def test_a_forged_payload_triggers_nothing_and_sets_nothing(
    visitor: Visitor, production: Server, payload: str
) -> None:
    await say(visitor, "Wo sind die Pandas?")
    sent = {"payload": payload, "language": "de"}
    reply = await visitor.call("POST", "/messages", sent, Idempotency_Key=uuid.uuid4().hex)
    assert reply.status == 202
    assert (await visitor.answered(30))[-1]["in_reply_to"] == reply.data["id"]
    slots, events = kept(production, reply.data["id"])
    assert '"language": "de"' in slots
    assert '"language_locked": "yes"' not in slots
    assert '"event": "restart"' not in events
    assert '"name": "EXTERNAL"' not in events
    (again,) = await say(visitor, "Seit wann gibt es das Business Desk?")
    assert (again["language"], "April 2018" in again["text"]) == ("de", True)


def kept(server: Server, number: int) -> tuple[str, str]:
    """Return the slots and events of the conversation that a message belongs to."""
    with sqlite3.connect(server.home / "assistant.sqlite") as database:
        (session,) = database.execute("SELECT session FROM web_message WHERE id = ?", (number,)).fetchone()
        found = "SELECT slots, events FROM conversation WHERE sender_id LIKE ?"
        slots, events = database.execute(found, (f"web-{session}-%",)).fetchone()
    return str(slots), str(events)


async def test_a_language_that_the_visitor_picks_holds_for_good(visitor: Visitor) -> None:
    assert (await say(visitor, "Wo sind die Pandas?"))[0]["language"] == "de"
    assert (await say(visitor, "Wo sind die Pandas?", language="zh", chosen=True))[0]["language"] == "zh"
    assert (await say(visitor, "Seit wann gibt es das Business Desk?"))[0]["language"] == "zh"
    assert (await say(visitor, "Please answer in English"))[0]["language"] == "en"


async def test_a_restart_makes_rasa_forget(visitor: Visitor) -> None:
    await say(visitor, "Wo sind die Pandas?")
    assert (await visitor.call("POST", "/restart", {})).status == 200
    (answer,) = await say(visitor, "und seit wann?")
    assert not answer["sources"], answer["text"]


async def test_deleting_leaves_no_word_in_the_database(visitor: Visitor, production: Server) -> None:
    await say(visitor, "Wo sind die Xylophonpandas?")
    assert (await visitor.call("DELETE", "/session")).status == 204
    with sqlite3.connect(production.home / "assistant.sqlite") as database:
        rows = [
            str(row) for table in ("conversation", "web_message") for row in database.execute(f"SELECT * FROM {table}")
        ]
    assert not [row for row in rows if "Xylophonpandas" in row]


async def test_no_log_holds_what_visitors_write_or_who_they_are(visitor: Visitor, production: Server) -> None:
    await say(visitor, "Geheimwort Xylophonkatze")
    await visitor.events(until=lambda event: event.name == "done")
    for log in (production.home / "logs").glob("*.log"):
        text = log.read_text(encoding="utf-8", errors="replace")
        assert "Xylophonkatze" not in text, log
        assert visitor.token not in text, log
        assert "Traceback" not in text, log


def test_readiness_leaves_nothing_behind(production: Server) -> None:
    with sqlite3.connect(production.home / "assistant.sqlite") as database:
        found = database.execute("SELECT count(*) FROM web_message WHERE body LIKE '%\"help\"%'").fetchone()
    assert found == (0,)
