"""The FAQ goes out as a spreadsheet and comes back: only what was meant changes, what does not fit is refused."""

import difflib
import io
import json
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from bot import durable
from bot.content import journal, library
from bot.content.sheet import columns, summary
from bot.content.sheet.importing import bring_in
from bot.content.sheet.plan import Plan
from bot.content.sheet.reader import read
from bot.content.sheet.writer import save
from bot.formulas import guard, unguard
from bot.languages import LANGUAGES
from bot.sayings import StaffError
from bot.settings import PROJECT_ROOT
from tests.available import available

Edit = Callable[[Any, Callable[[str, str], Any]], None]
DESK = "faq/desk/desk_since.yml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    copy = tmp_path / "nlu_data"
    shutil.copytree(PROJECT_ROOT / "nlu_data", copy)
    return copy


@pytest.fixture
def book(root: Path, tmp_path: Path) -> Path:
    save(library.inspect(root), tmp_path / "faq.xlsx")
    return tmp_path / "faq.xlsx"


def edit(book: Path, change: Edit) -> None:
    """Edit the workbook as a person does; ``cell(entry, column)`` finds a cell."""
    opened = load_workbook(book)
    sheet = opened[columns.SHEET]

    def cell(entry: str, column: str) -> Any:
        row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 1).value == entry)
        return sheet.cell(row, columns.COLUMNS.index(column) + 1)

    change(sheet, cell)
    opened.save(book)


def texts(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.glob("faq/*/*.yml"))}


def told(plan: Plan) -> str:
    """Return the summary in English; that each language has all its sentences is seen on the way."""
    return {tag: "\n".join(summary.lines(plan, tag, applied=False)) for tag in LANGUAGES}["en"]


def new_row(**cells: str) -> list[str | None]:
    questions = {
        "de": [f"Wo steht das Denkmal Nummer {chr(97 + n)}{chr(98 + n)}xq?" for n in range(8)],
        "en": [f"Where is monument number {chr(97 + n)}{chr(98 + n)}yq?" for n in range(8)],
        "zh": [f"纪念碑{'甲乙丙丁戊己庚辛'[n]}在哪里呢？" for n in range(8)],
    }
    quote = next(iter(library.inspect(PROJECT_ROOT / "nlu_data").entries["desk_what"].sources)).quote
    row = {"id": "monument", "topic": "places", "owner": "city-partnership", "quotes": quote}
    row |= {"answer_de": "Das ist ein Denkmal.", "answer_en": "It is a monument.", "answer_zh": "这是一座纪念碑。"}
    row |= {f"questions_{tag}": "\n".join(listed) for tag, listed in questions.items()}
    row |= {"source_de": "Quelle", "source_en": "Source", "source_zh": "来源", "related": "pandas"}
    return [(row | cells).get(name) for name in columns.COLUMNS]


def test_export_and_import_change_no_byte(root: Path, book: Path) -> None:
    before = texts(root)
    plan = bring_in(root, book, apply=True, delete=True)
    assert texts(root) == before
    assert len(plan.unchanged) == len(before)
    assert not (plan.changes or plan.refused or plan.missing or plan.kept)


