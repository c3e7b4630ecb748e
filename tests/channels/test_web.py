"""The web channel's wire format (docs/web-channel.md), status code by status code, over a real server."""

import asyncio
import json
import time
import uuid
from typing import Any

import jwt
import pytest

from bot import settings
from bot.channels.core.answers import Answer
from bot.channels.core.limits import Rate
from bot.channels.web import tokens
from bot.channels.web.events import Pace
from bot.channels.web.gate import Rates
from bot.channels.web.outbox import GoneError
from bot.content.library import Speech
from bot.kept_secret import kept_secret
from tests.channels.conftest import Echo, Web

KEY = "0123456789abcdef"
OWN = "http://127.0.0.1:5005"


def names(events: list[Any]) -> list[str]:
    return [event.name for event in events if event.name]


# Sessions


async def test_a_session_is_a_signed_token_and_is_renewed_as_itself(web: Web) -> None:
    reply = await web.visitor().call("POST", "/session", {"language": "de"})
    assert reply.status == 201
    assert reply.data | {"token": ""} == {"token": "", "expires_in": 1800, "renew_after": 900}
    visitor = await web.begin()
    await visitor.write("Hallo")
    renewed = await visitor.call("POST", "/session", {"language": "de"})
    assert renewed.status == 200
    visitor.token = renewed.data["token"]
    assert (await visitor.answered())[0]["text"] == "Hallo"


def forged(web: Web, **claims: Any) -> str:
    return jwt.encode({"sid": "a", "aud": "web", "exp": int(time.time()) + 60, **claims}, web.channel.sessions.secret)


async def test_a_forged_token_is_refused_everywhere(web: Web) -> None:
    whole = (await web.begin()).token
    head, body, signature = whole.split(".")
    unsigned = jwt.encode({"sid": "a", "aud": "web", "exp": int(time.time()) + 60}, "", algorithm="none")
    bad = ["", "x", "a.b.c", f"{head}.{body}.", f"{head}.{body}.{signature[:-4]}AAAA", unsigned,
           forged(web, aud="other"), forged(web, sid=5), forged(web, exp=None), "é".encode().decode("latin-1"),
           jwt.encode({"sid": "a", "aud": "web", "exp": int(time.time()) + 60}, "k" * 40)]  # fmt: skip
    for token in bad:
        visitor = web.visitor()
        visitor.token = token
        calls = [("GET", "/history", None), ("GET", "/events", None), ("DELETE", "/session", None),
                 ("POST", "/messages", {"text": "x"}), ("POST", "/feedback", {"message": 1, "value": "up"}),
                 ("POST", "/restart", {})]  # fmt: skip
        if token:
            calls.append(("POST", "/session", {}))
        for method, path, sent in calls:
            reply = await visitor.call(method, path, sent, Idempotency_Key=KEY)
            assert (reply.status, reply.data) == (401, {"error": "session"}), (token, path)


async def test_an_expired_token_is_told_from_a_forged_one_and_can_be_renewed_for_a_while(web: Web) -> None:
    visitor = web.visitor()
    visitor.token = forged(web, sid="s" * 32, exp=int(time.time()) - 5)
    reply = await visitor.call("GET", "/history")
    assert (reply.status, reply.data) == (401, {"error": "expired"})
    renewed = await visitor.call("POST", "/session", {})
    assert renewed.status == 200
    assert web.channel.sessions.read(renewed.data["token"]) == "s" * 32
    visitor.token = forged(web, exp=int(time.time()) - tokens.GRACE - 5)
    assert (await visitor.call("POST", "/session", {})).data == {"error": "session"}


def test_the_secret_is_made_once_and_for_its_owner_only() -> None:
    path = settings.load().session_secret_file
    first = kept_secret(path)
    assert kept_secret(path) == first
    assert len(first) >= 64
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.glob("session-secret*")] == [path.name]


# Messages


