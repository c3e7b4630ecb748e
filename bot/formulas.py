"""Cells that must not become formulas in a spreadsheet, and back."""

import re

_GUARDED = re.compile(r"'*[=+\-@\t\r]")
_UNGUARDED = re.compile(r"'+[=+\-@\t\r]")


def guard(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe before =, +, -, @ and tab (OWASP)."""
    return f"'{cell}" if _GUARDED.match(cell) else cell


def unguard(cell: str) -> str:
    """Take the apostrophe off again that ``guard`` put on."""
    return cell[1:] if _UNGUARDED.match(cell) else cell
