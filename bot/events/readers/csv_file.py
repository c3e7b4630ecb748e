"""Reads a CSV file: any of three delimiters, and a broken quote that costs its own row only."""

import csv
from collections.abc import Iterator, Sequence

from bot.events.readers.result import EventFileError, RefusedError
from bot.events.readers.rows import Numbered

MAX_LINES_OF_A_ROW = 200


def rows(text: str, name: str) -> Iterator[Numbered]:
    """Yield the rows of a CSV file with their line numbers; a row whose quotes are broken comes as its refusal."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = 0
    if lines[0].lower().startswith("sep=") and len(lines[0]) == 5:  # Excel's own note on the delimiter
        delimiter, first = lines[0][4], 1
    else:
        delimiter = max(",;\t", key=lines[0].count)
    try:
        width = len(next(csv.reader(lines[first : first + 1], delimiter=delimiter), []))
    except csv.Error as error:
        raise EventFileError(f"{name}: the first line cannot be read ({error})") from error
    number = first
    while number < len(lines):
        end = _end(lines, number, delimiter, width)
        if end > number + 1:
            yield number + 1, next(csv.reader([f"{line}\n" for line in lines[number:end]], delimiter=delimiter))
        elif lines[number].strip():
            yield number + 1, _single(lines[number], delimiter)
        number = end


def _end(lines: list[str], start: int, delimiter: str, width: int) -> int:
    """Return the line after the row that begins at ``start``: quotes come in pairs.

    Two rows with a broken quote each look like one long row, which then does not fit; those between them are whole.
    """
    quotes = 0
    for number in range(start, min(len(lines), start + MAX_LINES_OF_A_ROW)):
        quotes += lines[number].count('"')
        if quotes % 2 == 0:
            return number + 1 if number == start or _fits(lines[start : number + 1], delimiter, width) else start + 1
    return start + 1


def _fits(lines: list[str], delimiter: str, width: int) -> bool:
    try:
        found = list(csv.reader([f"{line}\n" for line in lines], delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return len(found) == 1 and len(found[0]) == width


def _single(line: str, delimiter: str) -> Sequence[str] | RefusedError:
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        return RefusedError("", f"the quotes of this row are broken ({error}); double each quote inside a text")