async def test_a_message_is_answered_over_the_stream(web: Web) -> None:
    visitor = await web.begin()
    reply = await visitor.write("Was ist los?", language="en")
    assert (reply.status, reply.data["duplicate"]) == (202, False)
    events = await visitor.events(until=lambda event: event.name == "done")
    mine, answer = [event.data for event in events if event.name == "message"]
    assert mine == {
        "id": reply.data["id"], "role": "user", "time": "2027-03-10T09:00:00Z", "language": "en",
        "text": "Was ist los?", "in_reply_to": None, "buttons": [], "cards": [], "sources": [], "chosen": False,
    }  # fmt: skip
    assert (answer["role"], answer["text"], answer["in_reply_to"]) == ("bot", "echo: Was ist los?", mine["id"])
    assert [event.id for event in events if event.name == "message"] == [mine["id"], answer["id"]]
    assert {event.id for event in events if event.name in ("typing", "done")} == {None}
    assert events[-1].data == {"in_reply_to": mine["id"]}


async def test_typing_comes_before_the_answer_and_done_after_it(start_web: Any) -> None:
    web = await start_web(echo=Echo(pause=0.2))
    visitor = await web.begin()
    await visitor.write("Hallo")
    events = await visitor.events(until=lambda event: event.name == "done")
    assert names(events) == ["message", "typing", "message", "done"]


async def test_the_same_key_is_one_message(web: Web) -> None:
    visitor = await web.begin()
    first, *others = await asyncio.gather(*(visitor.write("Hallo", key=KEY) for _ in range(6)))
    assert sorted(reply.status for reply in [first, *others]) == [200] * 5 + [202]
    assert len({reply.data["id"] for reply in [first, *others]}) == 1
    assert len(await visitor.answered()) == 2
    assert len(web.echo.seen) == 1
    again = await visitor.write("anything", key=KEY)
    assert (again.status, again.data["duplicate"]) == (200, True)
    other = await web.begin()
    assert (await other.write("Hallo", key=KEY)).status == 202


async def test_messages_of_a_visitor_are_answered_in_order(start_web: Any) -> None:
    web = await start_web(echo=Echo(pause=0.02))
    visitor = await web.begin()
    for number in range(8):
        await visitor.write(f"nr {number}")
    said = [message["text"] for message in await visitor.answered() if message["role"] == "bot"]
    assert said == [f"echo: nr {number}" for number in range(8)]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b'{"text": "x"}', {"Content-Type": "text/plain"}, 415, "json"),
        (b'{"text": "x"}', {"Content-Type": "application/x-www-form-urlencoded"}, 415, "json"),
        (b"{", {}, 400, "request"),
        (b"[1]", {}, 400, "request"),
        (b"[" * 9000, {}, 400, "request"),
        (b'{"text": 5}', {}, 400, "request"),
        (b'{"payload": {"a": 1}}', {}, 400, "request"),
        (b"\xff\xfe", {}, 400, "request"),
        (b'{"text": "x"}', {"Idempotency-Key": ""}, 400, "idempotency_key"),
        (b'{"text": "x"}', {"Idempotency-Key": "a b c d e f"}, 400, "idempotency_key"),
        (b'{"text": "  "}', {}, 422, "empty"),
        ('{"text": "\u202e\u2066\\u0000"}'.encode(), {}, 422, "empty"),
        (json.dumps({"text": "x" * 1001}).encode(), {}, 422, "too_long"),
        (json.dumps({"payload": "x" * 1001}).encode(), {}, 422, "too_long"),
        (b'{"text": "' + b"x" * 17_000 + b'"}', {}, 413, "size"),
        (b'{"text": "' + b"x" * 1_000_000 + b'"}', {}, 413, "size"),
    ],
)
async def test_what_is_no_message_is_refused(
    web: Web, body: bytes, headers: dict[str, str], status: int, code: str, speech: Speech
) -> None:
    visitor = await web.begin()
    reply = await visitor.call("POST", "/messages", body, **{"Idempotency-Key": KEY, **headers})
    assert (reply.status, reply.data["error"]) == (status, code)
    assert reply.data.get("text") == {"too_long": speech.phrases["utter_too_long"],
                                      "empty": speech.phrases["utter_unclear"]}.get(code)  # fmt: skip
    assert web.echo.seen == []
    assert (await visitor.history())["messages"] == []


