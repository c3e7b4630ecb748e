"""The way into the content: read, checked, and in the compact form that a running bot speaks from."""

import json
import logging
import os
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bot import clock
from bot.content import journal
from bot.content.checks import check
from bot.content.event_words import compile_event_words
from bot.content.model import Content, Texts
from bot.content.problems import Problems
from bot.content.reader import read_content
from bot.errors import ContentError

logger = logging.getLogger(__name__)


def inspect(root: Path) -> Content:
    """Return what can be read under ``root``, whether it is right or not."""
    with journal.reading(root):
        return read_content(root)[0]


def validate(root: Path) -> tuple[Content, Problems]:
    """Read everything under ``root`` and return it with all its problems; what a killed writer left is finished."""
    with journal.reading(root):
        content, problems = read_content(root)
    check(content, problems, clock.now().date())
    return content, problems


def load(root: Path) -> Content:
    """Return the content under ``root``.

    Raises:
        ContentError: something must be mended first; the text lists every error.
    """
    content, problems = validate(root)
    if problems.errors:
        listed = "\n".join(str(problem) for problem in sorted(problems.errors))
        raise ContentError(f"{listed}\n{len(problems.errors)} errors: nothing was changed")
    return content


@dataclass(frozen=True)
class SpokenEntry:
    """What the running bot needs of an entry."""

    titles: Texts
    answer: Texts
    related: tuple[str, ...]
    sources: tuple[dict[str, Any], ...]
    valid_from: date | None
    valid_until: date | None

    def valid_on(self, day: date) -> bool:
        """Whether the entry may be answered on ``day`` (both ends included)."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True)
class Speech:
    """All that the bot can say: entries by id, phrases with their buttons, topics by their unknown intent."""

    entries: dict[str, SpokenEntry]
    phrases: dict[str, Texts]
    buttons: dict[str, tuple[str, ...]]
    topics: dict[str, tuple[Texts, tuple[str, ...]]]
    event_words: dict[str, Any] = field(default_factory=dict)
    """what `bot.content.event_words.compile_event_words` returns"""
    publication: int | None = None
    """the number of the publication that it belongs to"""
    model: str | None = None
    """the name of the publication's model"""

    def title(self, target: str, language: str) -> str:
        """Return the text of a button: an entry's own question, or a phrase's text."""
        texts = self.entries[target].titles if target in self.entries else self.phrases[target]
        return texts[language]


def compile_speech(content: Content) -> dict[str, Any]:
    """Return the plain data of `Speech` for ``content``."""
    return {
        "entries": {
            entry.id: {
                "titles": {language: entry.title(language) for language in entry.questions},
                "answer": entry.answer,
                "related": entry.related,
                "sources": [{"title": source.title, "quote": source.quote} for source in entry.sources],
                "valid_from": entry.valid_from and entry.valid_from.isoformat(),
                "valid_until": entry.valid_until and entry.valid_until.isoformat(),
            }
            for entry in content.entries.values()
        },
        "phrases": {phrase.name: phrase.texts for phrase in content.phrases.values()},
        "buttons": {phrase.name: phrase.buttons for phrase in content.phrases.values() if phrase.buttons},
        "topics": {topic.unknown_intent: [topic.name, topic.offer] for topic in content.topics.values()},
        "event_words": compile_event_words(content),
    }


def parse_speech(data: dict[str, Any]) -> Speech:
    """Return what `compile_speech` made plain."""
    return Speech(
        entries={
            entry_id: SpokenEntry(
                entry["titles"],
                entry["answer"],
                tuple(entry["related"]),
                tuple(entry["sources"]),
                _day(entry["valid_from"]),
                _day(entry["valid_until"]),
            )
            for entry_id, entry in data["entries"].items()
        },
        phrases=data["phrases"],
        buttons={name: tuple(targets) for name, targets in data["buttons"].items()},
        topics={intent: (name, tuple(offer)) for intent, (name, offer) in data["topics"].items()},
        event_words=data["event_words"],
        publication=data.get("publication"),
        model=data.get("model"),
    )


class SpeechFile:
    """The newest published speech (`publish_speech`), reread when the file changes; without one, the content's own."""

    def __init__(self, path: Path, content_dir: Path) -> None:
        self._path, self._content_dir = path, content_dir
        self._stamp: tuple[int, int] | None = None
        self._speech: Speech | None = None

    @property
    def speech(self) -> Speech:
        """The newest speech; a file that cannot be read leaves the last good one in use."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            if self._speech is None:
                self._speech = parse_speech(compile_speech(load(self._content_dir)))
            return self._speech
        stamp = (status.st_mtime_ns, status.st_size)
        if self._speech is None or stamp != self._stamp:
            self._speech = self._read()
            self._stamp = stamp
        return self._speech

    def _read(self) -> Speech:
        try:
            return parse_speech(json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError):
            if self._speech is None:
                raise
            logger.exception("Could not read %s; the last good content stays in use", self._path)
            return self._speech


def publish_speech(content: Content, path: Path) -> None:
    """Write the compiled speech of checked ``content`` for the running bot."""
    write_speech(compile_speech(content), path)


def write_speech(speech: dict[str, Any], path: Path) -> None:
    """Write compiled speech atomically, so that a reader sees all of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(speech, file, ensure_ascii=False)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
