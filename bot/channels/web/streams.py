"""The open streams of this process: which session each belongs to, and what wakes it."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field

MOST_STREAMS = 5_000
MOST_OF_SESSION = 6


class FullError(Exception):
    """Raised when this process has as many streams as it takes."""


@dataclass(eq=False)
class Stream:
    """One open stream; it sends what comes after ``sent`` whenever ``news`` is set."""

    session: str
    sent: int
    news: asyncio.Event = field(default_factory=asyncio.Event)
    typing: set[int] = field(default_factory=set)
    ended: bool = False

    def end(self) -> None:
        """Let it say goodbye."""
        self.ended = True
        self.news.set()


class Streams:
    """All streams of a process."""

    def __init__(self) -> None:
        self._open: defaultdict[str, list[Stream]] = defaultdict(list)
        self._number = 0
        self._closing = False

    def open(self, session: str, last: int) -> Stream:
        """Open a stream; of too many of one session the oldest ends.

        Raises:
            FullError: there are too many in all, or the server stops.
        """
        if self._closing or self._number >= MOST_STREAMS:
            raise FullError
        stream = Stream(session, last)
        mine = self._open[session]
        mine.append(stream)
        self._number += 1
        if len(mine) > MOST_OF_SESSION:
            mine[-MOST_OF_SESSION - 1].end()
        return stream

    def close(self, stream: Stream) -> None:
        """Forget a stream that has ended."""
        mine = self._open[stream.session]
        mine.remove(stream)
        self._number -= 1
        if not mine:
            del self._open[stream.session]

    def wake(self, session: str) -> None:
        """Tell a session's streams that something happened."""
        for stream in self._open.get(session, ()):
            stream.news.set()

    def wake_behind(self, newest: dict[str, int]) -> None:
        """Wake the streams that have not sent their session's newest message, or wait for the end of a turn."""
        for session, streams in self._open.items():
            for stream in streams:
                if stream.typing or newest.get(session, 0) > stream.sent:
                    stream.news.set()

    def end_all(self) -> None:
        """Let all say goodbye, and open no more."""
        self._closing = True
        for streams in self._open.values():
            for stream in streams:
                stream.end()

    def __len__(self) -> int:
        return self._number