async def test_a_chunked_body_without_a_length_is_cut_off_too(web: Web) -> None:
    visitor = await web.begin()

    async def endless() -> Any:
        for _ in range(200):
            yield b"x" * 10_000

    headers = {"Authorization": f"Bearer {visitor.token}", "Content-Type": "application/json", "Idempotency-Key": KEY}
    url = f"{visitor.address}/webhooks/web/messages"
    async with visitor.session.post(url, data=endless(), headers=headers) as answer:
        assert answer.status == 413


FORGED = ['/faq{"x":1}', '/change_language{"language": "zh"}', "/restart", "//session_start", " /faq",
          '/x{"event_search": "{}"}', "EXTERNAL: /faq", "\u200b/restart", "／restart"]  # fmt: skip


@pytest.mark.parametrize("text", FORGED)
@pytest.mark.parametrize("name", ["text", "payload"])
async def test_a_forged_payload_reaches_rasa_as_plain_words(web: Web, text: str, name: str) -> None:
    """Our channel strips it as the NLU does (bot.engine.patches), so that neither depends on the other."""
    from bot.text import clean, defuse

    visitor = await web.begin()
    reply = await visitor.call("POST", "/messages", {name: text}, Idempotency_Key=KEY)
    assert reply.status == 202
    await visitor.answered()
    (message,) = web.echo.seen
    assert not message.text.startswith("/")
    assert not defuse(clean(message.text)).startswith("/")
    assert (message.parse_data, set(message.metadata)) == (None, {"language", "chosen"})


async def test_language_and_choice_reach_rasa_as_they_were_sent(web: Web) -> None:
    visitor = await web.begin()
    for language, chosen in [("zh-Hant", True), ("en", 1), ("fr", False), (5, None)]:
        await visitor.write("Hallo", language=language, chosen=chosen)
    await visitor.answered()
    assert [message.metadata for message in web.echo.seen] == [
        {"language": "zh", "chosen": True}, {"language": "en", "chosen": False},
        {"language": "de", "chosen": False}, {"language": "de", "chosen": False},
    ]  # fmt: skip


async def test_hostile_text_of_the_bot_or_a_calendar_is_made_harmless(web: Web) -> None:
    event = {"uid": "e", "title": "\u202eevil\u2066", "url": "javascript:alert(1)", "calendar": "data:text/html,x",
             "free": "yes", "end": None, "more": "<b>"}  # fmt: skip
    web.echo.answers = [
        {"text": "<img onerror=x>\u202e[a](javascript:x)", "custom": {"events": [event, 5], "lead": "l", "tail": "t"},
         "buttons": [{"title": "a\u2067", "payload": "b"}, "x"]}
    ]  # fmt: skip
    visitor = await web.begin()
    await visitor.write("Hallo")
    _, answer = await visitor.answered()
    assert answer["text"] == "<img onerror=x>[a](javascript:x)"  # plain characters: no client makes markup of them
    (card,) = answer["cards"]
    assert (card["title"], card["url"], card["calendar"], card["free"]) == ("evil", "", "", None)
    assert "more" not in card
    assert answer["buttons"] == [{"title": "a", "payload": "b"}]
    assert (answer["lead"], answer["tail"]) == ("l", "t")


async def test_a_failing_turn_is_answered_with_a_sentence(web: Web, speech: Speech) -> None:
    async def fail(message: Any) -> None:
        raise RuntimeError("boom")

    web.site.app.ctx.agent.handle_message = fail
    visitor = await web.begin()
    await visitor.write("Seit wann gibt es das?")
    assert (await visitor.answered())[1]["text"] == speech.phrases["utter_error"]["de"]


# The stream


async def test_a_stream_goes_on_where_the_last_one_ended(web: Web) -> None:
    visitor = await web.begin()
    await visitor.write("eins")
    first = await visitor.events(until=lambda event: event.name == "done")
    last = max(event.id for event in first if event.id)
    await visitor.write("zwei")
    await visitor.answered()
    rest = await visitor.events(last, until=lambda event: event.name == "done")
    assert [event.data["text"] for event in rest if event.name == "message"] == ["zwei", "echo: zwei"]
    whole = await visitor.events(0, until=lambda event: event.name == "done")
    assert len([event for event in whole if event.name == "message"]) == 4
    # Nothing new, and the turn's end is told again to whoever missed it.
    assert names(await visitor.events(rest[-2].id, until=lambda event: event.name == "done")) == ["done"]


