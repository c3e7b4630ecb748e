"""How a storm tells a message that was doubled from one that had to be sent again."""

import time
from pathlib import Path

from bot.channels.core.answers import Answer
from bot.channels.core.mailbox import Mailbox
from bot.database import connect
from tests.channels.telegram.repeats import Interrupted, interrupted, repeats
from tests.fakes.telegram import Sent


def sent(text: str, at: float, acknowledged: bool = True) -> Sent:
    return Sent("sendMessage", 7, {}, {"text": text}, at, acknowledged)


def avoidable(sends: list[Sent], *kills: tuple[str, float]) -> list[bool]:
    once, found = repeats(sends, [Interrupted(7, text, at) for text, at in kills])
    assert len(once) + len(found) == len(sends)
    return [each.avoidable for each in found]


def test_what_comes_once_is_not_repeated() -> None:
    assert avoidable([sent("1", 1), sent("more", 2), sent("2", 3), sent("more", 4)], ("more", 2.5)) == []


def test_a_message_that_came_again_without_a_reason_is_doubled() -> None:
    assert avoidable([sent("1", 1), sent("1", 2)]) == [True]


def test_a_lost_answer_is_a_reason_each_time() -> None:
    assert avoidable([sent("1", 1, False), sent("1", 2, False), sent("1", 3), sent("1", 4)]) == [False, False, True]


def test_a_kill_before_the_note_is_a_reason_however_long_the_note_took() -> None:
    assert avoidable([sent("0", 0), sent("1", 1), sent("1", 9)], ("1", 8)) == [False]


def test_a_process_is_no_reason_for_what_the_next_one_sent_twice() -> None:
    assert avoidable([sent("0", 0), sent("1", 2), sent("1", 3)], ("1", 1)) == [True]
    assert avoidable([sent("0", 0), sent("1", 2), sent("1", 4)], ("1", 1), ("1", 3)) == [False]


def test_a_kill_is_no_reason_for_what_was_noted_or_for_what_is_repeated_later() -> None:
    assert avoidable([sent("1", 1), sent("1", 2)], ("2", 1.5)) == [True]
    assert avoidable([sent("1", 1), sent("1", 2), sent("1", 3)], ("1", 1.5)) == [False, True]
    assert avoidable([sent("1", 1), sent("1", 2)], ("1", 3)) == [True]
    assert avoidable([sent("more", 1), sent("2", 2), sent("more", 3), sent("more", 4)], ("more", 1.5)) == [True]


def test_what_a_process_was_sending_is_read_from_its_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kept.sqlite'}"
    assert interrupted(url, 1.0) == []
    engine = connect(url)
    mailbox = Mailbox(engine, "telegram", "a", 10, time.time)
    for number, chat in enumerate(("7", "8", "9")):
        mailbox.receive(str(number), chat, {})
        job = mailbox.take(chat)
        mailbox.finish(job, [Answer(f"to {chat}"), Answer("more")])  # type: ignore[arg-type]
    mailbox.take("7")
    mailbox.sent(mailbox.take("8"))  # type: ignore[arg-type]
    engine.dispose()
    assert interrupted(url, 2.0) == [Interrupted(7, "to 7", 2.0)]
