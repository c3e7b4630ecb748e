"""The columns of the FAQ's spreadsheet, and an entry as a row of texts."""

import hashlib
import json
import re
from collections.abc import Mapping

from bot.content.entry_text import Key
from bot.content.model import Entry
from bot.languages import LANGUAGES

QUESTIONS = tuple(f"questions_{tag}" for tag in LANGUAGES)
ANSWERS = tuple(f"answer_{tag}" for tag in LANGUAGES)
TITLES = tuple(f"source_{tag}" for tag in LANGUAGES)
DATES = ("valid_from", "valid_until", "review_by")
COLUMNS = ("id", "topic", "owner", *ANSWERS, *QUESTIONS, *DATES, "related", "quotes", *TITLES)
REQUIRED = ("id", *ANSWERS, *QUESTIONS)
"""Columns without which a sheet is not ours."""
LISTS = (*QUESTIONS, "related", "quotes", *TITLES)
"""Columns with an item a line."""
SHEET, HELP, STATE = "faq", "help", "state"
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
"""What an entry or a topic may be called: it becomes the name of a file or a folder."""

Cells = Mapping[str, str]
"""Column to text; lists with an item a line."""


def cells(entry: Entry) -> dict[str, str]:
    """Return an entry's row as the sheet shows it."""
    row = {"id": entry.id, "topic": entry.topic, "owner": entry.owner, "related": "\n".join(entry.related)}
    row |= {name: day.isoformat() if (day := getattr(entry, name)) else "" for name in DATES}
    row["quotes"] = "\n".join(_line(source.quote) for source in entry.sources)
    for tag in LANGUAGES:
        row[f"answer_{tag}"] = entry.answer.get(tag, "")
        row[f"questions_{tag}"] = "\n".join(_line(each.text) for each in entry.questions.get(tag, ()))
        row[f"source_{tag}"] = "\n".join(_line(source.title.get(tag, "")) for source in entry.sources)
    return {name: plain(name, row[name]) for name in COLUMNS}


def plain(name: str, text: str) -> str:
    """Return a cell's text in one form: what spreadsheet programs do to line ends and outer spaces does not count."""
    lines = [line.strip() for line in text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(line for line in lines if line) if name in LISTS else "\n".join(lines).strip()


def items(text: str) -> list[str]:
    """Return the items of a list's cell."""
    return text.split("\n") if text else []


def state(row: Cells) -> str:
    """Return a short hash of a row, by which an import knows whether the entry or the row changed since the export."""
    listed = json.dumps([row.get(name, "") for name in COLUMNS], ensure_ascii=False)
    return hashlib.sha256(listed.encode()).hexdigest()[:20]


def column_of(key: Key, language: str | None = None) -> str:
    """Return the column that shows the value at ``key`` of an entry's file; ``id`` for what no column shows."""
    first, rest = (str(key[0]), key[1:]) if key else ("id", ())
    tag = next((str(part) for part in rest if part in LANGUAGES), language)
    if first in ("answer", "questions"):
        return f"{first}_{tag or LANGUAGES[0]}"
    if first == "sources":
        return f"source_{tag}" if "title" in rest and tag else "quotes"
    return first if first in COLUMNS else "id"


def _line(text: str) -> str:
    return " ".join(text.split("\n"))
