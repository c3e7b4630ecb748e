"""The inbox as a table for a spreadsheet."""

import csv
import io
from collections.abc import Sequence

from bot.formulas import guard
from bot.inbox import console
from bot.inbox.groups import Group
from bot.inbox.sayings import say

COLUMNS = (
    "number", "group", "question", "language", "channel", "kind", "about", "count", "senders", "first", "last",
)  # fmt: skip


def to_csv(groups: Sequence[Group], language: str) -> bytes:
    """Return a CSV file in UTF-8, a row a question; a byte order mark makes Excel read it rightly.

    A cell that a spreadsheet could take for a formula begins with an apostrophe.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([say(f"columns.{name}", language) for name in COLUMNS])
    for number, group in enumerate(groups, start=1):
        for question in group.questions:
            cells = (
                question.id, number, question.text, question.language, question.channel,
                say(f"kinds.{question.kind.value}", language), question.subject, question.count, question.senders,
                console.day(question.first_seen), console.day(question.last_seen),
            )  # fmt: skip
            writer.writerow([guard(str(cell)) for cell in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
