"""Whole conversations about subscriptions with the trained model, in the single-process assistant."""

import uuid
from typing import Any

import pytest

from bot import settings
from bot.assistant import Assistant
from bot.channels.core import Incoming
from bot.database import connect
from bot.subscriptions import service
from bot.subscriptions.model import Kind


class Chat:
    """One visitor of a messenger."""

    def __init__(self, assistant: Assistant, channel: str = "telegram") -> None:
        self.id = uuid.uuid4().hex[:12]
        self._assistant, self._channel = assistant, channel

    async def say(self, text: str) -> str:
        answers = await self._assistant.turns.run(Incoming(f"telegram-{self.id}", text, self._channel))
        return "\n".join(answer["text"] for answer in answers)

    @property
    def kept(self) -> Any:
        return service.of(connect(settings.load().database_url), "telegram", self.id)


@pytest.mark.parametrize(
    ("ask", "understood", "show", "end", "ended"),
    [
        (
            "Sagen Sie mir bitte Bescheid, wenn es neue Kulturveranstaltungen in Berlin gibt",
            ["Berlin, Kultur", "10:00", "Zeit in Berlin", "/stop"],
            "was habe ich abonniert", "abbestellen", "gelöscht",
        ),
        (
            "let me know about new free culture events in Berlin",
            ["Berlin, culture", "free", "10:00", "Berlin time", "/stop"],
            "what am i subscribed to", "unsubscribe", "deleted",
        ),
        (
            "柏林有新的文化活动就通知我",
            ["柏林", "文化", "10:00", "北京时间", "/stop"],
            "我订阅了什么", "退订", "删除",
        ),
    ],
    ids=["de", "en", "zh"],
)  # fmt: skip
async def test_a_subscription_from_its_beginning_to_its_end(
    assistant: Assistant, ask: str, understood: list[str], show: str, end: str, ended: str
) -> None:
    chat = Chat(assistant)
    said = await chat.say(ask)
    assert not [part for part in understood if part not in said], said
    assert chat.kept.subscriptions[0][0] is Kind.NEWS
    assert understood[0] in await chat.say(show)
    assert ended in await chat.say(end)
    assert chat.kept is None


async def test_the_weekly_overview_takes_the_place_of_the_daily_news(assistant: Assistant) -> None:
    chat = Chat(assistant)
    await chat.say("Sagen Sie mir Bescheid, wenn es neue Veranstaltungen gibt")
    assert "Sonntag" in await chat.say("Lieber eine Wochenübersicht")
    assert [kind for kind, _ in chat.kept.subscriptions] == [Kind.DIGEST]


async def test_a_reminder_of_an_event_of_the_list(assistant: Assistant) -> None:
    chat = Chat(assistant)
    await chat.say("Welche Veranstaltungen gibt es demnächst?")
    said = await chat.say("Erinnern Sie mich bitte an das zweite")
    assert "Ich erinnere Sie am" in said
    title = chat.kept.reminders[0][0]
    assert title in said
    assert title in await chat.say("woran erinnerst du mich")


async def test_a_reminder_of_the_details_just_shown(assistant: Assistant) -> None:
    chat = Chat(assistant)
    await chat.say("Which events are coming up?")
    details = await chat.say("the third one")
    await chat.say("remind me the day before")
    assert chat.kept.reminders[0][0] in details


async def test_without_a_list_it_is_asked_which_event_is_meant(assistant: Assistant) -> None:
    chat = Chat(assistant)
    assert "哪一场" in await chat.say("提醒我")
    assert chat.kept is None


async def test_zone_and_quiet_hours_by_saying_so(assistant: Assistant) -> None:
    chat = Chat(assistant)
    await chat.say("Tell me when there are new events")
    assert "Beijing time" in await chat.say("Beijing time, please")
    assert "23:00–08:00" in await chat.say("please no messages after 11 pm")


@pytest.mark.parametrize("channel", ["rest", "web"])
async def test_where_nothing_can_be_sent_it_is_said_so_and_nothing_is_kept(assistant: Assistant, channel: str) -> None:
    chat = Chat(assistant, channel)
    for text in ("Sag mir Bescheid, wenn es neue Konzerte gibt", "erinner mich daran", "was habe ich abonniert"):
        assert "Telegram" in await chat.say(text)
    assert chat.kept is None


@pytest.mark.parametrize(
    "text",
    ["Was gibt es Neues in der Kultur?", "What's new in culture?", "文化方面有什么新活动", "neue konzerte in berlin?"],
)
async def test_a_question_about_what_is_new_stays_a_question(assistant: Assistant, text: str) -> None:
    chat = Chat(assistant)
    await chat.say(text)
    assert chat.kept is None
