import io
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.events.readers import read_events
from bot.events.writers.ics import to_ics
from bot.events.writers.table import to_csv, to_xlsx
from tests.events.made import events

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
SOME = st.lists(events(), min_size=1, max_size=3, unique_by=lambda event: event.uid)
PATIENT = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PATIENT
@given(SOME)
def test_a_calendar_file_reads_back_as_the_same_bytes(made) -> None:
    exported = to_ics(made, NOW, "Kalender")
    result = read_events(exported, "a.ics", date(2027, 3, 10))
    assert (result.refused, result.warnings) == ([], [])
    assert to_ics(result.events, NOW, "Kalender") == exported
    for before, after in zip(made, result.events, strict=True):
        assert (before.start, before.end or before.start, before.titles, before.summaries, before.venue) == (
            after.start, after.end or after.start, after.titles, after.summaries, after.venue,
        )  # fmt: skip


@PATIENT
@given(SOME)
def test_a_table_reads_back_as_the_same_bytes(made) -> None:
    exported = to_csv(made)
    result = read_events(exported, "a.csv", date(2027, 3, 10))
    assert (result.refused, result.warnings) == ([], [])
    assert to_csv(result.events) == exported
    assert to_ics(result.events, NOW, "K") == to_ics([replace(event, sequence=0) for event in made], NOW, "K")


@settings(PATIENT, max_examples=25)
@given(SOME)
def test_a_workbook_reads_back_as_the_same_events(made) -> None:
    result = read_events(to_xlsx(made), "a.xlsx", date(2027, 3, 10))
    assert (result.refused, result.warnings) == ([], [])
    assert to_csv(result.events) == to_csv(made)


def test_no_cell_of_an_export_is_a_formula() -> None:
    row = "uid,start,city,category,title_de,venue,price\na,2027-03-13T19:00,berlin,culture,'=1+1,'@SUM(A1),'-2"
    hostile = read_events(row.encode(), "a.csv", date(2027, 3, 10)).events
    assert (hostile[0].titles["de"], hostile[0].venue, hostile[0].price) == ("=1+1", "@SUM(A1)", "-2")
    text = to_csv(hostile).decode("utf-8-sig")
    assert all(cell in text for cell in ("'=1+1", "'@SUM(A1)", "'-2"))
    sheet = load_workbook(io.BytesIO(to_xlsx(hostile)))["events"]
    assert not [cell for cells in sheet.iter_rows() for cell in cells if cell.data_type == "f"]
