"""`bot publish` beside a running `bot serve` that leaves publishing to it."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bot.publish.ledger import Ledger
from bot.settings import PROJECT_ROOT
from tests.serving.conftest import Server, start


@pytest.fixture(scope="module")
def server(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("publish")
    left = model.parent.parent / "carried"
    if left.is_dir():  # what the model's training left for the next one
        shutil.copytree(left, folder / "home" / "carried")
    running = start(folder, model, BOT_PUBLISH="command")
    try:
        running.wait_for("ready:")
        yield running
    finally:
        running.stop()


def installation(server: Server) -> dict[str, str]:
    """Return the environment in which staff use a server's installation."""
    return {
        **os.environ, "BOT_HOME": str(server.home), "BOT_CONTENT": str(server.content), "BOT_PORT": str(server.port)
    }  # fmt: skip


def publish(server: Server, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", "publish", "--by", "Ada", *arguments],
        env={**installation(server), **environment}, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def edit(server: Server, old: str, new: str) -> None:
    path = server.content / "faq" / "desk" / "desk_since.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_an_edit_waits_for_its_publication_and_no_conversation_is_lost_under_load(server: Server) -> None:
    server.say("Was macht das Business Desk?", sender="kept")
    edit(server, "Seitdem ist", "Seither ist")
    time.sleep(1.5)
    assert "Seitdem ist" in server.say("Seit wann gibt es das Business Desk?")[0]["text"]

    answers: list[str] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            answers.append(server.say("Where is the Chinese Garden?", sender=f"load-{len(answers) % 9}")[0]["text"])

    visitors = [threading.Thread(target=ask) for _ in range(3)]
    for visitor in visitors:
        visitor.start()
    done = publish(server)
    time.sleep(1.0)
    over.set()
    for visitor in visitors:
        visitor.join()
    assert done.returncode == 0, done.stderr
    assert "Publication 2: changed desk_since" in done.stdout
    assert "Visitors get it from now on" in done.stdout
    assert len(answers) > 20
    assert {("Gardens of the World" in answer) for answer in answers} == {True}
    assert "Seither ist" in server.say("seit wann?", sender="kept")[0]["text"]


def test_a_broken_edit_is_refused_in_the_desks_language_and_the_bot_goes_on(server: Server) -> None:
    edit(server, "**April 2018** eröffnet", "**April 2019** eröffnet")
    done = publish(server, "--lang", "zh")
    assert done.returncode == 1
    assert "未发布" in done.stderr and "desk_since.yml" in done.stderr and "2019" in done.stderr
    assert "2018" in server.say("Seit wann gibt es das Business Desk?")[0]["text"]
    edit(server, "**April 2019** eröffnet", "**April 2018** eröffnet")


def test_undo_is_live_within_seconds_and_stands_in_the_history(server: Server) -> None:
    done = publish(server, "--undo", "2")
    assert done.returncode == 0, done.stderr
    assert "Seitdem ist" in server.say("Seit wann gibt es das Business Desk?")[0]["text"]
    history = publish(server, "--history").stdout.splitlines()
    assert history[0].startswith("*    3") and "back to before 2" in history[0] and "Ada" in history[0]
    assert "changed desk_since" in history[1]


def test_killed_while_it_learns_a_publication_leaves_the_bot_as_it_was_and_the_next_one_works(server: Server) -> None:
    before = Ledger(server.home).live()
    question = "im welchen jahr gings mit dem desk los"
    edit(server, "  de:\n    - ", f'  de:\n    - "{question}"\n    - ')
    killed = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "publish", "--by", "Ada"],
        env=installation(server), cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    worker = _learning(server, killed)
    time.sleep(3)  # into the middle of it
    killed.kill()
    killed.wait()
    worker.wait(30)  # it ends with whoever wanted its work
    assert Ledger(server.home).live() == before
    assert "Desk China" in server.say("Seit wann gibt es das Business Desk?")[0]["text"]
    assert not list((server.home / "models").glob(".building-*/*.tar.gz")), "no half model"

    done = publish(server)
    assert done.returncode == 0, done.stdout + done.stderr
    live = Ledger(server.home).live()
    assert live
    assert before
    assert (live.number, live.changed) == (before.number + 1, ("desk_since",))
    assert not list(Ledger(server.home).folder.glob(".work-*")), "the killed one's copy is cleared away"


def _learning(server: Server, publisher: "subprocess.Popen[str]") -> psutil.Process:
    """Wait until a publisher's worker learns, and return the worker."""
    deadline = time.monotonic() + 240  # its process has the lowest priority
    while not list((server.home / "models").glob(".building-*")):
        assert publisher.poll() is None and time.monotonic() < deadline, publisher.communicate()
        time.sleep(0.05)
    return psutil.Process(publisher.pid).children()[0]


def test_a_publication_whose_model_cannot_be_loaded_is_taken_back_by_itself(server: Server) -> None:
    ledger = Ledger(server.home)
    live = ledger.live()
    assert live
    broken = "broken.tar.gz"
    (server.home / "models" / broken).write_bytes(b"no model")
    number = live.number + 1
    folder = ledger.folder / f"{number:06}"
    shutil.copytree(ledger.folder / f"{live.number:06}", folder)
    record = json.loads((folder / "publication.json").read_text(encoding="utf-8"))
    (folder / "publication.json").write_text(json.dumps({**record, "number": number, "undoes": None}))
    made = ledger.get(number)
    assert made
    ledger.renew(made, ledger.speech(number), model=broken)
    ledger.point(number)
    server.wait_for(f"publication {number} was taken back", 90)
    assert "2018" in server.say("Seit wann gibt es das Business Desk?")[0]["text"]
    again = ledger.live()
    assert again and again.number == live.number
