"""The publications of an installation on disk, under BOT_HOME/publications.

A publication is a folder: its record, what the bot speaks from, and the content as it was. It is written in full under
another name, synced, and renamed: it is there whole or not at all. ``live`` names the one that the bot speaks from and
is replaced in one step, so whatever process dies at whatever point, there is one good answer to "what is live?".
"""

import contextlib
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import portalocker

from bot import durable
from bot.errors import BotError
from bot.sayings import Sayings, StaffError

KEPT = 50
KEPT_MODELS = 5
"""Publications whose models are kept (18 MB each); an older one is trained anew when somebody goes back to it."""
WAIT = 600.0
"""Seconds that a second publication waits for the first: as long as training may take."""
SAYINGS = Sayings(Path(__file__).with_name("sayings.yml"))
_LIVE, _RECORD, _SPEECH, _CONTENT, _LOCK = "live", "publication.json", "speech.json", "content.tar.gz", "lock"


@dataclass(frozen=True)
class Publication:
    """One publication as it is told in the history; ``at`` is a moment in ISO 8601, ``model`` the model's name.

    ``how`` is ``first``, ``published`` (by command), ``saved`` (by `bot serve`) or ``undone``; ``digest`` names the
    content. ``added``, ``changed`` and ``removed`` are entries; ``accepted`` those whose losses somebody agreed to.
    """

    number: int
    at: str
    by: str
    how: str
    model: str
    digest: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    """Files beside the entries that changed: phrases, dialogue, rules."""
    accepted: tuple[str, ...] = ()
    undoes: int | None = None
    """The first of the publications that it takes back."""
    code: str = ""
    """What it was made with (`bot.training.code_hash`)."""
    withdrawn: str = ""
    """Why it was rolled back by itself; empty if it was not."""

    @property
    def restored(self) -> bool:
        """Whether it brings back what had been live before."""
        return self.undoes is not None


class LedgerError(BotError):
    """Raised for a ledger that cannot be read."""


