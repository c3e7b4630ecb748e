"""Takes a visitor's question into an entry and into the regression set, after a person agreed."""

from dataclasses import dataclass
from pathlib import Path

from bot.content import journal
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
    root: Path
    changes: tuple[tuple[Path, str, str], ...]

    def write(self) -> None:
        """Write both files, or neither.

        Raises:
            bot.sayings.StaffError: a file was changed meanwhile, somebody else writes, or the disk is full.
        """
        before = {path: text.encode() if text else None for path, text, _ in self.changes}
        with journal.writing(self.root):
            journal.write(self.root, {path: after.encode() for path, _, after in self.changes}, before)


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
    return Assignment(entry_id, language, text, content.root, tuple(changes))


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
