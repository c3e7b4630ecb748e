"""Chinese is typed through an input method, where Enter takes a word over: it must never send what is half written."""

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.browser.site import Visit


class Mutant:
    """The chat blind, on its way to the browser, to one of the two properties that its guard reads."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.cuts = 0

    def prepare(self, page: Page) -> None:
        page.route("**/static/chat/*.js", self._cut)

    def _cut(self, route: Route) -> None:
        answer = route.fetch()
        self.cuts += answer.text().count(f".{self._name}")
        route.fulfill(response=answer, body=answer.text().replace(f".{self._name}", ".nothing"))


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
    mutant = Mutant("isComposing")
    page = visit("zh", mutant.prepare).open()
    assert mutant.cuts
    compose(page)
    press_enter(page)
    assert sent(page)


def test_mutant_without_the_key_code_guard_enter_sends(visit: Callable[..., Visit]) -> None:
    mutant = Mutant("keyCode")
    page = visit("zh", mutant.prepare).open()
    assert mutant.cuts
    page.box.fill("熊猫")
    press_enter(page, 229)
    assert sent(page)