class Ledger:
    """All publications of one installation. Blocks on the disk."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "publications"

    @contextlib.contextmanager
    def locked(self, wait: float = WAIT) -> Iterator[None]:
        """Hold the right to publish; the kernel gives it back if this process dies.

        Raises:
            StaffError: somebody else publishes for longer than ``wait`` seconds.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = portalocker.Lock(self.folder / _LOCK, "a", timeout=wait, check_interval=0.2)
        try:
            lock.acquire()
        except (portalocker.LockException, OSError) as error:
            raise StaffError(SAYINGS, "busy") from error
        try:
            for left in (*self.folder.glob(".next-*"), *self.folder.glob(".work-*")):
                shutil.rmtree(left, ignore_errors=True)
            yield
        finally:
            lock.release()  # type: ignore[no-untyped-call]

    def all(self) -> list[Publication]:
        """Return the publications that are kept, the oldest first."""
        folders = sorted(path for path in self.folder.glob("[0-9]*") if (path / _RECORD).exists())
        return [_read(path / _RECORD) for path in folders]

    def get(self, number: int) -> Publication | None:
        """Return a publication, or None if there is none of that number (any more)."""
        path = self._of(number) / _RECORD
        return _read(path) if path.exists() else None

    def live(self) -> Publication | None:
        """Return the publication that is live, or None before the first."""
        try:
            return self.get(int((self.folder / _LIVE).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise LedgerError(f"{self.folder / _LIVE} is damaged; write the number of a publication into it") from error

    def next_number(self) -> int:
        """Return the number of the publication that would be made now."""
        return max((publication.number for publication in self.all()), default=0) + 1

    def add(self, publication: Publication, speech: dict[str, Any], content: Path) -> None:
        """Keep a publication, with what the bot speaks and the folder ``content`` as they are now. Not live yet.

        Raises:
            StaffError: the disk is full or cannot be written; nothing was changed.
        """
        building = self.folder / f".next-{publication.number}"
        try:
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir(parents=True)
            with tarfile.open(building / _CONTENT, "w:gz", compresslevel=6) as archive:
                archive.add(content, arcname="content", filter=_nothing_of_writers)
            durable.write(building / _SPEECH, _spoken(publication, speech))
            durable.write(building / _RECORD, _plain(asdict(publication)))
            durable.sync(building / _CONTENT)
            durable.sync(building)
            building.rename(self._of(publication.number))
            durable.sync(self.folder)
        except OSError as error:
            shutil.rmtree(building, ignore_errors=True)
            raise StaffError(SAYINGS, "not_written", reason=error.strerror or str(error)) from error
        self._drop_old()

    def point(self, number: int) -> None:
        """Make a publication the live one, in one step.

        Raises:
            StaffError: the disk is full or cannot be written; the earlier one stays live.
        """
        pointing = self.folder / f".{_LIVE}-{os.getpid()}"
        try:
            durable.write(pointing, str(number).encode())
            pointing.replace(self.folder / _LIVE)
            durable.sync(self.folder)
        except OSError as error:
            pointing.unlink(missing_ok=True)
            raise StaffError(SAYINGS, "not_written", reason=error.strerror or str(error)) from error

    def amend(self, publication: Publication, **changes: Any) -> Publication:
        """Note something later, such as why it was withdrawn."""
        amended = replace(publication, **changes)
        path = self._of(publication.number) / _RECORD
        durable.write(path.with_suffix(".new"), _plain(asdict(amended)))
        path.with_suffix(".new").replace(path)
        return amended

    def renew(self, publication: Publication, speech: dict[str, Any], **changes: Any) -> Publication:
        """Give a publication another model for the same content, and what the bot then speaks from."""
        renewed = replace(publication, **changes)
        path = self._of(publication.number) / _SPEECH
        durable.write(path.with_suffix(".new"), _spoken(renewed, speech))
        path.with_suffix(".new").replace(path)
        return self.amend(publication, **changes)

    def speech(self, number: int) -> dict[str, Any]:
        """Return what the bot speaks from in a publication."""
        data: dict[str, Any] = json.loads((self._of(number) / _SPEECH).read_text(encoding="utf-8"))
        return data

    @contextlib.contextmanager
    def content(self, number: int) -> Iterator[Path]:
        """Yield a temporary folder that holds a publication's content."""
        import tempfile

        with tempfile.TemporaryDirectory(prefix="publication-") as folder:
            with tarfile.open(self._of(number) / _CONTENT) as archive:
                archive.extractall(folder, filter="data")
            yield Path(folder) / "content"

    def before(self, number: int) -> Publication | None:
        """Return what was live before a publication: the newest earlier one that was not withdrawn."""
        return next((one for one in reversed(self.all()) if one.number < number and not one.withdrawn), None)

    def models(self) -> set[str]:
        """Return the names of the models that must stay: those of the newest publications."""
        newest = self.all()[-KEPT_MODELS:]
        live = self.live()
        return {one.model for one in newest} | ({live.model} if live else set())

    def _of(self, number: int) -> Path:
        return self.folder / f"{number:06}"

    def _drop_old(self) -> None:
        live = self.live()
        for old in self.all()[:-KEPT]:
            if live is None or old.number != live.number:
                shutil.rmtree(self._of(old.number), ignore_errors=True)


def _nothing_of_writers(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "/.writing" in info.name else info


def _spoken(publication: Publication, speech: dict[str, Any]) -> bytes:
    return _plain({**speech, "publication": publication.number, "model": publication.model})


def _plain(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


def _read(path: Path) -> Publication:
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Publication(**{key: tuple(value) if isinstance(value, list) else value for key, value in data.items()})  # type: ignore[arg-type]
    except (OSError, ValueError, TypeError) as error:
        raise LedgerError(f"{path} cannot be read ({error}); restore it, or move its folder away") from error
