"""The messengers' mail: nothing lost, nothing doubled, one process per chat."""

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.channels.core import messenger_tables as tables
from bot.channels.core.answers import Answer
from bot.channels.core.mailbox import Job, Mailbox, Parcel
from tests.channels.core.conftest import HandClock

LEASE = 10.0


@pytest.fixture
def mailbox(engine: Engine, hand_clock: HandClock) -> Mailbox:
    return Mailbox(engine, "telegram", "a", LEASE, hand_clock)


@pytest.fixture
def other(engine: Engine, hand_clock: HandClock) -> Mailbox:
    """Another process on the same database."""
    return Mailbox(engine, "telegram", "b", LEASE, hand_clock)


def job(work: Job | Parcel | None) -> Job:
    assert isinstance(work, Job)
    return work


def parcel(work: Job | Parcel | None) -> Parcel:
    assert isinstance(work, Parcel)
    return work


def begun(box: Mailbox, chat: str) -> Parcel:
    """Take a parcel and begin to send it."""
    taken = parcel(box.take(chat))
    assert box.begin(taken)
    return taken


def test_a_message_is_answered_once_and_its_text_is_gone_then(mailbox: Mailbox, engine: Engine) -> None:
    assert mailbox.receive("1", "7", {"text": "Pandas?"})
    assert not mailbox.receive("1", "7", {"text": "Pandas?"})
    asked = job(mailbox.take("7"))
    assert (asked.body, asked.attempt) == ({"text": "Pandas?"}, 1)
    assert mailbox.finish(asked, [Answer("Two."), Answer("Which?")], {"reply_to": 5}, "en")
    assert not mailbox.finish(asked, [Answer("Two.")])
    first = parcel(mailbox.take("7"))
    assert (first.answer.text, first.options, first.unasked) == ("Two.", {"reply_to": 5}, False)
    mailbox.sent(first)
    mailbox.sent(parcel(mailbox.take("7")))
    assert mailbox.take("7") is None
    assert mailbox.waiting(10) == []
    assert mailbox.language("7") == "en"
    assert not mailbox.receive("1", "7", {"text": "Pandas?"})
    with engine.connect() as connection:
        assert connection.execute(sa.select(tables.update.c.body)).scalars().all() == [""]
        assert connection.execute(sa.select(tables.outgoing)).all() == []


def test_an_answer_comes_back_as_it_was_given(mailbox: Mailbox) -> None:
    answer = Answer(
        "Zwei.", "zh", ({"title": "t", "payload": "p"},), ({"uid": "u", "free": None},),
        ({"title": "s", "quote": "q"},), "lead", "tail", "pandas_where",
    )  # fmt: skip
    mailbox.post("7", answer)
    assert parcel(mailbox.take("7")).answer == answer


def test_messages_of_a_chat_are_taken_in_the_messengers_order(mailbox: Mailbox) -> None:
    for number in (12, 10, 11):
        mailbox.receive(str(number), "7", {"text": str(number)}, number)
    taken = []
    while (work := mailbox.take("7")) is not None:
        taken.append(job(work).update_id)
        mailbox.finish(job(work), [])
    assert taken == ["10", "11", "12"]


def test_a_chat_belongs_to_one_process_until_its_lease_ends(
    mailbox: Mailbox, other: Mailbox, hand_clock: HandClock
) -> None:
    mailbox.receive("1", "7", {"text": "?"})
    late = job(mailbox.take("7"))
    assert other.take("7") is None
    assert other.waiting(10) == []
    hand_clock.now += LEASE - 1
    mailbox.renew(["7"])
    hand_clock.now += LEASE - 1
    assert other.take("7") is None
    hand_clock.now += 2
    again = job(other.take("7"))
    assert again.attempt == 2
    assert not mailbox.finish(late, [Answer("late")])
    assert other.finish(again, [Answer("in time")])
    other.release()
    assert parcel(mailbox.take("7")).answer.text == "in time"


