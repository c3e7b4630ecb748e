"""The commands as staff use them, with the real model where the bot is asked."""

import csv
import io
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml
from click.testing import Result
from typer.testing import CliRunner

from bot import clock, settings
from bot.cli import app
from bot.database import connect
from bot.engine import tracker_store
from bot.inbox.recorder import Kept
from bot.inbox.turn import Kind
from bot.settings import PROJECT_ROOT
from tests.available import keep_vectors
from tests.inbox.conftest import NOW, turn

PANDAS, DESK = "Wie heißen die Pandas?", "Seit wann existiert denn das Desk da drüben schon, ungefähr?"


@pytest.fixture
def home(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    shutil.copytree(PROJECT_ROOT / "nlu_data", tmp_path / "nlu_data")
    (tmp_path / "models").mkdir()
    shutil.copy(model, tmp_path / "models")
    keep_vectors(tmp_path)
    monkeypatch.setenv("BOT_HOME", str(tmp_path))
    monkeypatch.setenv("BOT_CONTENT", str(tmp_path / "nlu_data"))
    monkeypatch.setenv("BOT_CLOCK", NOW.isoformat())
    clock._frozen.cache_clear()
    yield tmp_path
    clock._frozen.cache_clear()


@pytest.fixture
def filled(home: Path) -> Path:
    kept = Kept(settings.load())
    kept.write([turn(PANDAS), turn("pandas namen?", sender="b"), turn("Hier spricht Anna Schmidt")], NOW)
    kept.write([turn("What are the pandas called?", language="en", kind=Kind.UNSURE, channel="telegram")], NOW)
    kept.write([turn("+1 für mehr Wetter", kind=Kind.UNKNOWN, entry=None)], NOW)
    kept.write([turn(kind=Kind.ANSWERED, entry="desk_since", language="zh")] * 3, NOW)
    return home


def bot(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=typed)


def numbers() -> dict[str, int]:
    return {one.text: one.id for one in _inbox().questions()}


def _inbox():
    from bot.inbox import console

    return console.inbox()


def test_an_empty_inbox_says_so_in_each_language(home: Path) -> None:
    assert "The inbox is empty." in bot("inbox", "list").stdout
    assert "Der Posteingang ist leer." in bot("inbox", "list", "--lang", "de").stdout
    assert "收件箱是空的。" in bot("inbox", "list", "--lang", "zh").stdout


def test_alike_questions_stand_together_and_the_most_frequent_first(filled: Path) -> None:
    lines = bot("inbox", "list").stdout.splitlines()
    assert lines[0].split() == ["3×", *PANDAS.split()]
    assert any("What are the pandas called?" in line for line in lines[1:4])
    assert "Anna" not in "".join(lines)
    assert [line for line in bot("inbox", "list", "--in", "en").stdout.splitlines() if "Pandas" in line] == []
    assert "telegram" in bot("inbox", "list", "--kind", "unsure").stdout
    assert bot("inbox", "list", "--kind", "answered").exit_code == 2


def test_show_says_what_the_bot_answers_today(filled: Path) -> None:
    shown = bot("inbox", "show", str(numbers()[PANDAS]), "--lang", "de")
    assert "1-mal, 2027-03-10 bis 2027-03-10; betrifft: unknown_pandas" in shown.stdout
    assert "Heute antwortet der Bot: ohne sichere Antwort" in shown.stdout
    missing = bot("inbox", "show", "999", "--lang", "zh")
    assert missing.exit_code == 1
    assert "没有编号为 999 的问题" in missing.output


def test_assigning_asks_writes_and_takes_the_question_out(filled: Path) -> None:
    file = filled / "nlu_data" / "faq" / "places" / "pandas.yml"
    before = file.read_text(encoding="utf-8")
    number = str(numbers()[PANDAS])
    refused = bot("inbox", "assign", "pandas", number, typed="n\n")
    assert "Not added" in refused.stdout
    assert file.read_text(encoding="utf-8") == before
    agreed = bot("inbox", "assign", "pandas", number, typed="y\n")
    assert "1 added to pandas" in agreed.stdout, agreed.output
    assert PANDAS in yaml.safe_load(file.read_text(encoding="utf-8"))["questions"]["de"]
    assert PANDAS in (filled / "nlu_data" / "regression" / "de.yml").read_text(encoding="utf-8")
    assert PANDAS not in numbers()


def test_what_the_bot_knows_already_adds_nothing(filled: Path) -> None:
    Kept(settings.load()).write([turn(DESK, kind=Kind.UNSURE)], NOW)
    number = str(numbers()[DESK])
    result = bot("inbox", "assign", "desk_since", number, "--yes", "--lang", "de")
    assert result.exit_code == 0
    assert "Bringt nichts" in result.stdout
    assert not (filled / "nlu_data" / "regression").exists()
    moved = bot("inbox", "assign", "desk_what", number, typed="n\n")
    assert "surely answered with desk_since today" in moved.stdout


def test_what_is_masked_is_assigned_in_other_words_only(filled: Path) -> None:
    number = str(numbers()["Hier spricht [name]"])
    refused = bot("inbox", "assign", "pandas", number, "--yes")
    assert refused.exit_code == 1
    assert "stands for something personal" in refused.output
    reworded = bot("inbox", "assign", "desk_where", number, "--yes", "--text", "Sind das zwei Pandas aus China?")
    assert "answered with pandas today" in reworded.stdout
    assert "1 added" in reworded.stdout, reworded.output
    assert bot("inbox", "assign", "../x", str(numbers()[PANDAS]), "--yes").exit_code == 1
    assert bot("inbox", "assign", "pandas", "1", "2", "--text", "x").exit_code == 2


def test_dropped_questions_are_gone(filled: Path) -> None:
    number = str(numbers()["+1 für mehr Wetter"])
    assert "1 verworfen" in bot("inbox", "drop", number, "--lang", "de", typed="y\n").stdout
    assert "+1 für mehr Wetter" not in numbers()


def test_the_export_has_every_question_and_no_formula(filled: Path, tmp_path: Path) -> None:
    file = tmp_path / "inbox.csv"
    assert bot("inbox", "export", str(file), "--lang", "de").exit_code == 0
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert len(rows) == 5
    assert "'+1 für mehr Wetter" in {row["Frage"] for row in rows}
    assert bot("inbox", "export", str(tmp_path / "inbox.txt")).exit_code == 2


def test_the_report_is_printed_and_written(filled: Path, tmp_path: Path) -> None:
    files = ["--csv", str(tmp_path / "r.csv"), "--html", str(tmp_path / "r.html")]
    result = bot("report", "--since", "2027-03-01", "--lang", "de", *files)
    assert result.exit_code == 0, result.output
    assert "2027-W10" in result.stdout
    assert "Lücken" in result.stdout
    assert PANDAS in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Chinesisch" in (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    assert bot("report", "--since", "2028-01-01").exit_code == 2


def test_a_sender_is_forgotten_everywhere(filled: Path) -> None:
    engine = connect(settings.load().database_url)
    tracker_store.metadata.create_all(engine)
    rows = [
        {"sender_id": name, "updated_at": age, "slots": "{}", "events": "[]"}
        for name, age in (("visitor", time.time()), ("b", NOW.timestamp() - 31 * 86400))
    ]
    with engine.begin() as connection:
        connection.execute(sa.insert(tracker_store.conversation), rows)
    assert bot("forget", "visitor", typed="n\n").exit_code == 1
    done = bot("forget", "visitor", "--yes", "--lang", "de")
    assert "gelöscht: 1 Gespräche, 4 Fragen im Posteingang" in done.stdout, done.output
    assert list(numbers()) == ["pandas namen?"]
    assert "deleted: 1 conversations" in bot("forget", "--old").stdout
    assert bot("forget").exit_code == 2
    assert bot("forget", "x", "--old").exit_code == 2
