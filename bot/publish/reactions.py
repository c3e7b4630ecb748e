"""What a model makes of the test questions: understood only, not answered, so that thousands take seconds."""

import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from bot.evaluation import datasets, parallel, regression
from bot.evaluation.datasets import Case
from bot.evaluation.outcomes import Reaction, asked_before
from bot.publish.sharing import shared

PARALLEL, REGRESSION, KEPT = "parallel", "regression", "kept"
"""Sets beside those of `bot evaluate`: one question in three languages, visitors' questions, questions that training
lost."""
BATCH = 200
ABOUT_ENTRIES = datasets.KNOWN | {PARALLEL, REGRESSION, KEPT}


Reactions = dict[Case, Reaction]


def cases(content_dir: Path, evaluation: Path = datasets.FOLDER) -> list[Case]:
    """Return the questions of the gate: the published sets as far as they are installed, and the regression set."""
    found = [Case(case.text, case.language, REGRESSION, case.expected) for case in regression.load(content_dir)]
    if evaluation.is_dir():
        found += datasets.load(evaluation)
        groups = parallel.load(evaluation / parallel.FILE.name)
        found += [Case(case.text, case.language, PARALLEL, case.expected) for group in groups for case in group]
    return found


def from_parsed(parsed: dict[str, Any]) -> Reaction:
    """Read Rasa's understanding of a message; what the calendar would decide is taken as if it had nothing."""
    from bot.nlu.decision import CALENDAR_FIRST  # scikit-learn stays out of processes that only compare

    intent = str(parsed.get("intent", {}).get("name"))
    key = parsed.get("response_selector", {}).get("faq", {}).get("response", {}).get("intent_response_key", "")
    intent = str(parsed.get("otherwise")) if intent == CALENDAR_FIRST else intent
    entry = key.partition("/")[2]
    heard = parsed.get("language")
    slots = [entity["value"] for entity in parsed.get("entities", ()) if entity["entity"] == "language"]
    return Reaction(entry or intent, bool(entry), tuple(parsed.get("offer") or ()), heard, (slots or [heard])[-1])


def ask(model: Path, wanted: Iterable[Case], report: Callable[[int, int], None]) -> Reactions:
    """Return what a trained model makes of each question. Takes 300 MB and a millisecond a question."""
    from rasa.core.agent import Agent

    from bot.engine.speaker import ContentSpeaker

    listed = list(wanted)
    processor = Agent.load(str(model), generator=ContentSpeaker()).processor
    parse = partial(_parse, processor.graph_runner, processor.model_metadata.nlu_target)
    found: Reactions = {}
    with shared(parse) as share:
        for part in share([listed[start : start + BATCH] for start in range(0, len(listed), BATCH)]):
            found.update(part)
            report(len(found), len(listed))
    return found


def _parse(runner: Any, target: str, batch: list[Case]) -> list[tuple[Case, Reaction]]:
    """Rasa's graph takes many messages at once, which is twice as fast as a message after the other."""
    from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER

    inputs = {PLACEHOLDER_MESSAGE: [_message(case) for case in batch], PLACEHOLDER_TRACKER: None}
    messages = runner.run(inputs=inputs, targets=[target])[target]
    parsed = (message.as_dict(only_output_properties=True) for message in messages)
    return [(case, from_parsed(one)) for case, one in zip(batch, parsed, strict=True)]


def _message(case: Case) -> Any:
    """Return a question as a visitor's message, in the conversation that it belongs to."""
    from rasa.core.channels.channel import UserMessage

    from bot.nlu.conversation import METADATA_KEY, ConversationContext
    from bot.text import defuse

    before = asked_before(case)
    slots = {"last_entry": before, "language": case.language} if before else {}
    context = ConversationContext.from_slots(slots).as_metadata()
    return UserMessage(defuse(case.text), metadata={METADATA_KEY: context})


def read(path: Path) -> Reactions:
    """Return the reactions kept in a file; none if it is not there or damaged: they can be had again."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return {
            Case.from_row(case): Reaction(answer, entry, tuple(offered), language, spoken)
            for case, (answer, entry, offered, language, spoken) in rows
        }
    except (OSError, ValueError, TypeError):
        return {}


def write(path: Path, reactions: Reactions) -> None:
    """Keep reactions in a file."""
    rows = [
        [
            case.as_row(),
            [one.answer, one.entry, one.offered, one.language, one.spoken],
        ]
        for case, one in reactions.items()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    building = path.with_suffix(".new")
    building.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    building.replace(path)
