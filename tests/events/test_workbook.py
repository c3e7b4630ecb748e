# ruff: noqa: DTZ001 - cells of a sheet have no zone
import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook, load_workbook

from bot.events.columns import COLUMNS
from bot.events.readers import EventFileError, read_events
from bot.events.writers.table import template
from bot.languages import LANGUAGES

TODAY = date(2027, 1, 1)


def filled(*rows: dict[str, object], header: tuple[str, ...] = COLUMNS) -> bytes:
    book = Workbook()
    book.create_sheet("Notizen", 0).append(["nur Notizen"])
    sheet = book["Sheet"]
    sheet.append(header)
    for row in rows:
        sheet.append([row.get(column) for column in header])
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


ROW = {
    "uid": "a",
    "start": datetime(2027, 3, 13, 19, 30),
    "city": "Peking",
    "category": "Kultur",
    "title_de": "Konzert",
}


def test_real_dates_truths_and_numbers_of_a_workbook_are_read() -> None:
    result = read_events(
        filled(
            {**ROW, "free": True, "venue": 798.0},
            {**ROW, "uid": "b", "start": date(2027, 3, 13), "free": "nein"},
            {**ROW, "uid": 2027, "start": "13.03.2027 19:30"},
        ),
        "a.xlsx", TODAY,
    )  # fmt: skip
    assert result.refused == []
    first, second, third = result.events
    assert (first.start.replace(tzinfo=None), first.free, first.venue) == (ROW["start"], True, "798")
    assert (second.all_day, second.free, third.uid) == (True, False, "2027")
    assert third.start == first.start


def test_formulas_and_errors_are_refused_by_their_cell() -> None:
    result = read_events(
        filled({**ROW, "title_de": "=1+1"}, {**ROW, "uid": "b"}, {**ROW, "uid": "#REF!"}), "a.xlsx", TODAY
    )
    assert [event.uid for event in result.events] == ["b"]
    assert [(finding.row, finding.column) for finding in result.refused] == [(2, "O2"), (4, "A4")]


def test_the_template_is_filled_in_and_imported_as_it_is() -> None:
    book = load_workbook(io.BytesIO(template()))
    sheet = book["events"]
    assert [cell.value for cell in sheet[1]] == list(COLUMNS)
    assert sheet.freeze_panes == "B2"
    assert sorted(each.formula1 for each in sheet.data_validations.dataValidation) == [
        '"berlin,beijing,online"', '"culture,sport,business,science,education,community"',
        '"scheduled,cancelled,postponed"', '"yes,no"', '"yes,no"',
    ]  # fmt: skip
    assert {row[0] for row in book["help"].iter_rows(values_only=True)} >= set(COLUMNS)
    assert all(len(row) == 1 + len(LANGUAGES) and all(row[1:]) for row in book["help"].iter_rows(values_only=True))
    assert read_events(saved(book), "t.xlsx", TODAY).events == []
    for column, value in ROW.items():
        sheet.cell(2, COLUMNS.index(column) + 1).value = value
    assert [event.uid for event in read_events(saved(book), "t.xlsx", TODAY).events] == ["a"]


def test_bombs_and_broken_packages_are_refused_before_they_are_unpacked() -> None:
    bomb = io.BytesIO(filled(ROW))
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/big.xml", b"0" * 25_000_000)
    entities = io.BytesIO()
    with zipfile.ZipFile(entities, "w") as package:
        package.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as package:
        package.writestr("document.txt", "x")
    good = filled(ROW)
    expected = {
        bomb.getvalue(): "unpacks to", entities.getvalue(): "entities", other.getvalue(): "no Excel workbook",
        good[: len(good) // 2]: "damaged", b"PK\x03\x04": "damaged", filled(header=("a", "b")): "no sheet has",
    }  # fmt: skip
    for data, reason in expected.items():
        with pytest.raises(EventFileError, match=reason):
            read_events(data, "odd.xlsx", TODAY)


def test_a_damaged_workbook_never_crashes() -> None:
    data = bytearray(filled(ROW))
    for place in range(0, len(data), 97):
        broken = data.copy()
        broken[place] ^= 0xFF
        try:
            read_events(bytes(broken), "odd.xlsx", TODAY)
        except EventFileError as error:
            assert str(error).startswith("odd.xlsx: ")
