"""The site and its chat as a visitor meets them, for the tests to speak in a visitor's terms."""

import json
import re
from collections.abc import Iterable
from typing import Any

from playwright.sync_api import CDPSession, ConsoleMessage, Locator, Page, Request, expect

from bot.content.reader import read_content
from bot.settings import PROJECT_ROOT

API = "**/webhooks/web/"
VIEWPORTS = {
    "desktop": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
    "narrow": {"width": 320, "height": 640},
}
_PHRASES = read_content(PROJECT_ROOT / "nlu_data")[0].phrases
_REPORT_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`))"""


def text(name: str, language: str) -> str:
    """Return a phrase of the site's or the widget's."""
    return _PHRASES[name].texts[language]


class Visit:
    """One visitor's page, and the chat on it."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.language = language
        self.requests: list[Request] = []
        self._said: list[str] = []
        self._expected: list[str] = []
        page.on("request", lambda request: self.requests.append(request))
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self._said.append(str(error)))
        page.add_init_script(_REPORT_VIOLATIONS)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._said.append(f"{message.text} {message.location.get('url', '')}")

    def expect_trouble(self, pattern: str) -> None:
        """Allow errors that match ``pattern``."""
        self._expected.append(pattern)

    @property
    def troubles(self) -> list[str]:
        """What the browser complained of: errors, warnings, violations of the security policy."""
        return [said for said in self._said if not any(re.search(pattern, said) for pattern in self._expected)]

    @property
    def devtools(self) -> CDPSession:
        """The browser's developer tools on this page."""
        return self.page.context.new_cdp_session(self.page)

    @property
    def launcher(self) -> Locator:
        return self.page.locator("bb-chat").get_by_role("button", name=text("widget_launcher", self.language))

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def box(self) -> Locator:
        return self.panel.get_by_role("textbox")

    @property
    def log(self) -> Locator:
        return self.panel.get_by_role("log")

    def button(self, name: str) -> Locator:
        """Return the panel's button that is called as a phrase of the widget's says."""
        return self.panel.get_by_role("button", name=text(name, self.language), exact=True)

    @property
    def messages(self) -> Locator:
        return self.log.locator("li.bot, li.mine")

    def choose(self, command: str) -> None:
        """Choose one of the further functions."""
        self.button("widget_menu").click()
        self.button(command).click()

    def switch(self, language: str) -> None:
        """Switch the chat to another language."""
        self.panel.locator(f".languages [lang={language}]").click()
        self.language = language

    def open(self) -> "Visit":
        """Press the launcher and wait for the panel."""
        self.launcher.click()
        expect(self.box).to_be_visible()
        return self

    def ask(self, question: str, answer: str) -> "Visit":
        """Send a question and wait for an answer with ``answer`` in it."""
        self.box.fill(question)
        self.box.press("Enter")
        expect(self.log).to_contain_text(answer)
        return self

    def session(self) -> dict[str, Any] | None:
        """Return what the widget keeps in the browser."""
        kept = self.page.evaluate("sessionStorage.getItem('bb-chat')")
        return json.loads(kept) if kept else None

    def call(self, path: str, token: str) -> tuple[int, dict[str, Any]]:
        """Ask the server itself, as the session with ``token``."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = self.page.request.get(f"/webhooks/web/{path}", headers=headers)
        return answer.status, answer.json()


def server_sent(events: Iterable[tuple[str, dict[str, Any]]]) -> str:
    """Return a stream of events as the server sends it."""
    lines = []
    for kind, data in events:
        lines += [f"id: {data['id']}"] if "id" in data else []
        lines += [f"event: {kind}", f"data: {json.dumps(data)}", ""]
    return "\n".join([*lines, ""])
