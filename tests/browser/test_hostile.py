"""A bot message that means harm: whatever a calendar or a mistake puts into it, the widget only ever shows text."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.site import API, Visit, server_sent

HOSTILE = """<img src=x onerror="window.hit=1"><script>window.hit=2</script>
**<b onclick=window.hit=3>bold</b>** _<svg onload=window.hit=4>_
[press me](javascript:window.hit=5) [data](data:text/html,<script>window.hit=6</script>) [also](JaVaScRiPt:window.hit=7)
[tab](java\tscript:window.hit=8) [vb](vbscript:x) [file](file:///etc/passwd) javascript:window.hit=9
[\u202egpj.exe](https://good.example/\u202e) [user](https://good.example@evil.example/)
\u202eright to left\u202c \u2066isolated\u2069 \u200b\ufeff
[broken](https://good.example" onmouseover="window.hit=10)
- <iframe src=javascript:window.hit=11></iframe>
1. <a href="javascript:window.hit=12">x</a>
[kept](https://kept.example/path)"""
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
CARD = {
    "uid": "<x>", "title": "<img src=x onerror=window.hit=20>", "language": "en", "start": "2027-03-11T19:00:00+01:00",
    "end": None, "all_day": False, "city": "berlin", "when": "<b>soon</b>", "place": "\u202eecalp",
    "status": "scheduled", "label": "", "free": None, "free_label": "",
    "url": "javascript:window.hit=21", "calendar": "javascript:window.hit=22",
}  # fmt: skip
MESSAGE = {
    "id": 1_000_000, "role": "bot", "time": "2027-03-10T09:00:00Z", "language": "en", "text": HOSTILE,
    "in_reply_to": None, "cards": [],
    "buttons": [{"title": "<img src=x onerror=window.hit=30>", "payload": "javascript:window.hit=31"}],
    "sources": [{"title": "<u>title</u>", "quote": "<img src=x onerror=window.hit=40>"}],
}  # fmt: skip


def saying(*messages: dict[str, Any]) -> Callable[[Page], None]:
    """Let the stream bring these messages."""
    body = server_sent(("message", message) for message in messages)

    def prepare(page: Page) -> None:
        page.route(f"{API}events", lambda route: route.fulfill(body=body, content_type="text/event-stream"))

    return prepare


def test_markup_in_a_message_is_text(visit: Callable[..., Visit]) -> None:
    with_card = {**MESSAGE, "id": 1_000_001, "cards": [CARD], "lead": HOSTILE, "tail": "<hr>"}
    page = visit("en", saying(MESSAGE, with_card)).open()
    page.box.fill("Hello")
    page.box.press("Enter")
    expect(page.log.get_by_text('<img src=x onerror="window.hit=1">').first).to_be_visible()
    expect(page.log.get_by_text("<img src=x onerror=window.hit=20>").first).to_be_visible()
    assert page.log.locator("img, script, svg[onload], iframe, b, u, hr").count() == 0
    links = page.log.locator("a").evaluate_all("all => all.map((each) => each.href)")
    assert "https://kept.example/path" in links
    assert [link for link in links if not link.startswith(("https://", "http://", page.page.url))] == []
    assert not any("evil.example" in link for link in links)
    names = page.log.locator("*").evaluate_all("all => all.flatMap((each) => each.getAttributeNames())")
    assert [name for name in names if name.startswith("on")] == []
    for link in page.log.locator("a").all():
        link.dispatch_event("mouseover")
    page.page.wait_for_timeout(300)
    assert page.page.evaluate("window.hit") is None


def test_no_message_turns_the_direction_of_the_page(visit: Callable[..., Visit]) -> None:
    page = visit("en", saying(MESSAGE)).open()
    page.box.fill("Hello")
    page.box.press("Enter")
    expect(page.log).to_contain_text("right to left")
    assert not BIDI.search(page.log.inner_text())


def test_a_link_to_elsewhere_tells_it_nothing(visit: Callable[..., Visit]) -> None:
    page = visit("en", saying(MESSAGE)).open()
    page.box.fill("Hello")
    page.box.press("Enter")
    link = page.log.get_by_role("link", name="kept")
    expect(link).to_have_attribute("rel", re.compile("noopener"))
    expect(link).to_have_attribute("target", "_blank")


def test_a_stream_that_is_no_stream_does_no_harm(visit: Callable[..., Visit]) -> None:
    broken = (
        'id: x\nevent: message\ndata: {not json\n\nevent: message\ndata: null\n\nevent: message\ndata: {"id": "a"}\n\n'
    )

    def prepare(page: Page) -> None:
        page.route(f"{API}events", lambda route: route.fulfill(body=broken, content_type="text/event-stream"), times=1)

    page = visit("en", prepare).open()
    page.ask("When did the business desk open?", "April 2018")
