"""One message of all that is due for a subscriber: changes, reminders, what is new; five of them, and how many more."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.channels.core.answers import Answer
from bot.events.inquiry import Inquiry
from bot.events.model import Occurrence, Status
from bot.events.wording import EventWording
from bot.subscriptions.model import Kind, Told, place_of

MOST_LINES = 5


@dataclass
class Letter:
    """Collects what is due and puts it into words in the subscriber's language."""

    wording: EventWording
    now: datetime
    _parts: dict[str, list[str]] = field(default_factory=dict)
    _buttons: dict[str, None] = field(default_factory=dict)
    _sample: bool = False
    _listed: set[tuple[str, datetime]] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not self._parts

    def remind(self, one: Occurrence) -> None:
        """Remind of a date."""
        self._add(self.wording.say("subscription_reminder"), self._line(one))
        self._listed.add((one.event.uid, one.start))

    def change(self, one: Occurrence | None, told: Told, title: str) -> None:
        """Say what has become of a date since the subscriber was told of it."""
        heading = self.wording.say("subscription_changed")
        if one is None:
            start = self.wording.span(told.start, None)
            self._add(heading, self.wording.say("subscription_gone", topic=title, range=start))
            return
        shown = one
        if one.status is Status.SCHEDULED and one.start.replace(tzinfo=None) != told.start:
            shown = replace(one, moved_from=told.start.replace(tzinfo=one.start.tzinfo))
        elif one.status is Status.SCHEDULED and told.status != Status.SCHEDULED:
            self._add(heading, f"{self.wording.say('change_reinstated')}: {self._line(one)}")
            return
        self._add(heading, self._line(shown))
        self._listed.add((one.event.uid, one.start))

    def tell(self, kind: Kind, inquiry: Inquiry, found: list[Occurrence]) -> None:
        """List the events of a subscription; what the message says already is not said twice."""
        fresh = [one for one in found if (one.event.uid, one.start) not in self._listed]
        if not fresh:
            return
        heading = self.wording.say(f"subscription_{kind.value}", range=conditions(self.wording, inquiry))
        for one in fresh:
            self._add(heading, self._line(one))
            self._listed.add((one.event.uid, one.start))
        # What is shown in full elsewhere needs no button.
        self._buttons.setdefault(self.wording.say("event_search", range=self.wording.conditions(inquiry)))

    def answer(self) -> Answer:
        """Return the message: at most five lines, how many more there are, how to end it."""
        left, text, hidden = MOST_LINES, [], 0
        for heading, lines in self._parts.items():
            shown = lines[:left]
            if shown:
                text.append("\n".join([heading, *(f"- {line}" for line in shown)]))
            left -= len(shown)
            hidden += len(lines) - len(shown)
        if hidden:
            text.append(self.wording.say("subscription_more", topic=str(hidden)))
        if self._sample:
            text.append(f"_{self.wording.say('event_sample')}_")
        text.append(self.wording.say("subscription_end"))
        buttons = [*self._buttons][:2] if hidden else []
        buttons.append(self.wording.say("ask_my_subscriptions"))
        rows = tuple({"title": each, "payload": each} for each in buttons)
        return Answer("\n\n".join(text), self.wording.language, rows)

    def _line(self, one: Occurrence) -> str:
        self._sample = self._sample or one.event.sample
        return self.wording.line(one, self.now)

    def _add(self, heading: str, line: str) -> None:
        self._parts.setdefault(heading, []).append(line)


def conditions(wording: EventWording, inquiry: Inquiry) -> str:
    """Return what a subscription is about, e.g. "Berlin, culture"; without conditions, that it is all events."""
    searched = replace(inquiry, query=replace(inquiry.query, start=None, end=None, time_of_day=None))
    parts = wording.conditions(searched).removeprefix(wording.say("event_upcoming")).lstrip(", ")
    return parts or wording.say("subscription_all")


def differs(one: Occurrence | None, told: Told) -> bool:
    """Whether a subscriber must be told what has become of a date."""
    if one is None:
        return told.status != WITHDRAWN
    return (one.start.replace(tzinfo=None), one.status, place_of(one)) != (told.start, told.status, told.place)


WITHDRAWN = "withdrawn"
"""The status of what a subscriber was told that it is no longer in the calendar."""
