"""The report for the terminal and as a CSV file."""

import csv
import io
import unicodedata
from collections.abc import Sequence

from bot.formulas import guard
from bot.inbox.report.layout import Table

WIDEST = 60


def lines(tables: Sequence[Table]) -> list[str]:
    """Return the tables as lines with aligned columns; Chinese characters take two places."""
    found: list[str] = []
    for table in tables:
        shown = [table.heads, *table.rows]
        widths = [min(WIDEST, max(_width(row[column]) for row in shown)) for column in range(len(table.heads))]
        found += ["", table.title]
        for row in shown:
            cells = [_left(row[0], widths[0])] + [
                _right(cell, width) for cell, width in zip(row[1:], widths[1:], strict=True)
            ]
            found.append("  ".join(cells).rstrip())
    return found


def to_csv(tables: Sequence[Table]) -> bytes:
    """Return all tables below each other, a section's name in the first column; with a byte order mark for Excel.

    A cell that a spreadsheet could take for a formula begins with an apostrophe.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for table in tables:
        writer.writerow([table.title, *map(guard, table.heads)])
        writer.writerows([table.title, *map(guard, row)] for row in table.rows)
        writer.writerow([])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _left(text: str, width: int) -> str:
    while _width(text) > width:
        text = f"{text[:-2]}…"
    return text + " " * (width - _width(text))


def _right(text: str, width: int) -> str:
    return " " * (width - _width(text)) + text
