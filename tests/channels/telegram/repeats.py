"""Which of the messages that Telegram got twice could have been spared the visitor.

A message may come twice where nobody can know whether Telegram has it: its answer was lost, or the process was killed
before it had noted the answer. The latter is read from the database of the killed process, not guessed from the time:
on a busy machine a note takes as long as it takes, and a call that was on its way at the kill takes effect after it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from bot.channels.core.messenger_tables import SENDING, outgoing
from bot.database import connect
from tests.fakes.telegram import Sent


@dataclass(frozen=True)
class Interrupted:
    """An answer that a process was sending when it was killed, by its own record."""

    chat: int
    text: str
    at: float
    """When it was gone and all its calls had taken effect; `time.monotonic`."""


@dataclass(frozen=True)
class Repeated:
    """A message that came again right after itself."""

    text: str
    avoidable: bool
    acknowledged: bool
    """Whether the fake had sent its answer; the killed process may not have got it."""
    again_after: float
    """Seconds until it came again."""
    killed_after: float | None
    """Seconds until the process was gone that had sent it, if that is why."""


def interrupted(database_url: str, at: float) -> list[Interrupted]:
    """Return what a process was sending when it was killed; ``at`` is when it was gone. Blocks."""
    engine = connect(database_url)
    query = sa.select(outgoing.c.chat, outgoing.c.body).where(outgoing.c.state == SENDING)
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table(outgoing.name):
                return []
            rows = connection.execute(query).all()
    finally:
        engine.dispose()
    return [Interrupted(int(row.chat), json.loads(row.body)["answer"]["text"], at) for row in rows]


def repeats(sends: Sequence[Sent], cut: Sequence[Interrupted]) -> tuple[list[str], list[Repeated]]:
    """Return a chat's texts without repetitions, and these; ``cut`` is what was interrupted in that chat."""
    once: list[str] = []
    found: list[Repeated] = []
    for number, one in enumerate(sends):
        text, before = _text(one), sends[number - 1] if number else None
        if before is None or _text(before) != text:
            once.append(text)
            continue
        again_after, killed_after = round(one.at - before.at, 3), None
        if before.acknowledged and (death := _death(before, one, cut)):
            killed_after = round(death.at - before.at, 3)
        avoidable = before.acknowledged and killed_after is None
        found.append(Repeated(text, avoidable, before.acknowledged, again_after, killed_after))
    return once, found


def _death(before: Sent, one: Sent, cut: Sequence[Interrupted]) -> Interrupted | None:
    """Return the death, between the two, of the process that was sending the first."""
    return next((each for each in cut if each.text == _text(one) and before.at < each.at < one.at), None)


def _text(sent: Sent) -> str:
    return str(sent.result["text"])
