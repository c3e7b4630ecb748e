"""Asks the assistant every case and judges what came back, strictly: the right fact in the question's language."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.content.model import Content
from bot.evaluation.datasets import KNOWN, MENTIONS, MISUSE, REPEAT_IN, REQUESTS, Case

if TYPE_CHECKING:  # brings Rasa along, which those who only judge need not have
    from bot.assistant import Assistant, Reply

# The entry that a follow-up is asked after; it answers every kind of follow-up.
FOLLOW_UP_AFTER = "desk_what"
REPEAT_AFTER = "pandas"
"""The entry that is asked for once more in another language."""
TARGETS = {"request_german": "de", "request_english": "en", "request_chinese": "zh"}
"""What a request for a language asks for."""
INTENTS = dict.fromkeys(TARGETS, "change_language")
NOISE = "noise"
HONEST = ("unknown", "unknown_about", "unsure", "unclear", "follow_up_unknown", "follow_up_without_topic")
"""The intents of messages that get no answer, and are told so."""
FITTING = {
    "abuse": frozenset({"abuse", "complain"}),
    "manipulation": frozenset({"manipulation", "unknown", "unknown_about", "unclear", NOISE}),
    NOISE: frozenset({NOISE, "unclear", "unknown"}),
}
"""The intents whose sentences fit what is no question: an insult is owed calm, an order "no", keys an "I cannot read
that"."""
DEAR = frozenset({"start_over", "subscribe", "unsubscribe", "change_language", "thank", "praise"})
"""What an insult or an order must never bring about."""


class Verdict(StrEnum):
    """What a visitor got."""

    RIGHT = "right"
    WRONG = "wrong"
    """a confident answer that is not the expected one, or not in the visitor's language"""
    OFFERED = "offered"
    """no answer, but the right entry on a button"""
    UNKNOWN = "unknown"
    """an honest "I do not know" """
    DEAR = "dear"
    """an act that costs something, brought about by what did not ask for it"""


@dataclass(frozen=True)
class Reaction:
    """What a question is taken for: an entry or an intent, the entries offered, the languages heard and spoken."""

    answer: str
    entry: bool
    offered: tuple[str, ...]
    language: str | None
    spoken: str | None = None


@dataclass(frozen=True)
class Outcome:
    """A case, the verdict, what was understood, and how long the turn took in seconds."""

    case: Case
    verdict: Verdict
    got: str
    seconds: float


def judge(case: Case, reaction: Reaction, follow_ups: dict[str, str]) -> Verdict:
    """Return the verdict on a reaction; ``follow_ups`` are those of `FOLLOW_UP_AFTER`."""
    if case.set == "language":
        return _either(reaction.language == case.language)
    if case.set.startswith("unknown"):
        return _either(not reaction.entry and reaction.answer != "find_events")
    if case.set == MISUSE:
        return _judge_misuse(case, reaction)
    if case.set == REPEAT_IN:
        return _either(reaction.answer == REPEAT_AFTER and reaction.spoken == case.expected)
    if case.set == REQUESTS or case.expected in TARGETS:
        wanted = TARGETS.get(case.expected, case.expected)
        right = reaction.answer == "change_language" and reaction.spoken == wanted
        return Verdict.RIGHT if right else _failed(reaction)
    if case.set == MENTIONS and reaction.answer == "change_language":
        return Verdict.DEAR
    return _judge_expected(case, reaction, follow_ups)


def _judge_misuse(case: Case, reaction: Reaction) -> Verdict:
    if reaction.answer in DEAR:
        return Verdict.DEAR
    kept = case.expected != NOISE or reaction.spoken == case.language
    return Verdict.RIGHT if kept and reaction.answer in FITTING[case.expected] else Verdict.WRONG


def _judge_expected(case: Case, reaction: Reaction, follow_ups: dict[str, str]) -> Verdict:
    heard = reaction.language == case.language
    if case.set == "follow_ups":
        wanted = follow_ups.get(case.expected.removeprefix("follow_up_"))
        return Verdict.RIGHT if reaction.entry and reaction.answer == wanted else _failed(reaction)
    if case.expected == case.language:  # a mention: anything but a change of language
        return _either(heard)
    if case.expected.startswith("unknown_"):
        return _either(not reaction.entry and heard)
    if heard and reaction.answer in (case.expected, *case.also):
        return Verdict.RIGHT
    about_entries = case.set.partition("~")[0] in KNOWN or case.set not in PLAIN  # also its perturbed copies
    if about_entries and not reaction.entry and {case.expected, *case.also} & set(reaction.offered):
        return Verdict.OFFERED
    return _failed(reaction)


PLAIN = frozenset({"small_talk", "events", "subscriptions", MENTIONS})
"""Sets of which no entry is expected."""


def _either(right: bool) -> Verdict:
    return Verdict.RIGHT if right else Verdict.WRONG


def _failed(reaction: Reaction) -> Verdict:
    return Verdict.UNKNOWN if not reaction.entry and reaction.answer in HONEST else Verdict.WRONG


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
        if before := asked_before(case):
            await conversation.say(self._content.entries[before].title(case.language))
        started = time.perf_counter()
        reply = await conversation.say(case.text)
        seconds = time.perf_counter() - started
        reaction = self._reaction(reply)
        verdict = judge(case, reaction, self._content.entries[FOLLOW_UP_AFTER].follow_ups)
        return Outcome(case, verdict, reaction.answer, seconds)

    def _reaction(self, reply: "Reply") -> Reaction:
        offered = tuple(self._titles[title] for title in reply.buttons if title in self._titles)
        spoken = next((answer.get("custom", {}).get("language") for answer in reply.answers), None)
        heard = reply.parsed.get("language")
        return Reaction(reply.entry or reply.intent, reply.entry is not None, offered, heard, spoken)


def asked_before(case: Case) -> str | None:
    """Return the entry that a case is asked after, in its language; most cases begin a conversation."""
    if case.set == "follow_ups":
        return FOLLOW_UP_AFTER
    return REPEAT_AFTER if case.set == REPEAT_IN or case.expected == NOISE else None
