"""Entries that overlap, and questions that are too alike, are told by meaning and in any language."""

from dataclasses import replace

import pytest

from bot.content import affirming, likeness
from bot.content.model import Content, Entry, Sentence
from bot.content.problems import Problem, Problems
from bot.settings import PROJECT_ROOT

OTHERS = ("garden_where", "science", "desk_since")


def asked(entry: Entry, **questions: list[str]) -> Entry:
    return replace(
        entry,
        questions={
            language: [Sentence(text, entry.file, number) for number, text in enumerate(texts, start=1)]
            for language, texts in questions.items()
        },
    )


def few(entry: Entry) -> Entry:
    """Return an entry with its first questions, which are as varied as the rest."""
    return replace(entry, questions={language: texts[:12] for language, texts in entry.questions.items()})


def found(content: Content, *entries: Entry) -> list[Problem]:
    problems = Problems(PROJECT_ROOT / "nlu_data")
    kept = {name: few(content.entries[name]) for name in OTHERS} | {entry.id: entry for entry in entries}
    likeness.check(replace(content, entries=kept), problems)
    return problems.found


def test_an_entry_that_asks_what_another_is_asked_overlaps_it_also_in_another_language(content: Content) -> None:
    pandas = asked(
        content.entries["pandas"],
        de=["Wo leben die Pandas?", "Wie viele Pandas gibt es?", "Seit wann sind die Pandas da?", "Pandas im Zoo"],
        zh=["熊猫住在哪里？"],
    )
    bears = asked(
        replace(content.entries["pandas"], id="bears"),
        en=["Where do the pandas live?", "How many pandas are there?", "Since when are the pandas here?", "pandas zoo"],
        zh=["大熊猫住哪儿？"],
    )
    messages = [problem.message for problem in found(content, pandas, bears)]
    assert any("'pandas' and 'bears' overlap" in message for message in messages)


def test_entries_about_other_things_do_not_overlap(content: Content) -> None:
    assert [problem.message for problem in found(content, few(content.entries["micro_era"]))] == []


def test_questions_of_one_template_are_too_alike(content: Content) -> None:
    template = [
        "Wo ist das Café?", "Wo liegt das Café?", "Wo finde ich das Café?", "Wo ist denn das Café?",
        "Wo befindet sich das Café?", "Wo ist das Café im Haus?", "Wo kann ich das Café finden?",
    ]  # fmt: skip
    (problem,) = found(content, asked(content.entries["pandas"], de=template))
    assert "so alike" in problem.message


@pytest.mark.parametrize(
    ("answer", "language", "wanted"),
    [
        ("Ja: **Austausch** gehört dazu.", "de", True),
        ("Jahrelang gab es ihn.", "de", False),
        ("**Yes**, it does.", "en", True),
        ("Nobody knows.", "en", False),
        ("是的，有两只。", "zh", True),
        ("是州政府的代表处。", "zh", False),
    ],
)
def test_an_answer_that_begins_with_yes_or_no(answer: str, language: str, wanted: bool) -> None:
    assert affirming.affirms(answer, language) is wanted


@pytest.mark.parametrize(
    ("question", "language", "wanted"),
    [
        ("Gibt es einen Austausch?", "de", True),
        ("Welchen Austausch gibt es?", "de", False),
        ("Isn't it the same?", "en", True),
        ("Which one?", "en", False),
        ("有交流项目吗？", "zh", True),
        ("有哪些项目？", "zh", False),
    ],
)
def test_a_question_that_asks_for_one(question: str, language: str, wanted: bool) -> None:
    assert affirming.asks_for_one(question, language) is wanted
