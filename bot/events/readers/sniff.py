"""Recognises what a file is by its content, and hands it to its reader."""

from datetime import date

from bot.events.columns import COLUMNS
from bot.events.model import City
from bot.events.readers import csv_file, ics_file, jsonld, xlsx_file
from bot.events.readers.decode import decode
from bot.events.readers.result import EventFileError, ReadResult
from bot.events.readers.rows import Options, read_table

MAX_BYTES = 20_000_000
FORMATS = "iCalendar (.ics), schema.org JSON-LD (also inside a web page), CSV and XLSX"
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "an old Excel file; save it as .xlsx",
    b"%PDF": "a PDF; ask for the calendar as .ics or fill in the template (bot events template)",
}


def read_events(data: bytes, name: str, today: date, city: City | None = None, sample: bool = False) -> ReadResult:
    """Return the events of a file, whatever its format: iCalendar, JSON-LD, CSV or XLSX.

    ``name`` is for messages, ``today`` dates the sample calendar, ``city`` is for events that name none.

    Raises:
        EventFileError: the file as a whole cannot be read; the message names it and the fix.
    """
    if len(data) > MAX_BYTES:
        raise EventFileError(f"{name}: {len(data) // 1_000_000} MB; at most {MAX_BYTES // 1_000_000} MB are read")
    for magic, what in _OTHERS.items():
        if data.startswith(magic):
            raise EventFileError(f"{name}: this is {what}")
    options = Options(today, city, sample)
    if data.startswith(b"PK"):
        return read_table(xlsx_file.rows(data, name), name, options)
    text, warnings = decode(data, name)
    result = _read_text(text, name, options)
    result.warnings[:0] = warnings
    result.in_order_of_the_file()
    return result


def _read_text(text: str, name: str, options: Options) -> ReadResult:
    text = text.lstrip("\ufeff")
    start = text.lstrip()[:200].upper()
    if not start:
        raise EventFileError(f"{name}: the file is empty; known formats are {FORMATS}")
    if start.startswith(("BEGIN:VCALENDAR", "BEGIN:VEVENT")):
        return ics_file.read(text, name, options)
    if start.startswith(("{", "[")):
        return jsonld.read(text, name, options)
    if start.startswith("<"):
        return jsonld.read_page(text, name, options)
    if text.count("\0") or not _looks_like_a_table(text):
        raise EventFileError(
            f"{name}: not recognised; known formats are {FORMATS}. A table's first line is {','.join(COLUMNS)}"
        )
    return read_table(csv_file.rows(text.lstrip(), name), name, options)


def _looks_like_a_table(text: str) -> bool:
    first = text.lstrip().split("\n", 1)[0]
    return any(delimiter in first for delimiter in ",;\t") or first.strip().lower() in COLUMNS
