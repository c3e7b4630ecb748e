"""Reminders of two servers on one database, one of which is killed while it sends: each reminder once."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from bot.channels.core.mailbox import Mailbox
from bot.channels.core.messenger_tables import LOST, SENDING, WAITING
from bot.channels.telegram.runner import AT_ONCE
from bot.database import connect
from tests.channels.killing import Killable, stable_port
from tests.channels.telegram.waiting import subscribe
from tests.fakes.telegram import FakeBotApi, Fault

DUE = "2027-03-12T10:00:30+01:00"
SUBSCRIBERS, SENT_BEFORE_THE_KILL = 60, 15
PATIENCE = 60.0
LATE = {"sendMessage": {Fault("late", 0.5): 1.0}}
"""So at the kill some are sent and not noted."""


async def until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(met):
        assert time.monotonic() < end, "nothing more happens"
        await asyncio.sleep(0.02)


async def kill_while_sending(parent: Killable, home: Path, api: FakeBotApi, url: str, mailbox: Mailbox) -> None:
    """Run two servers, kill the one that sends, and wait until the other has sent the rest.

    Telegram is away until both are there, so that neither has sent all before.
    """
    more = {"DATABASE_URL": url, "TELEGRAM_TOKEN": api.token, "TELEGRAM_API_URL": api.url, "BOT_CLOCK": DUE}
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(api.refuse_connections)
        servers: list[Killable] = []
        for name in ("first", "second"):
            await asyncio.to_thread((home / name).mkdir)
            servers.append(await parent.sibling(home / name, stable_port(), **more))
            stack.push_async_callback(servers[-1].kill)
            await until(lambda: mailbox.count(WAITING) + mailbox.count(SENDING) == SUBSCRIBERS)
        await asyncio.to_thread(api.accept_connections)
        await until(lambda: len(api.sent) >= SENT_BEFORE_THE_KILL)
        await servers[0].kill()
        assert len(api.sent) < SUBSCRIBERS
        await until(lambda: mailbox.count(WAITING) + mailbox.count(SENDING) == 0)


def test_each_reminder_is_sent_once_though_the_server_that_sends_is_killed(
    loop: asyncio.AbstractEventLoop, parent: Killable, tmp_path: Path, database_url: str
) -> None:
    engine = connect(database_url)
    mailbox = Mailbox(engine, "telegram", "looks on", 1)
    with FakeBotApi() as api:
        api.faults.at_random(1, LATE)
        subscribe(engine, api, SUBSCRIBERS)
        loop.run_until_complete(kill_while_sending(parent, tmp_path, api, database_url, mailbox))
        got = Counter(each.chat for each in api.sent if each.method == "sendMessage")
        lost = mailbox.count(LOST)
    engine.dispose()
    assert set(got.values()) == {1}
    # What was being sent at the kill is not sent again, whether it had arrived or not: it is counted as lost.
    assert 0 < lost <= AT_ONCE
    assert len(got) >= SUBSCRIBERS - lost
