"""Writes the FAQ as a workbook that the desk edits and imports again."""

import io
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from bot.content.model import Content, Entry
from bot.content.sheet import columns
from bot.content.sheet.texts import SAYINGS
from bot.formulas import guard
from bot.languages import LANGUAGES
from bot.sayings import StaffError
from bot.workbook import MAX_CELL

_WIDTHS = {"id": 22, "topic": 13, "owner": 17, "related": 22}
_WIDE, _NARROW = 48, 12
_HEIGHT = 120
"""A hundred questions would make a row as high as the screen."""
_ROWS_TO_FILL = 500
_OFFERED = ("topic", "owner")
MAX_OFFER = 255
"""What Excel takes as the list of a drop-down."""
_TEXT, _DATE = "@", "yyyy-mm-dd"
_TOP = Alignment(wrap_text=True, vertical="top")


def to_xlsx(content: Content) -> bytes:
    """Return a workbook: a row an entry, how to fill it in, and a protected sheet that knows what was exported.

    Raises:
        StaffError: a text is longer than a cell may be.
    """
    entries = sorted(content.entries.values(), key=lambda entry: (entry.topic, entry.id))
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    sheet.title = columns.SHEET
    sheet.append(list(columns.COLUMNS))
    for number, entry in enumerate(entries, 2):
        for column, name in enumerate(columns.COLUMNS, 1):
            sheet.cell(number, column).value = _value(entry, name)
    _dress(sheet, len(entries) + 1 + _ROWS_TO_FILL)
    for name in _OFFERED:
        _offer(sheet, name, {getattr(entry, name) for entry in entries})
    _add_help(book.create_sheet(columns.HELP))
    _add_state(book.create_sheet(columns.STATE), entries)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def save(content: Content, file: Path) -> None:
    """Write the workbook to ``file``, whole or not at all.

    Raises:
        StaffError: the file cannot be written, or a text is longer than a cell may be.
    """
    data = to_xlsx(content)
    temporary = file.with_name(f".{file.name}.part")
    try:
        temporary.write_bytes(data)
        temporary.replace(file)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StaffError(SAYINGS, "not_saved", file=file.name, reason=error.strerror or str(error)) from error


def _value(entry: Entry, name: str) -> str | date | None:
    if name in columns.DATES:
        day: date | None = getattr(entry, name)
        return day
    text = guard(columns.cells(entry)[name])
    if len(text) > MAX_CELL:
        raise StaffError(SAYINGS, "too_long", entry=entry.id, column=name)
    return text or None


def _dress(sheet: Worksheet, last: int) -> None:
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns.COLUMNS))}1"
    for row in range(2, sheet.max_row + 1):
        sheet.row_dimensions[row].height = _HEIGHT
    for number, name in enumerate(columns.COLUMNS, 1):
        head = sheet.cell(1, number)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="DDE6F0")
        width = _NARROW if name in columns.DATES else _WIDTHS.get(name, _WIDE)
        sheet.column_dimensions[get_column_letter(number)].width = width
        for row in range(2, last + 1):
            cell = sheet.cell(row, number)
            cell.alignment = _TOP
            # As text, so that no spreadsheet turns "1-2" into a day or "=" into a formula while somebody types.
            cell.number_format = _DATE if name in columns.DATES else _TEXT


def _offer(sheet: Worksheet, name: str, choices: Iterable[str]) -> None:
    listed = ",".join(sorted(choices))
    if not listed or len(listed) > MAX_OFFER - 2:
        return
    offered = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
    letter = get_column_letter(columns.COLUMNS.index(name) + 1)
    offered.add(f"{letter}2:{letter}{sheet.max_row}")
    sheet.add_data_validation(offered)


def _add_help(sheet: Worksheet) -> None:
    """Say in three languages how to fill in the sheet; the texts are in sheet.yml."""
    rows = [["", *(SAYINGS.data("language")[tag] for tag in LANGUAGES)]]
    rows += [["", *(texts[tag] for tag in LANGUAGES)] for texts in SAYINGS.data("general")]
    explained = SAYINGS.data("columns")
    rows += [[name, *(explained[name][tag] for tag in LANGUAGES)] for name in columns.COLUMNS]
    for row in rows:
        sheet.append(row)
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.alignment = _TOP
        cells[0].font = Font(bold=True)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "B2"
    for letter, width in (("A", 16), ("B", 60), ("C", 60), ("D", 60)):
        sheet.column_dimensions[letter].width = width


def _add_state(sheet: Worksheet, entries: Iterable[Entry]) -> None:
    """Keep a hash per entry where nobody edits it: on a sheet of its own, so that rows can be sorted and deleted."""
    sheet.append(["id", "state"])
    for entry in entries:
        sheet.append([entry.id, columns.state(columns.cells(entry))])
    for row in sheet.iter_rows():
        for cell in row:
            cell.protection = Protection(locked=True)
    sheet.protection.enable()
    sheet.sheet_state = "hidden"
