import random
from itertools import combinations

import pytest
import yaml

from bot.content.model import Content
from bot.inbox.groups import Grouper
from bot.inbox.store import Question
from bot.inbox.turn import Kind
from bot.languages import LANGUAGES
from bot.settings import PROJECT_ROOT


@pytest.fixture(scope="module")
def grouper(content: Content) -> Grouper:
    return Grouper(content)


DRAWS = 8


def asked(number: int, text: str, language: str, count: int = 1, channel: str = "web") -> Question:
    return Question(number, text, language, channel, Kind.UNKNOWN, "", count, count, 0.0, float(number))


HANDFUL = [
    asked(1, "Wie heißen die Pandas?", "de", 3),
    asked(2, "What are the pandas called?", "en"),
    asked(3, "熊猫叫什么名字", "zh"),
    asked(4, "Telefonnummer vom Business Desk?", "de", 2),
    asked(5, "phone number of the desk", "en"),
    asked(6, "Wer ist Bürgermeister von Peking?", "de"),
]


def test_a_handful_is_grouped_across_languages_and_sorted_by_how_often(grouper: Grouper) -> None:
    groups = grouper.group(HANDFUL)
    assert [sorted(one.id for one in group.questions) for group in groups] == [[1, 2, 3], [4, 5], [6]]
    assert [group.count for group in groups] == [5, 3, 1]
    assert groups[0].text == "Wie heißen die Pandas?"


def test_the_same_words_of_other_channels_are_one_wording(grouper: Grouper) -> None:
    (group,) = grouper.group([asked(1, "Pandas?", "de"), asked(2, "pandas", "de", 4, "telegram")])
    (wording,) = group.wordings
    assert (wording.id, wording.count, wording.channels) == (2, 5, ("telegram", "web"))


def test_masks_are_no_likeness(grouper: Grouper) -> None:
    groups = grouper.group([asked(1, "[name] [phone] Wetter?", "de"), asked(2, "[name] [phone] Pandas", "de")])
    assert len(groups) == 2


def test_nothing_and_one_are_groups_too(grouper: Grouper) -> None:
    assert grouper.group([]) == []
    assert len(grouper.group([asked(1, "…", "de")])) == 1


def test_what_is_put_together_belongs_together(grouper: Grouper) -> None:
    """Draws of ten entries' evaluation questions; docs/inbox.md has the mean of many more."""
    pool = {
        language: yaml.safe_load((PROJECT_ROOT / f"tests/evaluation/{language}/faq.yml").read_text("utf-8"))["faq"]
        for language in LANGUAGES
    }
    together = right = 0
    for seed in range(DRAWS):
        chance = random.Random(seed)
        questions, entry_of = [], {}
        for entry in chance.sample(sorted(pool["de"]), 10):
            for language in LANGUAGES:
                for text in chance.sample(pool[language][entry], 2):
                    questions.append(asked(len(questions), text, language))
                    entry_of[questions[-1].id] = entry
        pairs = [pair for group in grouper.group(questions) for pair in combinations(group.questions, 2)]
        together += len(pairs)
        right += sum(entry_of[one.id] == entry_of[other.id] for one, other in pairs)
    assert together >= 30 * DRAWS
    assert right / together >= 0.7
