"""Publishing from the files to the ledger, with the models stood in for: what goes live, what is stopped and how."""

import subprocess
from pathlib import Path

import pytest

from bot.content import journal
from bot.evaluation.datasets import Case
from bot.evaluation.outcomes import Reaction
from bot.languages import LANGUAGES
from bot.publish import repository, wording
from bot.publish.publisher import BrokenError, NothingNewError, WorseError
from bot.sayings import StaffError
from tests.publish.conftest import Office, Understanding, rightly


def test_the_first_publication_holds_everything_and_the_second_names_what_changed(office: Office) -> None:
    first = office.publisher.publish("Ada")
    office.edit("desk_since", "Seitdem ist das Land Berlin in Peking", "Seither ist das Land Berlin in Peking")
    second = office.publisher.publish("Bo")
    assert (first.number, second.number, second.changed, second.by) == (1, 2, ("desk_since",), "Bo")
    assert "Seither" in office.publisher.ledger.speech(2)["entries"]["desk_since"]["answer"]["de"]
    live = office.publisher.ledger.live()
    assert live == second
    assert second.model == first.model, "an answer needs no training"


def test_the_same_content_is_not_published_twice(office: Office) -> None:
    office.publisher.publish("Ada")
    with pytest.raises(NothingNewError):
        office.publisher.publish("Ada")


def test_undo_brings_content_and_model_back_together(office: Office) -> None:
    first = office.publisher.publish("Ada")
    before = office.entry("desk_since").read_bytes()
    office.edit("desk_since", '    - "eröffnung desk wann"', '    - "wann war der start vom desk gewesen"')
    second = office.publisher.publish("Ada", accepted=frozenset({"desk_since"}))
    assert second.model != first.model
    undone = office.publisher.undo(2, "Bo")
    assert office.entry("desk_since").read_bytes() == before
    live = office.publisher.ledger.live()
    assert live and (live.number, live.model, live.undoes, live.by) == (3, first.model, 2, "Bo")
    assert undone.restored == ("faq/desk/desk_since.yml",)
    assert undone.left == ()


def test_undo_leaves_newer_hand_edits_alone_and_names_them(office: Office) -> None:
    office.publisher.publish("Ada")
    office.edit("desk_since", "Seitdem ist", "Seither ist")
    office.publisher.publish("Ada")
    office.edit("desk_since", "Seither ist", "Von da an ist")
    undone = office.publisher.undo(2, "Ada")
    assert undone.left == ("faq/desk/desk_since.yml",)
    assert "Von da an ist" in office.entry("desk_since").read_text(encoding="utf-8")
    assert "Seitdem ist" in office.publisher.ledger.speech(3)["entries"]["desk_since"]["answer"]["de"]


def test_what_cannot_be_undone_is_said(office: Office) -> None:
    office.publisher.publish("Ada")
    with pytest.raises(StaffError) as nothing:
        office.publisher.undo(1, "Ada")
    assert nothing.value.name == "nothing_before"
    with pytest.raises(StaffError) as unknown:
        office.publisher.undo(7, "Ada")
    assert unknown.value.name == "no_such"


def test_a_publication_that_does_harm_is_withdrawn_and_the_files_stay(office: Office) -> None:
    office.publisher.publish("Ada")
    office.edit("desk_since", "Seitdem ist", "Seither ist")
    office.publisher.publish("Ada")
    earlier = office.publisher.withdraw(2, "failing failed=4 turns=5")
    assert earlier and earlier.number == 1
    assert "Seither ist" in office.entry("desk_since").read_text(encoding="utf-8")
    lines = list(wording.history(office.publisher.ledger.all(), office.publisher.ledger.live(), "en"))
    assert "TAKEN BACK (4 of 5 messages failed)" in lines[0]
    assert lines[1].startswith("*")
    assert office.publisher.withdraw(2, "failing failed=9 turns=9") is None, "it is not live any more"


