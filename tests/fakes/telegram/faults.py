"""What may go wrong on purpose: planned for the next calls of a method, or at random from a seed."""

import random
import threading
from collections import Counter
from dataclasses import dataclass, field

SENDING = ("sendMessage", "sendDocument", "sendVenue", "sendLocation", "editMessageReplyMarkup", "answerCallbackQuery")


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong."""

    kind: str
    """flood: 429; error: 502; drop_before, drop_after: the connection ends without an answer, before or after the
    call took effect; slow: it takes effect ``seconds`` later; late: it takes effect at once and the answer comes
    ``seconds`` later; refuse: 403; for webhooks duplicate: delivered again
    afterwards, drop_after: the bot's answer is lost."""
    seconds: float = 1.0


@dataclass
class Faults:
    """Faults by method; "webhook" stands for deliveries, "*" for any call."""

    planned: dict[str, list[Fault]] = field(default_factory=dict)
    chances: dict[str, dict[Fault, float]] = field(default_factory=dict)
    happened: Counter[str] = field(default_factory=Counter)
    _random: random.Random = field(default_factory=lambda: random.Random(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, method: str, *faults: Fault) -> None:
        """Let the next calls of ``method`` fail, one each."""
        with self._lock:
            self.planned.setdefault(method, []).extend(faults)

    def at_random(self, seed: int, chances: dict[str, dict[Fault, float]]) -> None:
        """Let each call of a method fail with these chances; an empty dictionary ends it."""
        with self._lock:
            self._random, self.chances = random.Random(seed), chances

    def next(self, method: str) -> Fault | None:
        """Return what is to go wrong with this call."""
        with self._lock:
            fault = self._planned(method) or self._drawn(method)
            if fault:
                self.happened[f"{method} {fault.kind}"] += 1
            return fault

    def _planned(self, method: str) -> Fault | None:
        for name in (method, "*"):
            if self.planned.get(name):
                return self.planned[name].pop(0)
        return None

    def _drawn(self, method: str) -> Fault | None:
        chances = self.chances.get(method) or {}
        drawn = self._random.random()
        for fault, chance in chances.items():
            drawn -= chance
            if drawn < 0:
                return fault
        return None
