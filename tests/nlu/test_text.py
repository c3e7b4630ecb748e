from hypothesis import given
from hypothesis import strategies as st

from bot.text import clean, defuse, fold, has_letters, key, to_simplified


def test_umlauts_may_be_typed_in_three_ways() -> None:
    assert fold("Städtepartnerschaft") == fold("Staedtepartnerschaft") == fold("Stadtepartnerschaft")
    assert fold("Gärten") == fold("GAERTEN") == fold("Garten")
    assert fold("neue") == "neue"
    assert fold("Straße") == fold("Strasse")


def test_traditional_characters_become_simplified() -> None:
    assert to_simplified("柏林與北京締結友好城市關係") == "柏林与北京缔结友好城市关系"


def test_control_characters_and_full_width_forms_are_cleaned() -> None:
    assert clean("ＡＬＢＡ\u0000\u202e　1988？") == "ALBA 1988?"


def test_emoji_and_figures_are_no_letters() -> None:
    assert not has_letters("👍 2018 !?")
    assert has_letters("好")


def test_the_key_ignores_case_punctuation_and_script_variant() -> None:
    assert key("Wo ist der Garten?") == key("wo ist der gärten")
    assert key("得月園在哪裏？") == key("得月园在哪里")


@given(st.text(max_size=300))
def test_any_text_can_be_cleaned_and_folded(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    fold(to_simplified(cleaned))


def test_typed_commands_become_plain_words() -> None:
    assert defuse("/restart") == "restart"
    assert defuse('/faq{"language": "zh"}') == "faq"
    assert defuse('  //change_language {"language": "zh"} ') == "change language"
    assert defuse("and/or {this}") == "and/or {this}"


def test_markup_is_no_text() -> None:
    assert clean("<b>Pandas</b> <img src=x onerror=alert(1)>") == "Pandas"
    assert clean("1 < 2 and 3 > 2") == "1 < 2 and 3 > 2"


def test_traditional_spellings_are_read_as_simplified_ones() -> None:
    assert to_simplified("聯絡處做甚麼") == "联络处做什么"
