"""Rate limits: a token bucket for each address or session, in this process's memory.

Replicas count for themselves, so N of them let N times as much through; what must hold for all of them (the length
of a session's queue) is asked of the database.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_BUCKETS = 10_000
"""Kept at once, the least recently used go first: about 2 MB, however many addresses are made up."""


@dataclass(frozen=True)
class Rate:
    """How many at once, and how many a second for good."""

    burst: float
    per_second: float


@dataclass
class Limiter:
    """Counts by name; `wait` is 0 as long as a name keeps within the rate."""

    rate: Rate
    clock: Callable[[], float] = time.monotonic
    _buckets: "OrderedDict[str, tuple[float, float]]" = field(default_factory=OrderedDict)

    def wait(self, name: str) -> float:
        """Take one token and return 0, or take none and return the seconds until there is one."""
        now = self.clock()
        left, at = self._buckets.pop(name, (self.rate.burst, now))
        left = min(self.rate.burst, left + (now - at) * self.rate.per_second)
        allowed = left >= 1
        self._buckets[name] = (left - 1 if allowed else left, now)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self.rate.per_second

    def give_back(self, name: str) -> None:
        """Return a token that `wait` took for what turned out not to count."""
        if name in self._buckets:
            left, at = self._buckets[name]
            self._buckets[name] = (min(self.rate.burst, left + 1), at)
