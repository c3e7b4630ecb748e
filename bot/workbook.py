"""What every workbook from outside needs: no formulas out, no bombs in. Knows nothing of what its cells mean."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from bot.sayings import Sayings, StaffError

SAYINGS = Sayings(Path(__file__).with_suffix(".yml"))
MAX_FILE, MAX_UNPACKED, MAX_PARTS = 20_000_000, 60_000_000, 300
"""A thousand entries unpack to about 25 MB."""
MAX_ROWS, MAX_COLUMNS, MAX_CELL = 10_000, 60, 32_767
LAST_ROW = 1_048_576
"""What a spreadsheet program can hold."""
Rows = Iterator[tuple[int, tuple[Any, ...]]]
"""Number and cells of every row that is not empty."""


def sheets(path: Path) -> dict[str, Rows]:
    """Return the rows of every sheet of a workbook, by the sheet's name.

    Raises:
        StaffError: it is no workbook, or unpacks to more than it should.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise _refused("too_large", path, size=path.stat().st_size // 1_000_000, most=MAX_FILE // 1_000_000)
        data = path.read_bytes()
    except OSError as error:
        raise _refused("not_found", path, reason=error.strerror or str(error)) from error
    try:
        _check_package(data, path)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
        return {sheet.title: _rows(sheet, path) for sheet in book.worksheets if hasattr(sheet, "reset_dimensions")}
    except StaffError:
        raise
    except Exception as error:  # a damaged package fails in many places of zipfile, zlib and openpyxl
        raise _refused("damaged", path, reason=str(error)[:120]) from error


def _rows(sheet: Any, path: Path) -> Rows:
    sheet.reset_dimensions()
    filled = 0
    try:
        for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), 1):
            # LibreOffice writes a million empty rows once one was deleted; a forged number would have no end.
            if all(cell.value is None for cell in cells):
                if number > LAST_ROW:
                    return
                continue
            filled += 1
            if filled > MAX_ROWS:
                raise _refused("too_many_rows", path, most=MAX_ROWS)
            yield number, cells
    except StaffError:
        raise
    except Exception as error:
        raise _refused("damaged", path, reason=str(error)[:120]) from error


def _check_package(data: bytes, path: Path) -> None:
    """Refuse a bomb before it is unpacked: what its parts say they hold is what zipfile reads at most."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = package.infolist()
        unpacked = sum(part.file_size for part in parts)
        if unpacked > MAX_UNPACKED or len(parts) > MAX_PARTS:
            raise _refused(
                "unpacks", path, size=unpacked // 1_000_000, parts=len(parts), most=MAX_UNPACKED // 1_000_000,
                most_parts=MAX_PARTS,
            )  # fmt: skip
        if "xl/workbook.xml" not in package.namelist():
            raise _refused("no_workbook", path)
        for part in parts:
            # No spreadsheet program writes entities, which can grow without end when they are read.
            if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in _unpacked(package, part).upper():
                raise _refused("entities", path)


def _unpacked(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    try:
        return package.read(part)
    except zlib.error as error:
        raise zipfile.BadZipFile(str(error)) from error


def _refused(name: str, path: Path, **values: Any) -> StaffError:
    return StaffError(SAYINGS, name, file=path.name, **values)
