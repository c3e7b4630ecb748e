"""Work is shared between processes that end with their parent."""

import multiprocessing
import os
import subprocess
import sys
import time

import psutil
import pytest

from bot.publish.sharing import shared
from bot.settings import PROJECT_ROOT


def test_parts_come_back_in_their_order_and_from_other_processes() -> None:
    known = {"a": 1, "b": 2}
    with shared(lambda part: (os.getpid(), known[part])) as share:
        made = list(share(["a", "b"] * 20))
    assert [value for _, value in made] == [1, 2] * 20
    assert os.getpid() not in {process for process, _ in made}


def test_where_no_process_can_be_split_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    with shared(lambda part: (os.getpid(), part)) as share:
        assert list(share([1, 2])) == [(os.getpid(), 1), (os.getpid(), 2)]


KILLED = """
import time
from bot.publish.sharing import shared
with shared(lambda part: part) as share:
    print(list(share([1, 2])), flush=True)
    time.sleep(60)
"""


def test_a_killed_parent_leaves_nobody_behind() -> None:
    parent = subprocess.Popen([sys.executable, "-c", KILLED], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    assert parent.stdout.readline() == "[1, 2]\n"
    children = psutil.Process(parent.pid).children()
    assert len(children) == 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 30
    while any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.1)
