"""Rasa's natural language generator: says answers and phrases in the conversation's language.

It reads the compiled speech that `bot serve` publishes (BOT_HOME/content.json) and picks up a newer one
at the next turn, so that an edited answer is live without training.
"""

from collections.abc import Iterable
from typing import Any

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.trackers import DialogueStateTracker

from bot import clock, settings
from bot.content import placeholders
from bot.content.library import Speech, SpeechFile, SpokenEntry
from bot.engine import patches
from bot.languages import DEFAULT_LANGUAGE, supported
from bot.nlu.decision import MAX_OFFERS

FAQ_PREFIX = "utter_faq/"
NEAREST = {"utter_unknown": "utter_unknown_near"}
"""What is said instead where entries are near enough to be offered."""
Answer = dict[str, Any]
"""A neutral answer: ``text`` in our small markdown, ``buttons`` of title and payload, ``custom`` data."""


class ContentSpeaker(NaturalLanguageGenerator):
    """Named under ``nlg`` in endpoints.yml."""

    def __init__(self, endpoint_config: Any = None, domain: Any = None) -> None:
        patches.install()
        chosen = settings.load()
        self._contact = chosen.contact
        self._file = SpeechFile(chosen.compiled_content, chosen.content_dir)

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Answer | None:
        """Return what to say for a response's name; ``kwargs`` fill the placeholders of a phrase."""
        language = conversation_language(tracker)
        parsed = tracker.latest_message.parse_data if tracker.latest_message else {}
        speaking = _Speaking(self._file.speech, language, self._contact)
        if utter_action.startswith(FAQ_PREFIX):
            return speaking.entry(utter_action.removeprefix(FAQ_PREFIX))
        return speaking.phrase(utter_action, tracker.get_slot("last_entry"), parsed, kwargs)


def conversation_language(tracker: DialogueStateTracker) -> str:
    """Return the language to answer in."""
    return supported(tracker.get_slot("language")) or DEFAULT_LANGUAGE


class _Speaking:
    """One answer in one language."""

    def __init__(self, speech: Speech, language: str, contact: str) -> None:
        self._speech, self._language, self._contact = speech, language, contact
        self._today = clock.now().date()

    def entry(self, entry_id: str) -> Answer:
        """Return a FAQ entry's answer with its source and related questions; an expired one is unknown."""
        entry = self._speech.entries.get(entry_id)
        if entry is None or not entry.valid_on(self._today):
            return self._say("utter_unknown", {}, ())
        text = placeholders.fill(entry.answer[self._language], {"contact": self._contact})
        titles = dict.fromkeys(source["title"][self._language] for source in entry.sources)
        source = self._fill("source_line", {"sources": ", ".join(titles)})
        quotes = [{"title": item["title"][self._language], "quote": item["quote"]} for item in entry.sources]
        return {
            "text": f"{text}\n\n{source}",
            "buttons": self._buttons(entry.related),
            "custom": {"entry": entry_id, "language": self._language, "sources": quotes},
        }

    def phrase(self, name: str, last_entry: str | None, parsed: dict[str, Any], values: dict[str, Any]) -> Answer:
        """Return a phrase, with the buttons and values that its kind of turn brings."""
        offer = tuple(parsed.get("offer") or ())
        last = self._speech.entries.get(last_entry or "")
        if name == "utter_talk_to_person" and not self._contact:
            name = "utter_talk_to_person_without_contact"
        if name == "utter_ask_source":
            return self._source(last)
        if name == "utter_unknown_about":
            return self._unknown_about(parsed.get("topic_intent"), offer)
        if name == "utter_follow_up_unknown" and last:
            return self._say(name, {}, last.related)
        if name in ("utter_unsure", "utter_unknown") and offer:
            return self._say(NEAREST.get(name, name), {}, offer)
        filled = {key: str(value) for key, value in values.items() if isinstance(value, str | int)}
        answer = self._say(name, filled, self._speech.buttons.get(name, ()))
        if name == "utter_change_language":
            answer["custom"]["chosen"] = True  # for good: a channel that shows the language shows this one now
        return answer

    def _source(self, last: SpokenEntry | None) -> Answer:
        if last is None:
            return self._say("utter_ask_source_without_topic", {}, ())
        quotes = [f"{source['title'][self._language]}: “{source['quote']}”" for source in last.sources]
        return self._say("utter_ask_source", {"sources": "\n".join(quotes)}, ())

    def _unknown_about(self, topic_intent: str | None, offer: tuple[str, ...]) -> Answer:
        topic = self._speech.topics.get(topic_intent or "")
        if topic is None:
            return self._say(NEAREST["utter_unknown"] if offer else "utter_unknown", {}, offer)
        name, known = topic
        # What stood nearest to the question comes first, then what is known about the thing.
        merged = tuple(dict.fromkeys([*offer, *known]))[:MAX_OFFERS]
        return self._say("utter_unknown_about", {"topic": name[self._language]}, merged)

    def _say(self, name: str, values: dict[str, str], targets: Iterable[str]) -> Answer:
        answer: Answer = {"text": self._fill(name, values), "custom": {"language": self._language}}
        if buttons := self._buttons(targets):
            answer["buttons"] = buttons
        return answer

    def _fill(self, name: str, values: dict[str, str]) -> str:
        return placeholders.fill(self._speech.phrases[name][self._language], {"contact": self._contact, **values})

    def _buttons(self, targets: Iterable[str]) -> list[dict[str, str]]:
        """Return buttons whose payload is the question itself: nothing to sign, and safe to type."""
        valid = [target for target in targets if self._offered(target)]
        titles = [self._speech.title(target, self._language) for target in valid[:MAX_OFFERS]]
        return [{"title": title, "payload": title} for title in titles]

    def _offered(self, target: str) -> bool:
        entry = self._speech.entries.get(target)
        return entry.valid_on(self._today) if entry else target in self._speech.phrases
