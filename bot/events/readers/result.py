"""What reading a file of events comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.errors import BotError
from bot.events.model import Event

MAX_EVENTS = 20_000


class EventFileError(BotError):
    """Raised when a file cannot be read as events at all."""


class RefusedError(Exception):
    """Raised inside a reader when one event cannot be taken: the column or property, and the reason with its fix."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")
        self.column, self.reason = column, reason


@dataclass(frozen=True)
class Finding:
    """Something to tell about one event of a file.

    ``row`` is the line of a table (the header is 1) or the number of the event in a calendar file (from 1), 0 for the
    file as a whole; ``column`` is the column or property; ``reason`` says what is wrong and what to do.
    """

    row: int
    column: str
    reason: str
    uid: str = ""


class Refused(Finding):
    """An event that was left out."""


class Warned(Finding):
    """An event that was taken, with something dropped or assumed."""


Warn = Callable[[str, str], None]
"""Takes the column and the reason of a warning about the event that is being read."""


@dataclass
class ReadResult:
    """The events of a file in its order, the ones that were refused, and what was dropped or assumed."""

    events: list[Event] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def take(self, row: int, uid: str, read: Callable[[Warn], Event]) -> None:
        """Add the event that ``read`` returns, or note why it was refused; the uid must be new in the file."""
        warned: list[Finding] = []
        try:
            event = read(lambda column, reason: warned.append(Warned(row, column, reason, uid)))
            if event.uid in self._seen:
                raise RefusedError("uid", f"'{event.uid}' stands twice in this file; give each event its own")
        except RefusedError as problem:
            self.refused.append(Refused(row, problem.column, problem.reason, uid))
            return
        self._seen.add(event.uid)
        self.events.append(event)
        self.warnings.extend(warned)
        if len(self.events) > MAX_EVENTS:
            raise EventFileError(f"more than {MAX_EVENTS} events in one file; split it")

    def in_order_of_the_file(self) -> None:
        """Sort what there is to tell by its place."""
        self.refused.sort(key=lambda finding: finding.row)
        self.warnings.sort(key=lambda finding: finding.row)

    _seen: set[str] = field(default_factory=set, repr=False)
