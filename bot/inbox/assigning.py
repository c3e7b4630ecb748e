"""Takes a visitor's question into an entry and into the regression set, after a person agreed."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bot.content.model import Content
from bot.evaluation import regression
from bot.inbox.masking import MASK
from bot.inbox.sayings import StaffError
from bot.inbox.yaml_list import appended
from bot.text import clean, key

MAX_CHARACTERS = 300
"""Longer than any question that teaches something."""


@dataclass(frozen=True)
class Assignment:
    """A question checked for an entry, and the files that `Assignment.write` changes, with their old and new text."""

    entry: str
    language: str
    text: str
    changes: tuple[tuple[Path, str, str], ...]

    def write(self) -> None:
        """Write both files, or neither.

        Raises:
            StaffError: a file was changed meanwhile, or cannot be written.
        """
        done: list[tuple[Path, str]] = []
        try:
            for path, before, after in self.changes:
                _replace(path, before, after)
                done.append((path, before))
        except (OSError, StaffError) as error:
            for path, before in done:
                _restore(path, before)
            if isinstance(error, StaffError):
                raise
            name = Path(error.filename or self.changes[len(done)][0]).name
            raise StaffError("not_written", file=name, reason=error.strerror or str(error)) from error


def prepare(content: Content, entry_id: str, language: str, text: str) -> Assignment:
    """Return what adding ``text`` to an entry would change; nothing is written yet.

    Raises:
        StaffError: no such entry, a question that stands somewhere already or still has masks, a file that must be
            edited by hand.
    """
    text = clean(text)
    entry = content.entries.get(entry_id)
    if entry is None:
        raise StaffError("no_entry", entry=entry_id, entries=", ".join(sorted(content.entries)))
    _check(content, entry_id, text)
    changes = []
    for path, keys in (
        (entry.file, ("questions", language)),
        (regression.file(content.root, language), (regression.KEY, entry_id)),
    ):
        before = _text_of(path)
        changes.append((path, before, appended(before or regression.EMPTY, keys, text, path.name)))
    return Assignment(entry_id, language, text, tuple(changes))


def _check(content: Content, entry_id: str, text: str) -> None:
    if mask := MASK.search(text):
        raise StaffError("still_masked", mask=mask[0])
    if not key(text) or len(text) > MAX_CHARACTERS:
        raise StaffError("bad_length", most=MAX_CHARACTERS)
    folded = key(text)
    for other in content.entries.values():
        if any(key(sentence.text) == folded for sentences in other.questions.values() for sentence in sentences):
            if other.id == entry_id:
                raise StaffError("there_already", text=text, entry=entry_id)
            raise StaffError("elsewhere", text=text, other=other.id)


def _text_of(path: Path) -> str:
    try:
        # Read as bytes: line ends shall stay what they are.
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""


def _replace(path: Path, before: str, after: str) -> None:
    if _text_of(path) != before:
        raise StaffError("changed_meanwhile", file=path.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(after.encode())
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _restore(path: Path, before: str) -> None:
    if before:
        path.write_bytes(before.encode())
    else:
        path.unlink(missing_ok=True)
