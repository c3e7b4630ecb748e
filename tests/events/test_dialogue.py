"""Whole exchanges about events, against a calendar in memory and a frozen clock."""

from collections.abc import Callable
from datetime import datetime

import pytest

from bot.content.library import Speech, compile_speech, parse_speech
from bot.content.model import Content
from bot.database import connect
from bot.events.dialogue import EventDialogue, Links, Message, Said
from bot.events.inquiry import EventWords
from bot.events.readers import read_events
from bot.events.store import EventStore
from bot.events.wording import EventWording

NOW = datetime.fromisoformat("2027-03-10T10:00:00+01:00")
CALENDAR = """uid,status,start,end,city,venue,category,free,languages,title_de,title_en,title_zh,summary_en
pipa,scheduled,2027-03-13T19:00,2027-03-13T21:00,berlin,Haus der Musik,culture,yes,de;zh,Konzert: Pipa,Concert: Pipa,音乐会：琵琶,
lecture,cancelled,2027-03-14T18:00,2027-03-14T20:00,berlin,Uni,science,yes,de,Vortrag: Verkehr,Lecture: Traffic,讲座：交通,
photos,scheduled,2027-03-01,2027-04-30,beijing,Galerie,culture,no,zh,Fotoausstellung,Photo exhibition,摄影展,Pictures of Berlin
talk,scheduled,2027-03-20T10:00,2027-03-20T11:00,online,,business,yes,en,Gespräch für Gründer,Talk for founders,创业者对话,
german-only,scheduled,2027-05-02T15:00,,berlin,Park,community,,de,Maifest der Nachbarn,,,
"""  # noqa: E501
Ask = Callable[..., list[Said]]


@pytest.fixture(scope="module")
def speech(content: Content) -> Speech:
    return parse_speech(compile_speech(content))


@pytest.fixture
def store() -> EventStore:
    store = EventStore(connect("sqlite://"))
    read = read_events(CALENDAR.encode(), "calendar.csv", NOW.date())
    assert not read.refused
    store.save(read.events, now=NOW)
    return store


@pytest.fixture
def ask(store: EventStore, speech: Speech) -> Ask:
    """Ask one message after the other in one conversation; the topic stays."""
    words = EventWords(speech.event_words)
    memory: list[dict[str, object] | None] = [None]

    def say(text: str, language: str = "de", intent: str = "find_events", continued: bool = False) -> list[Said]:
        links = Links(
            lambda one, language: f"https://x/{one.event.uid}.ics", lambda inquiry, language: "https://x/all.ics"
        )
        dialogue = EventDialogue(store, words, EventWording(speech, language), links)
        said, memory[0] = dialogue.answer(Message(text, language, continued, intent), memory[0], NOW)
        return said

    return say


def uids(said: list[Said]) -> list[str]:
    return [event["uid"] for event in said[0].data["events"]]


def test_a_weekend_lists_what_overlaps_it_in_order_of_start(ask: Ask) -> None:
    said = ask("Was ist am Wochenende los?")
    assert uids(said) == ["photos", "pipa", "lecture"]
    assert said[0].values["range"].startswith("Sa., 13. März 2027 – So., 14. März 2027")


def test_a_cancelled_event_is_announced_as_cancelled_before_its_title(ask: Ask) -> None:
    line = next(line for line in ask("events on sunday", "en")[0].values["events"].splitlines() if "Traffic" in line)
    assert line.split(". ", 1)[1].startswith("**CANCELLED:**")


def test_a_search_is_changed_by_what_follows(ask: Ask) -> None:
    ask("Was ist am Wochenende los?")
    assert uids(ask("und in Berlin?")) == ["pipa", "lecture"]
    assert uids(ask("nur Kultur")) == ["pipa"]
    assert uids(ask("egal wo")) == ["photos", "pipa"]


def test_with_nothing_found_one_condition_is_dropped_and_named_and_the_next_date_told(ask: Ask) -> None:
    said = ask("free science events in Beijing this weekend", "en")
    assert uids(said) == []
    assert said[0].phrase in ("utter_events_relaxed", "utter_no_events")
    said = ask("concerts in Beijing this weekend", "en")
    assert (said[0].phrase, said[0].data["dropped"]) == ("utter_events_relaxed", "kind")
    assert [event["uid"] for event in said[0].data["instead"]] == ["photos"]


def test_the_next_date_after_an_empty_range_is_named(ask: Ask) -> None:
    said = ask("business events this weekend", "en")
    assert "Talk for founders" in said[-1].values["events"]


def test_one_of_the_list_is_told_in_full(ask: Ask) -> None:
    ask("这个周末有什么活动？", "zh")
    said = ask("第二个", "zh")
    assert said[0].phrase == "utter_event_details"
    assert "琵琶" in said[0].values["events"]
    assert "https://x/pipa.ics" in said[0].values["events"]


def test_an_online_event_is_told_in_both_cities_time(ask: Ask) -> None:
    text = ask("online events", "en")[0].values["events"]
    assert "10:00 in Berlin / 17:00 in Beijing" in text


