"""What an edited sheet would change: compares its rows with the entries as they are and as they were exported."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bot.content.entry_text import Key, Value, edited, new_entry, with_sources
from bot.content.model import Content, Entry
from bot.content.problems import Problem
from bot.content.sheet import columns
from bot.content.sheet.columns import Cells, items
from bot.content.sheet.reader import Refusal, Row, Table
from bot.languages import LANGUAGES
from bot.sayings import StaffError

NEW, CHANGED, DELETED = "new", "changed", "deleted"


@dataclass(frozen=True)
class Change:
    """What happens to one entry: ``before`` and ``after`` by column, and its files; None removes one."""

    kind: str
    entry: str
    row: Row | None
    before: Cells
    after: Cells
    files: Mapping[Path, bytes | None]

    @property
    def fields(self) -> list[str]:
        """The columns that differ."""
        return [name for name in columns.COLUMNS if self.before.get(name, "") != self.after.get(name, "")]


@dataclass
class Plan:
    """All that an import would do, and all that it would not."""

    changes: dict[str, Change] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """entries changed by hand since the export, whose rows were left alone: the hand edit stays"""
    missing: list[str] = field(default_factory=list)
    """entries whose rows were taken out of the sheet, without the wish to delete them"""
    advice: list[Problem] = field(default_factory=list)

    @property
    def files(self) -> dict[Path, bytes | None]:
        """Every file to write, or to remove."""
        return {path: data for change in self.changes.values() for path, data in change.files.items()}

    def refuse(self, entry: str, refusals: list[Refusal]) -> None:
        """Take an entry's change back, because of ``refusals``."""
        self.changes.pop(entry, None)
        self.refused += refusals


def draft(content: Content, seen: Mapping[Path, bytes], table: Table, delete: bool) -> Plan:
    """Return what ``table`` would change in ``content``, whose files hold ``seen``; nothing is validated yet."""
    plan = Plan(refused=list(table.refused))
    for entry_id, row in table.rows.items():
        try:
            _draft_row(row, content, seen, table, plan)
        except _RefusedError as error:
            plan.refuse(entry_id, [error.refusal])
        except StaffError as error:
            plan.refuse(entry_id, [Refusal(row.place("id"), entry_id, "as_it_says", {"error": error})])
    known = {*table.rows, *table.refused_ids}
    for entry_id in sorted(table.exported.keys() - known):
        if entry := content.entries.get(entry_id):
            _draft_deletion(entry, table, delete, plan)
    return plan


class _RefusedError(Exception):
    """Raised for a row that cannot be taken."""

    def __init__(self, row: Row, place: str, name: str, /, **values: Any) -> None:
        super().__init__(name)
        self.refusal = Refusal(row.place(place), row.cells["id"], name, values)


def _draft_row(row: Row, content: Content, seen: Mapping[Path, bytes], table: Table, plan: Plan) -> None:
    entry_id = row.cells["id"]
    entry, exported = content.entries.get(entry_id), table.exported.get(entry_id)
    if entry is None:
        if entry_id in content.unreadable:
            raise _RefusedError(row, "id", "unreadable", entry=entry_id)
        if exported == columns.state(row.cells):
            plan.kept.append(entry_id)
            return
        if exported:
            raise _RefusedError(row, "id", "deleted_since", entry=entry_id)
        plan.changes[entry_id] = _new(row, content.root)
        return
    before = columns.cells(entry)
    after = {**before, **row.cells}
    if after == before:
        plan.unchanged.append(entry_id)
    elif columns.state(before) == exported:
        plan.changes[entry_id] = _changed(entry, row, before, after, seen[entry.file])
    elif columns.state(after) == exported:
        plan.kept.append(entry_id)
    else:
        column = next(name for name in columns.COLUMNS if before[name] != after[name])
        raise _RefusedError(row, column, "changed_since" if exported else "no_state", entry=entry_id)


