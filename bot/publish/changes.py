"""What two states of the content differ in, in the desk's terms: entries, questions, other files."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from bot.content.model import Content, Entry
from bot.evaluation.datasets import Case
from bot.publish.reactions import KEPT
from bot.text import key


@dataclass(frozen=True)
class Moved:
    """A question that another entry has now."""

    text: str
    language: str
    source: str
    target: str


@dataclass(frozen=True)
class Changes:
    """Entries by what happened to them; questions that left their entry; other files."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()
    lost: tuple[Case, ...] = ()
    """Questions that no entry has any more and that must still be answered by the same one."""

    @property
    def touched(self) -> frozenset[str]:
        """The entries that are new or not what they were."""
        return frozenset((*self.added, *self.changed))


def between(before: Content, after: Content) -> Changes:
    """Return what ``after`` changes."""
    both = [entry for entry in after.entries if entry in before.entries]
    owners = {key(text): entry.id for entry in after.entries.values() for _, text in _questions(entry)}
    moved, lost = [], []
    for entry_id in both:
        kept = {key(text) for _, text in _questions(after.entries[entry_id])}
        for language, text in _questions(before.entries[entry_id]):
            if key(text) in kept:
                continue
            if owner := owners.get(key(text)):
                moved.append(Moved(text, language, entry_id, owner))
            else:
                lost.append(Case(text, language, KEPT, entry_id))
    return Changes(
        added=tuple(sorted(after.entries.keys() - before.entries.keys())),
        changed=tuple(sorted(one for one in both if _stamp(before.entries[one]) != _stamp(after.entries[one]))),
        removed=tuple(sorted(before.entries.keys() - after.entries.keys())),
        other=_other_files(before.root, after.root),
        moved=tuple(moved),
        lost=tuple(lost),
    )


def files(root: Path) -> dict[str, bytes]:
    """Return the content's files by their path below ``root``; what writers keep in between is none."""
    paths = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    inside = ((path.relative_to(root), path) for path in paths)
    return {
        place.as_posix(): path.read_bytes() for place, path in inside if not any(p.startswith(".") for p in place.parts)
    }


def digest(root: Path) -> str:
    """Return a name for the content under ``root`` as it is."""
    total = hashlib.sha256()
    for place, data in files(root).items():
        total.update(f"{place}\0{len(data)}\0".encode() + data)
    return total.hexdigest()[:16]


def _questions(entry: Entry) -> list[tuple[str, str]]:
    return [(language, item.text) for language, items in entry.questions.items() for item in items]


def _stamp(entry: Entry) -> bytes:
    return entry.file.read_bytes()


def _other_files(before: Path, after: Path) -> tuple[str, ...]:
    old, new = files(before), files(after)
    changed = (place for place in old.keys() | new.keys() if old.get(place) != new.get(place))
    return tuple(sorted(place for place in changed if not place.startswith("faq/")))