def test_only_what_was_meant_changes(root: Path, book: Path) -> None:
    path = root / DESK
    text = path.read_text(encoding="utf-8").replace("owner:", "# ask Ana first\nowner:").replace("null", "null  # ever")
    path.write_text(text, encoding="utf-8")
    before = texts(root)

    def change(sheet: Any, cell: Any) -> None:
        answer = cell("desk_since", "answer_en")
        answer.value = answer.value.replace("ever since", "since then")
        cell("desk_since", "review_by").value = "30.09.2027"
        questions = cell("desk_since", "questions_de")
        questions.value = "\r\n".join([*questions.value.split("\n"), "", "  Wann lief das Desk vom Stapel?  "])
        cell("pandas", "valid_until").value = date(2031, 12, 31)

    edit(book, change)
    plan = bring_in(root, book)
    assert texts(root) == before, "shown only"
    said = told(plan)
    assert "changed: desk_since (row " in said
    assert "+ Wann lief das Desk vom Stapel?" in said
    assert "presence in Beijing ever since.” → “" in said, "the place that differs is what is shown"
    assert "presence in Beijing since then.”" in said
    assert "2 changed" in said
    bring_in(root, book, apply=True)
    after = texts(root)
    expected = (
        text.replace("ever since", "since then").replace("2027-06-30", "2027-09-30")
        .replace("  en:\n    - \"When did", "    - \"Wann lief das Desk vom Stapel?\"\n  en:\n    - \"When did")
    )  # fmt: skip
    assert after[DESK].decode() == expected
    assert after["faq/places/pandas.yml"].decode() == before["faq/places/pandas.yml"].decode().replace(
        "valid_until: null", "valid_until: 2031-12-31"
    )
    assert {name for name in before if before[name] != after[name]} == {DESK, "faq/places/pandas.yml"}
    assert not bring_in(root, book).changes, "importing twice changes nothing"


def test_a_sheet_edited_in_libreoffice_changes_only_what_was_edited(root: Path, book: Path, tmp_path: Path) -> None:
    python = available("office.sh")
    places: dict[str, str] = {}

    def look(sheet: Any, cell: Any) -> None:
        for column in ("answer_de", "review_by", "questions_zh"):
            places[column] = cell("desk_since", column).coordinate
        places["questions"] = cell("desk_since", "questions_zh").value
        places["row"] = cell("confucius_quote", "id").row

    edit(book, look)
    before = texts(root)
    edits = [
        [places["answer_de"], "Das **Berlin Business Desk China** besteht seit **April 2018**."],
        [places["questions_zh"], places["questions"] + "\n联络处哪一年挂牌？"],
        [places["review_by"], "2028-02-29"],
        ["row", places["row"]],
    ]
    script = Path(__file__).with_name("edit_in_libreoffice.py")
    subprocess.run([python, script, book, json.dumps(edits), tmp_path / "profile"], check=True, timeout=180)
    plan = bring_in(root, book, apply=True)
    assert list(plan.changes) == ["desk_since"], told(plan)
    assert plan.changes["desk_since"].fields == ["answer_de", "questions_zh", "review_by"]
    assert plan.missing == ["confucius_quote"]
    assert not plan.refused
    old, new = before[DESK].decode().splitlines(), texts(root)[DESK].decode().splitlines()
    changes = [line for line in difflib.ndiff(old, new) if line[0] in "+-"]
    assert [line[:14] for line in changes] == [
        "- review_by: 2",
        "+ review_by: 2",
        '-   de: "Das *',
        '+   de: "Das *',
        '+     - "联络处哪一',
    ]
    assert {name for name in before if before[name] != texts(root)[name]} == {DESK}


