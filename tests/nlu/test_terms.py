from bot.nlu.terms import TermFinder

TERMS = [
    ("city", "beijing", "Peking"), ("city", "beijing", "北京"), ("category", "culture", "Kultur"),
    ("month", "2", "2月"), ("month", "12", "12月"), ("month", "3", "März"), ("month", "5", "in May"),
]  # fmt: skip


def values(text: str) -> list[str]:
    return [found.value for found in TermFinder(TERMS).find(text)]


def test_terms_are_found_in_compounds_and_without_umlauts() -> None:
    assert values("Kulturveranstaltungen in peking im maerz") == ["culture", "beijing", "3"]


def test_the_longer_month_wins() -> None:
    assert values("北京12月有什么活动") == ["beijing", "12"]
    assert values("2月") == ["2"]


def test_may_i_is_no_month() -> None:
    assert values("May I come?") == []
    assert values("events in May") == ["5"]


def test_traditional_characters_are_understood() -> None:
    assert TermFinder([("category", "culture", "演出")]).find("演出")
    assert TermFinder([("category", "culture", "展览")]).find("展覽")


def test_without_terms_nothing_is_found() -> None:
    assert TermFinder([]).find("Konzert in Peking") == []
