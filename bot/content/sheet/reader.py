"""Reads the FAQ's workbook into rows of texts; what is wrong with a cell is kept beside the rows."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter

from bot.content.problems import Problem
from bot.content.sheet import columns
from bot.content.sheet.texts import SAYINGS
from bot.formulas import unguard
from bot.sayings import StaffError
from bot.workbook import Rows, sheets

_GERMAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_CHINESE_DATE = re.compile(r"(\d{4})[年/](\d{1,2})[月/](\d{1,2})日?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
"""Characters that no text of ours needs, among them those that turn the direction of writing."""


@dataclass(frozen=True)
class Refusal:
    """Why a row is not taken: its cell (``F12``), the entry, and a sentence in each language."""

    cell: str
    entry: str
    name: str
    values: dict[str, Any] = field(default_factory=dict)

    def said(self, language: str) -> str:
        """Return the reason in ``language``."""
        values = dict(self.values)
        if isinstance(problem := values.get("problem"), Problem):
            values |= dict(zip(("message", "fix"), problem.said(language), strict=True))
        if isinstance(error := values.get("error"), StaffError):
            values["error"] = error.said(language)
        return SAYINGS.say(self.name, language, **values)


@dataclass(frozen=True)
class Row:
    """A row of the sheet: its number, its texts by column, and the columns that the sheet has."""

    number: int
    cells: dict[str, str]
    letters: dict[str, str]

    def place(self, column: str) -> str:
        """Return the name of a cell, such as F12; of a column that the sheet has not, that of the row's first."""
        return f"{self.letters.get(column, 'A')}{self.number}"


@dataclass
class Table:
    """A workbook that was read: its rows by entry, what was refused, and the entries' states when it was exported."""

    rows: dict[str, Row] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    refused_ids: set[str] = field(default_factory=set)
    exported: dict[str, str] = field(default_factory=dict)


def read(path: Path) -> Table:
    """Read the workbook at ``path``.

    Raises:
        StaffError: it is no workbook, unpacks to too much, or no sheet has our columns.
    """
    table = Table()
    found = False
    for title, rows in sheets(path).items():
        _, first = next(rows, (1, ()))
        names = {str(cell.value).strip().lower(): index for index, cell in enumerate(first) if cell.value is not None}
        if title == columns.STATE:
            table.exported = {str(cells[0].value): str(cells[1].value) for _, cells in rows if len(cells) > 1}
        elif not found and set(columns.REQUIRED) <= set(names):
            found = True
            _read_rows(rows, {name: names[name] for name in columns.COLUMNS if name in names}, table)
    if not found:
        raise StaffError(SAYINGS, "no_columns", file=path.name, columns=", ".join(columns.REQUIRED))
    return table


def _read_rows(rows: Rows, places: dict[str, int], table: Table) -> None:
    letters = {name: get_column_letter(index + 1) for name, index in places.items()}
    for number, cells in rows:
        row = Row(number, {}, letters)
        wrong: list[Refusal] = []
        for name, index in places.items():
            value = cells[index] if index < len(cells) else None
            try:
                row.cells[name] = _text(name, value)
            except _RefusedError as error:
                row.cells[name] = ""
                wrong.append(Refusal(row.place(name), "", error.name, error.values))
        if any(row.cells.values()) or wrong:
            _take(row, wrong, table)


def _take(row: Row, wrong: list[Refusal], table: Table) -> None:
    entry = row.cells["id"]
    if not wrong and not columns.NAME.fullmatch(entry):
        wrong = [Refusal(row.place("id"), entry, "bad_id", {"text": entry[:40]})]
    topic = row.cells.get("topic", "")
    if not wrong and topic and not columns.NAME.fullmatch(topic):
        wrong = [Refusal(row.place("topic"), entry, "bad_topic", {"text": topic[:40]})]
    if not wrong and entry in table.rows:
        first = table.rows.pop(entry)
        wrong = [
            Refusal(one.place("id"), entry, "twice", {"entry": entry, "cell": other.place("id")})
            for one, other in ((first, row), (row, first))
        ]
    elif not wrong and entry in table.refused_ids:
        wrong = [Refusal(row.place("id"), entry, "again", {"entry": entry})]
    if wrong:
        table.refused += [Refusal(each.cell, entry, each.name, each.values) for each in wrong]
        table.refused_ids.add(entry)
    else:
        table.rows[entry] = row


class _RefusedError(Exception):
    """Raised for a cell that cannot be taken; carries the sentence's name and values."""

    def __init__(self, name: str, **values: Any) -> None:
        super().__init__(name)
        self.name, self.values = name, values


def _text(name: str, cell: Any) -> str:
    if cell is None or cell.value is None:
        return ""
    if cell.data_type == "f":
        raise _RefusedError("formula")
    if cell.data_type == "e":
        raise _RefusedError("error_cell", text=str(cell.value)[:40])
    if name in columns.DATES:
        return _day(cell.value)
    if isinstance(cell.value, datetime | date):
        raise _RefusedError("is_a_date")
    value = cell.value
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    text = columns.plain(name, unguard(text))
    if match := _CONTROL.search(text):
        raise _RefusedError("control", code=f"U+{ord(match[0]):04X}")
    return text


def _day(value: Any) -> str:
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    text = str(value).strip()
    if text in ("", "-", "–"):
        return ""
    try:
        if match := _GERMAN_DATE.fullmatch(text):
            return date(int(match[3]), int(match[2]), int(match[1])).isoformat()
        if match := _CHINESE_DATE.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise _RefusedError("bad_date", text=text[:40]) from error