def test_a_text_in_another_language_is_labelled(ask: Ask) -> None:
    text = ask("what is on in May", "en")[0].values["events"]
    assert "Maifest der Nachbarn" in text
    assert "description in German" in text


def test_words_of_a_title_find_their_event(ask: Ask) -> None:
    assert uids(ask("Gibt es etwas mit Pipa?")) == ["pipa"]


def test_what_changed_is_told_from_the_change_log(ask: Ask, store: EventStore) -> None:
    store.cancel("pipa", NOW)
    text = ask("was gibt es Neues?", continued=True)[0].values["events"]
    assert "**ABGESAGT**: **Konzert: Pipa**" in text


def test_more_goes_on_where_the_list_ended(ask: Ask, store: EventStore) -> None:
    rows = "".join(f"u{n:02},2027-06-{n:02}T10:00,berlin,culture,Titel {n}\n" for n in range(1, 12))
    read = read_events(f"uid,start,city,category,title_de\n{rows}".encode(), "more.csv", NOW.date())
    store.save(read.events, now=NOW)
    assert uids(ask("Veranstaltungen im Juni")) == [f"u{n:02}" for n in range(1, 6)]
    assert uids(ask("mehr", continued=True, intent="follow_up_more")) == [f"u{n:02}" for n in range(6, 11)]
    assert uids(ask("mehr", continued=True, intent="follow_up_more")) == ["u11"]
    assert ask("mehr", continued=True, intent="follow_up_more")[0].phrase == "utter_no_more_events"


def test_an_unreadable_calendar_is_no_empty_one(speech: Speech, tmp_path: object) -> None:
    from bot.events.store import EventsUnavailableError

    store = EventStore(connect(f"sqlite:///{tmp_path}/gone.sqlite"))
    with store._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE occurrence_day")
    dialogue = EventDialogue(store, EventWords(speech.event_words), EventWording(speech, "de"), Links())
    with pytest.raises(EventsUnavailableError):
        dialogue.answer(Message("Was ist morgen los?", "de"), None, NOW)


@pytest.mark.parametrize(
    ("text", "language"), [("Gibt es Tennis-Termine?", "de"), ("any tennis events?", "en"), ("有网球活动吗", "zh")]
)
def test_of_the_one_thing_that_no_event_has_it_is_said_that_there_is_none(ask: Ask, text: str, language: str) -> None:
    said = ask(text, language)
    assert uids(said) == []
    assert said[0].phrase in ("utter_no_events", "utter_events_relaxed")


def test_a_scrap_of_a_title_in_a_long_run_of_characters_names_no_event(store: EventStore, speech: Speech) -> None:
    dialogue = EventDialogue(store, EventWords(speech.event_words), EventWording(speech, "zh"), Links())
    assert uids(dialogue.look_further(Message("琵琶什么时候？", "zh"), NOW)[0]) == ["pipa"]
    assert dialogue.look_further(Message("弹琵琶需要留多长指甲才好听", "zh"), NOW) == ([], None)
    # Who speaks of events means one of them, however much else is said.
    assert uids(dialogue.look_further(Message("弹琵琶给外婆助兴的活动", "zh"), NOW)[0]) == ["pipa"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Gibt es in Prag am Wochenende einen Flohmarkt?", "de"),
        ("Is there a flea market in Prague at the weekend?", "en"),
        ("布拉格周末有跳蚤市场吗", "zh"),
    ],
)
def test_a_dated_kind_of_event_elsewhere_is_told_to_be_elsewhere_whatever_the_message_looks_like(
    store: EventStore, speech: Speech, text: str, language: str
) -> None:
    dialogue = EventDialogue(store, EventWords(speech.event_words), EventWording(speech, language), Links())
    said, _ = dialogue.look_further(Message(text, language, intent="unknown_far"), NOW)
    assert [answer.phrase for answer in said] == ["utter_events_elsewhere"]
    weather = dialogue.look_further(Message("weather in Prague at the weekend", "en", intent="unknown_far"), NOW)
    assert weather == ([], None)


@pytest.mark.parametrize(
    ("first", "then", "language"),
    [
        ("Veranstaltungen", "und in Paris?", "de"),
        ("events", "and in Hamburg?", "en"),
        ("有什么活动", "那上海呢", "zh"),
    ],
)
def test_another_city_under_a_list_is_told_to_be_elsewhere_and_the_search_stays(
    ask: Ask, first: str, then: str, language: str
) -> None:
    listed = uids(ask(first, language))
    assert [answer.phrase for answer in ask(then, language, "unknown_far")] == ["utter_events_elsewhere"]
    assert uids(ask({"de": "nur in Peking", "en": "only in Beijing", "zh": "只要北京的"}[language], language)) == [
        "photos"
    ]
    assert [answer.phrase for answer in ask(then, language, "unknown_far")] == ["utter_events_elsewhere"]
    in_berlin = uids(ask({"de": "und in Berlin?", "en": "and in Berlin?", "zh": "那柏林呢"}[language], language))
    assert in_berlin
    assert set(in_berlin) <= set(listed)
