"""What the channels' core tells the inbox, with the real model."""

from dataclasses import replace

import pytest

from bot.assistant import Assistant
from bot.channels.core import Incoming
from bot.inbox.turn import Kind, Turn


@pytest.mark.parametrize(
    ("text", "language", "kind", "entry"),
    [("Seit wann gibt es das Business Desk?", "de", Kind.ANSWERED, "desk_since"),
     ("What are the names of the pandas?", "en", Kind.UNKNOWN_ABOUT, "unknown_pandas"),
     ("柏林有什么活动？", "zh", Kind.EVENTS, None),
     ("Guten Morgen!", "de", Kind.TALK, None),
     ("What is the capital of Australia?", "en", Kind.UNKNOWN, None)],
)  # fmt: skip
async def test_a_channel_records_each_turn(
    assistant: Assistant, text: str, language: str, kind: Kind, entry: str | None
) -> None:
    heard: list[Turn] = []
    turns = replace(assistant.turns, record=heard.append)
    sender = f"recorded {text}"
    await turns.run(Incoming(sender, text, "web"))
    (turn,) = heard
    assert (turn.sender, turn.channel, turn.text) == (sender, "web", text)
    assert (turn.language, turn.kind, turn.entry) == (language, kind, entry)
    assert 0 < turn.confidence <= 1


async def test_what_staff_ask_themselves_is_not_recorded(assistant: Assistant) -> None:
    assert assistant.turns.record is None
