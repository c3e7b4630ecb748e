"""Publishing that is disturbed: killed, stopped, two at once, no disk space, a failing worker; nothing is half done."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bot.publish import publisher as publishing
from bot.publish import workshop
from bot.publish.ledger import SAYINGS, Ledger
from bot.publish.workshop import Workshop
from bot.sayings import StaffError
from tests.publish.conftest import Office


def test_while_one_publishes_another_waits_and_is_told(office: Office) -> None:
    with office.publisher.ledger.locked(), pytest.raises(StaffError) as busy, Ledger(office.settings.home).locked(0.3):
        pass
    assert busy.value.name == "busy"


def test_a_full_disk_changes_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    first = office.publisher.publish("Ada")
    office.edit("desk_since", "Seitdem ist", "Seither ist")
    for name in ("rename", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, name, _no_space)
            with pytest.raises(StaffError) as stopped:
                office.publisher.publish("Ada")
            assert stopped.value.name == "not_written"
        assert office.publisher.ledger.live() == first
    assert office.publisher.publish("Ada").changed == ("desk_since",)


def _no_space(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


PUBLISHING = """
import sys, dataclasses
from pathlib import Path
from bot import durable, settings
from bot.publish.publisher import Publisher
step = int(sys.argv[1])
seen = 0
def counted(function):
    def call(*arguments, **named):
        global seen
        seen += 1
        if seen == step:
            import os, signal
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **named)
    return call
durable.write = counted(durable.write)
durable.sync = counted(durable.sync)
Path.rename = counted(Path.rename)
Path.replace = counted(Path.replace)
Publisher(settings.load()).publish("Ada")
print("done")
"""


def test_a_publisher_killed_at_any_step_leaves_the_old_or_the_new_one_live(office: Office) -> None:
    first = office.publisher.publish("Ada")
    office.edit("desk_since", "Seitdem ist", "Seither ist")
    environment = {
        **os.environ, "BOT_HOME": str(office.settings.home), "BOT_CONTENT": str(office.settings.content_dir)
    }  # fmt: skip
    for step in range(1, 30):
        run = subprocess.run(
            [sys.executable, "-c", PUBLISHING, str(step)], env=environment, capture_output=True, text=True, timeout=60
        )
        live = office.publisher.ledger.live()
        assert live
        speech = office.publisher.ledger.speech(live.number)
        assert ("Seither ist" in speech["entries"]["desk_since"]["answer"]["de"]) == (live.number != first.number)
        if live.number != first.number:
            break
        assert run.returncode == -signal.SIGKILL, run.stderr
    assert step > 5, "it was killed before, while and after each step"
    with office.publisher.ledger.locked(1.0):
        assert not list(office.publisher.ledger.folder.glob(".next-*")), "what the killed one left is cleared away"


def test_two_publishers_at_once_make_two_publications_in_turn(office: Office) -> None:
    office.publisher.publish("Ada")
    environment = {
        **os.environ, "BOT_HOME": str(office.settings.home), "BOT_CONTENT": str(office.settings.content_dir)
    }  # fmt: skip
    office.edit("desk_since", "Seitdem ist", "Seither ist")
    both = [
        subprocess.Popen([sys.executable, "-c", PUBLISHING, "0"], env=environment, stdout=subprocess.PIPE, stderr=-1)
        for _ in range(2)
    ]
    time.sleep(0.1)
    codes = [process.wait(60) for process in both]
    assert sorted(codes) == [0, 1], "the second finds nothing left to publish"
    assert [one.number for one in office.publisher.ledger.all()] == [1, 2]


def test_what_is_being_learnt_can_be_stopped_and_nothing_is_changed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = office.publisher.publish("Ada")
    learning, killed = threading.Event(), threading.Event()

    def work(self: Workshop, *_: object) -> None:
        learning.set()
        assert killed.wait(30)
        raise StaffError(SAYINGS, "not_trained", reason="killed")

    monkeypatch.setattr(publishing.Workshop, "work", work)
    monkeypatch.setattr(publishing.Workshop, "kill", lambda self: killed.set())
    office.edit("desk_since", "  de:\n    - ", '  de:\n    - "wie lang schon desk"\n    - ')
    refused: list[StaffError] = []

    def publish() -> None:
        with pytest.raises(StaffError) as error:
            office.publisher.publish("Ada")
        refused.append(error.value)

    thread = threading.Thread(target=publish)
    thread.start()
    assert learning.wait(30)
    office.publisher.stop()
    thread.join(30)
    assert [error.name for error in refused] == ["not_trained"]
    with pytest.raises(StaffError) as later:
        office.publisher.publish("Ada")
    assert later.value.name == "stopped"
    assert office.publisher.ledger.live() == first


def test_a_worker_that_fails_says_why(office: Office, tmp_path: Path) -> None:
    with (
        pytest.raises(StaffError, match=r"rules\.yml") as failed,
        workshop.Workshop(office.settings.home) as real,
    ):
        real.work(tmp_path / "nothing", [], "", tmp_path, lambda *_: None)
    assert failed.value.name == "not_trained"
