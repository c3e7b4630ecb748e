"""What the chat weighs, and that the committed files are what their source builds."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from bot.settings import PROJECT_ROOT
from tests.browser.site import Visit

BEFORE_OPENING, WHOLE = 3_000, 15_000
STATIC = PROJECT_ROOT / "bot" / "web" / "static"


def weights(visit: Visit) -> dict[str, int]:
    """Return the bytes on the wire of each of the chat's files that were loaded."""
    found = {}
    for request in visit.requests:
        answer = request.response()
        if "/static/chat" in request.url and answer is not None:
            assert answer.header_value("content-encoding") == "gzip"
            found[request.url] = request.sizes()["responseBodySize"]
    return found


def test_a_visitor_loads_little(visit: Callable[..., Visit]) -> None:
    page = visit("de")
    expect(page.launcher).to_be_visible()
    page.page.wait_for_timeout(500)
    before = weights(page)
    page.open().ask("Welche Veranstaltungen gibt es demnächst?", "Musterhalle")
    whole = weights(page)
    print(f"before opening {sum(before.values())} bytes, whole {sum(whole.values())} bytes in {len(whole)} files")
    assert 0 < sum(before.values()) <= BEFORE_OPENING, before
    assert sum(whole.values()) <= WHOLE, whole


def test_a_second_page_loads_nothing_again(visit: Callable[..., Visit]) -> None:
    page = visit("de").open()
    page.page.goto("/en")
    page.language = "en"
    page.open()
    sizes = page.page.evaluate("performance.getEntriesByType('resource').map((each) => [each.name, each.transferSize])")
    assert [size for name, size in sizes if "/static/chat" in name] == [0, 0]


def test_the_committed_bundle_is_what_its_source_builds(node_modules: Path, tmp_path: Path) -> None:
    """The build runs in a clean copy, with packages freshly installed as package-lock.json says."""
    for name in ("widget", "bot/web/static", "nlu_data/phrases"):
        shutil.copytree(PROJECT_ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("node_modules"))
    shutil.rmtree(tmp_path / "bot/web/static/chat")
    for command in (["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], ["npm", "run", "build"]):
        done = subprocess.run(command, cwd=tmp_path / "widget", capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    assert contents(tmp_path / "bot/web/static") == contents(STATIC)


def test_the_chats_own_types_and_unit_tests_are_in_order(node_modules: Path) -> None:
    done = subprocess.run(["npm", "run", "check"], cwd=node_modules.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
