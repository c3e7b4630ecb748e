"""Writes tables of events in the columns that the readers read: CSV, and workbooks for the desk."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any

import yaml
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from bot.errors import BotError
from bot.events.columns import COLUMNS, EXTRA, override_to_data, written
from bot.events.model import Category, City, Event, Status
from bot.events.readers import rules
from bot.formulas import guard
from bot.languages import LANGUAGES

DATE_TIME, DATE = "yyyy-mm-dd hh:mm", "yyyy-mm-dd"
SHEET, HELP = "events", "help"
MAX_CELL = 32_767
_CHOICES = {
    "status": [status.value for status in Status], "city": [city.value for city in City],
    "category": [category.value for category in Category], "free": ["yes", "no"], "all_day": ["yes", "no"],
}  # fmt: skip
_WIDTHS = {"uid": 22, "start": 18, "end": 18, "venue": 28, "url": 28, "rrule": 24, "exdates": 24}
_ROWS_TO_FILL = 1000


def to_csv(events: Iterable[Event]) -> bytes:
    """Return a CSV file in UTF-8 with our columns; a byte order mark makes Excel read it rightly.

    A cell that a spreadsheet could take for a formula begins with an apostrophe, which the reader takes off again.
    """
    columns, rows = _table(events)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guard(row[column]) for column in columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def to_xlsx(events: Iterable[Event]) -> bytes:
    """Return a workbook with the events, drop-downs and real dates, to correct and import again."""
    events = list(events)
    columns, rows = _table(events)
    book, sheet = _book(columns)
    for event, row in zip(events, rows, strict=True):
        sheet.append([_cell(event, name, row[name]) for name in columns])
        for number, name in enumerate(columns, 1):
            if name in ("start", "end"):
                sheet.cell(sheet.max_row, number).number_format = DATE if event.all_day else DATE_TIME
    return _saved(book)


def _cell(event: Event, name: str, value: str) -> datetime | str | None:
    """Return a real date for a start or end; midnight stays a text, since as a date it would mean all day."""
    moment = {"start": event.start, "end": event.end}.get(name)
    if moment is not None and (event.all_day or moment.time() != time()):
        return moment.replace(tzinfo=None)
    if len(value) > MAX_CELL:
        raise BotError(f"{event.uid}, {name}: longer than a cell of Excel may be; export as CSV (--format csv)")
    return guard(value) or None


def template() -> bytes:
    """Return an empty workbook with drop-downs, frozen header, date formats, and how to fill it in."""
    book, sheet = _book(COLUMNS)
    for name in ("start", "end"):
        letter = get_column_letter(COLUMNS.index(name) + 1)
        for row in range(2, _ROWS_TO_FILL + 2):
            sheet[f"{letter}{row}"].number_format = DATE_TIME
    return _saved(book)


def _table(events: Iterable[Event]) -> tuple[Sequence[str], list[dict[str, str]]]:
    """Return the columns, the usual ones and those extra that are needed, and the rows."""
    rows = [row_of(event) for event in events]
    extra = [name for name in EXTRA if any(row[name] for row in rows)]
    return (*COLUMNS, *extra), rows


def row_of(event: Event) -> dict[str, str]:
    """Return the cells of an event by column, as the readers read them."""

    def when(moment: datetime | None) -> str:
        return written(moment, event.all_day) if moment else ""

    def dates(moments: Sequence[datetime]) -> str:
        return ";".join(when(moment) for moment in sorted(set(moments)))

    changes = sorted(event.overrides, key=lambda each: (each.recurrence_id, each.and_following))
    data = [override_to_data(each, event.all_day) for each in changes]
    return {
        "uid": event.uid,
        "status": event.status.value,
        "start": when(event.start),
        "end": when(event.end),
        "all_day": "yes" if event.all_day else "no",
        "timezone": event.timezone,
        "city": event.city.value,
        "venue": event.venue,
        "category": event.category.value,
        "free": "" if event.free is None else "yes" if event.free else "no",
        "languages": ";".join(event.languages),
        "url": event.url,
        "rrule": rules.checked(event.rrule, event.start, event.all_day) if event.rrule else "",
        "exdates": dates(event.exdates),
        "price": event.price,
        "rdates": dates(event.rdates),
        "overrides": json.dumps(data, ensure_ascii=False) if data else "",
        **{f"title_{tag}": event.titles.get(tag, "") for tag in LANGUAGES},
        **{f"summary_{tag}": event.summaries.get(tag, "") for tag in LANGUAGES},
    }


def _book(columns: Sequence[str]) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    sheet.title = SHEET
    sheet.append(list(columns))
    sheet.freeze_panes = "B2"
    for number, name in enumerate(columns, 1):
        cell = sheet.cell(1, number)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDE6F0")
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = _WIDTHS.get(name, 30 if name.startswith(("title", "summary")) else 13)
        if choices := _CHOICES.get(name):
            _offer(sheet, letter, choices)
    _add_help(book)
    return book, sheet


def _offer(sheet: Worksheet, letter: str, choices: list[str]) -> None:
    offered = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True, showErrorMessage=False)
    offered.add(f"{letter}2:{letter}{_ROWS_TO_FILL + 1}")
    sheet.add_data_validation(offered)


def _add_help(book: Workbook) -> None:
    """Add the sheet that says in three languages how to fill in the other; its texts are in sheet.yml."""
    texts = _help_texts()
    sheet = book.create_sheet(HELP)
    sheet.append(["", *(texts["language"][tag] for tag in LANGUAGES)])
    for tag_texts in texts["general"]:
        sheet.append(["", *(tag_texts[tag] for tag in LANGUAGES)])
    for column in (*COLUMNS, *EXTRA):
        sheet.append([column, *(texts["columns"][column][tag] for tag in LANGUAGES)])
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        row[0].font = Font(bold=True)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "B2"
    for letter, width in (("A", 14), ("B", 60), ("C", 60), ("D", 60)):
        sheet.column_dimensions[letter].width = width


def _help_texts() -> dict[str, Any]:
    texts: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("sheet.yml").read_text(encoding="utf-8"))
    return texts


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