def test_an_answer_is_sent_again_if_its_sender_died_and_an_unasked_message_is_not(
    mailbox: Mailbox, other: Mailbox, hand_clock: HandClock
) -> None:
    mailbox.receive("1", "7", {"text": "?"})
    mailbox.finish(job(mailbox.take("7")), [Answer("answer")])
    mailbox.post("8", Answer("unasked"), "reminder-1")
    sending = parcel(mailbox.take("7"))
    mailbox.advance(sending, 1)
    begun(mailbox, "8")
    hand_clock.now += LEASE + 1
    assert other.waiting(10) == ["7", "8"]
    again = parcel(other.take("7"))
    assert (again.answer.text, again.parts, again.attempt) == ("answer", 1, 2)
    assert other.take("8") is None
    assert other.count("lost") == 1
    assert not other.post("8", Answer("unasked"), "reminder-1")
    mailbox.sent(replace(sending, chat="8"))  # the late sender of what another has taken over does no harm
    assert other.count("lost") == 1


def test_who_has_lost_a_chat_sends_no_more_of_an_answer_and_what_it_has_sent_stays_noted(
    mailbox: Mailbox, other: Mailbox, hand_clock: HandClock
) -> None:
    mailbox.receive("1", "7", {"text": "?"})
    mailbox.finish(job(mailbox.take("7")), [Answer("answer")])
    late = parcel(mailbox.take("7"))
    assert mailbox.advance(late, 1)
    hand_clock.now += LEASE + 1
    again = parcel(other.take("7"))
    assert not mailbox.advance(late, 2)
    assert other.advance(again, 2)
    other.later(again, 5)
    mailbox.sent(late)  # all of it, before it knew
    hand_clock.now += 5
    assert other.take("7") is None


def test_the_count_of_what_is_sent_never_falls(mailbox: Mailbox, other: Mailbox, hand_clock: HandClock) -> None:
    mailbox.receive("1", "7", {"text": "?"})
    mailbox.finish(job(mailbox.take("7")), [Answer("answer")])
    late = parcel(mailbox.take("7"))
    hand_clock.now += LEASE + 1
    other.advance(parcel(other.take("7")), 2)
    mailbox.advance(late, 1)
    hand_clock.now += LEASE + 1
    assert parcel(mailbox.take("7")).parts == 2


def test_of_a_forgotten_chat_nothing_more_is_sent(mailbox: Mailbox) -> None:
    mailbox.receive("1", "7", {"text": "?"})
    mailbox.finish(job(mailbox.take("7")), [Answer("answer")])
    sending = parcel(mailbox.take("7"))
    mailbox.forget("7")
    assert not mailbox.advance(sending, 1)


def test_an_unasked_message_whose_sender_died_before_it_began_is_sent_by_the_next(
    mailbox: Mailbox, other: Mailbox, hand_clock: HandClock
) -> None:
    mailbox.post("8", Answer("unasked"), "reminder-1")
    parcel(mailbox.take("8"))
    hand_clock.now += 1000
    begun(other, "8")
    assert other.count("lost") == 0


def test_an_unasked_message_that_was_withdrawn_is_not_begun(mailbox: Mailbox) -> None:
    mailbox.post("8", Answer("unasked"), "reminder-1")
    taken = parcel(mailbox.take("8"))
    mailbox.forget("8")
    assert not mailbox.begin(taken)


def test_an_unasked_message_is_posted_once_by_its_key(mailbox: Mailbox, other: Mailbox) -> None:
    assert mailbox.post("7", Answer("tomorrow"), "k")
    assert not other.post("7", Answer("tomorrow"), "k")
    mailbox.sent(begun(mailbox, "7"))
    assert not mailbox.post("7", Answer("tomorrow"), "k")
    assert mailbox.take("7") is None
    assert mailbox.post("7", Answer("no key"))
    assert mailbox.post("7", Answer("no key"))


def test_a_message_posted_in_a_transaction_that_fails_is_not_posted(mailbox: Mailbox, engine: Engine) -> None:
    with pytest.raises(RuntimeError), engine.begin() as connection:
        assert mailbox.post("7", Answer("x"), "k", connection)
        raise RuntimeError
    assert mailbox.waiting(10) == []
    with engine.begin() as connection:
        assert mailbox.post("7", Answer("x"), "k", connection)
    assert mailbox.waiting(10) == ["7"]


