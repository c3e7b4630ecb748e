"""Decides what a ranking is good for: an answer, a question back, or an honest "I don't know".

Pure: a ranking and a conversation in, a decision out. The thresholds are an artefact of
`bot calibrate` (bot/nlu/thresholds.json), measured on held-out questions, not numbers typed by hand.
"""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from bot.nlu.conversation import EVENTS_TOPIC, ConversationContext
from bot.nlu.ranker import SHARPNESS, Ranked

FAQ = "faq/"
UNKNOWN_PREFIX, UNKNOWN_FAR = "unknown_", "unknown_far"
FOLLOW_UP_PREFIX = "follow_up_"
REQUESTS = {"request_german": "de", "request_english": "en", "request_chinese": "zh"}
MAX_OFFERS = 3
FIND_EVENTS = "find_events"
TELLING = frozenset({"time", "filter", "kind"})
NEAR_EVENTS = 0.6
# While events are the topic, "and in Beijing?" is about them unless an entry is this far ahead.
SURE_OF_ANOTHER_TOPIC = 0.6
NEVER_ABOUT_EVENTS = frozenset({"goodbye", "thank", "start_over", "ask_source", *REQUESTS})
# Entries less likely than this would be odd company on a button.
MIN_OFFER = 0.03
THRESHOLDS_FILE = Path(__file__).with_name("thresholds.json")
# A follow-up names no topic, so a topic's label beside it is a coincidence of words.
FOLLOW_UP_SHARE = 0.5
# "Who signed?" names nothing at all, and so looks far from the topic unless there is one.
FOLLOW_UP_SHARE_OF_FAR = 0.2


@dataclass(frozen=True)
class Thresholds:
    """From where an answer is given, a question is asked back, and small talk is believed.

    ``sure`` and ``over_unknown`` are leads: how far an answer's margin must be ahead of any other label's, and of the
    unknown ones', which would rather be believed too often than too rarely. ``unsure`` and ``dialogue`` are
    confidences.
    """

    sure: float
    over_unknown: float
    unsure: float
    dialogue: float

    @classmethod
    def read(cls, path: Path = THRESHOLDS_FILE) -> Self:
        """Read the calibrated thresholds."""
        values = json.loads(path.read_text(encoding="utf-8"))
        return cls(values["sure"], values["over_unknown"], values["unsure"], values["dialogue"])


@dataclass(frozen=True)
class Decision:
    """An intent of the domain, the FAQ entry if it is one, the entries to offer, the topic of an unknown."""

    intent: str
    confidence: float
    entry: str | None = None
    offer: tuple[str, ...] = ()
    topic_intent: str | None = None
    request: str | None = None
    continued: bool = False


def lead(ranking: list[Ranked], over: str = "") -> float:
    """Return how far the first label's margin is ahead of the next one's that begins with ``over``.

    Infinite for a certain or only label.
    """
    first = ranking[0].confidence
    rival = next((ranked.confidence for ranked in ranking[1:] if ranked.label.startswith(over)), 0.0)
    if first >= 1.0 or rival <= 0.0:
        return math.inf
    return math.log(first / rival) / SHARPNESS


