from bot.nlu.concepts import ConceptFinder

finder = ConceptFinder(
    [
        ("gift", "de", "Geschenk"), ("gift", "en", "gift"), ("gift", "zh", "礼物"),
        ("since_when", "de", "seit wann"), ("since_when", "en", "how long"), ("when", "de", "wann"),
        ("when", "zh", "时候"), ("since_when", "zh", "从什么时候"),
    ]
)  # fmt: skip


def test_words_that_mean_the_same_become_one_feature() -> None:
    assert finder.find(("War", "das", "ein", "Geschenk", "?"), "de") == ["gift"]
    assert finder.find(("Two", "gifts"), "en") == ["gift"]
    assert finder.find(("这是", "礼物", "吗"), "zh") == ["gift"]


def test_the_longest_phrase_wins() -> None:
    assert finder.find(("seit", "wann"), "de") == ["since_when"]
    assert finder.find(("从", "什么", "时候"), "zh") == ["since_when"]


def test_pairs_of_concepts_are_features_too() -> None:
    assert finder.features(("wann", "Geschenk"), "de") == ["c:when", "c:gift", "cc:gift|when"]


def test_no_lexicon_finds_nothing() -> None:
    assert ConceptFinder([]).features(("Geschenk", "礼物"), "de") == []
