"""Reads an Excel workbook: real dates, no formulas, and nothing that unpacks to more than it should."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from bot.events.columns import REQUIRED
from bot.events.readers.result import EventFileError, RefusedError
from bot.events.readers.rows import Numbered, column_name

MAX_UNPACKED = 20_000_000
MAX_PARTS = 500
MAX_COLUMNS = 100
MAX_ROWS = 25_000


def rows(data: bytes, name: str) -> Iterator[Numbered]:
    """Yield the rows of the first sheet that has our columns, with their numbers in the sheet.

    Raises:
        EventFileError: it is no workbook, unpacks to more than 20 MB, or no sheet has our columns.
    """
    _check_package(data, name)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
        sheet = _sheet(book.worksheets, name)
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(), 1):
            values = cells[:MAX_COLUMNS]
            if all(cell.value is None for cell in values):
                continue
            if number > MAX_ROWS:
                raise EventFileError(f"{name}: more than {MAX_ROWS} rows; split the file")
            yield number, _texts(values)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, TypeError, AttributeError,
            SyntaxError, OverflowError) as error:  # fmt: skip
        raise EventFileError(
            f"{name}: cannot be read as a workbook ({str(error)[:120]}); save it again as .xlsx"
        ) from error


def _check_package(data: bytes, name: str) -> None:
    """Refuse a bomb before it is unpacked: what its parts say they hold is what zipfile reads at most."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            unpacked = sum(part.file_size for part in parts)
            if unpacked > MAX_UNPACKED or len(parts) > MAX_PARTS:
                raise EventFileError(
                    f"{name}: unpacks to {unpacked // 1_000_000} MB in {len(parts)} parts; at most "
                    f"{MAX_UNPACKED // 1_000_000} MB in {MAX_PARTS} parts are read: remove pictures and old sheets"
                )
            if "xl/workbook.xml" not in package.namelist():
                raise EventFileError(f"{name}: no Excel workbook; save the table as .xlsx or as 'CSV UTF-8'")
            for part in parts:
                # No Excel writes entities, which can grow without end when they are read.
                if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in package.read(part).upper():
                    raise EventFileError(
                        f"{name}: {part.filename[:60]} defines entities; save the file anew with Excel"
                    )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise EventFileError(f"{name}: damaged or protected by a password ({error}); save it again as .xlsx") from error
    except Exception as error:
        if type(error).__module__ in ("zlib", "lzma"):
            raise EventFileError(f"{name}: damaged ({error}); save it again as .xlsx") from error
        raise


def _sheet(sheets: list[Any], name: str) -> Any:  # the stubs do not know what a sheet is when it is only read
    for sheet in sheets:
        if not hasattr(sheet, "reset_dimensions"):  # a sheet that is a chart
            continue
        sheet.reset_dimensions()
        first = next(sheet.iter_rows(max_row=1), ())
        columns = {column_name(str(cell.value)) for cell in first[:MAX_COLUMNS] if cell.value is not None}
        if set(REQUIRED) <= columns:
            return sheet
    if not sheets:
        raise EventFileError(f"{name}: has no sheet")
    raise EventFileError(
        f"{name}: no sheet has {', '.join(REQUIRED)} in its first row; 'bot events template FILE' writes one to fill in"
    )


def _texts(cells: tuple[Any, ...]) -> list[str] | RefusedError:
    texts = []
    for cell in cells:
        if cell.data_type == "f":
            return RefusedError(_place(cell), "is a formula; copy the cell and paste it as a value")
        if cell.data_type == "e":
            return RefusedError(_place(cell), f"holds the error {cell.value}; correct the cell")
        texts.append(_text(cell.value))
    return texts


def _place(cell: Any) -> str:
    return f"{cell.column_letter}{cell.row}" if hasattr(cell, "column_letter") else f"column {cell.column}"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        rounded = value.replace(microsecond=0)
        # A date cell comes as midnight: a date alone for whoever reads it.
        return rounded.date().isoformat() if rounded.time() == time() else rounded.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