def _draft_deletion(entry: Entry, table: Table, delete: bool, plan: Plan) -> None:
    before = columns.cells(entry)
    if not delete:
        plan.missing.append(entry.id)
    elif columns.state(before) != table.exported[entry.id]:
        plan.refused.append(Refusal("–", entry.id, "deleted_but_changed", {"entry": entry.id}))
    else:
        plan.changes[entry.id] = Change(DELETED, entry.id, None, before, {}, {entry.file: None})


def _new(row: Row, root: Path) -> Change:
    after = {name: row.cells.get(name, "") for name in columns.COLUMNS}
    _check_filled(row, after)
    path = root / "faq" / after["topic"] / f"{after['id']}.yml"
    values: dict[str, Any] = {"id": after["id"], "owner": after["owner"], "related": items(after["related"])}
    values |= {name: _day(after[name]) for name in columns.DATES}
    values["sources"] = _sources(row, after)
    values["answer"] = {tag: after[f"answer_{tag}"] for tag in LANGUAGES}
    values["questions"] = {tag: items(after[f"questions_{tag}"]) for tag in LANGUAGES}
    return Change(NEW, after["id"], row, {}, after, {path: new_entry(values)})


def _changed(entry: Entry, row: Row, before: Cells, after: Cells, data: bytes) -> Change:
    _check_filled(row, after)
    wanted: dict[Key, Value] = {}
    for name in columns.COLUMNS:
        if before[name] == after[name] or name in ("topic", "quotes", *columns.TITLES):
            continue
        part, _, tag = name.partition("_")
        if name in columns.DATES:
            wanted[(name,)] = _day(after[name])
        elif part in ("questions", "answer"):
            wanted[(part, tag)] = items(after[name]) if part == "questions" else after[name]
        else:
            wanted[(name,)] = items(after[name]) if name in columns.LISTS else after[name]
    if any(before[name] != after[name] for name in ("quotes", *columns.TITLES)):
        sources = _sources(row, after)
        data = with_sources(data, sources, entry.file.name)
        wanted |= _source_changes(_sources(row, before), sources)
    data = edited(data, wanted, entry.file.name) if wanted else data
    files: dict[Path, bytes | None] = {entry.file: data}
    if before["topic"] != after["topic"]:
        files = {entry.file: None, entry.file.parent.parent / after["topic"] / entry.file.name: data}
    return Change(CHANGED, entry.id, row, before, after, files)


def _check_filled(row: Row, after: Cells) -> None:
    for name in ("topic", "owner", *columns.ANSWERS, *columns.QUESTIONS, "quotes", *columns.TITLES):
        if not after[name]:
            raise _RefusedError(row, name, "empty", column=name)


def _sources(row: Row, cells: Cells) -> list[dict[str, Any]]:
    """Return the sources of a row: as many quotes as titles in each language, or one title for all quotes."""
    quotes = items(cells["quotes"])
    titles: dict[str, list[str]] = {}
    for tag in LANGUAGES:
        listed = items(cells[f"source_{tag}"])
        if len(listed) not in (1, len(quotes)):
            raise _RefusedError(row, f"source_{tag}", "uneven", titles=len(listed), quotes=len(quotes))
        titles[tag] = listed if len(listed) == len(quotes) else listed * len(quotes)
    return [
        {"title": {tag: titles[tag][number] for tag in LANGUAGES}, "quote": quote}
        for number, quote in enumerate(quotes)
    ]


def _source_changes(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> dict[Key, Value]:
    changes: dict[Key, Value] = {}
    for number, (old, new) in enumerate(zip(before, after, strict=False)):
        if old["quote"] != new["quote"]:
            changes[("sources", number, "quote")] = new["quote"]
        for tag in LANGUAGES:
            if old["title"][tag] != new["title"][tag]:
                changes[("sources", number, "title", tag)] = new["title"][tag]
    return changes


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