@dataclass
class Chooser:
    """Applies thresholds and the conversation's context to rankings."""

    thresholds: Thresholds
    follow_ups: dict[tuple[str, str], str] = field(default_factory=dict)
    """(entry, follow-up) -> entry"""

    def choose(
        self,
        ranking: list[Ranked],
        context: ConversationContext,
        named: frozenset[str] = frozenset(),
        short: bool = False,
    ) -> Decision:
        """Return what to do with a message; an empty ranking (no words at all) is unclear.

        ``named`` are the kinds of terms about events that the message holds (city, time, request, ...); a ``short``
        message that names one while events are the topic changes the search.
        """
        if not ranking:
            return Decision("unclear", 1.0)
        if self._is_about_events(ranking, context, named, short):
            return Decision("find_events", ranking[0].confidence, continued=True)
        best = self._best(ranking, context)
        label, confidence = best.label, best.confidence
        offer = self._offer(ranking)
        if label.startswith(FAQ):
            return self._faq(best, ranking, offer)
        if label.startswith(UNKNOWN_PREFIX):
            return self._unknown(label, confidence, offer)
        if confidence < self.thresholds.dialogue:
            return Decision("unknown", confidence, offer=offer)
        if label.startswith(FOLLOW_UP_PREFIX):
            return self._follow_up(label.removeprefix(FOLLOW_UP_PREFIX), confidence, context)
        if label == "repeat":
            return self._repeat(confidence, context)
        if label == "affirm" and context.offered:
            return Decision("faq", confidence, entry=context.offered)
        if label in REQUESTS:
            return Decision("change_language", confidence, request=REQUESTS[label])
        return Decision(label, confidence)

    def _is_about_events(
        self, ranking: list[Ranked], context: ConversationContext, named: frozenset[str], short: bool
    ) -> bool:
        """Whether a message changes, continues or asks about the list of events that was just shown."""
        if not named or ranking[0].confidence >= 1.0:
            return False
        label = ranking[0].label
        if context.last_entry != EVENTS_TOPIC:
            # "Sports in Berlin in October?" asks for events, however well the source knows the sport.
            return label.startswith(FAQ) and bool(named & TELLING) and lead(ranking, FIND_EVENTS) < NEAR_EVENTS
        if label.startswith(FAQ):
            return short or lead(ranking) < SURE_OF_ANOTHER_TOPIC
        return label not in NEVER_ABOUT_EVENTS

    def _offer(self, ranking: list[Ranked]) -> tuple[str, ...]:
        likely = (ranked for ranked in ranking if ranked.label.startswith(FAQ) and ranked.confidence >= MIN_OFFER)
        return tuple(ranked.label.removeprefix(FAQ) for ranked in likely)[:MAX_OFFERS]

    def _best(self, ranking: list[Ranked], context: ConversationContext) -> Ranked:
        first = ranking[0]
        if not context.last_entry or first.confidence >= 1.0:
            return first
        share = FOLLOW_UP_SHARE_OF_FAR if first.label == UNKNOWN_FAR else FOLLOW_UP_SHARE
        follow_ups = (ranked for ranked in ranking[1:3] if ranked.label.startswith(FOLLOW_UP_PREFIX))
        return next((ranked for ranked in follow_ups if ranked.confidence >= share * first.confidence), first)

    def _faq(self, best: Ranked, ranking: list[Ranked], offer: tuple[str, ...]) -> Decision:
        over_unknown = lead(ranking, UNKNOWN_PREFIX) >= self.thresholds.over_unknown
        if over_unknown and lead(ranking) >= self.thresholds.sure:
            return Decision("faq", best.confidence, entry=best.label.removeprefix(FAQ))
        if best.confidence >= self.thresholds.unsure:
            return Decision("unsure", best.confidence, offer=offer)
        return Decision("unknown", best.confidence, offer=offer)

    def _unknown(self, label: str, confidence: float, offer: tuple[str, ...]) -> Decision:
        if label == UNKNOWN_FAR:
            return Decision("unknown", confidence)
        return Decision("unknown_about", confidence, offer=offer, topic_intent=label)

    def _follow_up(self, kind: str, confidence: float, context: ConversationContext) -> Decision:
        if context.last_entry is None:
            return Decision("follow_up_without_topic", confidence)
        if context.last_entry == EVENTS_TOPIC:
            return Decision("find_events", confidence, continued=kind == "more")
        if target := self.follow_ups.get((context.last_entry, kind)):
            return Decision("faq", confidence, entry=target)
        return Decision("follow_up_unknown", confidence)

    def _repeat(self, confidence: float, context: ConversationContext) -> Decision:
        if context.last_entry == EVENTS_TOPIC:
            return Decision("find_events", confidence)
        if context.last_entry:
            return Decision("faq", confidence, entry=context.last_entry)
        return Decision("repeat", confidence)
