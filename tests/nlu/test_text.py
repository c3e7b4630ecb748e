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


def test_what_is_not_seen_inside_a_word_does_not_cut_it() -> None:
    assert clean("Part\u00adner\u200bschaft mit\u2060 Pe\ufeffking") == "Partnerschaft mit Peking"
    assert clean("大\u200d熊\u200b猫") == "大熊猫"
    assert clean("eins\nzwei\u2028drei\tvier") == "eins zwei drei vier"


def test_html_entities_are_read() -> None:
    assert clean("der &quot;Ring&quot; &#39;live&#39; &amp; Stra&szlig;e") == "der \"Ring\" 'live' & Straße"
    assert clean("&amp;lt;b&amp;gt;Zoo") == "Zoo"
    assert clean("R&D bei AT&T; und &so weiter") == "R&D bei AT&T; und &so weiter"


def test_both_genders_in_one_word_are_the_plain_word() -> None:
    forms = ("Lehrer*innen", "Lehrer:innen", "Lehrer_innen", "Lehrer/innen", "Lehrer/-innen", "LehrerInnen")
    assert {clean(form) for form in (*forms, "Lehrer(innen)", "Lehrer*in", "Lehrer:in")} == {"Lehrer"}
    assert clean("Innovation/in Berlin, innoBB, LinkedIn um 10:30") == "Innovation/in Berlin, innoBB, LinkedIn um 10:30"


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
