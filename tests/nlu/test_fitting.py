"""After an edit only what it touches is learnt again, and the bot ranks as if everything had been."""

import logging
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from bot.nlu import carried, fitting, persistence
from bot.nlu.features import Question
from bot.nlu.fitting import Fit
from bot.nlu.separation import Separation

TOPICS = {
    "pandas": "panda bear bamboo zoo animal fur black white eat enclosure keeper cub",
    "garden": "garden lake pavilion moon flower lotus pond bridge stone tree gate wall",
    "desk": "company trade advice office firm market investor export law tax contract fair",
    "schools": "school pupil class exchange teacher youth learn lesson abroad homework host family",
    "metro": "subway train museum line railway station tunnel history ticket track engine driver",
}


def _examples() -> list[tuple[str, str]]:
    """Three hundred questions a topic, of four words each, always the same."""
    chance = random.Random(7)
    return [(" ".join(chance.sample(words.split(), 4)), label) for label, words in TOPICS.items() for _ in range(300)]


EXAMPLES = _examples()
MORE = ("lake pond moon cub tree gate", "garden")
"""Near one other topic and as far from the rest as most questions are: nothing of theirs rests on it."""
NO_CONCEPTS: list[tuple[str, str, str]] = []


def question(text: str, language: str = "en") -> Question:
    return Question(tuple(text.split()), language)


def learn(examples: list[tuple[str, str]], concepts: list[tuple[str, str, str]] = NO_CONCEPTS) -> Fit:
    return fitting.fit([question(text) for text, _ in examples], [label for _, label in examples], concepts)


def first(fitted: Fit, text: str) -> str:
    assert fitted.separation
    features = fitted.features.taught([question(text)]).together
    margins = features @ fitted.separation.coefficients.T + fitted.separation.intercepts
    return fitted.labels[int(margins[0].argmax())]


def margins(fitted: Fit, texts: list[str]) -> NDArray[np.float32]:
    assert fitted.separation
    features = fitted.features.taught([question(text) for text in texts]).together
    return np.asarray(features @ fitted.separation.coefficients.T + fitted.separation.intercepts)


