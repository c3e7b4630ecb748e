"""Takes turns from channels without making them wait: a bounded queue, and one thread that masks and writes.

A turn that does not fit or cannot be written is dropped and counted; a visitor's answer never depends on it.
"""

import atexit
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from queue import Empty, Full, Queue
from typing import Protocol

from bot import clock, settings
from bot.database import connect
from bot.inbox import facts, secret
from bot.inbox.counters import Counters
from bot.inbox.masking import mask
from bot.inbox.store import Inbox
from bot.inbox.turn import OPEN, PROBE, Kind, Turn

logger = logging.getLogger(__name__)

ROOM = 2000
BATCH = 200
PURGE_SECONDS = 3600.0
END_SECONDS = 3.0
"""How long the end of the process waits for what is still to be written."""


class Sink(Protocol):
    """Where turns go, in the recorder's own thread."""

    def write(self, turns: list[Turn], now: datetime) -> None:
        """Keep ``turns``."""

    def purge(self, now: datetime) -> None:
        """Delete what is too old."""


class Recorder:
    """Moves turns from any thread to a sink."""

    def __init__(
        self, open_sink: Callable[[], Sink], now: Callable[[], datetime] = clock.now, room: int = ROOM
    ) -> None:
        self._open, self._now = open_sink, now
        self._queue: Queue[Turn | None] = Queue(room)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.dropped = 0

    def record(self, turn: Turn) -> None:
        """Take a turn; returns at once and never raises."""
        try:
            self._queue.put_nowait(turn)
        except Full:
            self._drop(1, "more turns than can be written")
        if self._thread is None:
            self.start()

    def start(self) -> None:
        """Begin to write, if that has not begun."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
                self._thread.start()
                atexit.register(self.stop)

    def stop(self, timeout: float = END_SECONDS) -> None:
        """Write what waits, and end."""
        thread = self._thread
        if thread is None or not thread.is_alive():
            return
        try:
            self._queue.put(None, timeout=timeout)
        except Full:
            return
        thread.join(timeout)

    def _run(self) -> None:
        sink: Sink | None = None
        going = True
        while going:
            turns, going = self._take()
            try:
                if sink is None:
                    sink = self._open()
                    sink.purge(clock.now())
                if turns:
                    sink.write(turns, clock.now())
                else:
                    sink.purge(clock.now())
            except Exception as error:
                # Without the error's text: it may hold the visitor's.
                self._drop(len(turns), type(error).__name__)

    def _take(self) -> tuple[list[Turn], bool]:
        """Return the turns that wait, none after a quiet hour, and whether more may come."""
        turns: list[Turn] = []
        try:
            taken = self._queue.get(timeout=PURGE_SECONDS)
            while taken is not None:
                turns.append(taken)
                if len(turns) == BATCH:
                    return turns, True
                taken = self._queue.get_nowait()
        except Empty:
            return turns, True
        return turns, False

    def _drop(self, number: int, reason: str) -> None:
        if number and self.dropped == 0:
            logger.error("Turns are not counted: %s", reason)
        self.dropped += number


class Kept:
    """The sink of an installation: masks, keeps the open questions, counts all."""

    def __init__(self, chosen: settings.Settings) -> None:
        engine = connect(chosen.database_url)
        self._inbox = Inbox(engine, secret.hasher(chosen), chosen.inbox_days)
        self._counters = Counters(engine)
        self._facts = facts.read(chosen.content_dir / "glossary.yml")
        self._purged: datetime | None = None

    def write(self, turns: list[Turn], now: datetime) -> None:
        """Count ``turns`` and keep the open ones, masked."""
        self._counters.add(turns, now.date())
        self._inbox.add([replace(turn, text=mask(turn.text, self._facts)) for turn in turns if turn.kind in OPEN], now)
        if self._purged is None or (now - self._purged).total_seconds() > PURGE_SECONDS:
            self.purge(now)

    def purge(self, now: datetime) -> None:
        """Delete questions that are too old."""
        self._purged = now
        self._inbox.purge(now)


@lru_cache(maxsize=1)
def _recorder() -> Recorder:
    return Recorder(lambda: Kept(settings.load()))


def record(turn: Turn) -> None:
    """Take a turn of any channel into the inbox and the numbers; returns at once and never raises."""
    if turn.sender != PROBE:
        _recorder().record(turn)


def record_thumb(sender: str, channel: str, language: str, question: str, up: bool, entry: str | None = None) -> None:
    """Take what a visitor thinks of the answer to ``question``; a channel calls it once for each new opinion."""
    record(Turn(sender, channel, language, question, Kind.THUMB_UP if up else Kind.THUMB_DOWN, entry))
