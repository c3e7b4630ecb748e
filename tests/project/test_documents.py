"""The documents and the product agree."""

import inspect
import re

import pytest
from typer.testing import CliRunner

from bot import settings
from bot.cli import app
from bot.content.checks import PHRASE_VALUES
from bot.content.library import validate
from bot.content.reader import ENTRY_KEYS
from bot.errors import ConfigurationError
from bot.evaluation import report
from bot.settings import PROJECT_ROOT

DOCUMENTS = [*PROJECT_ROOT.glob("*.md"), *PROJECT_ROOT.glob("docs/**/*.md")]


def read(name: str) -> str:
    return (PROJECT_ROOT / name).read_text(encoding="utf-8")


def test_every_setting_is_documented_and_no_other() -> None:
    used = set(re.findall(r'"([A-Z][A-Z_]+)"', inspect.getsource(settings)))
    documented = set(re.findall(r"^\| `([A-Z_]+)`", read("docs/settings.md"), re.MULTILINE))
    assert used == documented


def test_every_entry_key_is_documented() -> None:
    text = read("CONTRIBUTING.md")
    assert [key for key in ENTRY_KEYS if f"`{key}`" not in text] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_every_command_has_a_line_of_help_and_is_in_a_document() -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    for command in app.registered_commands:
        name = command.name or command.callback.__name__
        result = CliRunner().invoke(app, [name, "--help"])
        assert result.exit_code == 0
        assert command.callback.__doc__
        assert re.search(rf"`[^`]*\b{name}\b", texts), name


def test_wrong_usage_ends_with_2() -> None:
    assert CliRunner().invoke(app, ["ask"]).exit_code == 2
    assert CliRunner().invoke(app, ["ask", "x", "--lang", "fr"]).exit_code == 2
    assert CliRunner().invoke(app, ["fly"]).exit_code == 2


def test_the_readme_shows_the_evaluations_table() -> None:
    tables = {name: read(name).partition(report.MARKS[0])[2].partition(report.MARKS[1])[0] for name in report.DOCUMENTS}
    assert len(set(tables.values())) == 1
    assert "%" in tables["README.md"]


def test_only_settings_reads_the_environment() -> None:
    # These set it for Rasa and for processes of ours.
    allowed = {"bot/settings.py", "bot/quiet.py", "bot/training.py", "bot/serving/children.py"}
    allowed.add("bot/publish/workshop.py")
    for path in [*PROJECT_ROOT.glob("bot/**/*.py"), *PROJECT_ROOT.glob("actions/*.py")]:
        name = path.relative_to(PROJECT_ROOT).as_posix()
        if name not in allowed:
            assert "os.environ" not in path.read_text(encoding="utf-8"), name


def test_every_phrase_that_rules_and_code_say_exists() -> None:
    content, _ = validate(PROJECT_ROOT / "nlu_data")
    wanted = set(re.findall(r"action: (utter_\w+)", read("nlu_data/rules.yml"))) - {"utter_faq"}
    for path in [*PROJECT_ROOT.glob("bot/**/*.py"), *PROJECT_ROOT.glob("actions/*.py")]:
        wanted |= set(re.findall(r'"(utter_\w+)"', path.read_text(encoding="utf-8"))) - {"utter_", "utter_action"}
    assert wanted - set(content.phrases) == set()
    assert {"contact", "topic", "events"} <= PHRASE_VALUES


@pytest.mark.parametrize(
    ("name", "value"),
    [("BOT_PORT", "eighty"), ("BOT_PORT", "70000"), ("BOT_CLOCK", "yesterday"), ("BOT_CLOCK", "2027-03-10"),
     ("BOT_CONVERSATION_DAYS", "0")],
)  # fmt: skip
def test_a_setting_that_cannot_be_read_is_named_with_an_example(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"{name}=.*Example: {name}="):
        settings.load({name: value})


def test_the_clock_can_be_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot import clock

    clock._frozen.cache_clear()
    monkeypatch.setenv("BOT_CLOCK", "2027-04-01T00:30:00+02:00")
    try:
        assert clock.now().isoformat() == "2027-04-01T00:30:00+02:00"
        assert clock.full_years_since(1994, 4) == 33
        monkeypatch.setenv("BOT_CLOCK", "2027-03-31T12:00:00+02:00")
        clock._frozen.cache_clear()
        assert clock.full_years_since(1994, 4) == 32
        assert clock.full_years_since(1988, 5, 5) == 38
    finally:
        clock._frozen.cache_clear()
