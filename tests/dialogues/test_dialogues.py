"""Whole conversations with a really trained model; the cases stand in the YAML files beside this one."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.assistant import Assistant, Reply

FOLDER = Path(__file__).parent
KEYS = {
    "say", "entry", "intent", "language", "speaks", "contains", "lacks", "offers", "any_intent", "lacks_intents",
    "lacks_entries",
}  # fmt: skip
"""``language`` is what the message was heard in, ``speaks`` what it was answered in."""
CASES = [
    pytest.param(case["turns"], case.get("hint"), id=f"{path.stem}: {case['name']}")
    for path in sorted(FOLDER.glob("*.yml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("turns", "hint"), CASES)
async def test_a_conversation_goes_as_written(
    assistant: Assistant, turns: list[dict[str, Any]], hint: str | None
) -> None:
    conversation = assistant.conversation(hint)
    for turn in turns:
        reply = await conversation.say(turn["say"])
        problems = list(differences(turn, reply))
        assert not problems, f"'{turn['say']}': {'; '.join(problems)}; the answer was: {reply.text}"


def differences(turn: dict[str, Any], reply: Reply) -> list[str]:
    """What of the expectation does not hold."""
    assert set(turn) <= KEYS, f"unknown key in {turn}"
    found = []
    got = {"entry": reply.entry, "intent": reply.intent, "language": reply.parsed.get("language")}
    got["speaks"] = next((answer.get("custom", {}).get("language") for answer in reply.answers), None)
    if "intent" in turn and turn["intent"] == "change_language":
        got.pop("language")  # the reply's language is the requested one, the message's is what it was typed in
    for key, value in got.items():
        if key in turn and value != turn[key]:
            found.append(f"{key} {value!r} instead of {turn[key]!r}")
    found += [f"'{text}' is missing" for text in turn.get("contains", []) if text not in reply.text]
    found += [f"'{text}' is said" for text in turn.get("lacks", []) if text in reply.text]
    found += [f"'{title}' is not offered" for title in turn.get("offers", []) if title not in reply.buttons]
    if "any_intent" in turn and reply.intent not in turn["any_intent"]:
        found.append(f"intent {reply.intent!r} is none of {turn['any_intent']}")
    found += [f"intent {name!r}" for name in turn.get("lacks_intents", []) if reply.intent == name]
    found += [f"entry {name!r}" for name in turn.get("lacks_entries", []) if reply.entry == name]
    return found
