"""What becomes of a ranking, in and out of a conversation."""

import pytest

from bot.nlu.belief import Ranked
from bot.nlu.conversation import EVENTS_TOPIC, ConversationContext
from bot.nlu.decision import CALENDAR_FIRST, DEAR, MISUSE, Chooser, Clues, Thresholds
from bot.nlu.language_wish import Wish

chooser = Chooser(
    Thresholds(
        sure=0.1,
        over_unknown=0.3,
        unsure=0.1,
        near=0.5,
        beliefs={
            "request_language": 0.6,
            "repeat_in_language": 0.4,
            "find_events": 0.1,
            "start_over": 0.7,
            "ask_languages": 0.2,
            "unsubscribe": 0.35,
        },
    ),
    {("desk_what", "when"): "desk_since"},
)
FRESH = ConversationContext()
ON_DESK = ConversationContext(language="de", last_entry="desk_what")


def ranking(*pairs: tuple[str, float]) -> list[Ranked]:
    return [Ranked(label, confidence) for label, confidence in pairs]


def test_a_clear_question_is_answered() -> None:
    decision = chooser.choose(ranking(("faq/pandas", 0.6), ("faq/garden_what", 0.1)), FRESH)
    assert (decision.intent, decision.entry) == ("faq", "pandas")


def test_two_close_entries_are_offered_not_answered() -> None:
    decision = chooser.choose(ranking(("faq/pandas", 0.30), ("faq/garden_what", 0.29)), FRESH)
    assert (decision.intent, decision.entry, decision.offer) == ("unsure", None, ("pandas", "garden_what"))


def test_an_answer_that_is_hardly_ahead_of_the_unknown_is_not_given() -> None:
    assert chooser.choose(ranking(("faq/pandas", 0.4), ("unknown_pandas", 0.2)), FRESH).intent == "unsure"
    assert chooser.choose(ranking(("faq/pandas", 0.4), ("unknown_pandas", 0.1)), FRESH).entry == "pandas"
    assert chooser.choose(ranking(("faq/pandas", 0.4), ("faq/garden_what", 0.2)), FRESH).entry == "pandas"


def test_a_weak_guess_is_unknown() -> None:
    decision = chooser.choose(ranking(("faq/pandas", 0.04), ("faq/garden_what", 0.04)), FRESH)
    assert decision.intent == "unknown"


def test_two_neighbours_that_share_the_belief_are_offered_however_little_each_has() -> None:
    decision = chooser.choose(ranking(("faq/garden_where", 0.08), ("faq/garden_what", 0.07)), FRESH)
    assert (decision.intent, decision.offer) == ("unsure", ("garden_where", "garden_what"))
    weak = chooser.choose(ranking(("faq/pandas", 0.08), ("unknown_far", 0.07)), FRESH)
    assert (weak.intent, weak.offer) == ("unknown", ("pandas",))


def test_an_unanswerable_detail_offers_what_is_known() -> None:
    decision = chooser.choose(ranking(("unknown_pandas", 0.5), ("faq/pandas", 0.3)), FRESH)
    assert (decision.intent, decision.topic_intent, decision.offer) == ("unknown_about", "unknown_pandas", ("pandas",))


def test_a_follow_up_is_answered_for_the_topic_at_hand() -> None:
    ranked = ranking(("follow_up_when", 0.5), ("faq/partnership_duration", 0.1))
    assert chooser.choose(ranked, ON_DESK).entry == "desk_since"
    assert chooser.choose(ranked, FRESH).intent == "follow_up_without_topic"


def test_a_follow_up_that_looks_far_from_the_topic_rests_on_the_topic_at_hand() -> None:
    ranked = ranking(("unknown_far", 0.5), ("follow_up_when", 0.15))
    assert chooser.choose(ranked, ON_DESK).entry == "desk_since"
    assert chooser.choose(ranked, FRESH).intent == "unknown"


def test_a_follow_up_that_the_source_does_not_answer_is_admitted() -> None:
    assert chooser.choose(ranking(("follow_up_why", 0.5)), ON_DESK).intent == "follow_up_unknown"


def test_more_after_events_continues_the_list() -> None:
    decision = chooser.choose(ranking(("follow_up_more", 0.9)), ConversationContext(last_entry=EVENTS_TOPIC))
    assert (decision.intent, decision.continued) == ("find_events", True)


def test_yes_takes_what_was_offered() -> None:
    offered = ConversationContext(offered="pandas")
    assert chooser.choose(ranking(("affirm", 0.9)), offered).entry == "pandas"
    assert chooser.choose(ranking(("affirm", 0.9)), FRESH).intent == "affirm"


