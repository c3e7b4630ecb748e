"""Which language a message is in, whatever names it holds."""

import pytest

from bot.nlu.language import Evidence, Identified, LanguageModel

TAUGHT = [
    ("the concert at the expo centre", "en"),
    ("when is the art festival in the garden", "en"),
    ("great music in the open air", "en"),
    ("das Konzert im Messezentrum", "de"),
    ("wann ist das Kunstfest in dem Garten", "de"),
    ("große Musik unter freiem Himmel", "de"),
]


@pytest.fixture(scope="module")
def languages() -> LanguageModel:
    return LanguageModel().fit(TAUGHT, ["Berlin"])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wann ist was im Concert Expo Centre Garden Festival?", "de"),
        ("When is the Messezentrum Kunstfest Konzert Himmel on?", "en"),
    ],
)
def test_function_words_tell_the_language_of_a_sentence_with_a_long_foreign_name(
    languages: LanguageModel, text: str, language: str
) -> None:
    assert languages.identify(text).language == language


def test_a_message_of_names_alone_keeps_the_language_of_the_conversation(languages: LanguageModel) -> None:
    assert languages.identify("Berlin?", "en").language == "en"


@pytest.mark.parametrize("text", ["öpöpöp ßßß", "kjhwer", "x", "Ö", "wzuiop lkjhg mnbv"])
@pytest.mark.parametrize("language", ["de", "en", "zh"])
def test_pressed_keys_keep_the_language_of_the_conversation(languages: LanguageModel, text: str, language: str) -> None:
    assert languages.identify(text, language) == Identified(language, Evidence.NONE)


def test_one_known_word_is_enough_to_leave_the_language_of_the_conversation(languages: LanguageModel) -> None:
    assert languages.identify("Messezentrum ghfjd", "en") == Identified("de", Evidence.TEXT)


def test_messages_looked_up_together_are_told_as_one_by_one() -> None:
    asked = [text for text, _ in TAUGHT] + ["was kostet das", "which museum", "Panda", ""]
    together, alone = (LanguageModel().fit(TAUGHT, ["Berlin"]) for _ in range(2))
    together.prepare(asked)
    assert [together.identify(text) for text in asked] == [alone.identify(text) for text in asked]
