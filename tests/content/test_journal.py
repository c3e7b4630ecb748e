"""Several files are written as one: killed at any moment, short of space or side by side with another, all or none."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.content import journal
from bot.sayings import StaffError

FILES = {"faq/a/one.yml": b"new one\n", "faq/a/two.yml": None, "faq/b/three.yml": b"new three\n"}
OLD = {"faq/a/one.yml": b"old one\n", "faq/a/two.yml": b"old two\n", "faq/b/three.yml": None}
# Dies by SIGKILL before the n-th call that changes something on the disk.
DYING = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from bot.content import journal
from tests.content import test_journal as here

left = int(sys.argv[2])

def dying(call):
    def counted(*args, **kwargs):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **kwargs)
    return counted

for name in ("replace", "rename", "unlink", "mkdir"):
    setattr(Path, name, dying(getattr(Path, name)))
os.fsync = dying(os.fsync)
here.apply(Path(sys.argv[1]))
"""


def apply(root: Path) -> None:
    with journal.writing(root):
        files = {root / name: data for name, data in FILES.items()}
        journal.write(root, files, {path: journal.read_bytes(path) for path in files})


def state(root: Path) -> dict[str, bytes | None]:
    with journal.reading(root):
        return {name: journal.read_bytes(root / name) for name in FILES}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, data in OLD.items():
        if data is not None:
            (tmp_path / "nlu_data" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "nlu_data" / name).write_bytes(data)
    return tmp_path / "nlu_data"


def test_killed_at_any_moment_all_or_none_is_written(root: Path, tmp_path: Path) -> None:
    project = str(Path(__file__).parents[2])
    seen = set()
    for steps in range(60):
        copy = tmp_path / f"copy{steps}"
        shutil.copytree(root, copy)
        done = subprocess.run([sys.executable, "-c", DYING, copy, str(steps), project], capture_output=True, text=True)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        found = state(copy)
        assert found in (OLD, FILES), f"half-written after {steps} steps"
        seen.add(found == FILES)
        apply(copy)  # and the next writer is not held up
        assert state(copy) == FILES
        assert not [path for path in (copy / journal.FOLDER).iterdir() if path.is_dir()]
        if done.returncode == 0:
            assert steps > 10
            break
    assert seen == {True, False}


def test_a_full_disk_changes_nothing(root: Path) -> None:
    """The kernel refuses what goes beyond a few bytes a file, as it does when no space is left."""
    script = (
        "import resource, signal, sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\n"
        "from bot.sayings import StaffError\n"
        "from tests.content import test_journal as here\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4, 4))\n"
        "try: here.apply(Path(sys.argv[1]))\n"
        "except StaffError as error: print(error)\n"
    )
    project = str(Path(__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", script, root, project], capture_output=True, text=True)
    assert "Nothing was changed" in done.stdout, done.stderr
    assert state(root) == OLD
    apply(root)
    assert state(root) == FILES


def test_no_space_left_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StaffError, match="No space left on device"):
        apply(root)
    monkeypatch.undo()
    assert state(root) == OLD


def test_a_second_writer_waits_and_then_is_told(root: Path) -> None:
    started = time.monotonic()
    with journal.writing(root), pytest.raises(StaffError, match="Somebody else"), journal.writing(root, wait=0.2):
        pass
    assert 0.1 < time.monotonic() - started < 5
    with journal.writing(root, wait=0.2):
        pass


def test_a_hand_edit_in_between_is_not_overwritten(root: Path) -> None:
    seen = {root / name: data for name, data in OLD.items()}
    (root / "faq/a/one.yml").write_bytes(b"by hand\n")
    with journal.writing(root), pytest.raises(StaffError, match=r"faq/a/one\.yml was changed by hand"):
        journal.write(root, {root / name: data for name, data in FILES.items()}, seen)
    assert state(root) == OLD | {"faq/a/one.yml": b"by hand\n"}


def test_a_hand_edit_after_a_crash_stays_and_the_other_text_is_kept_aside(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(root: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(journal, "_move", crash)
    with pytest.raises(KeyboardInterrupt):
        apply(root)
    monkeypatch.undo()
    (root / "faq/a/one.yml").write_bytes(b"by hand\n")
    assert state(root) == FILES | {"faq/a/one.yml": b"by hand\n"}
    kept = list((root / journal.FOLDER / journal.KEPT).iterdir())
    assert [path.read_bytes() for path in kept] == [b"new one\n"]


@pytest.mark.parametrize("place", ["../outside.yml", "faq/../../outside.yml", "faq/link/x.yml", "faq/a/linked.yml"])
def test_nothing_is_written_outside(root: Path, place: str) -> None:
    (root / "faq" / "link").symlink_to(root.parent)
    (root / "faq" / "a" / "linked.yml").symlink_to(root / "faq" / "a" / "one.yml")
    path = root / place
    with journal.writing(root), pytest.raises(StaffError, match="outside"):
        journal.write(root, {path: b"x"}, {path: journal.read_bytes(path)})
    assert state(root) == OLD


def test_what_cannot_be_written_is_read_as_it_is(root: Path) -> None:
    with journal.reading(root):
        pass
    assert not (root / journal.FOLDER).exists()


def test_the_journal_hides_itself_from_git(root: Path) -> None:
    apply(root)
    subprocess.run(["git", "init", "-q", root], check=True)
    listed = subprocess.run(["git", "-C", root, "status", "--short", "-uall"], capture_output=True, text=True)
    assert journal.FOLDER not in listed.stdout