async def test_a_stream_beats_and_says_goodbye(start_web: Any) -> None:
    web = await start_web(pace=Pace(heartbeat_seconds=0.1, stream_seconds=0.55, poll_seconds=0.1))
    visitor = await web.begin()
    started = time.monotonic()
    events = await visitor.events()
    assert 0.4 < time.monotonic() - started < 2
    assert len([event for event in events if not event.name]) >= 4
    assert (events[-1].name, events[-1].id) == ("bye", None)


async def test_several_tabs_see_the_same(web: Web) -> None:
    visitor = await web.begin()
    tabs = [asyncio.create_task(visitor.events(until=lambda event: event.name == "done")) for _ in range(3)]
    await asyncio.sleep(0.1)
    await visitor.write("Hallo")
    seen = [[event.data["text"] for event in await tab if event.name == "message"] for tab in tabs]
    assert seen == [["Hallo", "echo: Hallo"]] * 3


async def test_too_many_streams_of_one_session_end_the_oldest(web: Web) -> None:
    visitor = await web.begin()
    tabs = [asyncio.create_task(visitor.events()) for _ in range(8)]
    done, open_ = await asyncio.wait(tabs, timeout=1)
    assert (len(done), len(open_)) == (2, 6)
    for tab in tabs:
        tab.cancel()


@pytest.mark.parametrize("last", ["x", "-1", "1" * 12, "1; DROP"])
async def test_a_bad_last_event_id_is_refused(web: Web, last: str) -> None:
    visitor = await web.begin()
    reply = await visitor.call("GET", "/events", Last_Event_ID=last)
    assert (reply.status, reply.data["error"]) == (400, "last_event_id")


async def test_a_closed_stream_is_forgotten(web: Web) -> None:
    visitor = await web.begin()
    await visitor.events(until=lambda event: not event.name)
    async with asyncio.timeout(5):
        while len(web.channel.streams):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_the_bot_can_speak_first(web: Web) -> None:
    visitor = await web.begin()
    session = web.channel.sessions.read(visitor.token)
    waiting = asyncio.create_task(visitor.events(until=lambda event: event.name == "message"))
    await asyncio.sleep(0.1)
    number = await web.channel.post(session, Answer("Eine Nachricht", "de"))
    event = (await waiting)[-1]
    assert (event.id, event.data["text"], event.data["in_reply_to"]) == (number, "Eine Nachricht", None)


# History, feedback, restart, deletion


async def test_history_tells_what_is_pending(start_web: Any) -> None:
    web = await start_web(echo=Echo(before=asyncio.Event()))
    visitor = await web.begin()
    assert await visitor.history() == {"messages": [], "pending": []}
    number = (await visitor.write("Hallo")).data["id"]
    kept = await visitor.history()
    assert ([message["id"] for message in kept["messages"]], kept["pending"]) == ([number], [number])
    web.echo.before.set()
    assert len(await visitor.answered()) == 2


async def test_feedback_is_kept_and_the_last_one_counts(web: Web) -> None:
    visitor, other = await web.begin(), await web.begin()
    await visitor.write("Hallo")
    mine, answer = await visitor.answered()
    for value in ("up", "down", None, "up"):
        assert (await visitor.call("POST", "/feedback", {"message": answer["id"], "value": value})).status == 204
        assert (await visitor.history())["messages"][1].get("feedback") == value
    for who, number in [(other, answer["id"]), (visitor, mine["id"]), (visitor, 999)]:
        reply = await who.call("POST", "/feedback", {"message": number, "value": "up"})
        assert (reply.status, reply.data) == (404, {"error": "message"})
    for body in ({"message": "1", "value": "up"}, {"message": True, "value": "up"}, {"message": 10**12, "value": "up"},
                 {"message": 1, "value": "yes"}, {"message": 1, "value": ["up"]}, {}):  # fmt: skip
        assert (await visitor.call("POST", "/feedback", body)).status == 400, body