def test_repeat_gives_the_last_answer_again() -> None:
    assert chooser.choose(ranking(("repeat", 0.9)), ON_DESK).entry == "desk_what"
    assert chooser.choose(ranking(("repeat", 0.9)), FRESH).intent == "repeat"


REQUEST = ranking(("request_language", 0.9), ("unknown_far", 0.05))


@pytest.mark.parametrize(
    ("wish", "language"),
    [(Wish(wanted=("de",)), "de"), (Wish(wanted=("zh",), refused=("en",)), "zh"), (Wish(refused=("de",)), "en")],
)
def test_a_request_changes_the_language_to_the_one_that_is_wanted(wish: Wish, language: str) -> None:
    decision = chooser.choose(REQUEST, FRESH, Clues(wish=wish, spoken="en"))
    assert (decision.intent, decision.request) == ("change_language", language)


def test_a_message_that_names_no_language_asks_for_none() -> None:
    assert chooser.choose(REQUEST, FRESH, Clues(spoken="en")).intent == "unknown"


def test_a_doubtful_request_changes_nothing() -> None:
    doubtful = ranking(("request_language", 0.5), ("unknown_far", 0.4))
    assert chooser.choose(doubtful, FRESH, Clues(wish=Wish(wanted=("de",)))).intent == "unknown"


def test_the_last_answer_is_said_again_in_the_language_that_is_named() -> None:
    again, german = ranking(("repeat_in_language", 0.9)), Clues(wish=Wish(wanted=("de",)), spoken="en")
    decision = chooser.choose(again, ON_DESK, german)
    assert (decision.intent, decision.entry, decision.request) == ("faq", "desk_what", "de")
    assert chooser.choose(again, FRESH, german).intent == "change_language"


@pytest.mark.parametrize("label", sorted(DEAR | MISUSE))
def test_nothing_that_is_no_question_is_believed_at_any_confidence(label: str) -> None:
    wish = Clues(wish=Wish(wanted=("de",)))
    assert chooser.choose(ranking((label, 0.3), ("unknown_far", 0.2)), FRESH, wish).intent == "unknown"


def test_the_unknown_offers_the_likeliest_entries_and_nothing_where_nothing_is_near() -> None:
    near = ranking(("unknown_far", 0.4), ("greet", 0.1), ("faq/pandas", 0.1), ("faq/garden_what", 0.01))
    assert chooser.choose(near, FRESH).offer == ("pandas", "garden_what")
    far = ranking(("unknown_far", 0.9), ("faq/pandas", 0.01))
    assert chooser.choose(far, FRESH).offer == ()


def test_a_message_without_words_is_unclear() -> None:
    assert chooser.choose([], FRESH).intent == "unclear"


def test_the_context_survives_metadata_and_ignores_nonsense() -> None:
    context = ConversationContext("zh", True, "pandas", "garden_what")
    assert ConversationContext.from_metadata({"conversation": context.as_metadata()}) == context
    assert ConversationContext.from_metadata("nonsense") == ConversationContext()
    assert ConversationContext.from_metadata({"language": "zh-Hant-TW"}).hint == "zh"
    assert ConversationContext.from_metadata({"language": 5}).hint is None


SPORT = ranking(("faq/sport_overview", 0.9), ("find_events", 0.02))
WANTED = Wish(wanted=("en",))
ENGLISH = ranking(("request_language", 0.7), ("find_events", 0.2))
ON_EVENTS = ConversationContext(language="en", last_entry=EVENTS_TOPIC)


def test_what_may_name_an_event_is_asked_of_the_calendar_before_the_source_answers() -> None:
    for_free = Clues(frozenset({"category", "filter"}), complete=True)
    decision = chooser.choose(SPORT, FRESH, for_free)
    assert (decision.intent, decision.otherwise, decision.entry) == (CALENDAR_FIRST, "faq", "sport_overview")
    assert chooser.choose(SPORT, FRESH, Clues(known_words=False)).intent == CALENDAR_FIRST


def test_a_question_in_known_words_about_the_partnership_does_not_wait_for_the_calendar() -> None:
    assert chooser.choose(SPORT, FRESH, Clues(frozenset({"category"}), complete=True)).intent == "faq"
    assert chooser.choose(SPORT, FRESH, Clues(frozenset({"filter"}), complete=False)).intent == "faq"
    assert chooser.choose(ranking(("faq/pandas", 1.0)), FRESH, Clues(known_words=False)).intent == "faq"


