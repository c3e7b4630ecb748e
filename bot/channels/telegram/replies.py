"""The answers to what was received: Rasa's to texts, phrases to commands and to what is no text."""

import asyncio
import time
from typing import Any

from sqlalchemy.engine import Engine

from bot.channels.core import Incoming, Turns
from bot.channels.core.answers import Answer
from bot.channels.core.blocking import Blocking
from bot.channels.core.mailbox import Job, Mailbox
from bot.channels.telegram import subscribers
from bot.channels.telegram.api import Api
from bot.channels.telegram.names import sender_of
from bot.channels.telegram.sender import typing_after
from bot.content.library import SpeechFile
from bot.engine.tracker_store import Conversations
from bot.languages import DEFAULT_LANGUAGE, LANGUAGES, supported

CHANNEL = "telegram"
MAX_ATTEMPTS = 20
"""Processes that may die over a message before it is given up; see bot/channels/web/runner.py."""
READY_SECONDS = 60.0
TYPING_SECONDS = 1.0
PHRASES = {
    "start": "utter_greet", "help": "utter_help", "stop": "utter_unsubscribed", "language": "telegram_language",
    "photo": "telegram_photo", "voice": "telegram_voice", "sticker": "telegram_sticker",
    "location": "telegram_location", "other": "telegram_other", "too_many": "utter_too_many",
}  # fmt: skip


class Replies:
    """Makes answers; what is sent is up to others."""

    def __init__(
        self,
        turns: Turns,
        engine: Engine,
        mailbox: Mailbox,
        blocking: Blocking,
        conversations: Conversations,
        speech: SpeechFile,
        api: Api,
    ) -> None:
        self._turns, self._engine, self._mailbox, self._blocking = turns, engine, mailbox, blocking
        self._conversations, self._speech, self._api = conversations, speech, api

    async def to(self, job: Job) -> list[Answer]:
        """Return the answers to what was received."""
        kind, text = job.body["kind"], job.body["text"]
        if kind == "text":
            return await self._turn(job, text, job.body["hint"])
        language = await self._language(job)
        name = text if kind == "command" else kind
        if name == "events":
            return await self._turn(job, self._speech.speech.phrases["ask_events"][language], language)
        if name == "stop":
            await self._blocking.run(subscribers.end, self._engine, job.chat)
        return [self._phrase(PHRASES[name], language)]

    def _phrase(self, name: str, language: str) -> Answer:
        speech = self._speech.speech
        titles = [speech.title(target, language) for target in speech.buttons.get(name, ())]
        if name == "telegram_language":
            titles = [speech.phrases["telegram_speak"][each] for each in LANGUAGES]
        buttons = tuple({"title": title, "payload": title} for title in titles)
        return Answer(speech.phrases[name][language], language, buttons)

    async def _language(self, job: Job) -> str:
        kept = await self._blocking.run(self._mailbox.language, job.chat)
        return supported(kept) or supported(job.body["hint"]) or DEFAULT_LANGUAGE

    async def _turn(self, job: Job, text: str, hint: str | None) -> list[Answer]:
        typing = asyncio.create_task(typing_after(self._api, job.chat, TYPING_SECONDS, job.body.get("thread")))
        try:
            said = await self._said(job, Incoming(sender_of(job.chat), text, CHANNEL, hint, message_id=_name(job)))
        finally:
            typing.cancel()
        return [Answer.from_rasa(each, hint) for each in said]

    async def _said(self, job: Job, incoming: Incoming) -> list[dict[str, Any]]:
        if job.attempt > MAX_ATTEMPTS:
            return self._turns.say("utter_error", incoming)
        if job.attempt > 1:
            # A process died over it; if Rasa had saved the turn, running it again would move the conversation twice.
            said = await self._blocking.run(self._conversations.answers_to, incoming.sender, _name(job))
            if said:
                return said
        deadline = time.monotonic() + READY_SECONDS
        while not self._turns.is_ready() and time.monotonic() < deadline:  # noqa: ASYNC110 - Rasa tells nobody
            await asyncio.sleep(0.1)
        return await self._turns.run(incoming)


def _name(job: Job) -> str:
    """Return Rasa's name for the message."""
    return f"telegram-{job.number}"
