"""The whole assistant, asked about a difficult calendar under a frozen clock, names exactly the right events in order.

The cases stand in event_triples.yml (the same question in three languages) and event_questions.yml.
"""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import clock, settings
from bot.assistant import Assistant
from bot.database import connect
from bot.events.readers import read_events
from bot.events.store import EventStore
from bot.languages import LANGUAGES

HERE = Path(__file__).parent
NOW = "2027-03-10T10:00:00+01:00"
TRIPLES = yaml.safe_load((HERE / "event_triples.yml").read_text(encoding="utf-8"))["triples"]
QUESTIONS = yaml.safe_load((HERE / "event_questions.yml").read_text(encoding="utf-8"))
# Of the answers through the whole assistant; the search alone is right in all but one or two.
AT_LEAST = 0.90
SAME_AT_LEAST = 1.0

Answers = dict[tuple[str, str], list[str]]


@pytest.fixture(scope="module")
def answers(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    """Every question's answer, by language and text: uids, with the day for a date of a series."""
    patch = pytest.MonkeyPatch()
    patch.setenv("BOT_HOME", str(tmp_path_factory.mktemp("calendar")))
    patch.setenv("BOT_CLOCK", NOW)
    _forget()
    events = read_events((HERE / "events_calendar.csv").read_bytes(), "events_calendar.csv", clock.now().date())
    assert not events.refused
    EventStore(connect(settings.load().database_url)).save(events.events, now=datetime.fromisoformat(NOW))
    series = {event.uid for event in events.events if event.rrule}
    yield asyncio.run(_ask_all(Assistant.load(model), series))
    patch.undo()
    _forget()


def _forget() -> None:
    """Let the clock and the actions read the environment anew."""
    from actions import services

    clock._frozen.cache_clear()
    services.connect_once.cache_clear()
    services.events.cache_clear()
    services._speech_file.cache_clear()


async def _ask_all(assistant: Assistant, series: set[str]) -> Answers:
    found: Answers = {}
    for language, text in asked():
        reply = await assistant.conversation(language).say(text)
        custom = next((answer["custom"] for answer in reply.answers if "custom" in answer), {})
        found[language, text] = [_name(event, series) for event in custom.get("events", [])]
    return found


def _name(event: dict[str, Any], series: set[str]) -> str:
    return f"{event['uid']}@{event['start'][:10]}" if event["uid"] in series else event["uid"]


def asked() -> Iterator[tuple[str, str]]:
    for case in TRIPLES:
        for language in LANGUAGES:
            yield language, case[language]
    for language in LANGUAGES:
        for case in QUESTIONS[language]:
            yield language, case["text"]


def expected(language: str) -> dict[str, list[str]]:
    return {case[language]: case["expect"] for case in TRIPLES} | {
        case["text"]: case["expect"] for case in QUESTIONS[language]
    }


def test_there_are_at_least_a_hundred_questions_in_three_languages() -> None:
    assert len(TRIPLES) >= 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_exactly_the_right_events_are_named_in_order(answers: Answers, language: str) -> None:
    wanted = expected(language)
    missed = [
        f"{text}: {answers[language, text]} not {want}"
        for text, want in wanted.items()
        if answers[language, text] != want
    ]
    assert 1 - len(missed) / len(wanted) >= AT_LEAST, "\n".join(missed)


def test_the_same_question_in_three_languages_gets_the_same_events(answers: Answers) -> None:
    differing = [case["en"] for case in TRIPLES if len({tuple(answers[lang, case[lang]]) for lang in LANGUAGES}) > 1]
    assert 1 - len(differing) / len(TRIPLES) >= SAME_AT_LEAST, "\n".join(differing)
