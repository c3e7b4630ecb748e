"""Files and addresses become events of the store: what `bot events import` does, apart from talking about it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bot.events.fetch import Fetcher
from bot.events.model import City, Event
from bot.events.readers import EventFileError, Finding, Refused, read_events
from bot.events.readers.sniff import MAX_BYTES


@dataclass
class Taken:
    """The events of all files together, and what is to be told of each file."""

    events: list[Event] = field(default_factory=list)
    refused: list[tuple[str, Finding]] = field(default_factory=list)
    warnings: list[tuple[str, Finding]] = field(default_factory=list)

    @property
    def refused_uids(self) -> set[str]:
        """The uids that are in the files though they were refused."""
        return {finding.uid for _, finding in self.refused if finding.uid}


def is_address(name: str) -> bool:
    """Whether a name on the command line is an address rather than a file."""
    return "://" in name


def take(names: Sequence[str], now: datetime, city: City | None) -> Taken:
    """Read all files and addresses; an event that stands in two of them is refused the second time.

    Raises:
        EventFileError, FetchError: one cannot be had or read; then none is taken.
    """
    taken = Taken()
    first: dict[str, str] = {}
    for name in names:
        data = asyncio.run(_fetched(name)) if is_address(name) else _read(Path(name))
        result = read_events(data, name, now.date(), city)
        taken.refused += [(name, finding) for finding in result.refused]
        taken.warnings += [(name, finding) for finding in result.warnings]
        for event in result.events:
            if event.uid in first:
                reason = f"stands in {first[event.uid]} already; give each event its own"
                taken.refused.append((name, Refused(0, "uid", f"'{event.uid}' {reason}", event.uid)))
            else:
                first[event.uid] = name
                taken.events.append(replace(event, sample=False))
    return taken


async def _fetched(url: str) -> bytes:
    return await Fetcher()(url, anew=True) or b""


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise EventFileError(f"{path}: larger than {MAX_BYTES // 1_000_000} MB; split it")
        return path.read_bytes()
    except OSError as error:
        raise EventFileError(f"{path}: cannot be read ({error.strerror}); check the name") from error
