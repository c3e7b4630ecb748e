"""Takes an edited sheet in: what fits is written as one, what does not is refused with its cell and the reason."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot import clock
from bot.content import journal
from bot.content.checks import check
from bot.content.problems import Problem, Problems
from bot.content.reader import read_content
from bot.content.sheet import columns
from bot.content.sheet.plan import Change, Plan, draft
from bot.content.sheet.reader import Refusal, Table, read
from bot.content.sheet.texts import SAYINGS
from bot.content.yaml_source import YamlError, key_at
from bot.content.yaml_source import read as read_yaml
from bot.sayings import StaffError


def bring_in(root: Path, sheet: Path, *, apply: bool = False, delete: bool = False) -> Plan:
    """Return what the workbook ``sheet`` changes in the content under ``root``; with ``apply`` it is done.

    Raises:
        StaffError: the workbook cannot be read, somebody else is writing, or the disk is full. Nothing was changed.
    """
    table = read(sheet)
    with journal.writing(root) if apply else journal.reading(root):
        seen = {path: path.read_bytes() for path in sorted((root / "faq").glob("*/*.yml"))}
        plan = _plan(root, seen, table, delete)
        if apply and plan.files:
            journal.write(root, plan.files, {path: seen.get(path) for path in plan.files})
    return plan


def _plan(root: Path, seen: Mapping[Path, bytes], table: Table, delete: bool) -> Plan:
    content, _ = read_content(root)
    plan = draft(content, seen, table, delete)
    known: set[tuple[str, str]] | None = None
    while plan.changes:
        with _staged(root, plan) as copy:
            problems = _problems(copy)
            errors = [problem for problem in problems.errors if _identity(problem) not in (known or set())]
            if errors and known is None:  # only now is it worth knowing what was wrong before
                known = {_identity(problem) for problem in _problems(root).errors}
                errors = [problem for problem in errors if _identity(problem) not in known]
            if not errors:
                touched = {_entry_of(problem) for problem in problems.found} & plan.changes.keys()
                plan.advice = [problem for problem in problems.found if _entry_of(problem) in touched]
                return plan
            _refuse(plan, errors, copy)
    return plan


@contextlib.contextmanager
def _staged(root: Path, plan: Plan) -> Iterator[Path]:
    """Yield a copy of the content in which the plan is carried out."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / root.name
        try:
            shutil.copytree(root, copy, ignore=shutil.ignore_patterns(journal.FOLDER, ".git"))
            for path, data in plan.files.items():
                target = copy / path.relative_to(root)
                if data is None:
                    target.unlink()
                else:
                    target.parent.mkdir(exist_ok=True)
                    target.write_bytes(data)
        except (OSError, shutil.Error) as error:
            raise StaffError(SAYINGS, "no_room", reason=str(error)[:200]) from error
        yield copy


def _problems(root: Path) -> Problems:
    content, problems = read_content(root)
    check(content, problems, clock.now().date())
    return problems


def _identity(problem: Problem) -> tuple[str, str]:
    """Return what makes a problem the same after lines have moved."""
    return problem.file, problem.message


def _entry_of(problem: Problem) -> str:
    return Path(problem.file).stem if "/faq/" in problem.file else ""


def _refuse(plan: Plan, errors: list[Problem], copy: Path) -> None:
    """Take back every change that an error stands in or speaks of; if none can be blamed, all."""
    blamed: dict[str, list[Problem]] = {}
    for problem in errors:
        named = {str(value) for value in problem.values.values()}
        guilty = [_entry_of(problem)] if _entry_of(problem) in plan.changes else sorted(named & plan.changes.keys())
        for entry in guilty or plan.changes:
            blamed.setdefault(entry, []).append(problem)
    for entry, problems in blamed.items():
        change = plan.changes[entry]
        plan.refuse(entry, [_refusal(change, problem, copy) for problem in dict.fromkeys(problems)])


def _refusal(change: Change, problem: Problem, copy: Path) -> Refusal:
    cell = "–"
    if change.row is not None:
        cell = change.row.place(_column(problem, copy) if _entry_of(problem) == change.entry else "id")
    return Refusal(cell, change.entry, "problem", {"problem": problem})


def _column(problem: Problem, copy: Path) -> str:
    try:
        key = key_at(read_yaml(copy.parent / problem.file), problem.line)
    except (YamlError, OSError):
        return "id"
    return columns.column_of(key, str(problem.values.get("language") or "") or None)
