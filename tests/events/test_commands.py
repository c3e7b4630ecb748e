"""The calendar in the terminal, on a database of its own."""

from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from bot import clock
from bot.database import connect
from bot.errors import BotError
from bot.events.commands import app
from bot.events.sample import ensure_sample
from bot.events.store import EventStore
from bot.settings import load

HEADER = "uid,start,end,city,category,title_de,rrule"
ROWS = (
    "fest,2027-03-13T19:00,2027-03-13T22:00,berlin,culture,Fest,",
    "kurs,2027-03-15T18:00,2027-03-15T19:00,beijing,education,Kurs,FREQ=WEEKLY;COUNT=4",
)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("BOT_CLOCK", "2027-03-10T10:00:00+01:00")
    clock._frozen.cache_clear()
    yield
    clock._frozen.cache_clear()


def run(*arguments: object, code: int = 0) -> str:
    result: Result = CliRunner().invoke(app, [str(each) for each in arguments])
    if isinstance(result.exception, BotError):  # `bot` prints it and ends with 1
        assert code == 1, str(result.exception)
        return str(result.exception)
    assert result.exit_code == code, result.output + repr(result.exception)
    return result.output


@pytest.fixture
def calendar(tmp_path: Path) -> Path:
    path = tmp_path / "calendar.csv"
    path.write_text("\n".join((HEADER, *ROWS)), encoding="utf-8")
    return path


def test_an_import_says_what_it_did_and_the_second_changes_nothing(calendar: Path) -> None:
    assert "would add 2" in run("import", calendar, "--dry-run")
    assert "added 2, changed 0, unchanged 0, refused 0" in run("import", calendar)
    assert "added 0, changed 0, unchanged 2, refused 0" in run("import", calendar)
    calendar.write_text("\n".join((HEADER, "fest,bald,,berlin,culture,Fest,", ROWS[1])), encoding="utf-8")
    printed = run("import", calendar)
    assert "row 2, start: 'bald' is no time" in printed
    assert "unchanged 1, refused 1" in printed


def test_a_file_without_one_good_event_or_at_all_is_bad_input(calendar: Path, tmp_path: Path) -> None:
    calendar.write_text(f"{HEADER}\nfest,bald,,berlin,culture,Fest,", encoding="utf-8")
    assert "refused 1" in run("import", calendar, code=1)
    assert "missing.csv: cannot be read" in run("import", tmp_path / "missing.csv", code=1)
    assert "only https://" in run("import", "http://example.org/a.ics", code=1)
    run("import", calendar, "--complete", code=2)
    run("import", calendar, "--city", "paris", code=2)


def test_real_events_remove_the_sample_calendar(calendar: Path) -> None:
    ensure_sample(load())
    run("import", calendar, "--dry-run")
    assert "sample-concert" in run("list")
    run("import", calendar)
    assert "sample" not in run("list", "--all")


def test_a_whole_calendar_that_shrinks_is_held_back_until_confirmed(tmp_path: Path) -> None:
    path = tmp_path / "museum.csv"
    rows = [f"m{number},2027-04-0{number}T19:00,,berlin,culture,Abend," for number in range(1, 7)]
    path.write_text("\n".join((HEADER, *rows)), encoding="utf-8")
    run("import", path, "--source", "museum", "--complete")
    path.write_text("\n".join((HEADER, rows[0])), encoding="utf-8")
    assert "held back" in run("import", path, "--source", "museum", "--complete", code=1)
    assert "withdrawn 5" in run("import", path, "--source", "museum", "--complete", "--confirm")


def test_the_list_has_dates_uids_and_filters(calendar: Path) -> None:
    run("import", calendar)
    printed = run("list", "--lang", "de")
    assert "**Fest**: Sa., 13. März 2027, 19:00" in printed and "[fest]" in printed
    assert printed.count("[kurs]") == 4
    assert "[fest]" not in run("list", "--city", "beijing")
    assert run("list", "--from", "2027-03-16", "--to", "2027-03-22").count("[") == 1
    assert "no upcoming events" in run("list", "--category", "sport")
    run("list", "--lang", "fr", code=2)
    run("list", "--from", "2027-03-16", "--to", "2027-03-15", code=2)