async def test_a_restart_hides_what_was_and_begins_another_conversation(web: Web) -> None:
    visitor = await web.begin()
    await visitor.write("eins")
    last = (await visitor.answered())[-1]["id"]
    reply = await visitor.call("POST", "/restart")
    assert (reply.status, reply.data) == (200, {"after": last})
    assert await visitor.history() == {"messages": [], "pending": []}
    await visitor.write("zwei")
    assert [message["text"] for message in await visitor.answered()] == ["zwei", "echo: zwei"]
    events = await visitor.events(until=lambda event: event.name == "done")
    assert [event.data["text"] for event in events if event.name == "message"] == ["zwei", "echo: zwei"]
    first, second = web.echo.seen
    assert first.sender_id != second.sender_id


async def test_a_restart_during_a_turn_drops_its_answer(start_web: Any) -> None:
    web = await start_web(echo=Echo(before=asyncio.Event()))
    visitor = await web.begin()
    await visitor.write("eins")
    await asyncio.sleep(0.1)
    assert (await visitor.call("POST", "/restart")).status == 200
    await visitor.write("zwei")
    web.echo.before.set()
    assert [message["text"] for message in await visitor.answered()] == ["zwei", "echo: zwei"]


async def test_a_deleted_session_is_gone_everywhere_and_deleting_twice_is_no_error(start_web: Any) -> None:
    web = await start_web(echo=Echo(before=asyncio.Event()))
    visitor, other = await web.begin(), await web.begin()
    session = web.channel.sessions.read(visitor.token)
    await other.write("bleibt")
    await visitor.write("Hallo")
    tab = asyncio.create_task(visitor.events())
    await asyncio.sleep(0.1)
    assert (await visitor.call("DELETE", "/session")).status == 204
    assert (await visitor.call("DELETE", "/session")).status == 204
    assert (await tab)[-1].name == "bye"
    web.echo.before.set()
    await other.answered()
    for method, path, body in [("GET", "/history", None), ("GET", "/events", None), ("POST", "/session", {}),
                               ("POST", "/messages", {"text": "x"}), ("POST", "/restart", {})]:  # fmt: skip
        reply = await visitor.call(method, path, body, Idempotency_Key=uuid.uuid4().hex)
        assert (reply.status, reply.data) == (401, {"error": "session"}), path
    with pytest.raises(GoneError):
        await web.channel.post(session, Answer("zu spät"))
    assert len((await other.history())["messages"]) == 2


async def test_two_sessions_never_see_each_others_messages(web: Web) -> None:
    visitors = [await web.begin() for _ in range(5)]
    for _ in range(3):
        await asyncio.gather(*(visitor.write(f"von {at}") for at, visitor in enumerate(visitors)))
    for at, visitor in enumerate(visitors):
        assert {message["text"] for message in await visitor.answered()} == {f"von {at}", f"echo: von {at}"}
        events = await visitor.events(until=lambda event: event.name == "done")
        seen = {event.data["text"] for event in events if event.name == "message"}
        assert seen == {f"von {at}", f"echo: von {at}"}


# Origins


