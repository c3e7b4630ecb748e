"""What a visitor leaves behind: nothing before the first message, nothing after "delete my chat"."""

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.site import Visit

KEPT = """async () => ({
  cookies: document.cookie, local: localStorage.length, session: sessionStorage.length,
  databases: (await indexedDB.databases()).length, workers: navigator.serviceWorker
    ? (await navigator.serviceWorker.getRegistrations()).length : 0,
})"""
NOTHING = {"cookies": "", "local": 0, "session": 0, "databases": 0, "workers": 0}


def kept(visit: Visit) -> dict[str, object]:
    assert visit.page.context.cookies() == []
    return dict(visit.page.evaluate(KEPT))


def test_before_the_chat_is_opened_nothing_is_asked_and_nothing_kept(visit: Callable[..., Visit]) -> None:
    page = visit("de")
    expect(page.launcher).to_be_visible()
    page.page.mouse.wheel(0, 2000)
    page.page.wait_for_timeout(500)
    paths = [urlsplit(request.url).path for request in page.requests]
    assert paths[0] == "/de"
    assert [path for path in paths[1:] if not path.startswith("/static/")] == []
    assert {urlsplit(request.url).netloc for request in page.requests} == {urlsplit(page.page.url).netloc}
    assert kept(page) == NOTHING


def test_before_the_first_message_nothing_is_kept(visit: Callable[..., Visit]) -> None:
    page = visit("de").open()
    page.page.wait_for_timeout(500)
    assert [request.url for request in page.requests if request.method == "POST"] == []
    assert kept(page) == NOTHING
    page.ask("Pandas?", "2017")
    assert kept(page) == {**NOTHING, "session": 1}
    assert page.session()["token"]  # type: ignore[index]


def test_no_token_ever_stands_in_an_address(visit: Callable[..., Visit]) -> None:
    page = visit("de").open().ask("Pandas?", "2017")
    token = page.session()["token"]  # type: ignore[index]
    assert [request.url for request in page.requests if token in request.url] == []


def test_a_deleted_chat_is_gone_here_and_on_the_server(visit: Callable[..., Visit]) -> None:
    page = visit("en").open().ask("When did the business desk open?", "April 2018")
    token = page.session()["token"]  # type: ignore[index]
    assert len(page.call("history", token)[1]["messages"]) == 2
    page.choose("widget_delete")
    page.button("widget_delete_yes").click()
    expect(page.log).not_to_contain_text("April 2018")
    assert page.session() is None
    status, left = page.call("history", token)
    assert status == 401 or left["messages"] == []
    page.page.reload()
    page.open()
    expect(page.log).not_to_contain_text("April 2018")
