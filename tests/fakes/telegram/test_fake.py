"""The fake is as strict as Telegram's documentation says, seen by python-telegram-bot as a client."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import ClientSession, web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from tests.fakes.telegram import TOKEN, FakeBotApi, Fault, Person
from tests.fakes.telegram.errors import ApiError
from tests.fakes.telegram.flood import Flood


@pytest.fixture
def api() -> Iterator[FakeBotApi]:
    with FakeBotApi() as running:
        yield running


@pytest.fixture
async def bot(api: FakeBotApi) -> AsyncIterator[Bot]:
    async with Bot(TOKEN, base_url=f"{api.url}/bot") as client:
        yield client


@pytest.fixture
def anna(api: FakeBotApi) -> Person:
    return api.user(7, "de")


async def refused(call: Any, words: str, kind: type[TelegramError] = BadRequest) -> None:
    """Await a call that is refused; the client changes the case of what Telegram says."""
    with pytest.raises(kind) as told:
        await call
    assert words.lower() in str(told.value).lower()


async def test_a_message_is_received_and_answered(api: FakeBotApi, bot: Bot, anna: Person) -> None:
    anna.send("/start@berlin_beijing_bot hallo @berlin_beijing_bot")
    (update,) = await bot.get_updates(timeout=1)
    assert update.message.from_user.language_code == "de"
    assert [(each.type, each.offset, each.length) for each in update.message.entities] == [
        ("bot_command", 0, 25), ("mention", 32, 19),
    ]  # fmt: skip
    sent = await bot.send_message(7, "<b>Guten Tag</b> &amp; <i>mehr</i>", parse_mode="HTML")
    assert (sent.text, sent.entities[0].type, sent.entities[0].length) == ("Guten Tag & mehr", "bold", 9)
    assert [each["text"] for each in anna.messages] == ["Guten Tag & mehr"]
    assert api.violations == []


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        ("", None, "text is empty"),
        (" \n ", None, "text is empty"),
        ("<b> </b>", "HTML", "text is empty"),
        pytest.param("x" * 4097, None, "message is too long", id="4097 letters"),
        pytest.param("😀" * 2049, None, "message is too long", id="2049 emoji"),
        ("<p>x</p>", "HTML", 'can\'t parse entities: Unsupported start tag "p" at byte offset 0'),
        ("ü<b>x</i>", "HTML", 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"'),
        ("<b><i>x</b></i>", "HTML", "Unmatched end tag"),
        ("<b>x", "HTML", 'end tag corresponding to start tag "b"'),
        ("x</b>", "HTML", "Unexpected end tag"),
        ("2 < 3", "HTML", "Unclosed start tag"),
        ("<span>x</span>", "HTML", "must have class"),
        ("x", "Markdown", "unsupported parse_mode"),
    ],
)
async def test_texts_are_refused(api: FakeBotApi, bot: Bot, anna: Person, text: str, mode: str, words: str) -> None:
    await refused(bot.send_message(7, text, parse_mode=mode), words)
    assert len(api.violations) >= 1
    assert anna.messages == []


async def test_lengths_count_after_the_tags_in_utf_16_units(bot: Bot, anna: Person) -> None:
    await bot.send_message(7, "<b>" + "😀" * 2048 + "</b>", parse_mode="HTML")
    await bot.send_message(7, "x" * 4096)
    assert len(anna.messages) == 2


@pytest.mark.parametrize(
    "text", ["a & b", "a > b", "<code><b>x</b></code>", '<a href="nowhere">x</a>', "<b id='1'>x</b>"]
)
async def test_what_telegram_forgives_is_kept_as_a_violation(
    api: FakeBotApi, bot: Bot, anna: Person, text: str
) -> None:
    await bot.send_message(7, text, parse_mode="HTML")
    assert len(anna.messages) == 1
    assert len(api.violations) == 1


def keyboard(**button: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("x", **button)]])


async def test_button_data_counts_in_bytes(bot: Bot, anna: Person) -> None:
    await bot.send_message(7, "x", reply_markup=keyboard(callback_data="ü" * 32))
    for data in ("ü" * 33, "x" * 65, ""):
        await refused(bot.send_message(7, "x", reply_markup=keyboard(callback_data=data)), "button_data_invalid")
    await refused(bot.send_message(7, "x", reply_markup=keyboard(url="nowhere")), "Wrong HTTP URL")
    assert len(anna.messages) == 1


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("nonsense", "JSON"),
        ("[]", "object expected"),
        ('{"inline_keyboard": [{"text": "x"}]}', "Array of Arrays"),
        ('{"inline_keyboard": [["x"]]}', "must be an Object"),
        ('{"inline_keyboard": [[{"text": "x"}]]}', "Text buttons are unallowed"),
        ('{"inline_keyboard": [[{"callback_data": "x"}]]}', '"text"'),
        ('{"inline_keyboard": [[{"text": "x", "url": "http://a.b", "callback_data": "x"}]]}', "exactly one"),
        (json.dumps({"inline_keyboard": [[{"text": "x", "callback_data": "x"}] * 9]}), "BUTTONS_TOO_MUCH"),
    ],
)
async def test_keyboards_need_their_shape(api: FakeBotApi, anna: Person, markup: str, words: str) -> None:
    async with ClientSession() as session:
        form = {"chat_id": "7", "text": "x", "reply_markup": markup}
        async with session.post(f"{api.url}/bot{TOKEN}/sendMessage", data=form) as answer:
            body = await answer.json()
    assert (answer.status, body["ok"], body["error_code"]) == (400, False, 400)
    assert words in body["description"]


async def test_a_tap_is_answered_once_and_in_time(api: FakeBotApi, bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(7, "?", reply_markup=keyboard(callback_data="data"))
    query = anna.tap(anna.messages[0], "x")
    (update,) = await bot.get_updates(timeout=1)
    assert (update.callback_query.data, update.callback_query.message.message_id) == ("data", sent.message_id)
    assert await bot.answer_callback_query(query)
    for late in (query, "unknown"):
        await refused(bot.answer_callback_query(late), "query is too old and response timeout expired")
    api.taps.seconds = 0
    await refused(bot.answer_callback_query(anna.tap(anna.messages[0])), "query is too old")
    assert api.violations == []


async def test_editing_a_keyboard(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(7, "?", reply_markup=keyboard(callback_data="data"))
    edited = await bot.edit_message_reply_markup(7, sent.message_id)
    assert edited.reply_markup is None
    await refused(bot.edit_message_reply_markup(7, sent.message_id), "not modified")
    await refused(bot.edit_message_reply_markup(7, 99), "message to edit not found")
    theirs = anna.send("mine")
    await refused(bot.edit_message_reply_markup(7, theirs["message_id"]), "can't be edited")


async def test_tokens_and_methods(api: FakeBotApi, bot: Bot) -> None:
    await refused(Bot("123456789:" + "x" * 35, base_url=f"{api.url}/bot").get_me(), "", InvalidToken)
    async with ClientSession() as session:
        for path, status in (("123456789:wrong/getMe", 401), (f"{TOKEN}/sendNonsense", 404), ("nonsense/getMe", 404)):
            async with session.get(f"{api.url}/bot{path}") as answer:
                assert answer.status == status
    assert (await bot.get_me()).username == "berlin_beijing_bot"


async def test_an_update_comes_again_until_it_is_confirmed(bot: Bot, anna: Person) -> None:
    for text in ("one", "two", "three"):
        anna.send(text)
    first = await bot.get_updates(timeout=1)
    again = await bot.get_updates(timeout=1)
    assert [update.message.text for update in first] == ["one", "two", "three"]
    assert [update.update_id for update in again] == [update.update_id for update in first]
    rest = await bot.get_updates(offset=first[1].update_id + 1, limit=1)
    assert [update.message.text for update in rest] == ["three"]
    assert await bot.get_updates(offset=first[2].update_id + 1) == ()
    assert await bot.get_updates() == ()


async def test_a_long_poll_ends_when_something_comes(bot: Bot, anna: Person) -> None:
    waits = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.1)
    await asyncio.to_thread(anna.send, "now")
    assert len(await asyncio.wait_for(waits, 2)) == 1


async def test_of_two_polls_the_elder_ends(api: FakeBotApi, bot: Bot, anna: Person) -> None:
    elder = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.1)
    async with Bot(TOKEN, base_url=f"{api.url}/bot") as other:
        younger = asyncio.create_task(other.get_updates(timeout=20))
        await refused(elder, "terminated by other getUpdates", Conflict)
        await asyncio.to_thread(anna.send, "x")
        assert len(await younger) == 1
    assert api.inbox.conflicts == 1


async def test_only_wanted_kinds_come(bot: Bot, anna: Person) -> None:
    await bot.get_updates(allowed_updates=["message"])
    message = anna.send("one")
    anna.edit(message, "two")
    anna.block()
    anna.unblock()
    assert len(await bot.get_updates()) == 1
    await bot.get_updates(allowed_updates=[])
    anna.edit(message, "three")
    assert (await bot.get_updates())[-1].edited_message.text == "three"


async def test_media_arrive(bot: Bot, anna: Person) -> None:
    for send in (anna.send_photo, anna.send_voice, anna.send_sticker, anna.send_location):
        send()
    found = [update.message for update in await bot.get_updates(timeout=1)]
    assert [bool(m.photo or m.voice or m.sticker or m.location) for m in found] == [True] * 4


async def test_chats_that_refuse(api: FakeBotApi, bot: Bot, anna: Person) -> None:
    await refused(bot.send_message(8, "x"), "chat not found")
    anna.block()
    await refused(bot.send_message(7, "x"), "blocked by the user", Forbidden)
    anna.unblock()
    await bot.send_message(7, "x")
    anna.vanish()
    await refused(bot.send_message(7, "x"), "chat not found")
    states = [update.my_chat_member.new_chat_member.status for update in await bot.get_updates()]
    assert states == ["kicked", "member"]
    assert api.violations == []


async def test_a_group_becomes_a_supergroup(api: FakeBotApi, bot: Bot, anna: Person) -> None:
    group = api.group(-5)
    asked = anna.send("/help", chat=group)
    await bot.send_message(-5, "x", reply_parameters=ReplyParameters(asked["message_id"]))
    await refused(bot.send_message(-5, "x", reply_parameters=ReplyParameters(99)), "replied not found")
    moved = group.migrate(-1_000_000_000_005, anna)
    with pytest.raises(ChatMigrated) as told:
        await bot.send_message(-5, "x")
    assert told.value.new_chat_id == moved.chat.id
    await bot.send_message(moved.chat.id, "x")
    updates = [update.message for update in await bot.get_updates()][1:]
    assert [m.migrate_to_chat_id or m.migrate_from_chat_id for m in updates] == [-1_000_000_000_005, -5]
    moved.remove_bot()
    await refused(bot.send_message(moved.chat.id, "x"), "kicked", Forbidden)


async def test_files_places_and_actions(api: FakeBotApi, bot: Bot, anna: Person) -> None:
    sent = await bot.send_document(7, b"BEGIN:VCALENDAR", filename="a.ics", caption="x")
    assert api.files[sent.document.file_id].content == b"BEGIN:VCALENDAR"
    assert sent.document.file_name == "a.ics"
    await refused(bot.send_document(7, b"x", caption="x" * 1025), "caption is too long")
    await refused(bot.send_document(7, b"x" * (50 * 1024 * 1024 + 1)), "Too Large", TelegramError)
    venue = await bot.send_venue(7, 52.5, 13.4, "Garten", "Berlin")
    assert venue.venue.title == "Garten"
    await refused(bot.send_venue(7, 99, 13.4, "Garten", "Berlin"), "location")
    await refused(bot.send_venue(7, 52.5, 13.4, " ", "Berlin"), "title")
    assert await bot.send_chat_action(7, "typing")
    await refused(bot.send_chat_action(7, "sleeping"), "wrong parameter action")
    assert [each.method for each in api.sent] == ["sendDocument", "sendVenue"]


async def test_commands_and_descriptions_by_language(bot: Bot) -> None:
    await bot.set_my_commands([("help", "Hilfe")], language_code="de")
    assert (await bot.get_my_commands(language_code="de"))[0].description == "Hilfe"
    assert await bot.get_my_commands() == ()
    await refused(bot.set_my_commands([("Help", "x")]), "bot_command_invalid")
    await refused(bot.set_my_commands([("help", "")]), "bot_command_description_invalid")
    await refused(bot.set_my_commands([("help", "x")], language_code="zh-CN"), "language code")
    await bot.set_my_description("x" * 512, language_code="zh")
    await refused(bot.set_my_description("x" * 513), "too long")
    await refused(bot.set_my_short_description("x" * 121), "too long")
    assert (await bot.get_my_description(language_code="zh")).description == "x" * 512


@pytest.mark.parametrize("kind", ["flood", "error", "drop_before", "drop_after", "slow", "late"])
async def test_faults(api: FakeBotApi, bot: Bot, anna: Person, kind: str) -> None:
    api.faults.add("sendMessage", Fault(kind, 1))
    raised: Exception | None = None
    try:
        await bot.send_message(7, "x")
    except (RetryAfter, NetworkError) as error:
        raised = error
    only_slow = kind in ("slow", "late")
    assert isinstance(raised, type(None) if only_slow else RetryAfter if kind == "flood" else NetworkError)
    assert len(anna.messages) == (only_slow or kind == "drop_after")
    assert [each.acknowledged for each in api.sent] == ([only_slow] if anna.messages else [])
    await bot.send_message(7, "y")
    assert api.faults.happened == {f"sendMessage {kind}": 1}


async def test_a_blocked_telegram_refuses_or_hangs(api: FakeBotApi, bot: Bot) -> None:
    await asyncio.to_thread(api.refuse_connections)
    await refused(bot.get_me(), "", NetworkError)
    await asyncio.to_thread(api.accept_connections)
    await bot.get_me()
    api.hanging = True
    await refused(bot.get_me(read_timeout=0.2), "timed out", NetworkError)
    api.hanging = False
    await bot.get_me()


def test_flood_limits() -> None:
    now = [0.0]
    flood = Flood(on=True, clock=lambda: now[0])
    for _ in range(5):
        flood.count(1)
    with pytest.raises(ApiError) as told:
        flood.count(1)
    assert told.value.parameters == {"retry_after": 1}
    now[0] += 1
    flood.count(1)
    for chat in range(2, 31):
        flood.count(chat)
    with pytest.raises(ApiError):
        flood.count(99)
    for second in range(20):
        now[0] = 10.0 + second
        flood.count(-1)
    with pytest.raises(ApiError) as told:
        flood.count(-1)
    assert told.value.parameters == {"retry_after": 41}


Hooked = tuple[str, list[dict[str, Any]], list[int]]


@pytest.fixture
async def hook() -> AsyncIterator[Hooked]:
    """A webhook that answers with the statuses in a list, then with 200."""
    got: list[dict[str, Any]] = []
    statuses: list[int] = []

    async def receive(request: web.Request) -> web.Response:
        got.append({**await request.json(), "secret": request.headers.get("X-Telegram-Bot-Api-Secret-Token")})
        return web.Response(status=statuses.pop(0) if statuses else 200)

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", got, statuses
    await runner.cleanup()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_webhook_gets_updates_in_order_until_they_are_taken(
    api: FakeBotApi, bot: Bot, anna: Person, hook: Hooked
) -> None:
    url, got, statuses = hook
    api.inbox.backoff = 0.05
    statuses.extend([500, 403])
    await bot.set_webhook(url, secret_token="s-3_T")
    for text in ("one", "two", "three"):
        anna.send(text)
    await until(lambda: len(got) == 5)
    assert [each["message"]["text"] for each in got] == ["one", "one", "one", "two", "three"]
    assert {each["secret"] for each in got} == {"s-3_T"}
    await until(lambda: not api.inbox.waiting)
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == (url, 0)
    assert "403" in str(info.last_error_message)
    await refused(bot.get_updates(), "webhook is active", Conflict)
    await bot.delete_webhook()
    anna.send("four")
    assert (await bot.get_updates())[0].message.text == "four"


async def test_webhook_faults(api: FakeBotApi, bot: Bot, anna: Person, hook: Hooked) -> None:
    url, got, _ = hook
    api.inbox.backoff = 0.05
    api.faults.add("webhook", Fault("drop_after"), Fault("duplicate", 0.1))
    await bot.set_webhook(url)
    anna.send("one")
    await until(lambda: len(got) == 3)


async def test_webhooks_need_an_address_and_a_clean_secret(bot: Bot) -> None:
    await refused(bot.set_webhook("http://example.org/x"), "HTTPS URL")
    await refused(bot.set_webhook("https://example.org:5005/x"), "bad webhook")
    await refused(bot.set_webhook("https://example.org/x", secret_token="no spaces"), "unallowed characters")
    await refused(bot.set_webhook("https://example.org/x", max_connections=101), "max_connections")


async def test_unknown_parameters_are_a_violation(api: FakeBotApi, bot: Bot, anna: Person) -> None:
    with suppress(TelegramError):
        await bot.send_message(7, "x", api_kwargs={"reply_to": 5})
    assert api.violations == ["sendMessage has no parameters ['reply_to']"]
