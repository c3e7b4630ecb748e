"""Asks the assistant every case and judges what came back, strictly: the right fact in the question's language."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.content.model import Content
from bot.evaluation.datasets import Case

if TYPE_CHECKING:  # brings Rasa along, which those who only judge need not have
    from bot.assistant import Assistant, Reply

# The entry that a follow-up is asked after; it answers every kind of follow-up.
FOLLOW_UP_AFTER = "desk_what"
INTENTS = {"request_german": "change_language", "request_english": "change_language"} | {
    "request_chinese": "change_language"
}
HONEST = ("unknown", "unknown_about", "unsure", "unclear", "follow_up_unknown", "follow_up_without_topic")
"""The intents of messages that get no answer, and are told so."""


class Verdict(StrEnum):
    """What a visitor got."""

    RIGHT = "right"
    WRONG = "wrong"
    """a confident answer that is not the expected one, or not in the visitor's language"""
    OFFERED = "offered"
    """no answer, but the right entry on a button"""
    UNKNOWN = "unknown"
    """an honest "I do not know" """


@dataclass(frozen=True)
class Outcome:
    """A case, the verdict, what was understood, and how long the turn took in seconds."""

    case: Case
    verdict: Verdict
    got: str
    seconds: float


class Judge:
    """Runs cases against one assistant."""

    def __init__(self, assistant: "Assistant", content: Content) -> None:
        self._assistant, self._content = assistant, content
        self._titles = {
            entry.title(language): entry.id for entry in content.entries.values() for language in entry.questions
        }

    async def run(self, cases: list[Case], report: Callable[[int, int], None]) -> list[Outcome]:
        """Return the outcome of each case; ``report`` hears how many of how many are done."""
        outcomes = []
        for number, case in enumerate(cases, start=1):
            outcomes.append(await self._ask(case))
            report(number, len(cases))
        return outcomes

    async def _ask(self, case: Case) -> Outcome:
        conversation = self._assistant.conversation()
        if case.set == "follow_ups":
            await conversation.say(self._content.entries[FOLLOW_UP_AFTER].title(case.language))
        started = time.perf_counter()
        reply = await conversation.say(case.text)
        seconds = time.perf_counter() - started
        return Outcome(case, self._judge(case, reply), reply.entry or reply.intent, seconds)

    def _judge(self, case: Case, reply: "Reply") -> Verdict:
        spoken = reply.parsed.get("language")
        if case.set == "language":
            return Verdict.RIGHT if spoken == case.language else Verdict.WRONG
        if case.set.startswith("unknown"):
            return Verdict.RIGHT if reply.entry is None and reply.intent != "find_events" else Verdict.WRONG
        if case.set.partition("~")[0] == "faq":  # also its perturbed copies
            return self._judge_faq(case, reply, spoken)
        if case.set == "follow_ups":
            kind = case.expected.removeprefix("follow_up_")
            wanted = self._content.entries[FOLLOW_UP_AFTER].follow_ups[kind]
            return Verdict.RIGHT if reply.entry == wanted else _failed(reply)
        wanted = INTENTS.get(case.expected, case.expected)
        return Verdict.RIGHT if reply.intent == wanted and spoken == case.language else _failed(reply)

    def _judge_faq(self, case: Case, reply: "Reply", spoken: str | None) -> Verdict:
        if reply.entry == case.expected and spoken == case.language:
            return Verdict.RIGHT
        if reply.entry is None and case.expected in {self._titles.get(title) for title in reply.buttons}:
            return Verdict.OFFERED
        return _failed(reply)


def _failed(reply: "Reply") -> Verdict:
    return Verdict.UNKNOWN if reply.intent in HONEST else Verdict.WRONG
