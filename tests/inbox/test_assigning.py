import shutil
from pathlib import Path

import pytest
import yaml

from bot.content.library import load
from bot.content.model import Content
from bot.evaluation import regression
from bot.inbox.assigning import prepare
from bot.inbox.yaml_list import appended
from bot.sayings import StaffError
from bot.settings import PROJECT_ROOT

NEW = 'Seit wann existiert denn das "Desk" drüben: schon ewig? # oder'


@pytest.fixture
def own(tmp_path: Path) -> Content:
    shutil.copytree(PROJECT_ROOT / "nlu_data", tmp_path / "nlu_data")
    return load(tmp_path / "nlu_data")


def test_a_question_goes_into_the_entry_and_the_regression_set_and_nothing_else_changes(own: Content) -> None:
    file = own.entries["desk_since"].file
    before = file.read_text(encoding="utf-8")
    prepare(own, "desk_since", "de", NEW).write()
    after = file.read_text(encoding="utf-8")
    added = [line for line in after.splitlines() if line not in before.splitlines()]
    assert len(added) == 1
    assert after.replace(added[0] + "\n", "") == before
    assert yaml.safe_load(after)["questions"]["de"][-1] == NEW
    (case,) = regression.load(own.root)
    assert (case.text, case.language, case.expected) == (NEW, "de", "desk_since")
    assert load(own.root).entries["desk_since"].questions["de"][-1].text == NEW


def test_the_regression_set_grows_by_entry_and_language(own: Content) -> None:
    for entry, language, text in [
        ("pandas", "en", "one unusual panda query"), ("desk_what", "en", "one unusual desk query"),
        ("pandas", "en", "another unusual panda query"), ("pandas", "zh", "熊猫的怪问题"),
    ]:  # fmt: skip
        prepare(own, entry, language, text).write()
    assert [(case.expected, case.text) for case in regression.load(own.root)] == [
        ("pandas", "one unusual panda query"), ("pandas", "another unusual panda query"),
        ("desk_what", "one unusual desk query"), ("pandas", "熊猫的怪问题"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "text", "name"),
    [("../../etc/passwd", "hello there", "no_entry"), ("pandas", "Ich heiße [name], wo sind sie", "still_masked"),
     ("pandas", "…", "bad_length"), ("pandas", "lang " * 100, "bad_length"),
     ("desk_since", "SEIT WANN GIBT ES DAS BUSINESS DESK", "there_already"),
     ("pandas", "Seit wann gibt es das Business Desk?", "elsewhere")],
)  # fmt: skip
def test_what_cannot_be_assigned_is_refused_in_each_language(own: Content, entry: str, text: str, name: str) -> None:
    with pytest.raises(StaffError) as raised:
        prepare(own, entry, "de", text)
    assert raised.value.name == name
    assert len({raised.value.said(language) for language in ("de", "en", "zh")}) == 3
    assert regression.load(own.root) == []


def test_a_file_changed_meanwhile_is_left_alone_and_so_is_the_other(own: Content) -> None:
    prepared = prepare(own, "desk_since", "de", NEW)
    other = regression.file(own.root, "de")
    other.parent.mkdir()
    other.write_text("regression:\n  pandas:\n    - by hand\n", encoding="utf-8")
    entry_before = own.entries["desk_since"].file.read_bytes()
    with pytest.raises(StaffError, match="this very moment"):
        prepared.write()
    assert own.entries["desk_since"].file.read_bytes() == entry_before
    assert [case.text for case in regression.load(own.root)] == ["by hand"]


@pytest.mark.parametrize(
    ("text", "result"),
    [("q:\n- a\n# end\n", 'q:\n- a\n- "b"\n# end\n'),
     ("q:\n    - a # first\n\n    # c\nz: 1\n", 'q:\n    - a # first\n    - "b"\n\n    # c\nz: 1\n'),
     ("q:\r\n  - a\r\nz: 1\r\n", 'q:\r\n  - a\r\n  - "b"\r\nz: 1\r\n'),
     ("q:\n  - a", 'q:\n  - a\n  - "b"\n'),
     ("z: 1\n", 'z: 1\nq:\n  - "b"\n')],
)  # fmt: skip
def test_a_line_is_appended_in_the_lists_own_layout(text: str, result: str) -> None:
    assert appended(text, ("q",), "b", "file.yml") == result


@pytest.mark.parametrize("text", ["q: [a]\n", "q: text\n", "q:\n  - |\n    a\n  -\n    b\n", "- q\n", "q: [\n"])
def test_another_layout_is_left_to_a_person(text: str) -> None:
    with pytest.raises(StaffError, match="by hand: - b"):
        appended(text, ("q",), "b", "file.yml")


@pytest.mark.parametrize(
    "value", ["a: b", "- x", "*x", "{x}", "# x", "'", '"', "\\", "yes", "12", "😀", "<script>", "x: &a"]
)
def test_no_text_becomes_yaml(value: str) -> None:
    edited = appended("q:\n  - a\nz: 1\n", ("q",), value, "file.yml")
    assert yaml.safe_load(edited) == {"q": ["a", value], "z": 1}
