"""What counts against a chat's rate: each message once, however often Telegram brings it."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from telegram.error import BadRequest

from bot.channels.telegram.receiver import MESSAGES_OF_CHAT
from tests.channels.telegram.conftest import Desk
from tests.channels.telegram.stand_ins import message, tap

ALLOWED = round(MESSAGES_OF_CHAT.burst)
MORE = ALLOWED + 10


def fail(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let nothing be kept; return what ends that."""
    keep = desk.service.mailbox.receive

    def failing(*arguments: Any) -> bool:
        raise sa.exc.OperationalError("INSERT", {}, Exception())

    monkeypatch.setattr(desk.service.mailbox, "receive", failing)
    return lambda: monkeypatch.setattr(desk.service.mailbox, "receive", keep)


async def refused(desk: Desk, update: dict[str, Any]) -> None:
    with pytest.raises(sa.exc.OperationalError):
        await desk.receive(update)


async def test_a_message_that_could_not_be_kept_counts_once_when_it_comes_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, mend = message("first"), fail(desk, monkeypatch)
    for _ in range(MORE):
        await refused(desk, first)
    mend()
    await desk.receive(first, *(message(str(number)) for number in range(1, ALLOWED)))
    assert await desk.texts(ALLOWED) == ["echo: first", *(f"echo: {number}" for number in range(1, ALLOWED))]


async def test_a_message_that_comes_again_and_again_counts_once(desk: Desk) -> None:
    await desk.receive(*[message("first")] * MORE, *(message(str(number)) for number in range(1, ALLOWED)))
    assert await desk.texts(ALLOWED) == ["echo: first", *(f"echo: {number}" for number in range(1, ALLOWED))]


async def test_an_album_counts_as_one_message(desk: Desk, speech: Any) -> None:
    photo: dict[str, Any] = {"photo": [{"file_id": "x"}]}
    await desk.receive(*(message(**photo, media_group_id="a") for _ in range(MORE)), message("x"))
    assert await desk.texts(2) == [speech.phrases["telegram_photo"]["en"], "echo: x"]


async def test_the_request_to_wait_is_said_though_it_could_not_be_kept_at_first(
    desk: Desk, speech: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.receive(*(message(str(number)) for number in range(ALLOWED)))
    one_more, mend = message("one more"), fail(desk, monkeypatch)
    await refused(desk, one_more)
    mend()
    await desk.receive(message("0"), one_more)
    assert (await desk.texts(ALLOWED + 1))[-1] in speech.phrases["utter_too_many"].values()


async def test_a_message_that_comes_twice_at_once_takes_the_last_of_the_allowance_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.receive(*(message(str(number)) for number in range(ALLOWED - 1)))
    keep, calls, overtaken = desk.service.mailbox.receive, [], threading.Event()

    def slow_at_first(*arguments: Any) -> bool:
        calls.append(arguments)
        if len(calls) == 1:
            overtaken.wait(0.3)
            return keep(*arguments)
        new = keep(*arguments)
        overtaken.set()
        return new

    monkeypatch.setattr(desk.service.mailbox, "receive", slow_at_first)
    last = message("last")
    await asyncio.gather(desk.receive(last), desk.receive(last))
    assert (await desk.texts(ALLOWED))[-1] == "echo: last"


async def test_a_tap_that_comes_twice_is_answered_once_and_what_telegram_refuses_of_it_does_no_harm(
    desk: Desk,
) -> None:
    desk.bot.faults = {
        "answer_callback_query": [None, BadRequest("Query is too old and response timeout expired")],
        "edit_message_reply_markup": [None, BadRequest("Message is not modified")],
    }
    twice = tap("=Pandas?")
    await desk.receive(twice, twice, message("next"))
    assert await desk.texts(2) == ["echo: Pandas?", "echo: next"]
    await desk.until(lambda: len(desk.bot.made("edit_message_reply_markup")) == 2)
    assert desk.bot.faults == {"answer_callback_query": [], "edit_message_reply_markup": []}
    assert len(desk.bot.texts) == 2
