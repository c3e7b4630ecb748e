"""From an update to what is sent, with Rasa and Telegram stood in for."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TimedOut

from bot.channels.core import messenger_tables as tables
from bot.channels.core.answers import Answer
from bot.channels.telegram import sender, subscribers
from tests.channels.conftest import Echo
from tests.channels.telegram.conftest import Desk
from tests.channels.telegram.stand_ins import StandInBot, message, tap


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


async def test_a_question_is_answered_in_its_chat_with_escaped_markup(desk: Desk) -> None:
    await desk.receive(message("**Pandas** & more?"))
    assert await desk.texts(1) == ["echo: <b>Pandas</b> &amp; more?"]
    (sent,) = desk.bot.made("send_message")
    assert (sent["chat_id"], sent["parse_mode"]) == (7, "HTML")
    assert desk.echo.seen[0].sender_id == "telegram-7"
    assert desk.echo.seen[0].metadata == {"language": "en", "chosen": False}


async def test_an_update_that_comes_twice_is_answered_once(desk: Desk) -> None:
    update = message("Pandas?")
    await desk.receive(update, update)
    await desk.receive(message("Next?"))
    assert await desk.texts(2) == ["echo: Pandas?", "echo: Next?"]
    await asyncio.sleep(0.1)
    assert len(desk.bot.texts) == 2


async def test_a_chats_messages_are_answered_in_order_and_a_slow_one_keeps_no_other_waiting(desk: Desk) -> None:
    slow = asyncio.Event()
    desk.echo.before = slow
    await desk.receive(message("1"))
    await desk.until(lambda: len(desk.echo.seen) == 1)
    desk.echo.before = None
    await desk.receive(message("2"), message("3"), message("other", chat=8))
    assert await desk.texts(1) == ["echo: other"]
    slow.set()
    assert (await desk.texts(4))[1:] == ["echo: 1", "echo: 2", "echo: 3"]


@pytest.mark.parametrize(
    ("text", "language", "phrase"),
    [("/start x", "de", "utter_greet"), ("/help", "zh-hans", "utter_help"), ("/stop", "fr", "utter_unsubscribed"),
     ("/language", "en", "telegram_language")],
)  # fmt: skip
async def test_commands_are_answered_in_the_accounts_language_until_another_was_spoken(
    desk: Desk, text: str, language: str, phrase: str, speech: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr(subscribers, "end", lambda engine, chat: ended.append(chat))
    sender = {"id": 5, "is_bot": False, "language_code": language}
    await desk.receive(message(text, **{"from": sender}))
    await desk.until(lambda: bool(desk.bot.texts))
    expected = speech.phrases[phrase][{"zh-hans": "zh", "fr": "de"}.get(language, language)]
    assert desk.bot.made("send_message")[0]["text"].replace("<b>", "**").replace("</b>", "**") == expected
    assert ended == (["7"] if text == "/stop" else [])
    desk.echo.answers = [{"text": "您好", "custom": {"language": "zh"}}]
    await desk.receive(message("你好"), message("/help", **{"from": sender}))
    assert "大熊猫" in (await desk.texts(3))[2]


async def test_the_languages_are_offered_as_buttons_that_say_so_when_they_are_tapped(desk: Desk) -> None:
    await desk.receive(message("/language"))
    await desk.texts(1)
    rows = desk.bot.made("send_message")[0]["reply_markup"].inline_keyboard
    assert [row[0].text for row in rows] == [
        "Bitte antworten Sie auf Deutsch",
        "Please answer in English",
        "请用中文回答",
    ]
    await desk.receive(tap(rows[2][0].callback_data))
    assert (await desk.texts(2))[1] == "echo: 请用中文回答"


async def test_events_are_asked_for_in_the_chats_language(desk: Desk, speech: Any) -> None:
    await desk.receive(message("/events"))
    assert await desk.texts(1) == [f"echo: {speech.phrases['ask_events']['en']}"]


async def test_a_tap_is_answered_at_once_and_the_used_keyboard_goes(desk: Desk) -> None:
    desk.echo.pause = 0.3
    await desk.receive(tap("=Wo sind die Pandas?"))
    await desk.until(lambda: len(desk.bot.calls) == 2)
    assert [name for name, _, _ in desk.bot.calls] == ["answer_callback_query", "edit_message_reply_markup"]
    assert desk.bot.texts == []
    assert await desk.texts(1) == ["echo: Wo sind die Pandas?"]


async def test_long_payloads_come_back_after_a_restart(open_desk: Callable[..., Desk]) -> None:
    question = "Seit wann gibt es die Städtepartnerschaft zwischen Berlin und Peking eigentlich genau?"
    desk = open_desk(echo=Echo(answers=[{"text": "?", "buttons": [{"title": "t", "payload": question}]}]))
    await desk.receive(message("x"))
    await desk.texts(1)
    data = desk.bot.made("send_message")[0]["reply_markup"].inline_keyboard[0][0].callback_data
    assert len(data.encode()) <= 64
    await desk.service.runner.stop()
    later = open_desk()
    await later.receive(tap(data))
    assert await later.texts(1) == [f"echo: {question}"]


async def test_a_button_that_nothing_stands_behind_is_harmless(desk: Desk, speech: Any) -> None:
    desk.bot.faults = {"answer_callback_query": [BadRequest("Query is too old")]}
    await desk.receive(tap("#gone"), tap("/restart"))
    await desk.until(lambda: len(desk.bot.calls) == 4)
    assert {named["text"] for named in desk.bot.made("answer_callback_query")} == {
        speech.phrases["telegram_stale"]["zh"]
    }
    assert desk.echo.seen == []


async def test_pictures_and_more_are_answered_kindly_and_an_album_once(desk: Desk, speech: Any) -> None:
    photo: dict[str, Any] = {"photo": [{"file_id": "x"}]}
    await desk.receive(*(message(**photo, media_group_id="a") for _ in range(3)), message(voice={"file_id": "x"}))
    phrases = speech.phrases
    assert await desk.texts(2) == [phrases["telegram_photo"]["en"], phrases["telegram_voice"]["en"]]
    await asyncio.sleep(0.1)
    assert len(desk.bot.texts) == 2


async def test_in_a_group_the_answer_is_a_reply_and_nothing_else_is_kept(desk: Desk) -> None:
    await desk.receive(message("a private matter", -5, "group"), message("/events@PartnerBot", -5, "group"))
    await desk.texts(1)
    assert desk.bot.made("send_message")[0]["reply_parameters"].allow_sending_without_reply
    with desk.service.engine.connect() as connection:
        assert len(connection.execute(sa.select(tables.update)).all()) == 1


async def test_markup_that_telegram_does_not_take_is_sent_without(desk: Desk) -> None:
    desk.bot.faults = {"send_message": [BadRequest("Can't parse entities: unsupported start tag")]}
    await desk.receive(message("**x**"))
    assert await desk.texts(2) == ["echo: <b>x</b>", "echo: x"]
    assert "parse_mode" not in desk.bot.made("send_message")[1]


async def test_flood_control_rests_one_chat_and_no_other(desk: Desk) -> None:
    desk.bot.faults = {"send_message": [RetryAfter(1)]}
    await desk.receive(message("a"))
    await desk.texts(1)
    await desk.receive(message("b", chat=8))
    assert (await desk.texts(2))[1] == "echo: b"
    assert (await desk.texts(3))[2] == "echo: a"


async def test_a_failure_after_flood_control_is_mended_as_soon_as_one_without(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    later = desk.service.mailbox.later

    def put_off(parcel: Any, seconds: float, *more: Any, **named: Any) -> None:
        pauses.append(seconds)
        later(parcel, 0, *more, **named)

    monkeypatch.setattr(desk.service.mailbox, "later", put_off)
    desk.bot.faults = {"send_message": [*[RetryAfter(1)] * 3, NetworkError("Bad Gateway"), RetryAfter(1), TimedOut()]}
    await desk.receive(message("a"))
    await desk.texts(7)
    assert pauses == [1, 1, 1, 1.0, 1, 2.0]


@pytest.mark.parametrize(
    "fault",
    [NetworkError("Bad Gateway"), TimedOut(), caused(NetworkError("x"), httpx.RemoteProtocolError("x"))],
)
async def test_an_answer_is_sent_again_until_telegram_has_it(desk: Desk, fault: Exception) -> None:
    desk.bot.faults = {"send_message": [fault]}
    await desk.receive(message("a"), message("b"))
    assert await desk.texts(3) == ["echo: a", "echo: a", "echo: b"]


async def test_only_the_piece_that_failed_is_sent_again(desk: Desk) -> None:
    desk.echo.answers = [{"text": "Satz. " * 1000}]
    desk.bot.faults = {"send_message": [None, NetworkError("Bad Gateway")]}
    await desk.receive(message("x"))
    first, second, again = await desk.texts(3)
    assert first != second == again


@pytest.mark.parametrize(("note", "long"), [("sent", False), ("advance", True)])
async def test_what_telegram_has_is_not_sent_again_because_the_database_is_away(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, note: str, long: bool
) -> None:
    monkeypatch.setattr(sender, "NOTE_SECONDS", 0.01)
    mailbox, failures = desk.service.mailbox, [1, 2, 3]
    works = getattr(mailbox, note)

    def failing(*arguments: Any) -> Any:
        if failures:
            failures.pop()
            raise sa.exc.OperationalError("UPDATE", {}, Exception())
        return works(*arguments)

    monkeypatch.setattr(mailbox, note, failing)
    if long:
        desk.echo.answers = [{"text": "Satz. " * 1000}]
    await desk.receive(message("a"))
    sent = await desk.texts(1 + long)
    await desk.until(lambda: not failures)
    await asyncio.to_thread(mailbox.post, "7", Answer("next"))
    assert (await desk.texts(2 + long))[1 + long :] == ["next"]
    assert len(set(sent)) == 1 + long


async def test_the_rest_of_an_answer_is_left_to_the_process_that_has_taken_the_chat_over(desk: Desk) -> None:
    desk.echo.answers = [{"text": "Satz. " * 1000}]
    taken = sa.update(tables.chat).values(owner="other", owned_until=2e9)

    def lose(*arguments: Any, **named: Any) -> None:
        with desk.service.engine.begin() as connection:
            connection.execute(taken)

    desk.bot.replies = {"send_message": lose}
    await desk.receive(message("x"))
    await desk.texts(1)
    await desk.until(lambda: not desk.service.runner._draining)
    assert len(desk.bot.texts) == 1


async def test_an_unasked_message_is_sent_again_only_if_it_certainly_was_not_sent(desk: Desk) -> None:
    lost = caused(TimedOut(), httpx.ReadTimeout("x"))
    unsent = caused(NetworkError("x"), httpx.ConnectError("x"))
    desk.bot.faults = {"send_message": [lost, unsent]}
    mailbox = desk.service.mailbox
    await asyncio.to_thread(mailbox.post, "7", Answer("one"), "1")
    await desk.texts(1)
    await asyncio.to_thread(mailbox.post, "7", Answer("two"), "2")
    assert await desk.texts(3) == ["one", "two", "two"]
    await desk.until(lambda: mailbox.count("sent") == 1)
    assert mailbox.count("lost") == 1


async def test_who_has_blocked_the_bot_is_unsubscribed_and_gets_nothing_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr(subscribers, "end", lambda engine, chat: ended.append(chat))
    desk.bot.faults = {"send_message": [Forbidden("bot was blocked by the user"), BadRequest("Chat not found")]}
    for chat in ("7", "8"):
        await asyncio.to_thread(desk.service.mailbox.post, chat, Answer("news"))
    await desk.until(lambda: sorted(ended) == ["7", "8"])
    await asyncio.sleep(0.7)
    assert len(desk.bot.texts) == 2
    assert desk.service.mailbox.count("failed") == 2


async def test_a_group_that_has_moved_is_answered_where_it_is_now(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[tuple[str, str]] = []
    monkeypatch.setattr(subscribers, "move", lambda engine, old, new: moved.append((old, new)))
    desk.bot.faults = {"send_message": [ChatMigrated(-1005)]}
    await desk.receive(message("/help", -5, "group"))
    await desk.texts(2)
    assert [sent["chat_id"] for sent in desk.bot.made("send_message")] == [-5, -1005]
    assert moved == [("-5", "-1005")]


async def test_typing_is_shown_only_when_an_answer_takes_long(desk: Desk) -> None:
    await desk.receive(message("quick"))
    await desk.texts(1)
    assert desk.bot.made("send_chat_action") == []
    desk.echo.pause = 1.3
    await desk.receive(message("slow"))
    await desk.texts(2)
    assert len(desk.bot.made("send_chat_action")) == 1


async def test_a_flood_is_answered_with_one_request_to_wait(desk: Desk, speech: Any) -> None:
    await desk.receive(*(message(str(number)) for number in range(40)))
    sent = await desk.texts(31)
    assert sent[:30] == [f"echo: {number}" for number in range(30)]
    assert sent[30] in speech.phrases["utter_too_many"].values()
    await asyncio.sleep(0.1)
    assert len(desk.bot.texts) == 31


async def test_two_processes_answer_each_message_once_and_in_order(open_desk: Callable[..., Desk]) -> None:
    bot = StandInBot()
    desks = [open_desk(bot), open_desk(bot)]
    for number in range(20):
        await desks[number % 2].receive(message(str(number), chat=number % 4 + 1))
    await desks[0].texts(20)
    for chat in range(1, 5):
        sent = [int(each["text"].split()[1]) for each in bot.made("send_message") if each["chat_id"] == chat]
        assert sent == sorted(sent)
        assert len(sent) == 5


async def test_what_cannot_be_read_is_acknowledged_and_what_is_forgotten_is_not_answered(desk: Desk) -> None:
    await desk.receive({"update_id": 1, "message": {"text": "x"}})
    desk.echo.pause = 0.3
    await desk.receive(message("x"))
    await desk.until(lambda: len(desk.echo.seen) == 1)
    await asyncio.to_thread(desk.service.mailbox.forget, "7")
    await asyncio.sleep(0.6)
    assert desk.bot.texts == []
