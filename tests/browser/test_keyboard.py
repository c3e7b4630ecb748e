"""The chat without a mouse, enlarged, and for those whom movement makes ill."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from bot.languages import LANGUAGES
from tests.browser.site import Visit, text

FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const style = getComputedStyle(at);
  return {
    name: at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent.trim(),
    role: at.getAttribute("role") ?? at.localName,
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
  };
}"""
TARGETS = """(panel) => {
  const found = [];
  const walk = (root) => root.querySelectorAll("*").forEach((each) => {
    if (each.shadowRoot) walk(each.shadowRoot);
    const inText = each.localName === "a" && each.textContent.trim() !== each.parentElement.textContent.trim();
    if (each.matches("button, a[href], input, textarea, select, summary") && !inText && each.checkVisibility()) {
      const { width, height } = each.getBoundingClientRect();
      if (width < 24 || height < 24) found.push(`${each.outerHTML.slice(0, 80)}: ${width} x ${height}`);
    }
  });
  walk(document.querySelector("bb-chat").shadowRoot);
  return found;
}"""


def focused(visit: Visit) -> dict[str, object]:
    return dict(visit.page.evaluate(FOCUSED))


def tab_to(visit: Visit, name: str, limit: int = 40, key: str = "Tab") -> list[str]:
    """Press Tab until the control called ``name`` has the focus; return the names on the way, each seen with a ring."""
    passed = []
    for _ in range(limit):
        visit.page.keyboard.press(key)
        at = focused(visit)
        assert at["ring"], f"no focus ring on {at}"
        passed.append(str(at["name"]))
        if name in passed[-1]:
            return passed
    raise AssertionError(f"{name!r} was not reached: {passed}")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_whole_way_is_open_to_the_keyboard(visit: Callable[..., Visit], key: str) -> None:
    page = visit("en")
    expect(page.launcher).to_be_visible()
    tab_to(page, text("widget_launcher", "en"))
    page.page.keyboard.press(key)
    expect(page.box).to_be_focused()
    page.page.keyboard.type("When did the business desk open?")
    page.page.keyboard.press("Enter")
    expect(page.log).to_contain_text("April 2018")
    expect(page.box).to_be_focused()
    tab_to(page, "Who runs the Business Desk?", key="Shift+Tab")
    page.page.keyboard.press(key)
    expect(page.log).to_contain_text("Senate Department")
    page.page.keyboard.press("Escape")
    expect(page.panel).to_be_hidden()
    expect(page.launcher).to_be_focused()


def test_the_focus_goes_through_the_panel_in_reading_order(visit: Callable[..., Visit]) -> None:
    page = visit("en").open()
    order = tab_to(page, text("widget_input", "en"), key="Tab") if not page.box.is_visible() else []
    page.panel.get_by_role("button").first.focus()
    order = [str(focused(page)["name"]), *tab_to(page, text("widget_send", "en"))]
    positions = [order.index(next(each for each in order if text(name, "en") in each)) for name in
                 ("widget_close", "widget_input", "widget_send")]  # fmt: skip
    assert positions == sorted(positions), order


def test_a_screen_reader_hears_the_answers(visit: Callable[..., Visit]) -> None:
    page = visit("en").open().ask("When did the business desk open?", "April 2018")
    expect(page.log).to_have_attribute("aria-live", "polite")
    assert page.log.evaluate("log => log.localName") == "div"
    assert page.log.evaluate("log => log.getAttribute('aria-label') || log.getAttribute('aria-labelledby')")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_message_carries_its_language(visit: Callable[..., Visit], language: str) -> None:
    page = visit(language).open()
    page.ask("When did the business desk open?", "April 2018").ask("熊猫在哪里？", "2017")
    languages = page.messages.evaluate_all("all => all.map((each) => [each.lang, each.textContent])")
    assert [tag for tag, said in languages if "presence in Beijing" in said] == ["en"]
    assert [tag for tag, said in languages if "大熊猫" in said] == ["zh"]
    assert all(tag in LANGUAGES for tag, _ in languages), languages


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 800}, {"width": 320, "height": 640}])
def test_everything_is_large_enough_to_hit(visit: Callable[..., Visit], viewport: dict[str, int]) -> None:
    page = visit("de", viewport=viewport)
    expect(page.launcher).to_be_visible()
    assert page.page.evaluate(TARGETS) == []
    page.open()
    assert page.page.evaluate(TARGETS) == []
    page.ask("Welche Veranstaltungen gibt es demnächst?", "Musterhalle")
    assert page.page.evaluate(TARGETS) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_400_percent_nothing_is_cut_off(visit: Callable[..., Visit], language: str) -> None:
    """1280 × 1024 at 400 % is 320 × 256 with four device pixels to each."""
    page = visit(language, viewport={"width": 320, "height": 256}, device_scale_factor=4)
    wide = "document.scrollingElement.scrollWidth > innerWidth"
    expect(page.launcher).to_be_visible()
    assert not page.page.evaluate(wide)
    page.open()
    page.ask("When did the business desk open?", "April 2018")
    page.ask({"de": "Veranstaltungen?", "en": "Events?", "zh": "有什么活动？"}[language], "")
    expect(page.log.get_by_role("article").first).to_be_attached()
    assert not page.page.evaluate(wide)
    inside = """root => [...root.querySelectorAll("*")].filter((each) => each.getClientRects().length
      && getComputedStyle(each).overflowX !== "visible" && each.scrollWidth > each.clientWidth + 1
      && each.clientWidth > 1).map((each) => each.outerHTML.slice(0, 80))"""
    assert page.panel.evaluate(inside) == []
    for control in (page.box, page.button("widget_send"), page.button("widget_close")):
        control.scroll_into_view_if_needed()
        expect(control).to_be_in_viewport(ratio=1)


def test_nothing_moves_for_those_who_asked_for_that(visit: Callable[..., Visit]) -> None:
    page = visit("de", reduced_motion="reduce")
    running = """() => {
      const found = [...document.getAnimations()];
      const walk = (root) => { found.push(...(root.getAnimations?.() ?? []));
        root.querySelectorAll("*").forEach((each) => each.shadowRoot && walk(each.shadowRoot)); };
      walk(document);
      return found.filter((each) => each.playState === "running").length;
    }"""
    page.page.route("**/webhooks/web/events", lambda route: None)  # the answer never comes: it goes on typing
    page.launcher.click()
    assert page.page.evaluate(running) == 0
    page.box.fill("Pandas?")
    page.box.press("Enter")
    expect(page.log).to_contain_text("Pandas?")
    assert page.page.evaluate(running) == 0
