"""A running `bot serve` on Telegram: the real server, and a strict fake of the Bot API in Telegram's place."""

import asyncio
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.channels.telegram.talks import Said, Talk, on_telegram, on_web, talks
from tests.channels.web_client import Visitor
from tests.fakes.telegram import FakeBotApi, Fault
from tests.serving.conftest import Server, free_ports, start

CLOCK = "2027-03-10T10:00:00+01:00"
SECRET = "the-Secret_of-this-test-0123456789"
AT_ONCE = 12
WORD = "Xylophonkatze"


@dataclass
class Desk:
    """A server and the Telegram that it is connected with."""

    api: FakeBotApi
    server: Server
    mode: str

    def state(self) -> str:
        """Return what the health says."""
        return str(self.server.request("/health/ready")[1]["telegram"])

    def logs(self) -> Iterator[tuple[Path, str]]:
        """Yield all that was printed and logged."""
        for path in [self.server.output, *(self.server.home / "logs").glob("*")]:
            yield path, path.read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="module")
def desks(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Desk]]:
    """Two servers at once, as each takes twelve seconds to start; they log as much as they can."""
    with ExitStack() as stack:
        opened = {}
        for mode in ("polling", "webhook"):
            api = stack.enter_context(FakeBotApi())
            port = free_ports()
            address = f"http://127.0.0.1:{port}"
            more = {"TELEGRAM_WEBHOOK_SECRET": SECRET, "BOT_PUBLIC_URL": address} if mode == "webhook" else {}
            server = start(
                tmp_path_factory.mktemp(mode), model, TELEGRAM_TOKEN=api.token, TELEGRAM_API_URL=api.url,
                BOT_CLOCK=CLOCK, BOT_PROXIES="1", LOG_LEVEL="DEBUG", LOG_LEVEL_LIBRARIES="DEBUG",
                BOT_PORT=str(port), **more,
            )  # fmt: skip
            server.port = port
            stack.callback(server.stop)
            opened[mode] = Desk(api, server, mode)
        for desk in opened.values():
            desk.server.wait_for("ready:")
            desk.api.wait_for(desk.state, lambda state, mode=desk.mode: state == mode, 30)
        yield opened


@pytest.fixture(scope="module", params=["polling", "webhook"])
def desk(desks: dict[str, Desk], request: pytest.FixtureRequest) -> Desk:
    return desks[request.param]


async def held_on_web(server: Server) -> dict[str, list[Said]]:
    limit = asyncio.Semaphore(AT_ONCE)

    async def held(number: int, talk: Talk) -> list[Said]:
        async with limit:
            address = {"X-Forwarded-For": f"10.0.0.{number + 1}"}
            return await on_web(Visitor(session, f"http://127.0.0.1:{server.port}", headers=address), talk)

    async with aiohttp.ClientSession() as session:
        all_of = talks()
        found = await asyncio.gather(
            *(held(number, talk) for number, talk in enumerate(all_of)), return_exceptions=True
        )
    wrong = [str(each) for each in found if isinstance(each, BaseException)]
    assert not wrong, "\n".join(wrong)
    return {talk.name: said for talk, said in zip(all_of, found, strict=True)}


@pytest.fixture(scope="module")
def on_the_website(desks: dict[str, Desk]) -> dict[str, list[Said]]:
    return asyncio.run(held_on_web(desks["polling"].server))


async def test_sixty_conversations_get_the_answers_of_the_website(
    desk: Desk, on_the_website: dict[str, list[Said]]
) -> None:
    limit = asyncio.Semaphore(AT_ONCE)

    async def held(number: int, talk: Talk) -> list[Said]:
        async with limit:
            return await on_telegram(desk.api.user(1000 + number, talk.language), talk, on_the_website[talk.name])

    all_of = talks()
    assert len(all_of) == 60
    found = await asyncio.gather(*(held(number, talk) for number, talk in enumerate(all_of)))
    different = [
        (talk.name, turn, web, telegram)
        for talk, said in zip(all_of, found, strict=True)
        for turn, web, telegram in zip(talk.turns, on_the_website[talk.name], said, strict=True)
        if web != telegram
    ]
    assert not different, f"{len(different)} turns: " + "\n".join(map(str, different[:6]))
    assert desk.api.violations == []


def posted(desk: Desk, body: bytes, secret: str | None = SECRET) -> int:
    """Call the webhook as Telegram does and return the status."""
    request = urllib.request.Request(f"http://127.0.0.1:{desk.server.port}/webhooks/telegram/webhook", data=body)
    request.add_header("Content-Type", "application/json")
    if secret is not None:
        request.add_header("X-Telegram-Bot-Api-Secret-Token", secret)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, ConnectionError):
        return 0


def written(text: str, number: int = 10**12) -> bytes:
    sender = {"id": 4711, "is_bot": False, "first_name": "x", "language_code": "de"}
    chat = {"id": 4711, "type": "private"}
    message = {"message_id": 1, "date": 0, "chat": chat, "from": sender, "text": text}
    return json.dumps({"update_id": number, "message": message}).encode()


