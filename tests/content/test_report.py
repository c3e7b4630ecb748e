"""`bot validate` speaks the desk's language, and every sentence of it exists in three."""

import ast
import re
import shutil
import string
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.content import library, report
from bot.content.model import Content
from bot.content.problems import SAYINGS, Problem, Problems
from bot.languages import LANGUAGES
from bot.settings import PROJECT_ROOT

TEXTS = sorted(
    path for path in PROJECT_ROOT.glob("bot/**/*.yml")
    if path.name in ("problems.yml", "report.yml", "journal.yml", "entry_text.yml", "workbook.yml", "sheet.yml")
    and "events" not in path.parts
)  # fmt: skip


def sentences(node: Any, way: tuple[str, ...] = ()) -> Any:
    if isinstance(node, dict) and set(node) & set(LANGUAGES):
        yield ".".join(way), node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from sentences(value, (*way, key))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from sentences(value, (*way, str(number)))


def blanks(text: str) -> set[str]:
    """Return what a sentence leaves to be filled in; a language's tag and its name count as one."""
    return {name.removesuffix("_name") for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_sentence_for_staff_stands_in_three_languages(path: Path) -> None:
    for name, texts in sentences(yaml.safe_load(path.read_text(encoding="utf-8"))):
        assert set(texts) == set(LANGUAGES), name
        assert all(texts.values()), name
        assert {tag: blanks(texts[tag]) - {"language"} for tag in LANGUAGES} == dict.fromkeys(
            LANGUAGES, blanks(texts["de"]) - {"language"}
        ) or path.name == "problems.yml", name


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_sentence_speaks_of_intents_or_slots(tag: str) -> None:
    for path in TEXTS:
        for name, texts in sentences(yaml.safe_load(path.read_text(encoding="utf-8"))):
            assert not re.search(r"\b(intents?|slots?|entity|entities|NLU|tracker)\b", texts[tag]) or (
                name == "entities"
            ), (path.name, name)


def test_every_problem_that_the_code_names_has_a_sentence_that_its_values_fill() -> None:
    named = set()
    for file in ("checks.py", "likeness.py", "reader.py"):
        tree = ast.parse((PROJECT_ROOT / "bot" / "content" / file).read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = call.args[-1] if call.args else None
            if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("error", "warn"):
                continue
            if isinstance(name, ast.Constant):
                named.add(name.value)
                values = {keyword.arg: f"<{keyword.arg}>" for keyword in call.keywords}
                for tag in LANGUAGES:
                    filled = values | ({"language": tag} if "language" in values else {})
                    for part in ("message", "fix"):
                        assert SAYINGS.say(f"{name.value}.{part}", tag, **filled)
    assert named == set(SAYINGS.names())


@pytest.fixture
def broken(tmp_path: Path) -> tuple[Content, Problems]:
    root = tmp_path / "nlu_data"
    shutil.copytree(PROJECT_ROOT / "nlu_data", root)

    def change(file: str, old: str, new: str) -> None:
        text = (root / "faq" / file).read_text(encoding="utf-8")
        assert old in text
        (root / "faq" / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    change("desk/desk_since.yml", "im **April 2018**", "im **April 2019**")
    change("desk/desk_since.yml", "valid_until: null", "valid_until: 2020-01-31")
    change("desk/desk_name.yml", "review_by: 2027-06-30", "review_by: 2020-06-30")
    change("places/pandas.yml", "valid_from: null", "valid_from: 2999-01-01")
    title = yaml.safe_load((root / "faq/places/pandas.yml").read_text("utf-8"))["questions"]["de"][0]
    change("desk/desk_what.yml", "questions:\n  de:\n", f'questions:\n  de:\n    - "{title}"\n')
    text = (root / "faq/desk/innobb.yml").read_text(encoding="utf-8")
    (root / "faq/desk/innobb.yml").write_text(text[: text.index("  zh:\n", text.index("questions:"))], encoding="utf-8")
    return library.validate(root)


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        (
            "de",
            ["Fehler: kein Zitat belegt 2019", "was zu tun ist: berichtigen Sie die Zahl",
             "die Zahlen unterscheiden sich zwischen den Sprachen (de: 4, 2019; en: 4, 2018",
             "Hinweis: abgelaufen am 2020-01-31", "seit 2020-06-30 zur Prüfung fällig",
             "steht in 'pandas' und auch in 'desk_what'", "es gibt keine Fragen auf Chinesisch",
             "noch nicht gültig: 1; abgelaufen: 1; zur Prüfung fällig: 1", "Sprache", "mit ≥ 30 Fragen"],
        ),
        (
            "en",
            ["error: no quote proves 2019\n    fix: correct the figure", "expired on 2020-01-31",
             "stands under 'desk_what' too", "there are no questions in 'zh'", "due for review since 2020-06-30",
             "not yet valid: 1; expired: 1; due for review: 1"],
        ),
        (
            "zh",
            ["错误：没有引文能证明 2019", "处理办法：请更正该数字", "没有中文问题", "在“pandas”中，也在“desk_what”中",
             "已于 2020-01-31 过期", "尚未生效：1；已过期：1；待复核：1", "问题 ≥ 5 个"],
        ),
    ],
)  # fmt: skip
def test_the_desk_is_told_in_its_language(broken: tuple[Content, Problems], tag: str, said: list[str]) -> None:
    text = "\n".join(report.lines(*broken, tag, date(2026, 1, 1)))
    assert [each for each in said if each not in text] == []


def test_the_table_says_how_complete_each_language_is(broken: tuple[Content, Problems]) -> None:
    head, german, _, chinese = report.completeness(broken[0], "en")
    assert head[:3] == ["language", "answers", "with ≥ 5 questions"]
    assert german[:4] == ["de", "35/35", "35/35", "35/35"]
    assert chinese[:4] == ["zh", "35/35", "34/35", "34/35"]
    assert chinese[5] == "0 (innobb)"
    aligned = list(report.table([["语言", "x"], ["de", "y"]]))
    assert aligned == ["语言  x", "de    y"]


def test_problems_are_sorted_by_place() -> None:
    first, second = Problem("a", 2, "no_entry"), Problem("a", 10, "file_missing")
    assert sorted([second, first]) == [first, second]