def test_bad_rows_are_refused_with_cell_and_reason_and_the_rest_is_applied(root: Path, book: Path) -> None:
    before = texts(root)
    bad = {
        ("desk_what", "answer_de"): ("Das <b>Desk</b> hilft.", "holds HTML"),
        ("desk_where", "answer_en"): ("", "is empty"),
        ("desk_name", "answer_zh"): ("The Desk.", "is not in that language"),
        ("innobb", "answer_en"): ("It has 4711 members.", "no quote proves 4711"),
        ("pandas", "valid_until"): ("soon", "is no date"),
        ("garden_what", "related"): ("nowhere", "'nowhere' under 'related' does not exist"),
        ("garden_where", "quotes"): ("never said", "stands in no source document"),
        ("garden_gift", "questions_en"): ("=1+1", "is a formula"),
        ("science", "answer_en"): ("left\u202eright", "U+202E"),
        ("ring_opera", "questions_de"): ("<script>alert(1)</script>", "holds HTML"),
        ("micro_era", "topic"): ("../../etc", "no topic can be called"),
        ("sport_overview", "source_de"): ("A\nB\nC\nD\nE\nF", "titles for"),
    }
    places = {}

    def change(sheet: Any, cell: Any) -> None:
        for (entry, column), (text, _) in bad.items():
            where = cell(entry, column)
            where.value = text
            places[entry] = where.coordinate
        cell("football_u15", "owner").value = "sport-office"

    edit(book, change)
    plan = bring_in(root, book, apply=True)
    refused = {(refusal.entry, refusal.cell): refusal.said("en") for refusal in plan.refused}
    for (entry, _), (_, reason) in bad.items():
        said = [text for (name, cell), text in refused.items() if name == entry and cell == places[entry]]
        assert any(reason in text for text in said), (entry, refused)
    assert list(plan.changes) == ["football_u15"]
    after = texts(root)
    assert {name for name in before if before[name] != after[name]} == {"faq/sport/football_u15.yml"}
    assert "refused: " in told(plan)


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "a/b", "..", "C:\\x", "a.yml", "Ä", "a b", "a\x00b", "x" * 99]
)
def test_no_entry_leaves_its_folder(root: Path, book: Path, name: str) -> None:
    everything = sorted(path for path in root.parent.rglob("*"))

    def change(sheet: Any, cell: Any) -> None:
        # openpyxl itself refuses to write a NUL; it may come from elsewhere
        sheet.append(new_row(id=name.replace("\x00", "\n")))

    edit(book, change)
    plan = bring_in(root, book)
    assert not plan.changes
    assert [refusal.name for refusal in plan.refused] == ["bad_id"]
    assert sorted(path for path in root.parent.rglob("*")) == everything


def test_a_new_row_makes_an_entry_and_a_deleted_row_is_only_reported(root: Path, book: Path) -> None:
    def change(sheet: Any, cell: Any) -> None:
        sheet.delete_rows(cell("confucius_quote", "id").row)
        sheet.append(new_row())

    edit(book, change)
    plan = bring_in(root, book, apply=True)
    assert "new: monument (row " in told(plan)
    assert "advice: monument: 8 questions in 'de' are few" in told(plan)
    assert plan.missing == ["confucius_quote"]
    assert "stays: confucius_quote" in told(plan)
    content, problems = library.validate(root)
    assert not problems.errors
    assert content.entries["monument"].answer["zh"] == "这是一座纪念碑。"
    assert "confucius_quote" in content.entries


def test_an_entry_is_deleted_on_demand_unless_others_link_to_it(root: Path, book: Path) -> None:
    lonely = "faq/places/lonely.yml"
    source = (root / "faq/places/pandas.yml").read_text(encoding="utf-8")
    edit(book, lambda sheet, cell: sheet.append(new_row(id="lonely")))
    bring_in(root, book, apply=True)
    assert source
    save(library.inspect(root), book)

    def change(sheet: Any, cell: Any) -> None:
        for entry in ("lonely", "desk_what"):
            sheet.delete_rows(cell(entry, "id").row)

    edit(book, change)
    plan = bring_in(root, book, apply=True, delete=True)
    assert not (root / lonely).exists()
    assert (root / "faq/desk/desk_what.yml").exists()
    assert {refusal.entry for refusal in plan.refused} == {"desk_what"}
    assert "does not exist" in told(plan)


