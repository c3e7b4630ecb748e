"""The loop of a server that posts what is due: while it holds the lease, every few seconds, in a thread."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from bot import clock
from bot.errors import BotError
from bot.subscriptions.postman import Postman

logger = logging.getLogger(__name__)

EVERY = 20.0
LEASE_SECONDS = 60.0
NAME = "subscriptions"
"""The lease's name."""


class Lease(Protocol):
    """What is needed of `bot.channels.core.leader.Leader`."""

    def hold(self) -> bool:
        """Take or renew the lease; blocks."""


async def run(
    postman: Postman, lease: Lease, in_thread: Callable[..., Awaitable[Any]] = asyncio.to_thread, every: float = EVERY
) -> None:
    """Post until cancelled; an error is logged, and what was due then is due at the next look.

    Should the lease pass to another process in the middle, both go on without harm: whoever is first with a
    subscriber posts.
    """
    while True:
        try:
            if await in_thread(lease.hold):
                posted = await in_thread(postman.once, clock.now())
                if posted:
                    logger.info("Subscriptions: %s messages posted", posted)
        except BotError as error:
            logger.error("Subscriptions wait: %s", error)
        except Exception as error:
            # Whatever it is, tomorrow's reminders must not die of it. No text: it may be a visitor's.
            logger.error("Subscriptions wait: %s", type(error).__name__)
        await asyncio.sleep(every)
