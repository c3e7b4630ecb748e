"""What a visitor does with the chat, in a real browser against a real server."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from bot.languages import LANGUAGES
from tests.browser.conftest import City
from tests.browser.site import API, Visit, text

ANSWERS = {
    "de": ("Seit wann gibt es das Business Desk?", "April 2018"),
    "en": ("When did the business desk open?", "April 2018"),
    "zh": ("商务联络处是什么时候设立的？", "2018 年 4 月"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chat_speaks_the_pages_language_and_says_what_it_is(visit: Callable[..., Visit], language: str) -> None:
    page = visit(language).open()
    for name in ("widget_greeting", "widget_disclosure", "widget_abilities"):
        expect(page.panel.get_by_text(text(name, language))).to_be_visible()
    expect(page.panel.get_by_role("link", name=text("widget_privacy", language))).to_be_visible()
    page.ask(*ANSWERS[language])


def test_a_starter_and_a_quick_reply_ask_for_the_visitor(visit: Callable[..., Visit]) -> None:
    page = visit("en").open()
    page.panel.get_by_role("button", name="What is the Berlin Business Desk China?").click()
    expect(page.log).to_contain_text("port of call")
    page.panel.get_by_role("button", name="When did the Business Desk open?").last.click()
    expect(page.log).to_contain_text("April 2018")


def test_the_conversation_goes_on_on_the_next_page(visit: Callable[..., Visit]) -> None:
    page = visit("de").open().ask(*ANSWERS["de"])
    page.page.get_by_role("link", name="English").click()
    page.language = "en"
    expect(page.log).to_contain_text("April 2018")
    expect(page.button("widget_send")).to_be_visible()
    page.ask("And who runs it?", "Senate Department")


def test_a_request_in_words_presses_the_languages_button(visit: Callable[..., Visit]) -> None:
    page = visit("en").open().ask("Please answer in German", "auf Deutsch")
    expect(page.panel.locator(".languages [lang=de]")).to_have_attribute("aria-pressed", "true")
    page.language = "de"
    page.ask("Pandas?", "Sommer 2017")
    page.page.reload()
    expect(page.panel.locator(".languages [lang=de]")).to_have_attribute("aria-pressed", "true")


def test_a_new_visitor_sees_nothing_of_the_one_before(visit: Callable[..., Visit]) -> None:
    visit("de").open().ask(*ANSWERS["de"])
    other = visit("de").open()
    expect(other.log).not_to_contain_text("April 2018")


def test_restart_begins_anew_for_good(visit: Callable[..., Visit]) -> None:
    page = visit("en").open().ask(*ANSWERS["en"])
    page.choose("widget_restart")
    expect(page.log).not_to_contain_text("April 2018")
    page.ask("Pandas?", "2017")
    page.page.reload()
    expect(page.log).to_contain_text("2017")
    expect(page.log).not_to_contain_text("April 2018")


def test_the_visitor_can_switch_the_chats_language(visit: Callable[..., Visit]) -> None:
    page = visit("de").open().ask(*ANSWERS["de"])
    page.switch("zh")
    expect(page.button("widget_send")).to_be_visible()
    expect(page.log).to_contain_text("April 2018")
    page.ask("ALBA", "篮球")


def test_an_answer_can_be_rated(visit: Callable[..., Visit]) -> None:
    page = visit("en").open().ask(*ANSWERS["en"])
    up = page.button("widget_helpful").last
    with page.page.expect_response("**/webhooks/web/feedback") as answer:
        up.click()
    assert answer.value.status == 204
    expect(up).to_have_attribute("aria-pressed", "true")
    with page.page.expect_response("**/webhooks/web/feedback") as answer:
        page.button("widget_not_helpful").last.click()
    assert answer.value.status == 204
    expect(up).to_have_attribute("aria-pressed", "false")


def test_a_message_written_offline_is_kept_and_sent_once(visit: Callable[..., Visit]) -> None:
    page = visit("en").open().ask("Pandas?", "2017")
    page.expect_trouble("ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED")
    page.page.context.set_offline(True)
    page.box.fill("When did the business desk open?")
    page.box.press("Enter")
    expect(page.log).to_contain_text("When did the business desk open?")
    expect(page.panel.get_by_text(text("widget_offline", "en"))).to_be_visible()
    page.page.context.set_offline(False)
    expect(page.log).to_contain_text("April 2018", timeout=20_000)
    expect(page.panel.get_by_text(text("widget_offline", "en"))).to_be_hidden()
    _, kept = page.call("history", page.session()["token"])  # type: ignore[index]
    asked = [message["text"] for message in kept["messages"] if message["role"] == "user"]
    assert asked == ["Pandas?", "When did the business desk open?"]


def test_an_answer_that_comes_while_the_chat_is_closed_is_counted(visit: Callable[..., Visit]) -> None:
    held: list[Route] = []
    page = visit("en", lambda page: page.route(f"{API}messages", lambda route: held.append(route))).open()
    page.box.fill("Pandas?")
    page.box.press("Enter")
    page.button("widget_close").click()
    expect(page.panel).to_be_hidden()
    while not held:
        page.page.wait_for_timeout(20)
    held[0].continue_()
    badge = page.page.locator("bb-chat").get_by_role("button", name=text("widget_unread", "en"))
    expect(badge).to_contain_text("1")
    badge.click()
    expect(page.log).to_contain_text("2017")
    page.button("widget_close").click()
    expect(page.launcher).not_to_contain_text("1")


def test_a_page_that_takes_the_chat_in_twice_has_it_once(visit: Callable[..., Visit]) -> None:
    def twice(route: Route) -> None:
        answer = route.fetch()
        tag = '<script src="/static/chat.js?again" data-lang="de" defer></script><bb-chat lang="de"></bb-chat></body>'
        route.fulfill(response=answer, body=answer.text().replace("</body>", tag))

    page = visit("de", lambda page: page.route("**/de", twice))
    expect(page.launcher).to_have_count(1)
    page.open().ask(*ANSWERS["de"])
    assert page.log.get_by_text(ANSWERS["de"][0], exact=True).count() == 1


def test_the_conversation_can_be_taken_along(visit: Callable[..., Visit]) -> None:
    page = visit("en").open().ask(*ANSWERS["en"])
    with page.page.expect_download() as download:
        page.choose("widget_download")
    written = download.value.path().read_text(encoding="utf-8")
    assert "April 2018" in written
    assert ANSWERS["en"][0] in written


def test_the_page_works_without_script(visit: Callable[..., Visit]) -> None:
    page = visit("zh", java_script_enabled=False)
    assert text("site_without_script", "zh") in page.page.content()
    page.page.get_by_role("link", name="Deutsch").click()
    expect(page.page.locator("html")).to_have_attribute("lang", "de")


def test_a_page_of_another_origin_can_take_the_chat_in(visit: Callable[..., Visit], city: City) -> None:
    page = visit("en")
    script = page.page.url.replace("/en", "/static/chat.js")
    (city.folder / "index.html").write_text(
        f'<!doctype html><html lang="en"><title>City</title><script src="{script}" data-lang="en" defer></script>'
    )
    page.page.goto(city.origin)
    page.open().ask(*ANSWERS["en"])
    assert page.page.context.cookies() == []


def test_a_site_that_is_not_let_in_gets_no_answers(visit: Callable[..., Visit], city: City) -> None:
    page = visit("en")
    script = page.page.url.replace("/en", "/static/chat.js")
    (city.folder / "foreign.html").write_text(
        f'<!doctype html><html lang="en"><title>City</title><script src="{script}" data-lang="en" defer></script>'
    )
    page.expect_trouble("403|CORS|ERR_FAILED")
    page.page.goto(city.origin.replace("localhost", "127.0.0.1") + "/foreign.html")
    page.launcher.click()
    expect(page.page.get_by_text(text("widget_unavailable", "en"))).to_be_visible()
