"""The few threads in which a channel's database work is done, so that nothing blocks the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Blocking:
    """Threads, named after their channel."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix=name)

    async def run(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Return what ``work`` returns."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: work(*arguments, **named))

    def stop(self) -> None:
        """Take no more work."""
        self._pool.shutdown(wait=False, cancel_futures=True)
