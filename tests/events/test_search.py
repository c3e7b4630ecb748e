import pytest

from bot.database import connect
from bot.events import words
from bot.events.model import City, Query
from bot.events.store import EventStore
from tests.events.conftest import NOW, make_event

CALENDAR = [
    make_event("concert", titles={"de": "Neujahrskonzert", "en": "New Year concert", "zh": "新年音乐会"}),
    make_event("garden", venue="Chinesischer Garten", titles={"de": "Teezeremonie", "en": "Tea ceremony"}),
    make_event("lantern", titles={"de": "Laternenfest"}, summaries={"en": "Lantern festival with a small concert"}),
    make_event("cities", titles={"de": "Städtepartnerschaften im Überblick", "en": "City partnerships"}),
    make_event("pandas", titles={"zh": "大熊猫展览"}, summaries={"zh": "柏林动物园"}, city=City.BEIJING),
    make_event("ki", titles={"de": "KI-Tag 2027", "en": "AI day 2027"}, languages=("en", "zh")),
    make_event("night", titles={"de": "Lange Nacht der Museen"}),
]


def search(store: EventStore, *words: str, **values) -> list[str]:
    titles_first = values.pop("titles_first", False)
    query = Query(words=words, **values)
    return [one.event.uid for one in store.find(query, now=NOW, limit=20, titles_first=titles_first)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["Konzert"], ["concert"]),  # the end of a German compound
        (["Konzerte"], ["concert"]),
        (["neujahr"], ["concert"]),
        (["concerts"], ["concert", "lantern"]),
        (["Chinesischen", "Garten"], ["garden"]),  # "im Chinesischen Garten"
        (["Chinesischen Garten"], ["garden"]),
        (["Gärten"], ["garden"]),
        (["Städtepartnerschaft"], ["cities"]),
        (["Staedtepartnerschaft"], ["cities"]),
        (["STADTEPARTNERSCHAFT"], ["cities"]),
        (["partnership"], ["cities"]),
        (["Laternen"], ["lantern"]),
        (["lanterns"], ["lantern"]),
        (["ki"], ["ki"]),
        (["2027"], ["ki"]),
        (["museum"], ["night"]),
        (["音乐"], ["concert"]),
        (["音樂會"], ["concert"]),  # traditional characters
        (["熊猫"], ["pandas"]),
        (["猫"], ["pandas"]),
        (["动物园", "展览"], ["pandas"]),
        (["音乐节"], []),
        (["concert", "panda"], []),
        (["ki", "night"], []),
        (["!!!"], []),
        (["%"], []),
        (["_"], []),
        (["' OR 1=1 --"], []),
        (["x" * 5000], []),
    ],
)
def test_words_are_found_in_three_languages(store: EventStore, words: list[str], found: list[str]) -> None:
    store.save(CALENDAR, now=NOW)
    assert search(store, *words) == found


def test_words_combine_with_filters(store: EventStore) -> None:
    store.save(CALENDAR, now=NOW)
    assert search(store, "2027", language="en") == ["ki"]
    assert search(store, "2027", language="de") == []
    assert search(store, "熊猫", city=City.BEIJING) == ["pandas"]
    assert search(store, "熊猫", city=City.BERLIN) == []


def test_titles_come_before_summaries_if_asked(store: EventStore) -> None:
    early, late = "2027-03-12T19:00", "2027-03-20T19:00"
    store.save(
        [
            make_event("summary", early, titles={"en": "Evening"}, summaries={"en": "with a concert"}),
            make_event("title", late, titles={"en": "Concert"}),
            make_event("venue", late, titles={"en": "Talk"}, venue="Concert hall"),
        ],
        now=NOW,
    )
    assert search(store, "concert") == ["summary", "title", "venue"]
    assert search(store, "concert", titles_first=True) == ["title", "venue", "summary"]
    query = Query(words=("concert",))
    pages = [store.find(query, now=NOW, limit=2, offset=offset, titles_first=True) for offset in (0, 2)]
    assert [[one.event.uid for one in page] for page in pages] == [["title", "venue"], ["summary"]]


def test_a_changed_title_is_found_by_its_new_words_only(store: EventStore) -> None:
    store.save([make_event(titles={"de": "Lesung"})], now=NOW)
    store.save([make_event(titles={"de": "Vortrag"})], now=NOW)
    assert search(store, "Vortrag") == ["a"]
    assert search(store, "Lesung") == []


@pytest.mark.parametrize("stretch", [1, 7, 1000])
def test_frequent_words_are_found_by_walking_the_days(
    store: EventStore, monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    monkeypatch.setattr("bot.events.words.RARE", 2)
    monkeypatch.setattr("bot.events.words.PROBED", 4)
    monkeypatch.setattr("bot.events.lookup.STRETCH", stretch)
    events = [make_event(f"{number:02}", titles={"de": "Konzert" + " Garten" * (number % 2)}) for number in range(20)]
    store.save(events, now=NOW)
    assert search(store, "Konzert") == [f"{number:02}" for number in range(20)]
    assert search(store, "Konzert", "Garten") == [f"{number:02}" for number in range(1, 20, 2)]
    assert store.count(Query(words=("Garten",)), NOW) == 10
    store.save([make_event("last", "2027-05-01T10:00", titles={"de": "Konzert im Park"})], now=NOW)
    assert search(store, "Konzert", "Park") == ["last"]
    later = store.find(Query(words=("Konzert",)), now=NOW, limit=3, offset=19)
    assert [one.event.uid for one in later] == ["19", "last"]


def test_a_word_is_asked_for_by_its_stem_alone(store: EventStore, database_url: str) -> None:
    store.save([make_event(titles={"de": "Ausstellung", "en": "Exhibitions"})], now=NOW)
    with connect(database_url).connect() as connection:
        asked = words.alternatives(connection, Query(words=("Ausstellungen", "exhibition", "KI")))
    assert asked == [["ausstel"], ["exhibit"], ["ki"]]
    assert search(store, "Ausstellungen", "exhibition") == ["a"]
