from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.database import connect
from bot.inbox.connection import InboxUnavailableError
from bot.inbox.counters import Counters
from bot.inbox.sayings import StaffError
from bot.inbox.secret import Hasher
from bot.inbox.store import Inbox
from bot.inbox.turn import Kind
from tests.inbox.conftest import NOW, turn


def test_the_same_question_is_counted_however_it_is_typed(inbox: Inbox) -> None:
    inbox.add([turn("Wie heißen die Pandas?"), turn("wie heissen die pandas", sender="another")], NOW)
    inbox.add([turn("WIE HEISSEN DIE PANDAS")], NOW + timedelta(days=1))
    (question,) = inbox.questions()
    assert (question.text, question.count, question.senders) == ("Wie heißen die Pandas?", 3, 2)
    assert question.last_seen - question.first_seen == 24 * 3600


def test_only_open_questions_with_letters_or_figures_are_kept(inbox: Inbox) -> None:
    kinds = (Kind.ANSWERED, Kind.EVENTS, Kind.TALK, Kind.FAILED, Kind.THUMB_UP)
    inbox.add([*(turn(kind=kind) for kind in kinds), turn("👍", kind=Kind.UNSURE)], NOW)
    assert inbox.questions() == []


def test_languages_channels_and_kinds_stand_apart_and_the_most_frequent_first(inbox: Inbox) -> None:
    inbox.add([turn("Pandas?"), turn("Pandas?", language="en"), turn("Pandas?", channel="telegram")], NOW)
    inbox.add([turn("Pandas?", kind=Kind.UNSURE)] * 2, NOW)
    assert [question.count for question in inbox.questions()] == [2, 1, 1, 1]
    assert [question.language for question in inbox.questions("en")] == ["en"]
    assert [question.count for question in inbox.questions(kind=Kind.UNSURE)] == [2]


def test_forgetting_a_sender_leaves_what_others_asked(inbox: Inbox, engine: Engine) -> None:
    inbox.add([turn("Nur von mir"), turn("Von beiden"), turn("Von beiden", sender="another")], NOW)
    assert inbox.forget("visitor") == 2
    assert [(question.text, question.count) for question in inbox.questions()] == [("Von beiden", 1)]
    assert inbox.forget("visitor") == 0
    with engine.connect() as connection:
        everything = str(connection.execute(sa.text("SELECT * FROM inbox_trace")).all())
    assert "visitor" not in everything
    assert "another" not in everything


def test_questions_are_kept_for_so_many_days(inbox: Inbox) -> None:
    inbox.add([turn("alt"), turn("immer wieder")], NOW)
    inbox.add([turn("immer wieder", sender="another")], NOW + timedelta(days=80))
    inbox.purge(NOW + timedelta(days=89))
    assert len(inbox.questions()) == 2
    inbox.purge(NOW + timedelta(days=91))
    assert [(question.text, question.count) for question in inbox.questions()] == [("immer wieder", 1)]


def test_a_dropped_question_stays_out_until_it_would_have_aged_out(inbox: Inbox) -> None:
    inbox.add([turn("Wie wird das Wetter?"), turn("Wie wird das Wetter?", kind=Kind.UNSURE)], NOW)
    assert inbox.drop([inbox.questions()[0].id], NOW) == 2
    inbox.add([turn("wie wird das wetter")], NOW)
    assert inbox.questions() == []
    later = NOW + timedelta(days=91)
    inbox.purge(later)
    inbox.add([turn("wie wird das wetter")], later)
    assert len(inbox.questions()) == 1


def test_a_removed_question_may_come_back(inbox: Inbox) -> None:
    inbox.add([turn()], NOW)
    assert inbox.remove([inbox.questions()[0].id]) == 1
    inbox.add([turn()], NOW)
    assert len(inbox.questions()) == 1


def test_a_number_that_no_question_has_is_named(inbox: Inbox) -> None:
    with pytest.raises(StaffError, match="no question 7"):
        inbox.get([7])


def test_another_secret_makes_other_hashes() -> None:
    assert Hasher("a")("sender", "x") != Hasher("b")("sender", "x")
    assert Hasher("a")("sender", "x") != Hasher("a")("question", "x")


def test_counts_add_up_by_day_channel_language_kind_and_entry(counters: Counters) -> None:
    day = date(2027, 3, 10)
    answered = turn(kind=Kind.ANSWERED, entry="pandas")
    counters.add([answered, answered, turn(kind=Kind.TALK, entry=None)], day)
    counters.add([answered], day)
    counters.add([answered], day + timedelta(days=1))
    counts = {(count.kind, count.subject): count.count for count in counters.between(day, day)}
    assert counts == {(Kind.ANSWERED, "pandas"): 3, (Kind.TALK, ""): 1}
    assert sum(count.count for count in counters.between(day, day + timedelta(days=1))) == 5


def test_a_database_that_is_down_is_named_without_its_password() -> None:
    engine = connect("postgresql+psycopg2://bot:hidden@127.0.0.1:1/nothing")
    with pytest.raises(InboxUnavailableError, match="check DATABASE_URL") as raised:
        Inbox(engine, Hasher("secret"), 90)
    assert "hidden" not in str(raised.value)
