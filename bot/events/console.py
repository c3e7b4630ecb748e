"""What the commands of the calendar share: the store, progress, and how events and findings are printed."""

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from bot import settings
from bot.database import connect
from bot.errors import BotError
from bot.events.model import Event, Occurrence
from bot.events.readers import Finding
from bot.events.store import EventStore, UnknownEventError

MAX_ALIKE = 3


class Progress:
    """Says how far a long work is: one line that is rewritten on a terminal, plain lines every tenth elsewhere."""

    def __init__(self, what: str) -> None:
        self._what, self._tenth, self._shown = what, 0, False

    def __call__(self, done: int, total: int) -> None:
        """Tell that ``done`` of ``total`` are done; short work is not worth a line."""
        if total < 500:
            return
        line = f"{self._what} {done} of {total}"
        if sys.stderr.isatty():
            self._shown = True
            sys.stderr.write(f"\r\033[K{line}")
            sys.stderr.flush()
        elif (tenth := done * 10 // total) > self._tenth:
            self._tenth = tenth
            typer.echo(line, err=True)

    def end(self) -> None:
        """Leave the rewritten line."""
        if self._shown:
            sys.stderr.write("\n")


def store() -> EventStore:
    """Return the calendar of this installation."""
    return EventStore(connect(settings.load().database_url))


def known(events: EventStore, uid: str) -> Event:
    """Return an event.

    Raises:
        UnknownEventError: there is none of that uid.
    """
    event = events.get(uid)
    if event is None:
        raise UnknownEventError(f"there is no event '{uid}'; `bot events list` shows the uids")
    return event


def write(file: Path, data: bytes) -> None:
    """Write a file.

    Raises:
        BotError: it cannot be written.
    """
    try:
        file.write_bytes(data)
    except OSError as error:
        raise BotError(f"{file}: cannot be written ({error.strerror}); check the folder") from error


def lines(found: Sequence[Occurrence], language: str) -> list[str]:
    """Return the lines that visitors would see, each with its event's uid, and the mark of samples."""
    from bot import clock
    from bot.content.library import SpeechFile
    from bot.events.wording import EventWording

    chosen = settings.load()
    wording = EventWording(SpeechFile(chosen.compiled_content, chosen.content_dir).speech, language)
    marked = [f"- {wording.line(one, clock.now())}  [{one.event.uid}]" for one in found]
    if any(one.event.sample for one in found):
        marked.append(f"_{wording.say('event_sample')}_")
    return marked


def print_findings(warnings: Sequence[tuple[str, Finding]], refused: Sequence[tuple[str, Finding]]) -> None:
    """Print what was assumed or dropped, the same thing once with its count, then every refused event."""
    alike: dict[tuple[str, str, str], list[Finding]] = {}
    for name, finding in warnings:
        alike.setdefault((name, finding.column, finding.reason), []).append(finding)
    for (_, column, reason), findings in alike.items():
        rows = ", ".join(str(finding.row) for finding in findings[:MAX_ALIKE] if finding.row)
        more = f" and {len(findings) - MAX_ALIKE} more" if len(findings) > MAX_ALIKE else ""
        where = ", ".join(part for part in (f"row {rows}{more}" if rows else "", column) if part)
        typer.echo(f"note: {where}: {reason}" if where else f"note: {reason}")
    several = len({name for name, _ in refused}) > 1
    for name, finding in refused:
        uid = f" ({finding.uid})" if finding.uid else ""
        file = f"{name}, " if several else ""
        column = f", {finding.column}" if finding.column else ""
        typer.echo(f"{file}row {finding.row}{column}: {finding.reason}{uid}")
