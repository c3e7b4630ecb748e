"""What an update asks of us."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.updates import MEDIA, Gone, Letter, Moved, UndecodableError, read
from tests.channels.telegram.stand_ins import ME, message, tap

BOT = {"id": ME.id, "is_bot": True, "first_name": "x"}


def letter(update: dict[str, Any]) -> Letter:
    found = read(update, ME)
    assert isinstance(found, Letter)
    return found


def test_a_message_in_a_private_chat_is_a_text_with_the_accounts_language_as_a_hint() -> None:
    found = letter(message("Pandas?"))
    assert (found.kind, found.text, found.hint, found.chat, found.group) == ("text", "Pandas?", "en", "7", False)


@pytest.mark.parametrize(
    ("text", "kind", "read_as"),
    [
        ("/start", "command", "start"),
        ("/start ref_4711'; DROP TABLE x", "command", "start"),
        ("/HELP@partnerbot", "command", "help"),
        ("/events", "command", "events"),
        ("/unheard of", "text", "/unheard of"),
        ("/stopp", "text", "/stopp"),
        ("/help@OtherBot", "text", "/help@OtherBot"),
    ],
)
def test_our_commands_are_known_and_what_follows_them_is_not_looked_at(text: str, kind: str, read_as: str) -> None:
    found = letter(message(text))
    assert (found.kind, found.text) == (kind, read_as)


def group(text: str | None, **more: Any) -> Letter | Gone | Moved | None:
    return read(message(text, -100123, "supergroup", **more), ME)


def entity(text: str, part: str, kind: str = "mention", **more: Any) -> list[dict[str, Any]]:
    start = len(text[: text.index(part)].encode("utf-16-le")) // 2
    return [{"type": kind, "offset": start, "length": len(part.encode("utf-16-le")) // 2, **more}]


def test_in_groups_only_commands_mentions_and_replies_are_meant_for_us() -> None:
    assert group("Where are the pandas?") is None
    assert group("/help@OtherBot") is None
    assert group("/weather") is None
    assert group("mail me at x@partnerbot.org") is None
    assert group("yes", reply_to_message={"message_id": 1, "from": {"id": 1, "is_bot": False}}) is None
    asked = "🐼 @partnerbot where are they?"
    for found, text in (
        (group("/help"), "help"),
        (group("/events@PartnerBot"), "events"),
        (group(asked, entities=entity(asked, "@partnerbot")), "🐼   where are they?"),
        (group("Hey you", entities=entity("Hey you", "you", "text_mention", user=BOT)), "Hey you"),
        (group("and in Berlin?", reply_to_message={"message_id": 1, "from": BOT}), "and in Berlin?"),
    ):
        assert isinstance(found, Letter)
        assert (found.text, found.chat, found.group) == (text, "-100123", True)


def test_a_mention_alone_is_a_question_mark() -> None:
    found = group("@PartnerBot", entities=entity("@PartnerBot", "@PartnerBot"))
    assert isinstance(found, Letter)
    assert found.text == "?"


def test_a_topic_of_a_forum_is_kept() -> None:
    assert letter(message("?", message_thread_id=4, is_topic_message=True)).thread == 4
    assert letter(message("?", message_thread_id=4)).thread is None


@pytest.mark.parametrize("name", MEDIA)
def test_what_is_no_text_is_told_apart(name: str) -> None:
    found = letter(message(**{name: {"file_id": "x"}}))
    assert (found.kind, found.text) == (MEDIA[name], "")


def test_the_words_below_a_picture_are_the_question_and_an_album_is_one_message() -> None:
    photo = [{"file_id": "x"}]
    found = letter(message(photo=photo, caption="What is this?", media_group_id="a1"))
    assert (found.kind, found.text) == ("text", "What is this?")
    assert found.key == letter(message(photo=photo, media_group_id="a1")).key
    assert found.key != letter(message(photo=photo)).key


def test_edits_channels_other_bots_and_service_messages_are_ignored() -> None:
    edited = {"update_id": 1, "edited_message": message("x")["message"]}
    post = {"update_id": 1, "channel_post": message("x")["message"]}
    for update in (edited, post, {"update_id": 1, "unheard_of": []}, message(new_chat_members=[BOT])):
        assert read(update, ME) is None
    assert read(message("x", **{"from": {"id": 3, "is_bot": True}}), ME) is None


def test_a_tap_brings_its_data_and_one_on_a_message_too_old_to_see_nothing() -> None:
    found = letter(tap("=x"))
    assert (found.kind, found.text, found.hint, found.message_id) == ("tap", "=x", "zh-hans", 3)
    old = tap("=x")
    del old["callback_query"]["message"]
    assert read(old, ME) is None


def test_blocking_and_moving_are_told() -> None:
    changed = {"chat": {"id": 7, "type": "private"}, "new_chat_member": {"status": "kicked"}}
    assert read({"update_id": 1, "my_chat_member": changed}, ME) == Gone("7")
    changed["new_chat_member"] = {"status": "member"}
    assert read({"update_id": 1, "my_chat_member": changed}, ME) is None
    assert read(message(chat=-5, kind="group", migrate_to_chat_id=-1005), ME) == Moved("-5", "-1005")


@pytest.mark.parametrize(
    "update",
    [
        None, [], 3, {}, {"update_id": "1"}, {"update_id": True}, {"update_id": 1, "message": None},
        {"update_id": 1, "message": {"text": 3}}, message("x", chat="no") | {}, message(3),  # type: ignore[arg-type]
        message("x", entities=[{}], kind="group"), {"update_id": 1, "callback_query": []},
        {"update_id": 1, "my_chat_member": {}},
    ],
)  # fmt: skip
def test_what_is_no_update_is_refused_as_such(update: Any) -> None:
    with pytest.raises(UndecodableError):
        read(update, ME)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda c: st.lists(c) | st.dictionaries(
        st.sampled_from(["message", "chat", "id", "type", "text", "from", "entities", "data", "message_id", "photo"]), c
    )
)  # fmt: skip


@given(JSON, st.sampled_from(["message", "callback_query", "my_chat_member"]))
def test_nothing_that_comes_breaks_the_reading(body: Any, kind: str) -> None:
    with contextlib.suppress(UndecodableError):
        read(json.loads(json.dumps({"update_id": 1, kind: body})), ME)