def test_a_hand_edit_and_an_import_lose_nothing(root: Path, book: Path) -> None:
    def by_hand(file: str, old: str, new: str) -> None:
        text = (root / file).read_text(encoding="utf-8")
        assert old in text
        (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    by_hand(DESK, "owner: business-desk", "owner: by-hand")  # and changed in the sheet: refused
    by_hand("faq/places/pandas.yml", "owner: city-partnership", "owner: by-hand")  # only by hand: stays
    by_hand("faq/desk/innobb.yml", "questions:", "# a comment\nquestions:")  # a comment by hand, changed in the sheet

    def change(sheet: Any, cell: Any) -> None:
        for entry in ("desk_since", "innobb", "desk_name"):
            cell(entry, "review_by").value = "2028-01-31"

    edit(book, change)
    before = texts(root)
    plan = bring_in(root, book, apply=True)
    assert sorted(plan.changes) == ["desk_name", "innobb"]
    assert plan.kept == ["pandas"]
    assert [(refusal.entry, refusal.name) for refusal in plan.refused] == [("desk_since", "changed_since")]
    after = texts(root)
    assert after[DESK] == before[DESK]
    assert b"owner: by-hand" in after["faq/places/pandas.yml"]
    assert b"# a comment\nquestions:" in after["faq/desk/innobb.yml"]
    assert b"review_by: 2028-01-31" in after["faq/desk/innobb.yml"]


def test_two_imports_at_once_come_one_after_the_other(root: Path, book: Path, tmp_path: Path) -> None:
    """Both want to change the same entry, and each one of its own: one of the two gets the shared one."""
    other = tmp_path / "other.xlsx"
    shutil.copy(book, other)
    for file, mine, year in ((book, "pandas", 2031), (other, "innobb", 2032)):

        def change(sheet: Any, cell: Any, mine: str = mine, year: int = year) -> None:
            for entry in (mine, "desk_since"):
                cell(entry, "review_by").value = f"{year}-01-01"

        edit(file, change)
    script = (
        "import sys; from pathlib import Path\n"
        "from bot.content.sheet import importing\n"
        "plan = importing.bring_in(Path(sys.argv[1]), Path(sys.argv[2]), apply=True)\n"
        "print(sorted(plan.changes), [refusal.name for refusal in plan.refused])\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, root, file], stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT
        )
        for file in (book, other)
    ]
    said = sorted(process.communicate(timeout=200)[0].strip() for process in started)
    assert [process.returncode for process in started] == [0, 0]
    entries = library.inspect(root).entries
    assert entries["pandas"].review_by == date(2031, 1, 1)
    assert entries["innobb"].review_by == date(2032, 1, 1)
    winner = entries["desk_since"].review_by
    assert winner in (date(2031, 1, 1), date(2032, 1, 1))
    assert sum("changed_since" in each for each in said) == 1


def test_killed_while_it_writes_an_import_leaves_all_or_nothing(root: Path, book: Path, tmp_path: Path) -> None:
    def change(sheet: Any, cell: Any) -> None:
        for entry in ("desk_since", "pandas", "innobb"):
            cell(entry, "review_by").value = "2031-01-01"

    edit(book, change)
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from bot.content.sheet.importing import bring_in\n"
        "left, replace = int(sys.argv[3]), Path.replace\n"
        "def dying(self, target):\n"
        "    global left\n"
        "    left -= 1\n"
        "    if left < 0: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return replace(self, target)\n"
        "Path.replace = dying\n"
        "bring_in(Path(sys.argv[1]), Path(sys.argv[2]), apply=True)\n"
    )
    command = [sys.executable, "-c", script, root, book, "1"]
    assert subprocess.run(command, cwd=PROJECT_ROOT).returncode == -9
    assert (root / journal.FOLDER / "moving").exists(), "killed half-way"
    entries = library.validate(root)[0].entries
    assert {entries[name].review_by for name in ("desk_since", "pandas", "innobb")} == {date(2031, 1, 1)}


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1", "-1", "@SUM(A1)", "\tx", "'=x", "''-", "=cmd|' /C calc'!A0"])
def test_no_text_becomes_a_formula(root: Path, tmp_path: Path, text: str) -> None:
    assert unguard(guard(text)) == text
    path = root / DESK
    quoted = '"' + text.replace("\t", "\\t") + '"'
    changed = path.read_text(encoding="utf-8").replace('"Seit wann gibt es das Business Desk?"', quoted, 1)
    path.write_text(changed, encoding="utf-8")
    save(library.inspect(root), tmp_path / "faq.xlsx")
    opened = load_workbook(tmp_path / "faq.xlsx")
    cells = [cell for sheet in opened for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert not [cell for cell in cells if isinstance(cell.value, str) and cell.value[0] in "=+-@\t"]
    assert not bring_in(root, tmp_path / "faq.xlsx").changes


@pytest.mark.parametrize(
    "text", ['x"\nowner: evil', "'}], evil: [", "a: b\n- c", "--- !!python/object/apply:os.system []", "&a *a", "# no"]
)
def test_yaml_in_an_answer_stays_an_answer(root: Path, book: Path, text: str) -> None:
    edit(book, lambda sheet, cell: setattr(cell("desk_since", "answer_en"), "value", f"April 2018. {text}"))
    plan = bring_in(root, book, apply=True)
    assert list(plan.changes) == ["desk_since"], told(plan)
    entry = library.inspect(root).entries["desk_since"]
    assert entry.answer["en"] == f"April 2018. {text}"
    assert entry.owner == "business-desk"


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", "<x/>")
        package.writestr("xl/worksheets/sheet1.xml", b" " * 200_000_000)
    return out.getvalue()


def _entities() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    return out.getvalue()


def _other_book() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (_bomb, "unpacks to 200 MB"),
        (_entities, "entities"),
        (lambda: b"no zip", "damaged"),
        (_other_book, "no sheet has id"),
        (lambda: b"x" * 20_000_001, "at most 20 MB"),
    ],
    ids=["bomb", "entities", "no zip", "another book", "large"],
)
def test_what_is_no_workbook_of_ours_is_refused(tmp_path: Path, data: Callable[[], bytes], said: str) -> None:
    file = tmp_path / "bad.xlsx"
    file.write_bytes(data())
    with pytest.raises(StaffError, match=said) as caught:
        bring_in(PROJECT_ROOT / "nlu_data", file)
    assert len({caught.value.said(tag) for tag in LANGUAGES}) == 3


