"""The site's pages over a real server."""

import gzip
import re
from typing import Any

import pytest

from bot import settings
from bot.channels.health import SiteChannel
from bot.channels.static_files import FOR_A_WHILE, FOR_EVER
from bot.content.model import Content
from bot.languages import LANGUAGES
from tests.channels.conftest import Site


@pytest.fixture
async def site(serve: Any) -> Site:
    return await serve(SiteChannel())


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_language_has_its_page(site: Site, language: str, content: Content) -> None:
    status, body, headers = await site.get(f"/{language}", Accept_Encoding="identity")
    text = body.decode()
    assert status == 200
    assert headers["content-language"] == language
    assert f'<html lang="{language}">' in text
    assert f'<a href="/{language}" hreflang="{language}" lang="{language}" aria-current="page">' in text
    for each in LANGUAGES:
        assert f'hreflang="{each}" href="{settings.load().public_url}/{each}"' in text
    assert content.phrases["site_topics"].texts[language] in text
    # What it says is what the assistant says.
    assert content.entries["science"].answer[language].replace("**", "") in re.sub(r"</?strong>", "", text)
    assert "**" not in text
    assert "{" not in text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "de"),
        ("fr", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr, zh-Hant-TW;q=0.7, en;q=0.5", "zh"),
        ("en;q=0.2,de;q=0.9", "de"),
        ("en;q=0", "de"),
        (";;,q=,en;q=x;q=9", "en"),
        ("x" * 5000, "de"),
    ],
)
async def test_the_root_speaks_the_language_that_the_browser_prefers(site: Site, header: str, language: str) -> None:
    status, _, headers = await site.get("/", Accept_Language=header)
    assert status == 200
    assert headers["content-language"] == language
    assert "Accept-Language" in headers["vary"]


async def test_no_page_loads_or_runs_anything_but_this_servers_files(site: Site) -> None:
    _, body, headers = await site.get("/en", Accept_Encoding="identity")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    loaded = re.findall(r'(?:src|href)="([^"]+)"', body.decode())
    own = settings.load().public_url
    assert [each for each in loaded if not each.startswith(("/", "#", own))] == []
    assert not re.search(r" style=| on\w+=|<style|<script>", body.decode())


async def test_a_page_is_compressed_and_sent_once(site: Site) -> None:
    _, plain, headers = await site.get("/zh", Accept_Encoding="identity")
    connection = site.session
    connection._auto_decompress = False
    _, compressed, packed = await site.get("/zh", Accept_Encoding="gzip, br")
    assert packed["content-encoding"] == "gzip"
    assert gzip.decompress(compressed) == plain
    assert len(compressed) < len(plain) / 2
    status, body, again = await site.get("/zh", If_None_Match=headers["etag"])
    assert (status, body) == (304, b"")
    assert again["etag"] == headers["etag"]


async def test_its_files_are_kept_for_as_long_as_they_stay_the_same(site: Site) -> None:
    _, body, _ = await site.get("/de", Accept_Encoding="identity")
    for address in re.findall(r'"(/static/site[^"]+)"', body.decode()):
        status, plain, headers = await site.get(address, Accept_Encoding="identity")
        assert status == 200
        assert headers["cache-control"] == FOR_EVER
        status, other, headers = await site.get(address[:-1] + "x")
        assert (status, other) == (200, plain)
        assert headers["cache-control"] == FOR_A_WHILE


async def test_an_expired_answer_leaves_the_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.content.library.SpokenEntry.valid_on", lambda entry, day: "panda" not in str(entry.titles))
    _, body, _ = await site.get("/en", Accept_Encoding="identity")
    assert "Garden of the Reclaimed Moon" in body.decode()
    assert "Zoologischer Garten" not in body.decode()
