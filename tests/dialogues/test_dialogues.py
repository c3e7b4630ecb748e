"""Whole conversations with a really trained model; the cases stand in the YAML files beside this one."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.assistant import Assistant, Reply

FOLDER = Path(__file__).parent
CASES = [
    pytest.param(case["turns"], id=f"{path.stem}: {case['name']}")
    for path in sorted(FOLDER.glob("*.yml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("turns", CASES)
async def test_a_conversation_goes_as_written(assistant: Assistant, turns: list[dict[str, Any]]) -> None:
    conversation = assistant.conversation()
    for turn in turns:
        reply = await conversation.say(turn["say"])
        problems = list(differences(turn, reply))
        assert not problems, f"'{turn['say']}': {'; '.join(problems)}; the answer was: {reply.text}"


def differences(turn: dict[str, Any], reply: Reply) -> list[str]:
    """What of the expectation does not hold."""
    assert set(turn) <= {"say", "entry", "intent", "language", "contains", "lacks", "offers"}, f"unknown key in {turn}"
    found = []
    got = {"entry": reply.entry, "intent": reply.intent, "language": reply.parsed.get("language")}
    if "intent" in turn and turn["intent"] == "change_language":
        got.pop("language")  # the reply's language is the requested one, the message's is what it was typed in
    for key, value in got.items():
        if key in turn and value != turn[key]:
            found.append(f"{key} {value!r} instead of {turn[key]!r}")
    found += [f"'{text}' is missing" for text in turn.get("contains", []) if text not in reply.text]
    found += [f"'{text}' is said" for text in turn.get("lacks", []) if text in reply.text]
    found += [f"'{title}' is not offered" for title in turn.get("offers", []) if title not in reply.buttons]
    return found