async def test_a_foreign_page_is_refused_and_an_allowed_one_is_not(start_web: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("BOT_WEB_ORIGINS", "https://www.berlin.example, https://Berlin.example/")
    web = await start_web()
    own = web.site.address
    for origin in ("https://evil.example", "null", "https://www.berlin.example.evil.example", "http://berlin.example",
                   "https://www.berlin.example:8443", "https://"):  # fmt: skip
        for method in ("POST", "OPTIONS"):
            reply = await web.visitor(Origin=origin).call(method, "/session", b"{}")
            assert (reply.status, reply.data) == (403, {"error": "origin"}), (origin, method)
            assert "access-control-allow-origin" not in reply.headers
            assert reply.headers["vary"] == "Origin"
    for origin in ("https://www.berlin.example", "https://berlin.example", OWN, own):
        asked = await web.visitor(Origin=origin).call("OPTIONS", "/messages", Access_Control_Request_Method="POST")
        assert asked.status == 204
        assert asked.headers["access-control-allow-origin"] == origin
        assert {"authorization", "content-type", "idempotency-key", "last-event-id"} <= set(
            asked.headers["access-control-allow-headers"].split(", ")
        )
        assert "DELETE" in asked.headers["access-control-allow-methods"]
        visitor = await web.begin(Origin=origin)
        reply = await visitor.write("Hallo")
        assert reply.headers["access-control-allow-origin"] == origin
        assert "access-control-allow-credentials" not in reply.headers
        # Errors must be readable to the widget too.
        assert "access-control-allow-origin" in (await visitor.call("POST", "/messages", {})).headers


# Limits


async def test_a_flood_of_one_session_leaves_others_alone(start_web: Any, speech: Speech) -> None:
    web = await start_web(rates=Rates(requests=Rate(2000, 100)), echo=Echo(pause=0.01))
    flood, other = await web.begin(), await web.begin()
    started = time.monotonic()
    many = [asyncio.create_task(flood.write("Flut")) for _ in range(1000)]
    await asyncio.sleep(0.05)
    asked = time.monotonic()
    assert (await other.write("Hallo")).status == 202
    assert len(await other.answered()) == 2
    waited = time.monotonic() - asked
    replies = await asyncio.gather(*many)
    refused = [reply for reply in replies if reply.status == 429]
    assert len(refused) >= 980
    assert {reply.status for reply in replies} == {202, 429}
    assert int(refused[0].headers["retry-after"]) >= 1
    assert refused[0].data == {"error": "rate", "text": speech.phrases["utter_too_many"]}
    assert waited < 4, f"{waited:.1f} s, the flood took {time.monotonic() - started:.1f} s"


async def test_sessions_and_requests_of_an_address_are_limited(start_web: Any) -> None:
    web = await start_web(rates=Rates(sessions=Rate(3, 0.1), requests=Rate(20, 0.1)))
    replies = [await web.visitor().call("POST", "/session", {}) for _ in range(25)]
    assert [reply.status for reply in replies[:5]] == [201] * 3 + [429] * 2
    assert replies[-1].headers["retry-after"] == "10"


async def test_behind_a_proxy_the_visitors_address_counts_and_is_believed_of_no_one_else(
    start_web: Any, monkeypatch: Any
) -> None:
    rates = Rates(sessions=Rate(1, 0.01))
    web = await start_web(rates=rates)
    spoofed = [await web.visitor(X_Forwarded_For=f"10.0.0.{at}").call("POST", "/session", {}) for at in range(3)]
    assert [reply.status for reply in spoofed] == [201, 429, 429]
    monkeypatch.setenv("BOT_PROXIES", "1")
    web = await start_web(rates=rates)
    forwarded = ["6.6.6.6, 10.0.0.1", "7.7.7.7, 10.0.0.1", "10.0.0.2"]
    replies = [await web.visitor(X_Forwarded_For=each).call("POST", "/session", {}) for each in forwarded]
    assert [reply.status for reply in replies] == [201, 429, 201]


async def test_too_many_waiting_messages_are_refused(start_web: Any) -> None:
    web = await start_web(rates=Rates(messages_of_session=Rate(50, 1)), echo=Echo(before=asyncio.Event()))
    visitor = await web.begin()
    statuses = [(await visitor.write("Hallo")).status for _ in range(12)]
    assert statuses == [202] * 10 + [429] * 2
    web.echo.before.set()
    assert len(await visitor.answered()) == 20


# Texts


@pytest.mark.parametrize("language", ["de", "en", "zh"])
async def test_texts_come_with_first_questions_and_are_cached(start_web: Any, monkeypatch: Any, language: str) -> None:
    monkeypatch.setenv("BOT_PRIVACY_URL", "https://berlin.example/datenschutz")
    web = await start_web()
    reply = await web.visitor().call("GET", f"/texts/{language}")
    assert reply.status == 200
    assert 3 <= len(reply.data["starters"]) <= 4
    assert reply.data["privacy_url"] == "https://berlin.example/datenschutz"
    assert reply.headers["cache-control"] == "public, max-age=300"
    again = await web.visitor().call("GET", f"/texts/{language}", If_None_Match=reply.headers["etag"])
    assert again.status == 304
    assert (await web.visitor().call("GET", "/texts/fr")).status == 404


async def test_methods_that_a_route_has_not_are_refused(web: Web) -> None:
    visitor = await web.begin()
    assert (await visitor.call("GET", "/messages")).status == 405
    assert (await visitor.call("PUT", "/session", {})).status == 405
    assert (await visitor.call("GET", "/nothing")).status == 404
