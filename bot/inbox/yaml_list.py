"""Appends a text to a list in a YAML file's text and leaves every other character as it is."""

import json
from typing import Any

import yaml

from bot.inbox.sayings import StaffError

Path = tuple[str, ...]
"""The keys that lead to the list."""


def appended(text: str, path: Path, value: str, name: str) -> str:
    """Return ``text`` with ``value`` at the end of the list at ``path``; a list that is missing is begun.

    Raises:
        StaffError: the list is not laid out as a list of lines; ``name`` is the file's name for the message.
    """
    try:
        wanted = _added(yaml.safe_load(text), path, value)
        edited = _edited(text, path, value)
        if yaml.safe_load(edited) == wanted:
            return edited
    except (yaml.YAMLError, TypeError, AttributeError, KeyError, IndexError):
        pass
    raise StaffError("by_hand", file=name, key=".".join(path), text=value)


def _added(plain: Any, path: Path, value: str) -> Any:
    held = plain
    for part in path[:-1]:
        held = held[part]
    held[path[-1]] = [*(held.get(path[-1]) or []), value]
    return plain


def _edited(text: str, path: Path, value: str) -> str:
    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    column = 0
    newline = "\r\n" if "\r\n" in text else "\n"
    for part in path:
        found = next(((name, each) for name, each in node.value if name.value == part), None)
        if found is None and part == path[-1]:
            return _begun(text, node, part, value, newline, column)
        name, node = found or _missing(part)
        column = name.start_mark.column
    if node.flow_style or not node.value:
        raise KeyError(path[-1])
    last = node.value[-1]
    lead = text[text.rfind("\n", 0, last.start_mark.index) + 1 : last.start_mark.index]
    if lead.strip() != "-" or len(lead) < column:
        raise KeyError(path[-1])
    return _line_after(text, last.end_mark.index, f"{lead}{_quoted(value)}", newline)


def _begun(text: str, parent: yaml.MappingNode, key: str, value: str, newline: str, column: int) -> str:
    if not parent.value:  # "regression: {}"
        start = text[: parent.start_mark.index].rstrip(" ")
        indent = " " * (column + 2)
        return f"{start}{newline}{indent}{key}:{newline}{indent}  - {_quoted(value)}{text[parent.end_mark.index :]}"
    first, last = parent.value[0][0], _deepest(parent)
    indent = " " * first.start_mark.column
    return _line_after(text, last.end_mark.index, f"{indent}{key}:{newline}{indent}  - {_quoted(value)}", newline)


def _line_after(text: str, at: int, line: str, newline: str) -> str:
    """Return ``text`` with ``line`` behind the line in which ``at`` stands."""
    end = text.find("\n", at)
    if end < 0:
        return f"{text}{newline}{line}{newline}"
    return f"{text[: end + 1]}{line}{newline}{text[end + 1 :]}"


def _deepest(node: yaml.Node) -> yaml.Node:
    """Return the last scalar of a node: a collection's own end mark stands behind the comments that follow it."""
    while isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return node


def _missing(part: str) -> Any:
    raise KeyError(part)


def _quoted(value: str) -> str:
    """Return a text as YAML in double quotes: JSON's are a subset of them."""
    return json.dumps(value, ensure_ascii=False)
