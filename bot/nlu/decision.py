"""Decides what a ranking is good for: an answer, a question back, or an honest "I don't know".

Pure: a ranking and a conversation in, a decision out. The thresholds are an artefact of
`bot calibrate` (bot/nlu/thresholds.json), measured on held-out questions, not numbers typed by hand.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from bot.languages import DEFAULT_LANGUAGE
from bot.nlu.belief import FAQ, SHARPNESS, Ranked
from bot.nlu.conversation import EVENTS_TOPIC, ConversationContext
from bot.nlu.language_wish import Wish

UNKNOWN_PREFIX, UNKNOWN_FAR = "unknown_", "unknown_far"
FOLLOW_UP_PREFIX = "follow_up_"
REQUEST_LANGUAGE, REPEAT_IN_LANGUAGE = "request_language", "repeat_in_language"
ABOUT_LANGUAGE = frozenset({REQUEST_LANGUAGE, REPEAT_IN_LANGUAGE})
NOISE = "noise"
MISUSE = frozenset({"abuse", "manipulation", NOISE})
"""What is no question at all: insults, orders to be somebody else, keys that were pressed."""
MAX_OFFERS = 3
FIND_EVENTS = "find_events"
CALENDAR_FIRST = "calendar_first"
"""The intent of what may be about an event or not: the calendar knows, and else the first decision stands."""
HINT = "hint"
"""The kind of words that ask for events in the company of a city or a category only: "anything", "what's on"."""
ELSEWHERE = "elsewhere"
"""The kind of cities that no events are known in."""
NO_CONDITIONS = frozenset({"request", HINT, ELSEWHERE, "origin"})
TELLING = frozenset({"time", "filter", "kind"})
NEAR_EVENTS = 0.6
# A request to change the language is mostly just that.
NEAR_REQUEST = 0.1
SURE_OF_SMALL_TALK = 0.5
# The less of events a message names, the more belief it needs that it asks for some: "Which vitamins are in oranges?"
# names nothing, "I left my bag on the train this morning" a time. Below it the calendar is asked for its words, as for
# all that is unknown.
SURE_OF_EVENTS = {0: 0.7, 1: 0.5}
# While events are the topic, "and in Beijing?" is about them unless an entry is this far ahead.
SURE_OF_ANOTHER_TOPIC = 0.6
SUBSCRIPTIONS = frozenset({"subscribe", "unsubscribe", "remind", "manage_subscriptions"})
DEAR = frozenset({"start_over", "subscribe", "unsubscribe", REQUEST_LANGUAGE})
"""Acts that cost the visitor something if they were not meant."""
NEVER_ABOUT_EVENTS = frozenset({"goodbye", "thank", "ask_source", *DEAR, *ABOUT_LANGUAGE, *SUBSCRIPTIONS, *MISUSE})
# What would be said without the calendar. Unknown messages are looked up anyway, by their rules.
BEFORE_ANSWERING = frozenset({"faq", "unsure", "follow_up_without_topic", "help", "praise", "complain"})
# Of which "When does the language tandem meet?" may remind.
SMALL_TALK = frozenset({"greet", "affirm", "deny", "are_you_human", "ask_languages", "repeat", "talk_to_person"})
UNMEASURED = 0.5
THRESHOLDS_FILE = Path(__file__).with_name("thresholds.json")
# A follow-up names no topic, so a topic's label beside it is a coincidence of words.
FOLLOW_UP_SHARE = 0.5
# "Who signed?" names nothing at all, and so looks far from the topic unless there is one.
FOLLOW_UP_SHARE_OF_FAR = 0.2


@dataclass(frozen=True)
class Thresholds:
    """From where an answer is given, a question is asked back, entries are offered, and small talk is believed.

    ``sure`` and ``over_unknown`` are leads: how far an answer's margin must be ahead of any other label's, and of the
    unknown ones', which would rather be believed too often than too rarely. ``unsure`` is a confidence. ``near`` is how
    far the likeliest entry may be behind the first label to be worth a button; ``beliefs`` are, by label, the
    confidences from which small talk and all else that is no question is believed.
    """

    sure: float
    over_unknown: float
    unsure: float
    near: float
    beliefs: Mapping[str, float]

    @classmethod
    def read(cls, path: Path = THRESHOLDS_FILE) -> Self:
        """Read the calibrated thresholds."""
        values = json.loads(path.read_text(encoding="utf-8"))
        return cls(values["sure"], values["over_unknown"], values["unsure"], values["near"], values["beliefs"])

    def believe(self, ranked: Ranked) -> bool:
        """Whether a label that is no question is likely enough; one never measured must be likelier than not."""
        return ranked.confidence >= self.beliefs.get(ranked.label, UNMEASURED)


@dataclass(frozen=True)
class Clues:
    """What else is known of a message: the kinds of terms about events that it holds (city, time, request, ...).

    ``short`` messages of a few words change a search while events are the topic; ``complete`` ones say nothing beyond
    such terms; with ``known_words`` the training questions hold every word that could name something; a ``question``
    has a question mark or particle. ``wish`` is what it says of languages, ``spoken`` the one it is written in.
    """

    named: frozenset[str] = frozenset()
    short: bool = False
    complete: bool = False
    known_words: bool = True
    question: bool = False
    wish: Wish = field(default_factory=Wish)
    spoken: str = DEFAULT_LANGUAGE

    @property
    def dimensions(self) -> int:
        """How many different things the message narrows a search for events by."""
        return len({"category" if kind == "kind" else kind for kind in self.named} - NO_CONDITIONS)

    @property
    def elsewhere(self) -> bool:
        """Whether the message names a city, and none that events are known in."""
        return ELSEWHERE in self.named and "city" not in self.named

    @property
    def tells(self) -> bool:
        """Whether the message says something that is asked of events rather than of the partnership."""
        return bool(self.named & TELLING) or (HINT in self.named and self.dimensions > 0)


@dataclass(frozen=True)
class Decision:
    """An intent of the domain, the FAQ entry if it is one, the entries to offer, the topic of an unknown.

    With the intent `CALENDAR_FIRST`, ``otherwise`` is the intent if the calendar has nothing of the kind. ``request``
    is a language that is asked for: for good, or with an ``entry`` for this answer.
    """

    intent: str
    confidence: float
    entry: str | None = None
    offer: tuple[str, ...] = ()
    topic_intent: str | None = None
    request: str | None = None
    continued: bool = False
    otherwise: str | None = None


def lead(ranking: list[Ranked], over: str = "") -> float:
    """Return how far the first label's margin is ahead of the next one's that begins with ``over``.

    Infinite for a certain or only label.
    """
    first = ranking[0].confidence
    rival = next((ranked.confidence for ranked in ranking[1:] if ranked.label.startswith(over)), 0.0)
    if first >= 1.0 or rival <= 0.0:
        return math.inf
    return math.log(first / rival) / SHARPNESS


def behind(first: Ranked, other: Ranked) -> float:
    """Return how far the margin of ``other`` is behind that of the ``first`` label; nought for itself."""
    if first.confidence >= 1.0 and first.label != other.label:
        return math.inf
    return math.log(first.confidence / max(other.confidence, 1e-9)) / SHARPNESS


NO_CLUES = Clues()


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
        clues: Clues = NO_CLUES,
    ) -> Decision:
        """Return what to do with a message; an empty ranking (no words at all) is unclear."""
        ranking = _possible(ranking, clues)
        if not ranking:
            return Decision("unclear", 1.0)
        if self._is_about_events(ranking, context, clues):
            return Decision("find_events", ranking[0].confidence, continued=True)
        decision = self._understood(ranking, context, clues)
        if decision.intent == FIND_EVENTS and _hardly_asks_for_events(decision, context, clues):
            return replace(decision, intent="unknown")
        if _is_doubtful_small_talk(decision) or (
            decision.intent in BEFORE_ANSWERING and _may_be_an_event(ranking, context, clues)
        ):
            return replace(decision, intent=CALENDAR_FIRST, otherwise=decision.intent)
        return decision

    def _understood(self, ranking: list[Ranked], context: ConversationContext, clues: Clues) -> Decision:
        best = self._best(ranking, context)
        label, confidence = best.label, best.confidence
        offer = self._offer(ranking)
        if label.startswith(FAQ):
            return self._faq(best, ranking, offer)
        if label.startswith(UNKNOWN_PREFIX):
            return self._unknown(label, confidence, offer)
        # What rests on the topic at hand was chosen for it, however little belief it has alone.
        continues = label.startswith(FOLLOW_UP_PREFIX) and context.last_entry
        if not continues and not self.thresholds.believe(best):
            return Decision("unknown", confidence, offer=offer)
        if label.startswith(FOLLOW_UP_PREFIX):
            return self._follow_up(label.removeprefix(FOLLOW_UP_PREFIX), confidence, context)
        if label == "repeat":
            return self._repeat(confidence, context)
        if label == "affirm" and context.offered:
            return Decision("faq", confidence, entry=context.offered)
        if label in ABOUT_LANGUAGE:
            return self._speak(label, confidence, context, clues.wish.target(clues.spoken))
        return Decision(label, confidence)

    def _speak(self, label: str, confidence: float, context: ConversationContext, language: str) -> Decision:
        """Go on in another language; "say that in Chinese" is the last answer once more, if there is one."""
        last = context.last_entry
        if label == REPEAT_IN_LANGUAGE and last and last != EVENTS_TOPIC:
            return Decision("faq", confidence, entry=last, request=language)
        return Decision("change_language", confidence, request=language)

    def _is_about_events(self, ranking: list[Ranked], context: ConversationContext, clues: Clues) -> bool:
        """Whether a message changes, continues or asks about the list of events that was just shown."""
        if not clues.named or ranking[0].confidence >= 1.0:
            return False
        label = ranking[0].label
        if label in ABOUT_LANGUAGE and clues.complete and self._asks_for_spoken(ranking, context, clues):
            return True
        if context.last_entry != EVENTS_TOPIC:
            # "Sports in Berlin in October?" asks for events, however well the source knows the sport.
            sure = ranking[0].confidence >= SURE_OF_SMALL_TALK and not clues.complete
            near = clues.tells and lead(ranking, FIND_EVENTS) < NEAR_EVENTS
            # "Which birds come back in March?": a time alone is said of anything.
            near = near and (clues.complete or clues.named - NO_CONDITIONS != {"time"}) and not clues.elsewhere
            return near and (label.startswith(FAQ) or not (sure or label in NEVER_ABOUT_EVENTS))
        if label.startswith(FAQ):
            return clues.short or lead(ranking) < SURE_OF_ANOTHER_TOPIC
        return label not in NEVER_ABOUT_EVENTS

    def _asks_for_spoken(self, ranking: list[Ranked], context: ConversationContext, clues: Clues) -> bool:
        """Whether a message names a language to find events by: "what is held in English?", "readings in Chinese"."""
        if context.last_entry == EVENTS_TOPIC and clues.short and clues.question:
            return True  # "and in Chinese?" under a list; "in Chinese, please" is still a request
        return clues.dimensions > 1 or lead(ranking, FIND_EVENTS) < NEAR_REQUEST

    def _offer(self, ranking: list[Ranked]) -> tuple[str, ...]:
        """Return the likeliest entries, or none where nothing is near."""
        entries = [ranked for ranked in ranking if ranked.label.startswith(FAQ)]
        if not entries or behind(ranking[0], entries[0]) > self.thresholds.near:
            return ()
        return tuple(ranked.label.removeprefix(FAQ) for ranked in entries)[:MAX_OFFERS]

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
        # Two neighbours that share the belief are both worth a button, however little each of them has.
        likely = sum(ranked.confidence for ranked in ranking if ranked.label.removeprefix(FAQ) in offer)
        if max(best.confidence, likely) >= self.thresholds.unsure:
            return Decision("unsure", best.confidence, offer=offer)
        return Decision("unknown", best.confidence, offer=offer)

    def _unknown(self, label: str, confidence: float, offer: tuple[str, ...]) -> Decision:
        if label == UNKNOWN_FAR:
            return Decision("unknown", confidence, offer=offer)
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


def _possible(ranking: list[Ranked], clues: Clues) -> list[Ranked]:
    """Leave out what the words rule out: a message that names no language asks for none."""
    if clues.wish.mentions:
        return ranking
    return [ranked for ranked in ranking if ranked.label not in ABOUT_LANGUAGE or ranked.confidence >= 1.0]


def _hardly_asks_for_events(decision: Decision, context: ConversationContext, clues: Clues) -> bool:
    """Whether a message that looks most like asking for events names another city, or is little believed to ask."""
    if clues.elsewhere:
        return True
    if clues.complete or context.last_entry == EVENTS_TOPIC:
        return False
    # "Exhibitions" are events, "free" and "on Sunday" may be anything, and "that film with the talking pig" is none.
    exhibitions = "kind" in clues.named and clues.known_words
    named = 2 if exhibitions else clues.dimensions + (HINT in clues.named)
    return decision.confidence < SURE_OF_EVENTS.get(named, 0.0)


def _is_doubtful_small_talk(decision: Decision) -> bool:
    """Whether a message is taken for small talk that it may not be: "Tai-Chi" is nobody's greeting."""
    return decision.intent in SMALL_TALK and decision.confidence < SURE_OF_SMALL_TALK


def _may_be_an_event(ranking: list[Ranked], context: ConversationContext, clues: Clues) -> bool:
    """Whether a message may name an event of the calendar: its words are all of events, or are not all known."""
    if ranking[0].confidence >= 1.0:
        return False
    if context.last_entry and clues.dimensions < 2:
        return not clues.known_words  # "and is it free?" is about the topic at hand
    return not clues.known_words or (clues.complete and clues.tells)
