import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import settings
from bot.database import connect
from bot.inbox import recorder, secret
from bot.inbox.recorder import Kept, Recorder
from bot.inbox.store import Inbox
from bot.inbox.turn import PROBE, Kind, Turn, of
from tests.inbox.conftest import NOW, turn


class Sink:
    """Keeps what it is given once the gate is open."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.gate = threading.Event()
        self.gate.set()
        self.failing = False

    def write(self, turns: list[Turn], now: datetime) -> None:
        self.gate.wait(10)
        if self.failing:
            raise OSError("disk full")
        self.turns += turns

    def purge(self, now: datetime) -> None:
        pass


def test_turns_of_many_threads_arrive() -> None:
    sink = Sink()
    taking = Recorder(lambda: sink)
    threads = [threading.Thread(target=lambda: [taking.record(turn()) for _ in range(50)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taking.stop()
    assert len(sink.turns) == 400
    assert taking.dropped == 0


def test_a_full_queue_drops_and_counts_and_nobody_waits() -> None:
    sink = Sink()
    sink.gate.clear()
    taking = Recorder(lambda: sink, room=10)
    started = time.perf_counter()
    for _ in range(1000):
        taking.record(turn())
    assert time.perf_counter() - started < 0.5
    assert taking.dropped >= 1000 - 10 - recorder.BATCH
    sink.gate.set()
    taking.stop()
    assert len(sink.turns) == 1000 - taking.dropped


def test_a_sink_that_fails_loses_its_turns_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    sink = Sink()
    sink.failing = True
    taking = Recorder(lambda: sink)
    taking.record(turn("geheim"))
    for _ in range(100):
        if taking.dropped:
            break
        time.sleep(0.02)
    sink.failing = False
    taking.record(turn())
    taking.stop()
    assert (taking.dropped, len(sink.turns)) == (1, 1)
    assert "OSError" in caplog.text
    assert "geheim" not in caplog.text


def test_a_database_that_cannot_be_opened_is_tried_again() -> None:
    sink, tries = Sink(), []

    def opened() -> Sink:
        tries.append(1)
        if len(tries) == 1:
            raise OSError
        return sink

    taking = Recorder(opened)
    taking.record(turn())
    while not taking.dropped:
        time.sleep(0.01)
    taking.record(turn())
    taking.stop()
    assert len(sink.turns) == 1


def test_texts_are_masked_before_they_are_kept(database_url: str, tmp_path: Path) -> None:
    chosen = settings.load({"DATABASE_URL": database_url, "BOT_HOME": str(tmp_path)})
    kept = Kept(chosen)
    kept.write([turn("Ich heiße Anna Schmidt, 0171 1234567: wie heißen Wagners Pandas 2017?")], NOW)
    kept.write([turn("thanks", kind=Kind.TALK, entry=None)], NOW)
    engine = connect(database_url)
    (question,) = Inbox(engine, secret.hasher(chosen), 90).questions()
    assert question.text == "Ich heiße [name], [phone]: wie heißen Wagners Pandas 2017?"
    with engine.connect() as connection:
        rows = [str(connection.execute(sa.text(f"SELECT * FROM {name}")).all()) for name in
                ("inbox_question", "inbox_trace", "turn_count")]  # fmt: skip
    assert not any(part in row for row in rows for part in ("Anna", "1234567", "visitor", "thanks"))
    assert (tmp_path / "inbox-secret").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("intent", "answers", "kind"),
    [("faq", [{"custom": {"entry": "pandas"}}], Kind.ANSWERED), ("faq", [{"text": "?"}], Kind.UNKNOWN),
     ("unknown", [{"custom": {"events": [{}]}}], Kind.EVENTS), ("unknown", [], Kind.UNKNOWN),
     ("unsure", [], Kind.UNSURE), ("find_events", [], Kind.EVENTS), ("greet", [], Kind.TALK)],
)  # fmt: skip
def test_what_became_of_a_message_is_read_from_intent_and_answers(intent: str, answers: list, kind: Kind) -> None:
    parsed = {"intent": {"name": intent, "confidence": 0.7}, "language": "en", "offer": ["a", "b"]}
    made = of("me", "web", "hello", parsed, answers)
    assert (made.kind, made.language, made.offered) == (kind, "en", ("a", "b"))


def test_a_turn_that_rasa_did_not_read_failed() -> None:
    assert of("me", "web", "hello", None, []).kind is Kind.FAILED
    about = of("me", "web", "?", {"intent": {"name": "unknown_about"}, "topic_intent": "unknown_desk"}, [])
    assert (about.kind, about.entry) == (Kind.UNKNOWN_ABOUT, "unknown_desk")


def test_the_probe_of_a_starting_server_is_nobodys_question(monkeypatch: pytest.MonkeyPatch) -> None:
    sink = Sink()
    taking = Recorder(lambda: sink)
    monkeypatch.setattr(recorder, "_recorder", lambda: taking)
    recorder.record(turn(sender=PROBE))
    recorder.record_thumb("visitor", "web", "zh", "熊猫？", up=False, entry="pandas")
    taking.stop()
    assert [(one.kind, one.text, one.entry) for one in sink.turns] == [(Kind.THUMB_DOWN, "熊猫？", "pandas")]
