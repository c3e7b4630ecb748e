"""The report as tables of texts in one language, which the terminal, the CSV file and the page show."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.content.model import Content
from bot.inbox.report.figures import Figures, Row
from bot.inbox.report.words import known, word

COLUMNS = (
    "questions", "answered", "doubtful", "unknown", "share", "thumbs_up", "thumbs_down", "talk", "failed",
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A section: its name, title and note, the heads of its columns and its rows; the first column is text."""

    name: str
    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(figures: Figures, content: Content, language: str) -> list[Table]:
    """Return all sections that have rows."""
    heads = (word("columns.what", language), *(word(f"columns.{name}", language) for name in COLUMNS))
    found = [Table("total", _title("total", language), word("notes.total", language), heads,
                   (_cells(figures.total, _title("total", language)),))]  # fmt: skip
    for name, rows in figures.tables.items():
        named = tuple(_cells(row, named_row(name, row.name, language)) for row in rows)
        found.append(Table(name, _title(name, language), "", heads, named))
    counted = (word("columns.what", language), word("columns.count", language))
    asked = [(_entry_title(content, entry, language), str(count)) for entry, count in figures.entries]
    gaps = [(group.text, str(group.count)) for group in figures.gaps]
    found += [_counted("entry", language, counted, asked), _counted("gap", language, counted, gaps)]
    return [table for table in found if table.rows]


def named_row(section: str, name: str, language: str) -> str:
    """Return what a row of a section is called."""
    return known(f"{section}s", name, language) if section in ("language", "topic") else name


def _counted(name: str, language: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    return Table(name, _title(name, language), word(f"notes.{name}", language), heads, tuple(rows))


def _title(name: str, language: str) -> str:
    return word(f"sections.{name}", language)


def _entry_title(content: Content, entry: str, language: str) -> str:
    return f"{content.entries[entry].title(language)} ({entry})" if entry in content.entries else entry


def _cells(row: Row, name: str) -> tuple[str, ...]:
    share = "–" if row.share is None else f"{row.share:.0f}"
    return (name, *(share if column == "share" else str(getattr(row, column)) for column in COLUMNS))
