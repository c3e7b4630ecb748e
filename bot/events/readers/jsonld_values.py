"""The values of a schema.org node, which may be one, a list, a reference, or tagged with a language."""

from collections.abc import Iterator
from typing import Any

from bot.languages import supported

_PREFIX_ENDS = ("/", "#", ":")


def each(value: Any) -> list[Any]:
    """Return a value that may be absent, one or many as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def local_name(value: Any) -> str:
    """Return the last part of a schema.org name: ``EventCancelled`` of ``https://schema.org/EventCancelled``."""
    if isinstance(value, dict):
        value = value.get("@id", "")
    text = str(value).strip()
    for mark in _PREFIX_ENDS:
        text = text.rsplit(mark, 1)[-1]
    return text


def types(node: dict[str, Any]) -> list[str]:
    """Return the types of a node without their prefixes."""
    return [local_name(kind) for kind in each(node.get("@type")) if isinstance(kind, str)]


def plain(value: Any) -> str:
    """Return the first text of a value, whatever its language."""
    return next((content for _, content in tagged(value)), "")


def tagged(value: Any) -> Iterator[tuple[str, str]]:
    """Yield language tags (or nothing) and texts: of strings, {"@language", "@value"}, language maps, and lists."""
    for item in each(value):
        if isinstance(item, str):
            yield "", item
        elif isinstance(item, int | float) and not isinstance(item, bool):
            yield "", str(item)
        elif isinstance(item, dict):
            if "@value" in item:
                yield str(item.get("@language") or ""), str(item["@value"])
            elif item and all(isinstance(key, str) and supported(key) for key in item):
                for key, content in item.items():
                    for _, text in tagged(content):
                        yield key, text


def url(value: Any) -> str:
    """Return the first address of a value: a string, or a node with one."""
    for item in each(value):
        if isinstance(item, str) and item.strip():
            return item.strip()
        if isinstance(item, dict):
            found = item.get("@id") or item.get("url") or item.get("@value")
            if isinstance(found, str):
                return found.strip()
    return ""