@pytest.mark.parametrize("secret", [None, "", SECRET[:-1], SECRET + "x", "ü" * 40])
def test_a_wrong_secret_is_refused(desks: dict[str, Desk], secret: str | None) -> None:
    shown = None if secret is None else secret.encode().decode("latin-1")
    assert posted(desks["webhook"], written(WORD), shown) == 403
    assert posted(desks["webhook"], b"x" * 5_000_000, shown) in (0, 403, 413)


def test_a_body_of_five_megabytes_is_refused_unread(desks: dict[str, Desk]) -> None:
    started = time.monotonic()
    assert posted(desks["webhook"], written(WORD * 400_000)) in (0, 413)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "body",
    [
        b"", b"no json", b"\xff\xfe", b"[]", b"{}", b"null", b"5", b'{"update_id": "x"}',
        b'{"update_id": 1, "message": 5}',
        b'{"update_id": 2, "message": {"chat": {"id": "x"}}}', b'{"update_id": 3, "callback_query": {}}',
        b'{"update_id": 4, "something_new": {}}', pytest.param(b"[" * 100_000, id="deep"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_acknowledged_and_forgotten(desks: dict[str, Desk], body: bytes) -> None:
    """Telegram would bring it again for a day, and keep all others back."""
    assert posted(desks["webhook"], body) == 200
    assert "Traceback" not in "".join(text for _, text in desks["webhook"].logs())


def test_without_a_webhook_there_is_no_route(desks: dict[str, Desk]) -> None:
    assert posted(desks["polling"], written(WORD)) == 404


def test_a_used_keyboard_disappears_and_the_tap_is_answered(desk: Desk) -> None:
    person = desk.api.user(31, "de")
    person.send("Seit wann gibt es das Business Desk?")
    (answer,) = person.wait(1)
    query = person.tap(answer, 0)
    person.wait(2)
    taps, kept = desk.api.taps, person.chat.messages[answer["message_id"]]
    desk.api.wait_for(lambda: query in taps.answered and "reply_markup" not in kept, bool, 10)


def test_a_group_hears_only_what_is_meant_for_the_bot(desk: Desk) -> None:
    anna, group = desk.api.user(32, "de"), desk.api.group(-32)
    anna.send(f"Wo sind die Pandas? {WORD}", chat=group)
    anna.send("/help@another_bot", chat=group)
    asked = anna.send("@berlin_beijing_bot Wo sind die Pandas?", chat=group)
    (answer,) = group.wait(1)
    assert "Pandas" in answer["text"]
    assert answer["reply_to_message"]["message_id"] == asked["message_id"]
    anna.send("Und seit wann gibt es das Business Desk?", chat=group, reply_to=answer)
    assert "2018" in group.wait(2)[1]["text"]
    moved = group.migrate(-1_000_000_000_032, anna)
    anna.send("/help", chat=moved)
    moved.wait(1)
    assert len(group.messages) == 2


def test_media_edits_and_commands_are_answered_kindly(desk: Desk) -> None:
    person = desk.api.user(33, "zh-hans")
    for send in (person.send_photo, person.send_voice, person.send_sticker, person.send_location):
        send()
    for command in ("/start", "/events", "/language", "/help", "/stop"):
        person.send(command)
    found = person.wait(10)  # "/events" gets its list in two messages
    assert all(re.search("[一-鿿]", message["text"]) for message in found)
    assert len({message["text"] for message in found}) == 10
    person.edit(person.send("大熊猫在哪里？"), "得月园在哪里？")
    person.send("/help")
    found = person.wait(12)
    assert "2017" in found[10]["text"]
    assert len(found) == 12
    assert desk.api.violations == []


def test_nobody_who_has_blocked_the_bot_is_written_to(desk: Desk) -> None:
    person = desk.api.user(34, "en")
    person.send("Where do the pandas live?")
    person.block()
    person.send("Where is the Chinese Garden?")
    other = desk.api.user(35, "en")
    other.send("Where do the pandas live?")
    other.wait(1)
    person.unblock()
    person.send("/help")
    desk.api.wait_for(lambda: person.messages, lambda found: bool(found) and "pandas" in found[-1]["text"].lower(), 15)


def test_no_log_holds_the_token_the_secret_or_what_visitors_write(desk: Desk) -> None:
    person = desk.api.user(36, "de")
    desk.api.faults.add("sendMessage", Fault("error"), Fault("drop_after"), Fault("flood", 1))
    person.send(f"{WORD}, wo sind die Pandas?")
    person.send(f"/start {WORD}")
    person.send_photo(caption=WORD)
    person.wait(3, 30)
    secrets = [desk.api.token, desk.api.token.partition(":")[2], SECRET, WORD, WORD.lower(), "Visitor36"]
    secrets += [turn for talk in talks() for turn in talk.turns if isinstance(turn, str) and len(turn) > 12]
    debug = 0
    for path, text in desk.logs():
        assert not [secret for secret in secrets if secret in text], path
        debug += text.count("DEBUG")
    assert debug > 5  # the level was really that of debugging
