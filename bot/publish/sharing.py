"""Shares work that only reads what is in memory between two processes that have the same memory."""

import contextlib
import gc
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

PROCESSES = 2
LOOK_SECONDS = 0.5
Part = TypeVar("Part")
Made = TypeVar("Made")
_work: list[Callable[[Any], Any]] = []
"""What the processes inherit, while they work."""


@contextlib.contextmanager
def shared(work: Callable[[Part], Made]) -> Iterator[Callable[[Iterable[Part]], Iterator[Made]]]:
    """Yield a `map` of ``work`` over parts, in their order; a plain one on one core, or where no process can be split.

    ``work`` is not handed over but inherited: a loaded model is there once, in memory that both processes read.
    """
    if "fork" not in multiprocessing.get_all_start_methods() or os.cpu_count() == 1:
        yield lambda parts: map(work, parts)
        return
    _work.append(work)
    gc.freeze()  # or the collector would touch, and so copy, what is shared
    try:
        with multiprocessing.get_context("fork").Pool(PROCESSES, _end_with, (os.getpid(),)) as pool:
            yield lambda parts: pool.imap(_do, parts)
    finally:
        _work.clear()
        gc.unfreeze()


def _do(part: Any) -> Any:
    return _work[0](part)


def _end_with(parent: int) -> None:
    """End this process when its parent is gone, killed or not: nobody would hand it anything any more."""

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()
