"""The ranker forgives typing errors, keeps known questions by heart, and makes the same model every time."""

import random

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.naive_bayes import MultinomialNB

from bot.nlu import ranker as ranking
from bot.nlu.concepts import ConceptFinder
from bot.nlu.features import Question, QuestionFeatures
from bot.nlu.ranker import QuestionRanker
from bot.nlu.spelling import Speller
from bot.nlu.typos import miswrite

TEXTS = [
    "Where do the pandas live?",
    "Which zoo has pandas?",
    "Who signed the agreement?",
    "Who put a signature there?",
]
LABELS = ["pandas", "pandas", "signatories", "signatories"]


def question(text: str) -> Question:
    return Question(tuple(text.replace("?", " ?").split()), "en")


def ranker() -> QuestionRanker:
    return QuestionRanker().fit(TEXTS, [question(text) for text in TEXTS], LABELS)


def test_the_likeliest_label_comes_first_and_beliefs_add_up() -> None:
    ranked = ranker().rank(["pandas where"], [question("pandas where")])[0]
    assert ranked[0].label == "pandas"
    assert abs(sum(one.confidence for one in ranked) - 1) < 1e-5


def test_a_known_question_is_certain_however_it_is_written() -> None:
    ranked = ranker().rank(["WHO signed the agreement"], [question("WHO signed the agreement")])[0]
    assert (ranked[0].label, ranked[0].confidence) == ("signatories", 1.0)


def test_the_same_content_makes_the_same_weights() -> None:
    asked = [question("the zoo signature")]
    assert np.array_equal(ranker().margins(asked), ranker().margins(asked))


def test_one_question_has_the_features_of_the_vectorizers_own_transform() -> None:
    asked = [*map(question, TEXTS), question("a signature of pandas pandas"), question("xyz"), question("")]
    features = QuestionFeatures(ConceptFinder([]))
    features.fit([question(text) for text in TEXTS], 2)
    for one in asked:
        columns, values = features.reader().sparse(one)
        found = np.zeros(sum(features.taught([one]).widths[:2]), dtype=np.float32)
        found[columns] = values
        assert np.allclose(found, features.taught([one]).sparse.toarray()[0], atol=1e-6)


def test_the_likeliest_entries_are_told_however_unlikely() -> None:
    words = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    texts = [f"{word} word" for word in words]
    labels = [*(f"talk_{number}" for number in range(10)), "faq/pandas", "faq/garden"]
    fitted = QuestionRanker().fit(texts, [question(text) for text in texts], labels)
    ranked = fitted.rank(["one two three four"], [question("one two three four")], limit=5)[0]
    assert {"faq/pandas", "faq/garden"} <= {one.label for one in ranked}
    assert [one.confidence for one in ranked] == sorted((one.confidence for one in ranked), reverse=True)


def test_a_misspelt_word_is_mended_in_the_text_as_it_is_mostly_written() -> None:
    taught = ["Städtepartnerschaft mit Peking", "Die Städtepartnerschaft", "eine staedtepartnerschaft"]
    speller = Speller([question(text) for text in taught])
    misspelt = Question(("Welche", "Stadtepartnerschfat", "?"), "de", "Welche Stadtepartnerschfat?")
    assert speller.mend(misspelt).text == "Welche Städtepartnerschaft?"


def test_a_misspelt_word_is_mended_if_it_is_one_error_away_from_a_known_one() -> None:
    speller = Speller([question("partnership agreement"), question("partnership agreement")])
    assert speller.mend(question("partnersihp agrement")).words == ("partnership", "agreement")
    assert speller.mend(question("Partnerschaft")).words == ("Partnerschaft",)


def test_short_and_chinese_words_are_left_alone() -> None:
    speller = Speller([question("apply apply partner")] * 2)
    assert speller.mend(Question(("Apple", "友城"), "zh")).words == ("Apple", "友城")


def test_only_chinese_questions_are_miswritten() -> None:
    chance = random.Random(1)
    assert miswrite(question("Where do the pandas live"), chance) is None
    original = Question(("大熊猫", "在", "哪里"), "zh")
    copy = miswrite(original, chance)
    assert copy is not None
    assert copy.words != original.words


def test_the_likelihoods_are_those_of_naive_bayes() -> None:
    chance = np.random.default_rng(3)
    taught = csr_matrix(np.where(chance.random((60, 40)) > 0.8, chance.random((60, 40)), 0).astype(np.float32))
    targets = np.array([at % 4 for at in range(60)])
    bayes = MultinomialNB(alpha=ranking.SMOOTHING, fit_prior=False).fit(taught, targets)
    wanted = bayes.feature_log_prob_ - bayes.feature_log_prob_.mean(axis=0)
    assert np.allclose(ranking._likelihoods(taught, targets), wanted, atol=1e-5)


def test_an_entry_of_few_questions_is_given_what_rarity_takes_and_nothing_else_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [f"question {number} about pandas" for number in range(12)]
    texts += [f"thing {number} of the garden" for number in range(12)] + [
        "a reading room",
        "books to read",
        "hello",
        "hi",
    ]
    labels = ["faq/pandas"] * 12 + ["faq/garden"] * 12 + ["faq/books"] * 2 + ["greet"] * 2
    asked = [question("where are books")]

    def margins(share: float) -> dict[str, float]:
        monkeypatch.setattr(ranking, "FEW_SHARE", share)
        fitted = QuestionRanker().fit(texts, [question(text) for text in texts], labels)
        return dict(zip(fitted.labels, fitted.margins(asked)[0].tolist(), strict=True))

    without, given = margins(0.0), margins(0.5)
    more = {label: round(given[label] - without[label], 4) for label in given}
    assert more == {"faq/books": round(0.5 * np.log(12 / 2), 4), "faq/garden": 0, "faq/pandas": 0, "greet": 0}
