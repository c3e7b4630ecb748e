"""axe-core on the chat in all its states, languages, sizes and colours: nothing wrong, nothing left open."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Route, expect

from bot.languages import LANGUAGES
from tests.browser.audit import findings
from tests.browser.site import API, VIEWPORTS, Visit, text

COLOURS = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced colours": {"color_scheme": "dark", "forced_colors": "active"},
}
QUESTIONS = {
    "de": ("Seit wann gibt es das Business Desk?", "April 2018", "Welche Veranstaltungen gibt es demnächst?"),
    "en": ("When did the business desk open?", "April 2018", "Which events are coming up?"),
    "zh": ("商务联络处是什么时候设立的？", "2018 年 4 月", "近期有什么活动？"),
}


def states(visit: Visit) -> Iterator[str]:
    """Walk a visitor through the chat, and stop in each state."""
    question, answer, events = QUESTIONS[visit.language]
    expect(visit.launcher).to_be_visible()
    # A section gets its real size when it first comes near the window; until then axe would see neighbours overlap.
    for section in visit.page.locator("main > section").all():
        section.scroll_into_view_if_needed()
        visit.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    yield "closed"
    visit.open()
    yield "open"
    visit.ask(question, answer)
    yield "answered"
    visit.ask(events, "")
    expect(visit.log.get_by_role("article").first).to_be_visible()
    yield "cards"
    visit.expect_trouble("status of 400")
    visit.page.route(f"{API}messages", lambda route: refuse(route))
    visit.box.fill(question)
    visit.box.press("Enter")
    expect(visit.panel.get_by_text(text("widget_failed", visit.language))).to_be_visible()
    yield "error"


def refuse(route: Route) -> None:
    route.fulfill(status=400, json={"error": "server"})


@pytest.mark.parametrize("viewport", VIEWPORTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(visit: Callable[..., Visit], axe: str, language: str, viewport: str) -> None:
    page = visit(language, viewport=VIEWPORTS[viewport], reduced_motion="reduce")
    found = []
    for state in states(page):
        for colours, media in COLOURS.items():
            page.page.emulate_media(**media)  # type: ignore[arg-type]
            found += [f"{state}, {colours}: {each}" for each in findings(page.page, axe)]
    assert found == [], "\n".join(found)
