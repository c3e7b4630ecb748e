"""Look-alikes of known questions name other things, and come out the same every time."""

from bot.content.model import Content
from bot.content.namesakes import look_alikes
from bot.text import key


def test_a_look_alike_names_another_thing_and_is_no_known_question(content: Content) -> None:
    known = {
        key(item.text) for entry in content.entries.values() for items in entry.questions.values() for item in items
    }
    made = list(look_alikes(content))
    assert len(made) > 1000
    assert {language for _, language in made} == {"de", "en", "zh"}
    assert not [sentence.text for sentence, _ in made if key(sentence.text) in known]


def test_look_alikes_are_the_same_at_every_training(content: Content) -> None:
    assert list(look_alikes(content)) == list(look_alikes(content))


def test_every_kind_has_as_many_others_in_each_language(content: Content) -> None:
    for kind in content.namesakes:
        assert all(len(kind.others[language]) >= 10 for language in ("de", "en", "zh")), kind.id
