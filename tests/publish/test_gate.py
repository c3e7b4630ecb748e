"""What only the models can tell: entries that overlap, invent, get weaker; languages that fall behind."""

from collections.abc import Callable

from bot.content import library
from bot.content.model import Content
from bot.evaluation.datasets import Case
from bot.evaluation.outcomes import Reaction
from bot.evaluation.report import wilson
from bot.publish.changes import Changes
from bot.publish.gate import Comparison, Objection
from bot.publish.reactions import cases
from bot.settings import PROJECT_ROOT
from tests.publish.conftest import rightly

CONTENT = library.inspect(PROJECT_ROOT / "nlu_data")
CASES = cases(CONTENT.root)
NOTHING = Reaction("unknown", False, (), None)


def objections(
    after: Callable[[Case], Reaction], *changed: str, accepted: frozenset[str] = frozenset(), new: Content = CONTENT
) -> list[Objection]:
    live = {case: rightly(case) for case in CASES}
    candidate = {case: after(case) for case in CASES}
    return Comparison(live, candidate, CONTENT, new, accepted).objections(Changes(changed=changed), accepted)


def first(number: int, wanted: Callable[[Case], bool]) -> set[Case]:
    found = [case for case in CASES if wanted(case)][:number]
    assert len(found) == number
    return set(found)


def test_the_gate_asks_hundreds_of_questions_of_each_kind() -> None:
    assert {"faq", "unknown_far", "unknown_near", "follow_ups", "parallel", "language"} <= {case.set for case in CASES}
    assert len(CASES) > 2500


def test_a_candidate_that_understands_the_same_passes() -> None:
    assert objections(rightly) == []


def test_a_single_lost_test_question_is_noise() -> None:
    lost = first(1, lambda case: case.set == "faq")
    assert objections(lambda case: NOTHING if case in lost else rightly(case)) == []


def test_an_overlapping_entry_that_takes_anothers_questions_is_named_with_both_entries() -> None:
    taken = first(2, lambda case: case.set == "faq" and case.expected == "desk_since")
    taking = Reaction("desk_name", True, (), "de")
    (found,) = objections(lambda case: taking if case in taken else rightly(case), "desk_name")
    assert (found.name, found.values["entry"], found.values["other"]) == ("questions_taken", "desk_name", "desk_since")
    assert {example.text for example in found.examples} == {case.text for case in taken}


def test_an_entry_that_answers_what_the_source_does_not_say_is_named() -> None:
    invented = first(2, lambda case: case.set == "unknown_near" and case.language == "zh")
    found = objections(
        lambda case: Reaction("desk_where", True, (), "zh") if case in invented else rightly(case), "desk_where"
    )
    assert [one.name for one in found] == ["unknown_answered"]


def test_an_entry_that_is_found_much_less_is_named_though_its_language_hardly_changes() -> None:
    def about(language: str) -> set[Case]:
        mine = [case for case in CASES if (case.expected, case.language) == ("innobb", language)]
        return {*[case for case in mine if case.set == "faq"][:3], *[case for case in mine if case.set == "parallel"]}

    lost = about("de") | about("en") | about("zh")
    (found,) = objections(lambda case: NOTHING if case in lost else rightly(case))
    assert (found.name, found.values["entry"]) == ("entry_weaker", "innobb")
    assert found.values["before"] - found.values["now"] == len(lost)


def test_a_figure_worse_beyond_its_interval_is_named_with_its_language_and_parity_with_it() -> None:
    german = [case for case in CASES if case.set == "faq" and case.language == "de"]
    beyond = len(german) - int(wilson(len(german), len(german))[0] * len(german)) + 12
    entries = sorted({case.expected for case in german})
    lost = {case for position, case in enumerate(german) if position % (len(german) // beyond) == 0}
    found = objections(lambda case: NOTHING if case in lost else rightly(case))
    names = {one.name for one in found}
    assert {"figure_right", "parity"} <= names, (len(lost), len(entries))
    assert {one.values["language"] for one in found if one.name in ("figure_right", "parity")} == {"de"}


def test_what_was_wrong_before_is_not_held_against_the_candidate() -> None:
    wrong = first(40, lambda case: case.set == "faq" and case.language == "en")
    both = {case: NOTHING if case in wrong else rightly(case) for case in CASES}
    assert Comparison(both, both, CONTENT, CONTENT, frozenset()).objections(Changes(), frozenset()) == []


def test_losses_that_somebody_agreed_to_do_not_count() -> None:
    def after(case: Case) -> Reaction:
        return NOTHING if case.expected == "pandas" else rightly(case)

    assert {one.values["entry"] for one in objections(after) if "entry" in one.values} == {"pandas"}
    assert objections(after, accepted=frozenset({"pandas"})) == []
