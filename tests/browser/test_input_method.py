"""Chinese is typed through an input method, where Enter takes a word over: it must never send what is half written."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.site import Visit

GUARDS = {
    "isComposing": (re.compile(r"!\w+\.isComposing&&(?=\w+\.keyCode)"), ""),
    "keyCode": (re.compile(r"&&\w+\.keyCode!==229"), ""),
}


def without(guard: str) -> Callable[[Page], None]:
    """Serve the chat with one of its guards cut out."""
    cut: list[str] = []

    def mutate(route: Route) -> None:
        answer = route.fetch()
        pattern, nothing = GUARDS[guard]
        body, count = pattern.subn(nothing, answer.text())
        cut.extend([guard] * count)
        route.fulfill(response=answer, body=body)

    def prepare(page: Page) -> None:
        page.route("**/static/chat/*.js", mutate)
        page.on("close", lambda _: None if cut else pytest.fail("the guard is not in the bundle"))

    return prepare


def press_enter(visit: Visit, code: int = 13) -> None:
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": code, "nativeVirtualKeyCode": code}
    if code == 13:
        key["text"] = "\r"
    tools = visit.devtools
    tools.send("Input.dispatchKeyEvent", {"type": "keyDown" if code == 13 else "rawKeyDown", **key})
    tools.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})


def compose(visit: Visit) -> None:
    """Begin to write 熊猫 (pandas): the letters stand in the box, the word is not chosen yet."""
    visit.box.focus()
    visit.devtools.send("Input.imeSetComposition", {"text": "xiongmao", "selectionStart": 8, "selectionEnd": 8})
    expect(visit.box).to_have_value("xiongmao")


def sent(visit: Visit) -> bool:
    """Whether a message went out; if one does it is at once in the conversation."""
    visit.page.wait_for_timeout(300)
    return "xiongmao" in visit.log.inner_text() or "熊猫" in visit.log.inner_text()


def test_enter_while_composing_never_sends(visit: Callable[..., Visit]) -> None:
    page = visit("zh").open()
    compose(page)
    press_enter(page)
    assert not sent(page)
    assert not [each for each in page.requests if each.method == "POST"]


def test_enter_that_the_input_method_has_taken_never_sends(visit: Callable[..., Visit]) -> None:
    """Safari ends the composition first: only the key code tells that Enter belonged to the input method."""
    page = visit("zh").open()
    page.box.fill("熊猫")
    press_enter(page, 229)
    assert not sent(page)


def test_control_enter_sends_what_is_written(visit: Callable[..., Visit]) -> None:
    page = visit("zh").open()
    compose(page)
    page.devtools.send("Input.insertText", {"text": "熊猫"})
    press_enter(page)
    assert sent(page)
    expect(page.log).to_contain_text("2017")


def test_mutant_without_the_composition_guard_enter_sends(visit: Callable[..., Visit]) -> None:
    page = visit("zh", without("isComposing")).open()
    compose(page)
    press_enter(page)
    assert sent(page)


def test_mutant_without_the_key_code_guard_enter_sends(visit: Callable[..., Visit]) -> None:
    page = visit("zh", without("keyCode")).open()
    page.box.fill("熊猫")
    press_enter(page, 229)
    assert sent(page)