def test_a_chat_that_must_rest_keeps_no_other_waiting(mailbox: Mailbox, hand_clock: HandClock) -> None:
    for chat in ("7", "8"):
        mailbox.post(chat, Answer(chat))
    mailbox.later(begun(mailbox, "7"), 30, parts=2)
    assert mailbox.take("7") is None
    assert mailbox.waiting(10) == ["8"]
    hand_clock.now += 30
    assert parcel(mailbox.take("7")).parts == 2


def test_what_was_only_asked_to_wait_was_not_tried(mailbox: Mailbox) -> None:
    mailbox.post("7", Answer("news"))
    for counts, attempt in ((False, 1), (True, 1), (False, 2), (True, 2)):
        taken = begun(mailbox, "7")
        assert taken.attempt == attempt
        mailbox.later(taken, 0, counts=counts)
    assert begun(mailbox, "7").attempt == 3


def test_who_asked_comes_before_who_did_not(mailbox: Mailbox) -> None:
    mailbox.post("7", Answer("news"))
    mailbox.receive("1", "8", {"text": "?"})
    assert mailbox.waiting(10) == ["8", "7"]
    assert mailbox.waiting(1) == ["8"]
    assert mailbox.waiting(10, unasked=False) == ["8"]
    assert mailbox.take("7", unasked=False) is None


def test_what_cannot_be_sent_is_given_up_and_counted(mailbox: Mailbox, engine: Engine) -> None:
    for number in range(2):
        mailbox.post("7", Answer("news"))
        mailbox.give_up(begun(mailbox, "7"), uncertain=bool(number))
    assert (mailbox.count("failed"), mailbox.count("lost")) == (1, 1)
    with engine.connect() as connection:
        assert set(connection.execute(sa.select(tables.outgoing.c.body)).scalars()) == {""}


def test_channels_do_not_see_each_other(mailbox: Mailbox, engine: Engine) -> None:
    elsewhere = Mailbox(engine, "signal", "a", LEASE)
    assert mailbox.receive("1", "7", {})
    assert elsewhere.waiting(10) == []
    assert elsewhere.receive("1", "7", {})
    assert elsewhere.forget("7") == 2
    assert mailbox.waiting(10) == ["7"]


def test_a_chat_that_moves_takes_along_what_waits(mailbox: Mailbox) -> None:
    mailbox.receive("1", "-7", {"text": "?"})
    mailbox.post("-7", Answer("news"))
    mailbox.move("-7", "-1007")
    assert mailbox.waiting(10) == ["-1007"]
    assert mailbox.forget("-1007") == 3


def test_a_forgotten_chat_gets_no_answer_to_what_it_had_asked(mailbox: Mailbox, engine: Engine) -> None:
    mailbox.receive("1", "7", {"text": "?"})
    asked = job(mailbox.take("7"))
    assert mailbox.forget("7") == 2
    assert mailbox.forget("7") == 0
    assert not mailbox.finish(asked, [Answer("x")])
    with engine.connect() as connection:
        for table in (tables.chat, tables.update, tables.outgoing):
            assert connection.execute(sa.select(table)).all() == []


def test_what_is_old_is_deleted(mailbox: Mailbox, hand_clock: HandClock) -> None:
    mailbox.receive("1", "7", {"text": "?"})
    hand_clock.now += 100
    mailbox.receive("2", "8", {"text": "?"})
    assert mailbox.purge(hand_clock.now - 50) == 2
    assert mailbox.waiting(10) == ["8"]


def test_threads_that_take_at_once_get_each_message_once(mailbox: Mailbox, other: Mailbox) -> None:
    for number in range(30):
        mailbox.receive(str(number), str(number % 3), {"n": number}, number)
    done: list[tuple[str, int]] = []

    def work(box: Mailbox) -> None:
        while chats := box.waiting(5):
            for chat in chats:
                while isinstance(found := box.take(chat), Job):
                    if box.finish(found, []):
                        done.append((chat, found.body["n"]))

    threads = [threading.Thread(target=work, args=(box,)) for box in (mailbox, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for chat in range(3):
        assert [n for name, n in done if name == str(chat)] == list(range(chat, 30, 3))