@pytest.fixture
def learnt(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many labels were learnt, a number for each fit."""
    counts: list[int] = []
    original = Separation.learn

    def learn(self: Separation, taught: csr_matrix, targets: NDArray[np.int64], labels: NDArray[np.int64]) -> None:
        counts.append(len(labels))
        original(self, taught, targets, labels)

    monkeypatch.setattr(Separation, "learn", learn)
    return counts


@pytest.fixture
def carrying(tmp_path: Path) -> Iterator[Path]:
    with carried.carrying(tmp_path):
        yield tmp_path


@pytest.mark.usefixtures("carrying")
def test_an_edit_is_learnt_as_if_everything_had_been(learnt: list[int]) -> None:
    learn(EXAMPLES)
    edited = learn([*EXAMPLES, MORE])
    with carried.carrying(Path("/nowhere"), recall=False):
        whole = learn([*EXAMPLES, MORE])
    assert learnt[0] == learnt[2] == len(TOPICS)
    assert 0 < learnt[1] < len(TOPICS)
    asked = [f"please {one} {other}" for words in TOPICS.values() for one, other in pairwise(words.split())]
    assert np.array_equal(margins(edited, asked).argmax(axis=1), margins(whole, asked).argmax(axis=1))
    assert np.abs(margins(edited, asked) - margins(whole, asked)).max() < 0.05


@pytest.mark.usefixtures("carrying")
def test_nothing_is_learnt_again_where_nothing_was_edited(learnt: list[int]) -> None:
    before = learn(EXAMPLES)
    after = learn(EXAMPLES)
    assert learnt == [len(TOPICS), 0]
    assert np.array_equal(margins(before, ["lotus moon"]), margins(after, ["lotus moon"]))


@pytest.mark.usefixtures("carrying")
def test_taking_an_edit_back_brings_the_old_weights_back() -> None:
    before = learn(EXAMPLES)
    learn([*EXAMPLES, MORE])
    after = learn(EXAMPLES)
    asked = [text for text, _ in EXAMPLES]
    assert np.abs(margins(before, asked) - margins(after, asked)).max() < 0.01


@pytest.mark.usefixtures("carrying")
def test_a_moved_question_changes_sides() -> None:
    assert first(learn([*EXAMPLES, ("zeppelin", "garden")]), "zeppelin") == "garden"
    assert first(learn([*EXAMPLES, ("zeppelin", "metro")]), "zeppelin") == "metro"


@pytest.mark.usefixtures("carrying")
def test_a_new_entry_is_found_by_its_new_words() -> None:
    learn(EXAMPLES)
    added = [(f"{word} visa rules", "visa") for word in ("which", "what", "new", "passport", "stamp")]
    known = learn([*EXAMPLES, *added])
    assert first(known, "visa") == "visa"
    assert known.edited == len(added), "as an edit, not anew"


@pytest.mark.usefixtures("carrying")
def test_a_removed_entry_is_no_longer_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "EDITED_SHARE", 0.5)
    learn(EXAMPLES)
    left = learn([(text, label) for text, label in EXAMPLES if label != "metro"])
    assert "metro" not in left.labels
    assert first(left, "lotus pond") == "garden"


@pytest.mark.usefixtures("carrying")
def test_many_edits_together_make_a_whole_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "EDITED_SHARE", 0.01)
    examples = list(EXAMPLES)
    learn(examples)
    edited = []
    for number in range(20):
        examples.append((f"garden lake {number}", "garden"))
        edited.append(learn(examples).edited)
    assert edited == [*range(1, 16), 0, 1, 2, 3, 4], "anew when more than 1 % of the questions have come or gone"


@pytest.mark.usefixtures("carrying")
def test_other_concepts_make_a_whole_fit(learnt: list[int]) -> None:
    learn(EXAMPLES)
    learn(EXAMPLES, [("animal", "en", "bear")])
    assert learnt == [len(TOPICS)] * 2


@pytest.mark.usefixtures("carrying")
def test_other_code_makes_a_whole_fit(learnt: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    learn(EXAMPLES)
    monkeypatch.setattr(persistence, "code_fingerprint", lambda: "another")
    learn(EXAMPLES)
    assert learnt == [len(TOPICS)] * 2


def test_a_damaged_file_costs_time_and_nothing_else(
    carrying: Path, learnt: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    learn(EXAMPLES)
    file = carrying / f"{fitting.NAME}.pickle"
    file.write_bytes(file.read_bytes()[:5000])
    with caplog.at_level(logging.WARNING):
        assert first(learn(EXAMPLES), "bamboo") == "pandas"
    assert learnt == [len(TOPICS)] * 2
    assert "made anew" in caplog.text


def test_a_disk_that_cannot_be_written_costs_time_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("not a folder")
    with carried.carrying(tmp_path / "file"), caplog.at_level(logging.WARNING):
        assert first(learn(EXAMPLES), "bamboo") == "pandas"
    assert "takes longer" in caplog.text


def test_nothing_is_carried_where_nobody_asks_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    learn(EXAMPLES)
    assert list(tmp_path.iterdir()) == []


def test_a_whole_training_reads_nothing_and_leaves_what_the_next_edit_needs(tmp_path: Path, learnt: list[int]) -> None:
    for recall in (True, False, True):
        with carried.carrying(tmp_path, recall=recall):
            learn(EXAMPLES)
    assert learnt == [len(TOPICS), len(TOPICS), 0]


def test_a_question_more_changes_no_other_ones_miswritten_copy() -> None:
    chinese = [Question(("大熊猫", "在", "哪里"), "zh"), Question(("得月园", "什么时候", "开放"), "zh")]
    alone = fitting.fit(chinese, ["a", "b"], NO_CONCEPTS)
    more = fitting.fit([Question(("商务", "联络处", "电话"), "zh"), *chinese], ["c", "a", "b"], NO_CONCEPTS)
    copies = {row for row in alone.rows if row.copy}
    assert len(copies) == 2
    assert copies <= set(more.rows)


def test_the_same_questions_make_the_same_weights_in_processes_and_without() -> None:
    targets = np.array([at % 10 for at in range(200)])
    chance = np.random.default_rng(1)
    taught = csr_matrix(np.where(chance.random((200, 300)) > 0.9, chance.random((200, 300)), 0).astype(np.float32))
    together, alone = Separation.empty(10, 300), Separation.empty(10, 300)
    together.learn(taught, targets, np.arange(10))
    for label in range(10):
        alone.learn(taught, targets, np.array([label]))
    assert np.array_equal(together.coefficients, alone.coefficients)
