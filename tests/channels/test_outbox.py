"""The outbox on both databases: one number, one answer, whoever asks at the same time."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.channels.core.answers import Answer
from bot.channels.web.outbox import BusyError, GoneError, Outbox, Written
from bot.channels.web.queue import Queue
from bot.database import connect

HELLO = Written("Hallo", "de")


@pytest.fixture
def outbox(database_url: str) -> Outbox:
    return Outbox(connect(database_url))


def test_a_key_sent_at_once_from_everywhere_is_one_message(outbox: Outbox) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: outbox.accept("s", "k" * 16, HELLO), range(16)))
    assert sorted(known for _, known in found) == [False] + [True] * 15
    assert len({number for number, _ in found}) == 1


def test_one_of_many_processes_gets_a_message(outbox: Outbox, database_url: str) -> None:
    outbox.accept("s", "k" * 16, HELLO)
    queues = [Queue(connect(database_url), f"process {number}", 10) for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        jobs = list(pool.map(lambda queue: queue.take("s"), queues))
    (winner,) = [queue for queue, job in zip(queues, jobs, strict=True) if job]
    (job,) = filter(None, jobs)
    assert winner.waiting(9) == ["s"]
    assert [queue.waiting(9) for queue in queues if queue is not winner] == [[]] * 5
    assert winner.finish(job, [Answer("eins"), Answer("zwei")])
    assert not winner.finish(job, [Answer("noch einmal")])
    assert [message["text"] for message in outbox.history("s").messages] == ["Hallo", "eins", "zwei"]
    assert winner.touched(0) == {"s": winner.newest()}


def test_numbers_grow_in_the_order_in_which_they_become_visible(outbox: Outbox) -> None:
    """A reader that asks for what follows the last number it saw misses none, however many write."""

    def write(number: int) -> None:
        for _ in range(12):
            try:
                outbox.post("s", Answer(str(number)))
            except GoneError:
                return

    seen: list[int] = []
    with ThreadPoolExecutor(5) as pool:
        writers = [pool.submit(write, number) for number in range(4)]
        while not all(writer.done() for writer in writers):
            seen += [message["id"] for message in outbox.since("s", seen[-1] if seen else 0).messages]
        for writer in writers:
            writer.result()
    seen += [message["id"] for message in outbox.since("s", seen[-1] if seen else 0).messages]
    assert seen == [message["id"] for message in outbox.history("s").messages]
    assert len(seen) == 48


def test_an_opinion_is_new_only_when_it_changes(outbox: Outbox, database_url: str) -> None:
    number, _ = outbox.accept("s", uuid.uuid4().hex, HELLO)
    queue = Queue(connect(database_url), "process", 10)
    job = queue.take("s")
    assert job
    assert queue.finish(job, [Answer("Guten Tag!")])
    answer = outbox.history("s").messages[-1]["id"]
    first = outbox.rate("s", answer, "down")
    assert first
    assert (first.sender, first.question, first.new) == (job.sender, HELLO.text, "down")
    assert outbox.rate("s", answer, "down") == replace(first, new=None)
    assert outbox.rate("s", number, "up") is None
    assert outbox.rate("other", answer, "up") is None


def test_restart_and_deletion_end_a_running_turn(outbox: Outbox, database_url: str) -> None:
    queue = Queue(connect(database_url), "process", 10)
    for end in (outbox.restart, outbox.delete):
        outbox.accept("s", uuid.uuid4().hex, HELLO)
        job = queue.take("s")
        assert job
        assert queue.wanted(job)
        end("s")
        assert not queue.wanted(job)
        assert not queue.finish(job, [Answer("zu spät")])
    with pytest.raises(GoneError):
        outbox.accept("s", uuid.uuid4().hex, HELLO)
    assert outbox.delete("s") == []


def test_ten_may_wait(outbox: Outbox) -> None:
    for _ in range(10):
        outbox.accept("s", uuid.uuid4().hex, HELLO)
    with pytest.raises(BusyError):
        outbox.accept("s", uuid.uuid4().hex, HELLO)
    outbox.accept("other", uuid.uuid4().hex, HELLO)


def test_what_nobody_used_for_long_is_purged(outbox: Outbox) -> None:
    outbox.accept("old", "k" * 16, HELLO)
    between = time.time()
    time.sleep(0.01)
    outbox.accept("new", "k" * 16, HELLO)
    assert outbox.purge(between) == 1
    assert outbox.history("old").messages == []
    assert len(outbox.history("new").messages) == 1


def test_many_messages_come_page_by_page(outbox: Outbox) -> None:
    for number in range(230):
        outbox.post("s", Answer(str(number)))
    last, sizes = 0, []
    while messages := outbox.since("s", last).messages:
        sizes.append(len(messages))
        last = messages[-1]["id"]
    assert sizes == [100, 100, 30]
