"""All that runs for Telegram in one process, put together."""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from bot import clock
from bot.channels.calendar import Calendars
from bot.channels.calendar_request import RequestError, read_date
from bot.channels.core import Turns
from bot.channels.core.blocking import Blocking
from bot.channels.core.leader import Leader
from bot.channels.core.mailbox import Mailbox
from bot.channels.core.payloads import Payloads
from bot.channels.telegram import connection, profile, runner
from bot.channels.telegram.api import Api
from bot.channels.telegram.connection import Connection
from bot.channels.telegram.figures import State
from bot.channels.telegram.receiver import Receiver
from bot.channels.telegram.replies import Replies
from bot.channels.telegram.runner import Runner
from bot.channels.telegram.sender import Sender
from bot.content.library import SpeechFile
from bot.database import connect
from bot.engine.tracker_store import Conversations
from bot.events.store import EventsUnavailableError
from bot.kept_secret import kept_secret
from bot.settings import Settings
from bot.subscriptions import runner as subscriptions
from bot.subscriptions.postman import Postman

logger = logging.getLogger(__name__)

CHANNEL = "telegram"
PATH = "/webhooks/telegram/webhook"
DAY = 24 * 3600


class Service:
    """Telegram in this process. ``turns`` runs a visitor's message through Rasa."""

    def __init__(self, chosen: Settings, speech: SpeechFile, turns: Turns) -> None:
        owner = uuid.uuid4().hex
        self._chosen = chosen
        self.engine = engine = connect(chosen.database_url)
        self.blocking = blocking = Blocking(CHANNEL)
        self.api = api = Api(chosen.telegram_token, chosen.telegram_api_url)
        self.mailbox = mailbox = Mailbox(engine, CHANNEL, owner, runner.LEASE_SECONDS)
        payloads, conversations = Payloads(engine), Conversations(engine)
        sender = Sender(api, mailbox, payloads, blocking, calendar_files(chosen, speech))
        replies = Replies(turns, engine, mailbox, blocking, conversations, speech, api)
        unasked = Leader(engine, f"{CHANNEL}-unasked", owner, runner.LEASE_SECONDS)
        keep = chosen.conversation_days * DAY
        self.runner = Runner(mailbox, payloads, blocking, conversations, sender, replies, unasked, keep)
        self.receiver = Receiver(engine, mailbox, payloads, blocking, api, speech, self.runner.wake)
        self.runner.receiver = self.receiver
        polling = Leader(engine, f"{CHANNEL}-polling", owner, connection.LEASE_SECONDS)

        async def publish() -> None:
            await profile.publish(api, engine, blocking, speech.speech)

        self._connection = Connection(api, self.receiver.receive, publish, polling, blocking, clock.now)
        self._task: asyncio.Task[None] | None = None
        self._postman = Postman(engine, {CHANNEL: mailbox}, speech)
        self._posting = Leader(engine, subscriptions.NAME, owner, subscriptions.LEASE_SECONDS)
        self._posts: asyncio.Task[None] | None = None

    @property
    def state(self) -> State:
        """How the channel fares."""
        return self._connection.state

    @property
    def secret(self) -> str:
        """What Telegram must show when it calls us."""
        return self._chosen.telegram_webhook_secret or kept_secret(self._chosen.telegram_secret_file)

    def start(self) -> None:
        """Begin, in the background: an unreachable Telegram delays nobody."""
        self.runner.start()
        self._posts = asyncio.create_task(subscriptions.run(self._postman, self._posting, self.blocking.run))
        if self._chosen.telegram_webhook:
            work = self._connection.follow_webhook(f"{self._chosen.public_url}{PATH}", self.secret)
        else:
            work = self._connection.poll()
        self._task = asyncio.create_task(work)
        self._task.add_done_callback(_note_end)

    async def stop(self) -> None:
        """End what runs; what is left is for the next process."""
        if self._task is None:
            return
        if self._posts:
            self._posts.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._posts
            with contextlib.suppress(Exception):
                await self.blocking.run(self._posting.release)
        task, self._task = self._task, None
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task
        await self.runner.stop()
        await self._connection.stop()
        self.blocking.stop()

    async def receive(self, update: Any) -> bool:
        """Take an update in that Telegram brought; False if it must bring it again.

        Raises:
            SQLAlchemyError: it could not be kept.
        """
        if self.api.me is None:
            return False  # without our own name, what is said to us in a group cannot be told from the rest
        await self.receiver.receive(update, self.api.me)
        return True


def calendar_files(chosen: Settings, speech: SpeechFile) -> Callable[[str], tuple[str, bytes] | None]:
    """Return what makes a calendar file by the address that the website's visitors open; it blocks."""
    calendars = Calendars(chosen.database_url, speech)

    def file(address: str) -> tuple[str, bytes] | None:
        parts = urlsplit(address)
        try:
            asked = read_date(parts.path.rpartition("/")[2], parts.query)
            body = calendars.date(asked, clock.now())
        except (RequestError, EventsUnavailableError) as error:
            logger.error("A calendar file for Telegram could not be made: %s", type(error).__name__)
            return None
        return (asked.file_name, body) if body else None

    return file


def _note_end(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.error("The connection to Telegram has ended: %s", type(error).__name__)