# Ten kinds of broken or worse publications; those that only a model can tell are in test_gate.py.
BROKEN = {
    "empty answer": (lambda o: _set_answer(o, "desk_since", "de", '""'), "'de' is missing"),
    "two languages of an answer swapped": (lambda o: _swap_answers(o, "desk_since", "de", "zh"), "answer"),
    "German in the English answer": (lambda o: _swap_answers(o, "desk_since", "de", "en"), "not in that language"),
    "questions of two languages swapped": (lambda o: _swap_questions(o, "desk_since"), "not in"),
    "wrong number": (lambda o: o.edit("desk_since", "**April 2018** eröffnet", "**April 2017** eröffnet"), "2017"),
    "no proof": (
        lambda o: o.edit("desk_since", "has had a presence in Beijing since", "was in Beijing since"),
        "quote",
    ),
    "dead link": (lambda o: o.edit("desk_since", "desk_operator, desk_where]", "desk_operator, desk_wo]"), "desk_wo"),
    "HTML": (lambda o: o.edit("desk_since", "Seitdem ist", "<b>Seitdem</b> ist"), "HTML"),
    "broken YAML": (lambda o: o.edit("desk_since", "questions:\n", "questions:\n   de: [\n"), "desk_since.yml"),
    "a question in two entries": (
        lambda o: o.edit("desk_what", "questions:\n  de:\n", 'questions:\n  de:\n    - "eröffnung desk wann"\n'),
        "desk_since",
    ),
    "too few questions": (lambda o: _cut_questions(o, "desk_since", "zh", 3), "3 questions"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_content_is_stopped_with_file_and_fix_in_each_language(office: Office, kind: str) -> None:
    office.publisher.publish("Ada")
    spoil, said = BROKEN[kind]
    spoil(office)
    with pytest.raises(BrokenError) as stopped:
        office.publisher.publish("Ada")
    texts = {language: "\n".join(wording.refusal(stopped.value, language)) for language in LANGUAGES}
    assert len(set(texts.values())) == len(LANGUAGES)
    for text in texts.values():
        assert "desk_" in text and ".yml:" in text
        assert not {"intent", "slot", "pipeline"} & set(text.lower().split())
    assert said in texts["en"]
    live = office.publisher.ledger.live()
    assert live and live.number == 1


def test_a_removed_entry_is_stopped_until_somebody_agrees(office: Office) -> None:
    office.publisher.publish("Ada")
    _remove(office, "ring_opera")
    with pytest.raises(WorseError) as stopped:
        office.publisher.publish("Ada")
    text = "\n".join(wording.refusal(stopped.value, "en"))
    assert "The entry ring_opera" in text
    assert "bot publish --accept ring_opera" in text
    done = office.publisher.publish("Ada", accepted=frozenset({"ring_opera"}))
    assert (done.removed, done.accepted) == (("ring_opera",), ("ring_opera",))


def test_an_expired_entry_is_stopped(office: Office) -> None:
    office.publisher.publish("Ada")
    office.edit("desk_since", "valid_until: null", "valid_until: 2020-01-01")
    with pytest.raises(WorseError) as stopped:
        office.publisher.publish("Ada")
    text = "\n".join(wording.refusal(stopped.value, "de"))
    assert "gilt nur bis 2020-01-01" in text
    assert "--accept" not in text, "what has expired must be mended"


def test_a_question_moved_to_another_entry_is_stopped(office: Office) -> None:
    office.publisher.publish("Ada")
    office.edit("desk_since", '    - "eröffnung desk wann"\n', "")
    office.edit("pandas", "questions:\n  de:\n", 'questions:\n  de:\n    - "eröffnung desk wann"\n')
    with pytest.raises(WorseError) as stopped:
        office.publisher.publish("Ada")
    text = "\n".join(wording.refusal(stopped.value, "zh"))
    assert "desk_since" in text and "pandas" in text and "eröffnung desk wann" in text


def test_a_removed_question_that_gets_no_answer_any_more_is_stopped(
    office: Office, understood: dict[str, Understanding]
) -> None:
    office.publisher.publish("Ada")
    office.edit("desk_since", '    - "eröffnung desk wann"\n', "")
    understood["candidate"] = lambda case: (
        Reaction("unknown", False, (), "de") if case.text == "eröffnung desk wann" else rightly(case)
    )
    with pytest.raises(WorseError) as stopped:
        office.publisher.publish("Ada")
    text = "\n".join(wording.refusal(stopped.value, "en"))
    assert "1 question(s) that desk_since" in text
    assert "“eröffnung desk wann” → no answer" in text
    understood["candidate"] = rightly
    assert office.publisher.publish("Ada").number == 2, "still answered, it is not missed"


def test_a_publication_is_a_commit_of_the_content_alone(office: Office, tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", tmp_path, *arguments], check=True, capture_output=True, text=True)
        return done.stdout

    git("init", "--quiet")
    git("config", "user.name", "Ada")
    git("config", "user.email", "ada@example.org")
    (tmp_path / ".gitignore").write_text("home/\n")
    (tmp_path / "notes.txt").write_text("not for this commit")
    git("add", "notes.txt")
    name = repository.commit(office.settings.content_dir, "Publication 1: everything")
    assert name and git("log", "-1", "--format=%s").strip() == "Publication 1: everything"
    assert "notes.txt" not in git("show", "--name-only", "--format=")
    assert repository.commit(office.settings.content_dir, "again") is None
    assert repository.author(office.settings.content_dir) == "Ada"


def test_a_case_of_the_gate_is_kept_and_read_back(office: Office, tmp_path: Path) -> None:
    from bot.publish import reactions

    found = {Case("Seit wann?", "de", "faq", "desk_since"): Reaction("desk_since", True, ("desk_what",), "de")}
    reactions.write(tmp_path / "model.json", found)
    assert reactions.read(tmp_path / "model.json") == found
    (tmp_path / "model.json").write_text("[[")
    assert reactions.read(tmp_path / "model.json") == {}


def _set_answer(office: Office, name: str, language: str, value: str) -> None:
    lines = office.entry(name).read_text(encoding="utf-8").split("\n")
    at = lines.index("answer:")
    place = next(i for i in range(at, at + 4) if lines[i].startswith(f"  {language}:"))
    lines[place] = f"  {language}: {value}"
    office.entry(name).write_text("\n".join(lines), encoding="utf-8")


def _swap_answers(office: Office, name: str, one: str, other: str) -> None:
    lines = office.entry(name).read_text(encoding="utf-8").split("\n")
    at = lines.index("answer:")
    first = next(i for i in range(at, at + 4) if lines[i].startswith(f"  {one}:"))
    second = next(i for i in range(at, at + 4) if lines[i].startswith(f"  {other}:"))
    lines[first], lines[second] = (
        lines[second].replace(f"  {other}:", f"  {one}:", 1), lines[first].replace(f"  {one}:", f"  {other}:", 1)
    )  # fmt: skip
    office.entry(name).write_text("\n".join(lines), encoding="utf-8")


def _swap_questions(office: Office, name: str) -> None:
    text = office.entry(name).read_text(encoding="utf-8")
    head, questions = text.split("questions:\n", 1)
    questions = questions.replace("  de:\n", "  xx:\n").replace("  en:\n", "  de:\n").replace("  xx:\n", "  en:\n")
    office.entry(name).write_text(f"{head}questions:\n{questions}", encoding="utf-8")


def _cut_questions(office: Office, name: str, language: str, left: int) -> None:
    lines = office.entry(name).read_text(encoding="utf-8").split("\n")
    start = lines.index(f"  {language}:", lines.index("questions:")) + 1
    end = start
    while end < len(lines) and lines[end].startswith("    - "):
        end += 1
    office.entry(name).write_text("\n".join(lines[: start + left] + lines[end:]), encoding="utf-8")


def _remove(office: Office, name: str) -> None:
    """Delete an entry as staff do: the file, and every mention of it."""
    office.entry(name).unlink()
    root = office.settings.content_dir
    for path in root.rglob("*.yml"):
        data = journal.read_bytes(path) or b""
        text = data.decode()
        for form in (f", {name}", f"{name}, "):
            text = text.replace(form, "")
        if path.parent.name != "regression":
            text = "\n".join(line for line in text.split("\n") if not line.strip().endswith(f": {name}"))
        path.write_text(text, encoding="utf-8")
