"""The command line as staff and administrators use it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import PROJECT_ROOT
from tests.available import keep_vectors


@pytest.fixture
def run(tmp_path: Path):
    content = tmp_path / "nlu_data"
    shutil.copytree(PROJECT_ROOT / "nlu_data", content)

    def bot(*arguments: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "BOT_HOME": str(tmp_path / "home"), "BOT_CONTENT": str(content), **environment}
        return subprocess.run(
            [sys.executable, "-m", "bot.cli", *arguments],
            env=env, cwd=PROJECT_ROOT, input=typed, capture_output=True, text=True, timeout=180,
        )  # fmt: skip

    bot.content, bot.home = content, tmp_path / "home"
    keep_vectors(bot.home)
    return bot


def test_validate_names_everything_and_ends_with_1(run) -> None:
    assert run("validate").returncode == 0
    (run.content / "faq" / "desk" / "desk_what.yml").write_text("id: desk_what\n  x: [", encoding="utf-8")
    (run.content / "topics.yml").write_text("topics: 5", encoding="utf-8")
    result = run("validate")
    assert result.returncode == 1
    assert "nlu_data/faq/desk/desk_what.yml:2" in result.stdout
    assert "nlu_data/topics.yml:1" in result.stdout
    assert "fix:" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


def test_nothing_is_trained_from_broken_content(run) -> None:
    (run.content / "glossary.yml").unlink()
    result = run("train")
    assert result.returncode == 1
    assert "glossary.yml:1" in result.stderr
    assert not (run.home / "models").exists()


def test_events_come_in_and_are_listed_and_bad_rows_are_named(run, tmp_path: Path) -> None:
    calendar = tmp_path / "calendar.csv"
    calendar.write_text(
        "uid,start,city,category,title_zh\na,2099-03-10T19:00,beijing,culture,音乐会\nb,soon,beijing,culture,音乐会\n",
        encoding="utf-8",
    )
    result = run("events", "import", str(calendar))
    assert result.returncode == 0
    assert "row 3, start: 'soon'" in result.stdout
    assert "added 1, changed 0, unchanged 0, refused 1" in result.stdout
    listed = run("events", "list", "--lang", "de").stdout
    assert "音乐会" in listed
    assert "Beschreibung auf Chinesisch" in listed
    assert "10. März 2099" in listed
    result = run("events", "import", str(tmp_path / "missing.csv"))
    assert result.returncode == 1
    assert "missing.csv: cannot be read" in result.stderr


def test_a_wrong_setting_is_bad_input(run) -> None:
    result = run("validate", BOT_CLOCK="now")
    assert result.returncode == 1
    assert "BOT_CLOCK='now'" in result.stderr


def test_ask_and_chat_answer_without_a_server(run, model: Path) -> None:
    (run.home / "models").mkdir(parents=True)
    shutil.copy(model, run.home / "models")
    result = run(
        "ask", "-", "--json", typed="Wo ist der Chinesische Garten?\n还有呢？\n", BOT_CONTACT="desk@example.org"
    )
    first, second = (json.loads(line) for line in result.stdout.splitlines() if line.startswith("{"))
    assert first["entry"] == "garden_where"
    assert second["entry"] == "garden_gift"
    assert "礼物" in second["answers"][0]["text"]
    result = run("chat", typed="I want to talk to a human\n\n", BOT_CONTACT="desk@example.org")
    assert "desk@example.org" in result.stdout


def test_the_model_also_works_with_rasas_own_commands(run, model: Path) -> None:
    rasa = Path(sys.executable).with_name("rasa")
    result = subprocess.run([rasa, "--version"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert "3.6.21" in result.stdout
    shell = subprocess.run(
        [rasa, "shell", "nlu", "--model", model], cwd=PROJECT_ROOT, input="Wo ist der Garten?\n/stop\n",
        capture_output=True, text=True, timeout=180,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false"},
    )  # fmt: skip
    assert '"intent"' in shell.stdout, shell.stderr[-2000:]
