"""Reads schema.org events from JSON-LD, alone or inside a web page."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from bot.events.readers import jsonld_event
from bot.events.readers.result import EventFileError, ReadResult, Refused
from bot.events.readers.rows import Options

MAX_DEPTH = 40
_PREFIXES = (
    "http://schema.org/",
    "https://schema.org/",
    "http://www.schema.org/",
    "https://www.schema.org/",
    "schema:",
)
Node = dict[str, Any]


class _Scripts(HTMLParser):
    """Collects what stands in the JSON-LD scripts of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._inside = False

    def parse_html_declaration(self, i: int) -> int:
        try:
            return super().parse_html_declaration(i)
        except AssertionError:  # the library's answer to a declaration that is none: go on behind it
            end = self.rawdata.find(">", i)
            return end + 1 if end >= 0 else -1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = (dict(attrs).get("type") or "").split(";")[0].strip().lower()
        self._inside = tag == "script" and kind == "application/ld+json"
        if self._inside:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data


def read_page(page: str, name: str, options: Options) -> ReadResult:
    """Return the events of the JSON-LD scripts of a web page.

    Raises:
        EventFileError: the page has no such script.
    """
    scripts = _Scripts()
    scripts.feed(page)
    scripts.close()
    if not scripts.found:
        raise EventFileError(f"{name}: a web page without schema.org JSON-LD; look for its calendar file (.ics)")
    return _read(scripts.found, options)


def read(content: str, name: str, options: Options) -> ReadResult:
    """Return the events of a JSON-LD file.

    Raises:
        EventFileError: it is no JSON.
    """
    result = _read([content], options)
    if result.refused and result.refused[0].column == "json":
        raise EventFileError(f"{name}: {result.refused[0].reason}")
    return result


def _read(blocks: list[str], options: Options) -> ReadResult:
    result = ReadResult()
    number = 0
    for place, block in enumerate(blocks, 1):
        try:
            data = json.loads(block.strip().removeprefix("<!--").removesuffix("-->"), strict=False)
        except (ValueError, RecursionError) as error:
            result.refused.append(Refused(place, "json", f"script {place} is no valid JSON ({str(error)[:120]})"))
            continue
        for reader in _readers(data, options):
            number += 1
            result.take(number, reader.uid(), reader.event)
    return result


def _readers(data: Any, options: Options) -> list[jsonld_event.Reader]:
    nodes = list(_nodes(data, _language(data), 0))
    by_id = {node["@id"]: node for node, _ in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    found = [(node, language) for node, language in nodes if jsonld_event.is_event(node)]
    context = jsonld_event.Context(by_id, "", options.city)
    names = Counter(jsonld_event.Reader(node, context).made_of() for node, _ in found)
    crowded = frozenset(name for name, count in names.items() if count > 1)
    return [jsonld_event.Reader(node, replace(context, language=tag, crowded=crowded)) for node, tag in found]


def _language(data: Any) -> str:
    context = data.get("@context") if isinstance(data, dict) else None
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, dict) and isinstance(part.get("@language"), str):
            return str(part["@language"])
    return ""


def _nodes(data: Any, language: str, depth: int) -> Iterator[tuple[Node, str]]:
    """Yield every object with plain keys, outer before inner, with the language that its context gives."""
    if depth > MAX_DEPTH:
        return
    if isinstance(data, list):
        for item in data:
            yield from _nodes(item, _language(item) or language, depth + 1)
    elif isinstance(data, dict):
        node = {_plain(key): value for key, value in data.items()}
        yield node, language
        for key, value in node.items():
            if key != "@context":
                yield from _nodes(value, language, depth + 1)


def _plain(key: str) -> str:
    for prefix in _PREFIXES:
        if key.startswith(prefix):
            return key[len(prefix) :]
    return key
