"""Static files over a real server."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.calendar import CalendarChannel
from bot.channels.static_files import StaticFiles
from tests.channels.conftest import Site

SCRIPT = b"export const greeting = 'hello';\n" * 50


class FilesChannel(CalendarChannel):
    """A folder of the test's own."""

    def __init__(self, root: Path) -> None:
        self._files = StaticFiles(root)

    def blueprint(self, on_new_message: Any) -> Blueprint:
        blueprint = Blueprint("files")

        @blueprint.route("/static/<name:path>", methods=["GET", "HEAD"])
        async def static(request: Request, name: str) -> HTTPResponse:
            return self._files.answer(request, name)

        return blueprint


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "static"
    (root / "chat").mkdir(parents=True)
    (root / "chat.js").write_bytes(SCRIPT)
    (root / "chat" / "panel-4f3A9c2e.js").write_bytes(SCRIPT)
    (root / "other.js").write_bytes(SCRIPT)
    (root / "tiny.png").write_bytes(b"\x89PNG")
    (root / "page.html").write_text("<p>页</p>", encoding="utf-8")
    (root / ".hidden.js").write_text("secret")
    (root / "notes.py").write_text("secret")
    (tmp_path / "outside.js").write_text("secret")
    (root / "link.js").symlink_to(tmp_path / "outside.js")
    return root


@pytest.fixture
async def site(serve: Any, root: Path) -> Site:
    return await serve(FilesChannel(root))


async def test_a_stable_name_is_kept_for_five_minutes_and_a_hashed_one_for_ever(site: Site) -> None:
    for name, caching in [("chat.js", "max-age=300"), ("chat/panel-4f3A9c2e.js", "max-age=31536000, immutable")]:
        status, body, headers = await site.get(f"/static/{name}")
        assert (status, body) == (200, SCRIPT)
        assert headers["cache-control"] == f"public, {caching}"
        assert headers["content-type"] == "text/javascript; charset=utf-8"
        assert headers["x-content-type-options"] == "nosniff"


async def test_text_is_compressed_for_those_who_take_it(site: Site) -> None:
    site.session._auto_decompress = False
    status, body, headers = await site.get("/static/chat.js", Accept_Encoding="gzip, br")
    assert (status, headers["content-encoding"], headers["vary"]) == (200, "gzip", "Accept-Encoding")
    assert gzip.decompress(body) == SCRIPT
    assert len(body) < len(SCRIPT) / 4
    assert (await site.get("/static/chat.js", Accept_Encoding="identity"))[1] == SCRIPT
    assert "content-encoding" not in (await site.get("/static/tiny.png", Accept_Encoding="gzip"))[2]


async def test_what_has_not_changed_is_not_sent_again_and_what_has_is(site: Site, root: Path) -> None:
    tag = (await site.get("/static/chat.js"))[2]["etag"]
    assert (await site.get("/static/chat.js", If_None_Match=tag))[:2] == (304, b"")
    (root / "chat.js").write_bytes(b"new")
    os.utime(root / "chat.js", ns=(1, 1))
    status, body, headers = await site.get("/static/chat.js", If_None_Match=tag)
    assert (status, body) == (200, b"new")
    assert headers["etag"] != tag


async def test_head_tells_the_length_and_sends_nothing(site: Site) -> None:
    status, body, headers = await site.get("/static/other.js", "HEAD", Accept_Encoding="identity")
    assert (status, body, headers["content-length"]) == (200, b"", str(len(SCRIPT)))


async def test_the_chat_may_be_loaded_by_any_site_and_nothing_else(site: Site) -> None:
    for name in ("chat.js", "chat/panel-4f3A9c2e.js"):
        headers = (await site.get(f"/static/{name}", Origin="https://berlin.example"))[2]
        assert headers["access-control-allow-origin"] == "*"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert "access-control-allow-credentials" not in headers
    assert "access-control-allow-origin" not in (await site.get("/static/other.js", Origin="https://b.example"))[2]


async def test_a_page_says_what_it_may_load(site: Site) -> None:
    headers = (await site.get("/static/page.html"))[2]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["../outside.js", "%2e%2e/outside.js", "..%2foutside.js", "chat/../../outside.js", "chat//panel-4f3A9c2e.js",
     "/etc/passwd", "%2fetc%2fpasswd", ".hidden.js", "notes.py", "link.js", "chat", "", "nothing.js", "chat.js%00.png",
     "..\\outside.js", "page.html/"],
)  # fmt: skip
async def test_nothing_else_is_reached(site: Site, path: str) -> None:
    status, body, _ = await site.get(f"/static/{path}")
    assert status in (400, 404)
    assert b"secret" not in body
    assert b"root:" not in body


async def test_a_missing_file_is_said_in_json(site: Site) -> None:
    status, body, headers = await site.get("/static/nothing.js")
    assert (status, json.loads(body)["error"], headers["cache-control"]) == (404, "there is no such file", "no-store")
