"""`bot forget` reaches what Telegram has of a visitor."""

from datetime import UTC, datetime, timedelta

from bot import forgetting, settings
from bot.channels.core.mailbox import Mailbox
from bot.channels.telegram.names import chat_of, sender_of
from bot.database import connect


def test_a_chat_is_forgotten_by_its_senders_name_and_by_its_age() -> None:
    chosen = settings.load()
    mailbox = Mailbox(connect(chosen.database_url), "telegram", "a", 10)
    for chat in ("7", "-1005"):
        mailbox.receive(chat, chat, {"text": "?"})
    assert forgetting.forget(chosen, "telegram--1005")["messenger"] == 1
    assert forgetting.forget(chosen, "telegram--1005")["messenger"] == 0
    assert mailbox.waiting(10) == ["7"]
    now = datetime.now(UTC)
    assert forgetting.forget_old(chosen, now)["messenger"] == 0
    assert forgetting.forget_old(chosen, now + timedelta(days=chosen.conversation_days + 1))["messenger"] == 2
    assert mailbox.waiting(10) == []


def test_names_go_both_ways_and_other_channels_have_none() -> None:
    assert [chat_of(sender_of(chat)) for chat in ("7", "-1005")] == ["7", "-1005"]
    assert [chat_of(name) for name in ("web-7-1", "telegram-", "telegram-x", "7")] == [None] * 4