def test_staff_cancel_an_event_and_a_single_date(calendar: Path) -> None:
    run("import", calendar)
    run("cancel", "fest")
    assert "CANCELLED" in run("list").split("[fest]")[0]
    assert "cancelled on 2027-03-22" in run("cancel", "kurs", "--date", "2027-03-22")
    shown = run("show", "kurs")
    assert "2027-03-22 18:00 cancelled" in shown
    assert "2027-03-29 18:00 cancelled" not in shown
    printed = run("changes")
    assert "[kurs]" in printed and "2 added" in printed  # one entry an event: it is new, and cancelled, since then
    assert "there is no event 'nobody'" in run("cancel", "nobody", code=1)
    assert "does not take place" in run("cancel", "kurs", "--date", "2027-03-23", code=1)


def test_an_edit_is_checked_like_a_row_and_moves_the_end(calendar: Path) -> None:
    run("import", calendar)
    assert "start, end" in run("edit", "fest", "--start", "2027-03-14T20:00", "--venue", "")
    shown = run("show", "fest")
    assert "2027-03-14T20:00" in shown and "2027-03-14T23:00" in shown
    run("edit", "fest", "--city", "Peking", "--title-zh", "庆典", "--free", "ja")
    event = EventStore(connect(load().database_url)).get("fest")
    assert (event.timezone, event.titles["zh"], event.free, event.sequence) == ("Asia/Shanghai", "庆典", True, 2)
    for option, value in (
        ("--start", "bald"),
        ("--url", "http://x.example"),
        ("--title-de", "x" * 301),
        ("--rrule", "x"),
    ):
        assert option.strip("-").replace("-", "_") in run("edit", "fest", option, value, code=1)
    assert "nothing to change" in run("edit", "fest", "--free", "yes")
    run("edit", "fest", code=2)
    assert "[fest]" in run("changes", "--since", "2027-03-01")


@pytest.mark.parametrize("ending", ["ics", "csv", "xlsx"])
def test_an_export_imports_again_without_a_change(calendar: Path, tmp_path: Path, ending: str) -> None:
    run("import", calendar)
    run("cancel", "kurs", "--date", "2027-03-22")
    file = tmp_path / f"out.{ending}"
    assert "2 events written" in run("export", file)
    assert "added 0, changed 0, unchanged 2" in run("import", file)
    run("export", tmp_path / "out.pdf", code=2)
    assert "cannot be written" in run("export", tmp_path / "no" / "out.csv", code=1)


def test_the_template_is_written_as_a_workbook(tmp_path: Path) -> None:
    run("template", tmp_path / "t.xlsx")
    assert load_workbook(tmp_path / "t.xlsx").sheetnames == ["events", "help"]
    run("template", tmp_path / "t.csv", code=2)


def test_sources_are_listed_with_what_is_wrong_and_removed(calendar: Path) -> None:
    assert "no sources" in run("sources", "list")
    printed = run(
        "sources",
        "add",
        "museum",
        "http://127.0.0.1:1/a.ics",
        "--every",
        "30",
        "--complete",
        "--city",
        "berlin",
        code=1,
    )
    assert "cannot be fetched" in printed
    printed = run("sources", "list")
    assert "every 30 min, complete, city berlin, last read never" in printed and "failed:" in printed
    store = EventStore(connect(load().database_url))
    store.note_source("museum", held_back="lacks 5 of 6")
    assert "bot events sources refresh museum --confirm" in run("sources", "list")
    assert "there is no source 'x'" in run("sources", "refresh", "x", code=1)
    run("sources", "refresh", "--confirm", code=2)
    run("sources", "add", "manual", "https://x.example/", code=2)
    run("sources", "add", "x", "ftp://x.example/", code=2)
    assert "its events stay" in run("sources", "remove", "museum")
    run("sources", "remove", "museum", code=1)