def test_a_condition_alone_is_about_the_topic_at_hand() -> None:
    free = Clues(frozenset({"filter"}), complete=True)
    assert chooser.choose(SPORT, ON_DESK, free).intent == "faq"


def test_anything_asks_for_events_only_beside_a_city_or_a_topic() -> None:
    anything = Clues(frozenset({"hint"}), complete=True)
    assert chooser.choose(SPORT, FRESH, anything).intent == "faq"
    assert chooser.choose(SPORT, FRESH, Clues(frozenset({"hint", "category"}), complete=True)).intent == CALENDAR_FIRST


def test_a_language_beside_other_conditions_is_one_of_them_and_no_request() -> None:
    readings = Clues(frozenset({"kind", "filter", "city"}), complete=True)
    assert chooser.choose(ENGLISH, FRESH, readings).intent == "find_events"
    alone = Clues(frozenset({"filter"}), complete=True, wish=WANTED)
    assert chooser.choose(ENGLISH, FRESH, alone).intent == "change_language"


def test_under_a_list_of_events_and_in_english_is_a_question_but_please_is_a_request() -> None:
    asked = Clues(frozenset({"filter"}), short=True, complete=True, question=True, wish=WANTED)
    assert chooser.choose(ENGLISH, ON_EVENTS, asked).intent == "find_events"
    demanded = Clues(frozenset({"filter"}), short=True, complete=True, wish=WANTED)
    assert chooser.choose(ENGLISH, ON_EVENTS, demanded).intent == "change_language"


def test_what_names_little_of_events_must_look_much_like_asking_for_them() -> None:
    vitamins = ranking(("find_events", 0.6), ("unknown_far", 0.2))
    assert chooser.choose(vitamins, FRESH).intent == "unknown"
    assert chooser.choose(vitamins, FRESH, Clues(frozenset({"time"}))).intent == "find_events"
    bag = ranking(("find_events", 0.3), ("unknown_far", 0.2))
    assert chooser.choose(bag, FRESH, Clues(frozenset({"time"}))).intent == "unknown"
    assert chooser.choose(bag, FRESH, Clues(frozenset({"time"}), complete=True)).intent == "find_events"
    assert chooser.choose(bag, FRESH, Clues(frozenset({"kind"}))).intent == "find_events"
    assert chooser.choose(bag, FRESH, Clues(frozenset({"kind"}), known_words=False)).intent == "unknown"
    assert chooser.choose(bag, FRESH, Clues(frozenset({"time", "hint"}))).intent == "find_events"
    assert chooser.choose(bag, ON_EVENTS, Clues(frozenset({"time"}))).intent == "find_events"


def test_a_time_alone_makes_no_question_about_events_of_one_about_birds() -> None:
    birds = ranking(("unknown_far", 0.45), ("find_events", 0.1))
    assert chooser.choose(birds, FRESH, Clues(frozenset({"time"}))).intent == "unknown"
    assert chooser.choose(birds, FRESH, Clues(frozenset({"time"}), complete=True)).intent == "find_events"
    assert chooser.choose(birds, FRESH, Clues(frozenset({"time", "city"}))).intent == "find_events"


def test_small_talk_that_is_little_believed_may_name_an_event() -> None:
    tandem = chooser.choose(ranking(("ask_languages", 0.3), ("find_events", 0.2)), FRESH)
    assert (tandem.intent, tandem.otherwise) == (CALENDAR_FIRST, "ask_languages")
    assert chooser.choose(ranking(("ask_languages", 0.8), ("find_events", 0.1)), FRESH).intent == "ask_languages"


def test_nobody_is_subscribed_or_unsubscribed_on_a_guess() -> None:
    assert chooser.choose(ranking(("unsubscribe", 0.15), ("thank", 0.14)), FRESH).intent == "unknown"
    assert chooser.choose(ranking(("unsubscribe", 0.4), ("thank", 0.1)), FRESH).intent == "unsubscribe"


def test_a_market_in_another_city_is_none_of_our_events() -> None:
    market = ranking(("unknown_far", 0.45), ("find_events", 0.4))
    assert chooser.choose(market, FRESH, Clues(frozenset({"kind", "time"}))).intent == "find_events"
    assert chooser.choose(market, FRESH, Clues(frozenset({"kind", "time", "elsewhere"}))).intent == "unknown"
    in_both = Clues(frozenset({"kind", "time", "elsewhere", "city"}))
    assert chooser.choose(market, FRESH, in_both).intent == "find_events"
