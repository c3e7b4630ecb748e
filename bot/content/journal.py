"""Writes several content files as one: all of them or none, whatever happens in between.

New texts are first written in full beside the content and synced (``.writing/next``). Renaming that folder to
``.writing/moving`` is the one moment that decides: before it nothing has changed, after it the files are moved into
place, by the next reader or writer if this process died. Locks are the kernel's, so a killed process leaves none.
"""

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import portalocker
from portalocker.constants import LockFlags

from bot import durable
from bot.sayings import Sayings, StaffError

FOLDER = ".writing"
KEPT = "kept"
"""Where a text goes that could not be moved into place because its file was changed by hand after a crash."""
WAIT = 30.0
_NEXT, _MOVING, _PLAN = "next", "moving", "plan.json"
_WRITERS, _READERS = "writers.lock", "readers.lock"
_SAYINGS = Sayings(Path(__file__).with_suffix(".yml"))

Files = Mapping[Path, bytes | None]
"""Path to what the file holds; None for a file that is not there."""


@contextlib.contextmanager
def writing(root: Path, wait: float = WAIT) -> Iterator[None]:
    """Hold the right to write under ``root``; finishes first what a killed writer left.

    Raises:
        StaffError: somebody else holds it for longer than ``wait`` seconds, or the folder cannot be written.
    """
    folder = root / FOLDER
    with _told():
        folder.mkdir(exist_ok=True)
        for name in (_WRITERS, _READERS):
            (folder / name).touch()
        # Hides itself from git: nothing in here is content.
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    with _locked(folder / _WRITERS, LockFlags.EXCLUSIVE, wait):
        _finish(root)
        yield


@contextlib.contextmanager
def reading(root: Path) -> Iterator[None]:
    """Keep the files under ``root`` from being moved while they are read; never for longer than ``WAIT``.

    A folder that cannot be written has no writers and is read as it is.
    """
    folder = root / FOLDER
    if (folder / _MOVING).exists():
        with contextlib.suppress(StaffError), writing(root, wait=WAIT):
            pass
    with contextlib.ExitStack() as stack:
        if (folder / _READERS).exists():
            # A writer that hangs must not silence the bot: each file by itself is whole at any moment.
            with contextlib.suppress(StaffError):
                stack.enter_context(_locked(folder / _READERS, LockFlags.SHARED, WAIT, "r"))
        yield


def write(root: Path, files: Files, seen: Files) -> None:
    """Put ``files`` in place, inside ``writing``; ``seen`` is what the caller read there before.

    Raises:
        StaffError: the disk is full, a file lies outside ``root`` or differs from ``seen``. Nothing was changed.
    """
    folder = root / FOLDER
    _check(root, files, seen)
    with contextlib.ExitStack() as stack:
        try:
            with _told():
                _prepare(root, folder / _NEXT, files)
            stack.enter_context(_locked(folder / _READERS, LockFlags.EXCLUSIVE, WAIT))
            _check(root, files, seen)
            with _told():
                (folder / _NEXT).rename(folder / _MOVING)
        except BaseException:
            shutil.rmtree(folder / _NEXT, ignore_errors=True)
            raise
        durable.sync(folder)
        _move(root)


def digest(data: bytes | None) -> str:
    """Return a hash of a file's bytes; of a file that is not there, nothing."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


def read_bytes(path: Path) -> bytes | None:
    """Return what ``path`` holds, or None if it is not there."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _check(root: Path, files: Files, seen: Files) -> None:
    home = root.resolve()
    for path in files:
        if not path.resolve().is_relative_to(home) or path.is_symlink():
            raise StaffError(_SAYINGS, "outside", file=path.name)
        if read_bytes(path) != seen[path]:
            raise StaffError(_SAYINGS, "changed_meanwhile", file=path.relative_to(root).as_posix())


def _prepare(root: Path, folder: Path, files: Files) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    plan = []
    for number, (path, data) in enumerate(files.items()):
        name = None
        if data is not None:
            name = f"{number:04}.yml"
            path.parent.mkdir(parents=True, exist_ok=True)
            durable.write(folder / name, data)
        plan.append([path.relative_to(root).as_posix(), name, digest(read_bytes(path)), digest(data)])
    durable.write(folder / _PLAN, json.dumps(plan).encode())
    durable.sync(folder)


def _finish(root: Path) -> None:
    """Complete what was decided, throw away what was not."""
    folder = root / FOLDER
    shutil.rmtree(folder / _NEXT, ignore_errors=True)
    if (folder / _MOVING).exists():
        with _locked(folder / _READERS, LockFlags.EXCLUSIVE, WAIT):
            _move(root)


def _move(root: Path) -> None:
    """Move every prepared file into place. May be repeated: what is in place already is left."""
    folder = root / FOLDER / _MOVING
    plan_file = folder / _PLAN
    # The plan goes last but for its empty folder; without a plan everything is in place.
    plan = json.loads(plan_file.read_bytes()) if plan_file.exists() else []
    for place, name, before, after in plan:
        target = root / place
        present = digest(read_bytes(target))
        if present == after:
            continue
        if present != before:
            _keep(root, folder, name)
        elif name is None:
            target.unlink()
        else:
            (folder / name).replace(target)
    for parent in {(root / place).parent for place, *_ in plan}:
        durable.sync(parent)
    plan_file.unlink(missing_ok=True)
    shutil.rmtree(folder)


def _keep(root: Path, folder: Path, name: str | None) -> None:
    """Put a text aside whose file somebody changed between the crash and now: the hand edit stays in place."""
    if name is not None and (folder / name).exists():
        kept = root / FOLDER / KEPT
        kept.mkdir(exist_ok=True)
        (folder / name).replace(kept / f"{digest((folder / name).read_bytes())[:12]}.yml")


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StaffError(_SAYINGS, "not_written", reason=error.strerror or str(error)) from error


@contextlib.contextmanager
def _locked(path: Path, kind: LockFlags, wait: float, mode: str = "a") -> Iterator[None]:
    lock = portalocker.Lock(path, mode, timeout=wait, check_interval=0.05, flags=kind | LockFlags.NON_BLOCKING)
    try:
        lock.acquire()
    except (portalocker.LockException, OSError) as error:
        raise StaffError(_SAYINGS, "busy") from error
    try:
        yield
    finally:
        lock.release()  # type: ignore[no-untyped-call]
