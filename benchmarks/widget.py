"""Measures how soon a visitor can press the chat's button, on a throttled phone, and takes the README's pictures.

    BOT_CLOCK=2027-03-10T10:00:00+01:00 make run        (in another terminal)
    uv run python benchmarks/widget.py [--url URL] [--rounds 15] [--write-docs] [--pictures docs/images]

The phone: 390 × 844, its processor slowed to a quarter, 1.6 Mbit/s down, 0.75 up, 150 ms to the server, nothing cached.
The time runs from the start of the navigation until the button is painted and would take a press.
"""

import argparse
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bot.evaluation.report import write_docs
from bot.languages import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
MARKS = ("<!-- figures: benchmarks/widget.py --write-docs -->", "<!-- end of widget figures -->")
PHONE = {"width": 390, "height": 844}
BAR_MS = 700
DESKTOP = {"width": 1280, "height": 800}
# name: language, the window and its pixels, and what the visitor asks
PICTURES = {
    "desktop": ("de", DESKTOP, 1.25, ["Seit wann gibt es das Business Desk?"]),
    "phone": ("en", PHONE, 1.5, ["Which events are coming up?"]),
    "chinese": ("zh", PHONE, 1.5, ["柏林的大熊猫是怎么回事？"]),
}
# From the frame after the button is there: by then it has been painted. Nothing is polled before the element exists:
# that would make the phone draw frames which it does not draw for a visitor.
READY = """() => customElements.whenDefined("bb-chat").then(() => {
  const look = () => {
    const button = document.querySelector("bb-chat")?.shadowRoot?.querySelector("button");
    if (button?.checkVisibility()) requestAnimationFrame(() => setTimeout(() => {
      document.documentElement.dataset.readyAfter = performance.now();
    }));
    else requestAnimationFrame(look);
  };
  look();
})"""


def main() -> None:
    """Measure, print, and take the pictures that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:5005")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--write-docs", action="store_true")
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args()
    with chromium() as browser:
        lines = ["| on a throttled phone | de | en | zh | asked |", "|---|---|---|---|---|"]
        times = [[ready_after(browser, f"{options.url}/{tag}") for _ in range(options.rounds)] for tag in LANGUAGES]
        for name, of in (("median", statistics.median), ("slowest", max)):
            figures = " | ".join(f"{of(each):.0f}" for each in times)
            lines.append(f"| chat ready to be opened, {name} of {options.rounds}, ms | {figures} | ≤ {BAR_MS} |")
        print("\n".join(lines))
        if options.pictures:
            take_pictures(browser, options.url, options.pictures)
    if options.write_docs:
        write_docs("\n".join(lines), ("docs/benchmarks.md",), MARKS)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser that the tests use."""
    found = subprocess.run([ROOT / "scripts" / "browser.sh", "chromium"], capture_output=True, text=True, check=True)
    if not found.stdout.strip():
        raise SystemExit(found.stderr)
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        browser = playwright.chromium.launch(executable_path=found.stdout.strip(), args=flags)
        yield browser
        browser.close()


def ready_after(browser: Browser, url: str) -> float:
    """Return the milliseconds after which a new visitor's phone shows a button that works."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=3, is_mobile=True, has_touch=True)  # type: ignore[arg-type]
    page = context.new_page()
    throttle(page)
    page.add_init_script(f"({READY})()")
    page.goto(url)
    page.locator("html[data-ready-after]").wait_for()  # a page's own policy forbids to poll with wait_for_function
    time = page.locator("html").get_attribute("data-ready-after")
    context.close()
    return float(time or "nan")


def throttle(page: Page) -> None:
    """Make the page's machine and network those of a cheap phone."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    speed = {"downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
    devtools.send("Network.emulateNetworkConditions", {"offline": False, "latency": 150, **speed})
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})


def take_pictures(browser: Browser, url: str, folder: Path) -> None:
    """Write the README's pictures; the events in them are those of the server's clock."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (language, window, scale, questions) in PICTURES.items():
        context = browser.new_context(viewport=window, device_scale_factor=scale, reduced_motion="reduce")  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{url}/{language}")
        page.locator("bb-chat").get_by_role("button").first.click()
        for number, question in enumerate(questions, 1):
            page.get_by_role("dialog").get_by_role("textbox").fill(question)
            page.keyboard.press("Enter")
            page.locator("bb-chat li.bot").nth(number).wait_for()
        page.wait_for_timeout(500)
        page.screenshot(path=folder / f"{name}.png")
        context.close()


if __name__ == "__main__":
    main()
