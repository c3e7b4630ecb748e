from bot.nlu.words import WordCutter

cutter = WordCutter(("得月园", "柏林商务联络处"))


def test_chinese_names_stay_whole_beside_latin_words() -> None:
    words = [word.text for word in cutter.cut("得月园在哪里? Über ALBA", "de")]
    assert words == ["得月园", "在", "哪里", "?", "Über", "ALBA"]


def test_words_stand_where_they_say() -> None:
    text = "What does 柏林商务联络处 do?"
    assert all(text[word.start :].startswith(word.text) for word in cutter.cut(text, "en"))


def test_no_word_is_blank() -> None:
    assert all(word.text.strip() for word in cutter.cut("  a   b\t c 好  好 ", "en"))
    assert cutter.cut("", "de") == []
