"""Every kind of mistake in the content is named with file, line and fix; all at once."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.content import library
from bot.content.figures import figures
from bot.content.problems import Problem
from bot.settings import PROJECT_ROOT

ENTRY = "faq/desk/desk_since.yml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    copy = tmp_path / "nlu_data"
    shutil.copytree(PROJECT_ROOT / "nlu_data", copy)
    return copy


@pytest.fixture
def edit(root: Path) -> Callable[[str, str, str], list[Problem]]:
    def change(file: str, old: str, new: str) -> list[Problem]:
        path = root / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return library.validate(root)[1].found

    return change


def test_the_content_has_no_problem() -> None:
    _, problems = library.validate(PROJECT_ROOT / "nlu_data")
    assert [str(problem) for problem in problems.found] == []


def test_every_entry_has_at_least_thirty_questions_in_each_language() -> None:
    content, _ = library.validate(PROJECT_ROOT / "nlu_data")
    assert len(content.entries) >= 30
    for entry in content.entries.values():
        for language, questions in entry.questions.items():
            assert len(questions) >= 30, (entry.id, language)


def line_of(root: Path, file: str, text: str) -> int:
    lines = (root / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


@pytest.mark.parametrize(
    ("old", "new", "said", "at"),
    [
        ("owner: business-desk", "owner: [", "expected", None),
        ("owner: business-desk", "owner: business-desk\nownr: x", "unknown key 'ownr'", "ownr:"),
        ("owner: business-desk", "owner: business-desk\nowner: again", "stands twice", "owner: again"),
        ("id: desk_since", "id: desk_sinse", "differs from the file's name", "id:"),
        ("related: [desk_what", "related: [desk_whatt", "'desk_whatt' under 'related' does not exist", "related:"),
        ("when: desk_since", "when: nowhere", "'nowhere' under 'follow_ups' does not exist", "follow_ups:"),
        ("The federal state of Berlin", "The federal land of Berlin", "stands in no source document", "quote:"),
        ("im **April 2018** eröffnet", "im **Mai 2018** eröffnet", "no quote proves 5", "  de:"),
        ("**2018 年 4 月**", "**2019 年 4 月**", "the figures differ between languages", "answer:"),
        ("Das **Berlin", "Das <b>Berlin", "holds HTML", "  de:"),
        ("opened in **April", "opened by ALBA Basketball Berlin in **April", "no quote proves the name", "  en:"),
        ("valid_until: null", "valid_until: 2020-01-01", "expired on 2020-01-01", "valid_until:"),
        ("review_by: 2027-06-30", "review_by: 2020-06-30", "due for review", "review_by:"),
        ("valid_until: null", "valid_until: soon", "is not a date", "valid_until:"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(
    root: Path, edit: Callable[[str, str, str], list[Problem]], old: str, new: str, said: str, at: str | None
) -> None:
    found = [problem for problem in edit(ENTRY, old, new) if said in problem.message]
    assert found, "the mistake was not found"
    assert found[0].file == f"nlu_data/{ENTRY}"
    assert found[0].fix
    if at is not None:
        assert found[0].line == line_of(root, ENTRY, at)


def test_swapped_languages_are_noticed(root: Path) -> None:
    path = root / ENTRY
    lines = path.read_text(encoding="utf-8").splitlines()
    german = next(i for i, line in enumerate(lines) if line.startswith("  de: "))
    chinese = next(i for i, line in enumerate(lines) if line.startswith("  zh: "))
    lines[german], lines[chinese] = "  de: " + lines[chinese][6:], "  zh: " + lines[german][6:]
    path.write_text("\n".join(lines), encoding="utf-8")
    messages = [problem.message for problem in library.validate(root)[1].errors]
    assert "the 'de' answer is not in that language" in messages
    assert "the 'zh' answer is not in that language" in messages


def test_a_missing_language_is_an_error(root: Path) -> None:
    path = root / ENTRY
    text = path.read_text(encoding="utf-8")
    start = text.index("  zh:\n", text.index("questions:"))
    path.write_text(text[:start], encoding="utf-8")
    messages = [problem.message for problem in library.validate(root)[1].errors]
    assert "there are no questions in 'zh'" in messages


def test_a_question_in_two_entries_is_an_error_that_names_both(
    root: Path, edit: Callable[[str, str, str], list[Problem]]
) -> None:
    other = library.validate(root)[0].entries["pandas"].questions["en"][3].text
    found = edit(ENTRY, "questions:\n  de:\n", f'questions:\n  de:\n    - "{other.upper()}!"\n')
    assert any("stands under 'desk_since' too" in problem.message for problem in found)


def test_a_placeholder_that_nothing_fills_is_an_error(edit: Callable[[str, str, str], list[Problem]]) -> None:
    found = edit(ENTRY, "Seitdem ist", "Seit {forever} ist")
    assert any("nothing fills {forever}" in problem.message for problem in found)


def test_an_answer_that_says_yes_to_questions_that_ask_for_none_is_warned_of(
    root: Path, edit: Callable[[str, str, str], list[Problem]]
) -> None:
    edit(ENTRY, 'answer:\n  de: "', 'answer:\n  de: "Ja: ')
    problems = library.validate(root)[1].found
    assert any("begins with yes or no" in problem.message for problem in problems)


def test_all_problems_are_found_at_once(root: Path, edit: Callable[[str, str, str], list[Problem]]) -> None:
    edit(ENTRY, "owner: business-desk", "ownr: x")
    edit("faq/places/pandas.yml", "owner: city-partnership", "owner: 5")
    edit("topics.yml", "offer: [pandas", "offer: [bears")
    found = edit("phrases/limits.yml", "utter_unknown:\n  de:", "utter_unknown:\n  fr:")
    files = {problem.file.rpartition("/")[2] for problem in found}
    assert files >= {"desk_since.yml", "pandas.yml", "topics.yml", "limits.yml"}


def test_a_file_that_is_not_text_is_named(root: Path) -> None:
    (root / "faq" / "desk" / "binary.yml").write_bytes(b"\xff\xfe\x00")
    assert any("not UTF-8" in problem.message for problem in library.validate(root)[1].errors)


def test_figures_agree_across_languages() -> None:
    assert figures("am 5. Mai 1988") == figures("on 5 May 1988") == figures("1988 年 5 月 5 日") == {5, 1988}
    assert figures("You may ask, and march on") == set()
    assert figures("seit {years_since:1994-04} Jahren") == set()


def test_the_published_speech_is_replaced_whole(root: Path, tmp_path: Path) -> None:
    target = tmp_path / "home" / "content.json"
    content = library.load(root)
    library.publish_speech(content, target)
    first = library.SpeechFile(target, root)
    assert "April 2018" in first.speech.entries["desk_since"].answer["en"]
    target.write_text("{broken", encoding="utf-8")
    assert "April 2018" in first.speech.entries["desk_since"].answer["en"]
    assert list(target.parent.iterdir()) == [target]