def test_a_row_whose_number_no_spreadsheet_has_does_not_hold_up_the_import(tmp_path: Path) -> None:
    forged = Workbook()
    forged.active.append(columns.COLUMNS)  # type: ignore[union-attr]
    forged.active["A3"] = "pandas"  # type: ignore[index]
    out = io.BytesIO()
    forged.save(out)
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as new:
        for part in old.infolist():
            text = old.read(part).replace(b'r="3"', b'r="999999999999"').replace(b'"A3"', b'"A999999999999"')
            new.writestr(part.filename, text)
    started = time.monotonic()
    assert not read(tmp_path / "bad.xlsx").rows
    assert time.monotonic() - started < 60


def test_the_workbook_helps_whoever_fills_it_in(book: Path) -> None:
    opened = load_workbook(book)
    sheet, help_, state = opened[columns.SHEET], opened[columns.HELP], opened[columns.STATE]
    assert sheet.freeze_panes == "B2"
    assert sheet["D2"].alignment.wrap_text
    assert sheet["A2"].number_format == "@"
    assert len(sheet.data_validations.dataValidation) == 2
    assert state.protection.sheet
    assert state["B2"].protection.locked
    assert [cell.value for cell in help_[1]][1:] == ["Deutsch", "English", "中文"]
    explained = {row[0].value for row in help_.iter_rows() if row[0].value}
    assert explained == set(columns.COLUMNS)


def test_a_workbook_without_its_states_changes_no_known_entry(root: Path, book: Path) -> None:
    opened = load_workbook(book)
    del opened[columns.STATE]
    opened[columns.SHEET]["C2"].value = "somebody"
    opened.save(book)
    plan = bring_in(root, book)
    assert [refusal.name for refusal in plan.refused] == ["no_state"]
    assert not plan.changes


def test_a_full_disk_says_so_and_changes_nothing(root: Path, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(book, lambda sheet, cell: setattr(cell("pandas", "owner"), "value", "zoo"))
    before = texts(root)

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(StaffError, match="Nothing was changed"):
        bring_in(root, book, apply=True)
    monkeypatch.undo()
    monkeypatch.setattr(durable, "write", full)
    with pytest.raises(StaffError, match="Nothing was changed"):
        bring_in(root, book, apply=True)
    assert texts(root) == before
