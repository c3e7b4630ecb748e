"""Telegram's flood limits, as its FAQ names them (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits)."""

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.telegram.errors import too_many

OVERALL, OVERALL_SECONDS = 30, 1.0
GROUP, GROUP_SECONDS = 20, 60.0
BURST = 5.0
"""Telegram allows "short bursts that go over" one message a second in a chat; it does not say how short."""


@dataclass
class Flood:
    """Counts sent messages; off until switched on."""

    on: bool = False
    clock: Callable[[], float] = time.monotonic
    refused: int = 0
    _all: deque[float] = field(default_factory=deque)
    _groups: dict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _chats: dict[int, tuple[float, float]] = field(default_factory=dict)

    def count(self, chat: int) -> None:
        """Take a message to ``chat``, or raise 429 with the seconds to wait."""
        if not self.on:
            return
        now = self.clock()
        waits = [_wait(self._all, OVERALL, OVERALL_SECONDS, now)]
        if chat < 0:
            waits.append(_wait(self._groups[chat], GROUP, GROUP_SECONDS, now))
        level, then = self._chats.get(chat, (BURST, now))
        level = min(BURST, level + now - then)
        waits.append(max(0.0, 1 - level))
        if (wait := max(waits)) > 0:
            self.refused += 1
            raise too_many(math.ceil(wait))
        self._all.append(now)
        if chat < 0:
            self._groups[chat].append(now)
        self._chats[chat] = (level - 1, now)


def _wait(times: deque[float], most: int, seconds: float, now: float) -> float:
    while times and times[0] <= now - seconds:
        times.popleft()
    return times[0] + seconds - now if len(times) >= most else 0.0
