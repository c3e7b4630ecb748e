"""Changes single values in the text of an entry's YAML file and leaves every other character as it is.

Values are replaced at the places that the parser reports. (ruamel.yaml's round trip gives our own files back byte by
byte, but lays out others anew: ``[ a,b ]``, lists without indentation, CRLF, folded texts, spaces before comments.)
The result is parsed and compared with what was wanted, so an edit that would reach further is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import yaml

from bot.content.reader import ENTRY_KEYS
from bot.content.yaml_source import compose, plain
from bot.sayings import Sayings, StaffError

Key = tuple[str | int, ...]
"""The way to a value: ``("answer", "de")``, ``("sources", 0, "quote")``."""
Value = str | date | None | Sequence[str]
_SAYINGS = Sayings(Path(__file__).with_suffix(".yml"))
_Piece = tuple[int, int, str]
"""Start, end and what comes in between."""


class _ByHandError(Exception):
    """Raised for a layout that cannot be edited in place."""


def edited(data: bytes, changes: Mapping[Key, Value], name: str) -> bytes:
    """Return the file ``data`` with ``changes`` made; ``name`` is the file's name for messages.

    Raises:
        StaffError: a change cannot be made without changing something else; change it by hand.
    """

    def change(page: "_Page") -> list[_Piece]:
        return [piece for key, value in changes.items() for piece in page.set(key, value)]

    return _changed(data, name, change, changes)


def with_sources(data: bytes, sources: Sequence[Mapping[str, Any]], name: str) -> bytes:
    """Return the file ``data`` with exactly as many ``sources``: what is missing is added at the end, the rest removed.

    Raises:
        StaffError: as in `edited`.
    """

    def change(page: "_Page") -> list[_Piece]:
        return page.set_length(("sources",), [_flow_source(source) for source in sources])

    have = plain(data.decode("utf-8-sig")).get("sources") or []
    wanted = [*have[: len(sources)], *sources[len(have) :]]
    return data if len(have) == len(wanted) else _changed(data, name, change, {("sources",): wanted})


def new_entry(values: Mapping[str, Any]) -> bytes:
    """Return a new entry's file in the house's layout; ``values`` by key, languages as mappings."""
    lines = []
    for key in ENTRY_KEYS:
        value = values.get(key)
        if key == "follow_ups" and not value:
            continue
        if key == "sources":
            lines.append("sources:")
            for title, quote in map(_source, value or ()):
                lines += [f"  - {title}", f"  {quote}"]
        elif key in ("questions", "answer"):
            lines.append(f"{key}:")
            for language, item in (value or {}).items():
                if isinstance(item, str):
                    lines.append(f"  {language}: {_scalar(item, chr(34))}")
                else:
                    lines += [f"  {language}:", *(f"    - {_scalar(text, chr(34))}" for text in item)]
        elif isinstance(value, list | tuple):
            lines.append(f"{key}: {_flow(value)}")
        else:
            lines.append(f"{key}: {_scalar(value)}")
    return ("\n".join(lines) + "\n").encode()


def _source(source: Mapping[str, Any]) -> tuple[str, str]:
    titles = ", ".join(f"{language}: {_scalar(title)}" for language, title in source["title"].items())
    return f"title: {{{titles}}}", f"  quote: {_scalar(source['quote'], chr(34))}"


def _flow_source(source: Mapping[str, Any]) -> str:
    title, quote = _source(source)
    return f"{title}\n{quote}"


def _changed(data: bytes, name: str, change: Callable[["_Page"], list[_Piece]], changes: Mapping[Key, Any]) -> bytes:
    bom, text = (data[:3], data[3:]) if data.startswith(b"\xef\xbb\xbf") else (b"", data)
    before = text.decode("utf-8")
    try:
        wanted = plain(before)
        for key, value in changes.items():
            _put(wanted, key, value)
        after = _pieced(before, change(_Page(before)))
        if plain(after) != wanted:
            raise _ByHandError
    except (_ByHandError, yaml.YAMLError, KeyError, IndexError, TypeError, ValueError) as error:
        keys = ", ".join(".".join(map(str, key)) for key in changes)
        raise StaffError(_SAYINGS, "by_hand", file=name, key=keys) from error
    return bom + after.encode()


def _put(data: Any, key: Key, value: Any) -> None:
    for part in key[:-1]:
        data = data[part]
    data[key[-1]] = list(value) if isinstance(value, tuple) else value


def _pieced(text: str, pieces: list[_Piece]) -> str:
    """Return ``text`` with ``pieces`` in place; of two at one place the first comes first."""
    done, at = [], 0
    for start, end, piece in sorted(pieces, key=lambda each: each[0]):
        done += [text[at:start], piece]
        at = max(at, end)
    return "".join([*done, text[at:]])


class _Page:
    """The text of a file, and where in it every value stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root = compose(text)
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def set(self, key: Key, value: Value) -> list[_Piece]:
        parent = self._node(key[:-1])
        try:
            node = self._child(parent, key[-1])
        except KeyError:
            return [self._added(parent, str(key[-1]), value)]
        if value is None or isinstance(value, str | date):
            return [self._replaced(node, value)]
        if isinstance(node, yaml.SequenceNode) and not node.flow_style:
            return self._items(node, list(value))
        return [self._span(node, _flow(value))]

    def set_length(self, key: Key, items: list[str]) -> list[_Piece]:
        """Cut the block list at ``key`` to as many items, or append the texts of those that are missing."""
        node = self._node(key)
        if not isinstance(node, yaml.SequenceNode) or node.flow_style or not items:
            raise _ByHandError
        have = len(node.value)
        if have > len(items):
            return [self._removed(node, index) for index in range(len(items), have)]
        return [self._inserted(node, have, [item.replace("\n", self.newline) for item in items[have:]])]

    def _node(self, key: Key) -> yaml.Node | None:
        node = self.root
        for part in key:
            node = self._child(node, part)
        return node

    def _child(self, node: yaml.Node | None, part: str | int) -> yaml.Node:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            found: yaml.Node = node.value[part]
            return found
        if not isinstance(node, yaml.MappingNode):
            raise _ByHandError
        return next((value for name, value in node.value if name.value == part), None) or _missing(part)

    def _replaced(self, node: yaml.Node, value: str | date | None) -> _Piece:
        style = node.style if isinstance(node, yaml.ScalarNode) else '"'
        one_line = not isinstance(value, str) or "\n" not in value
        return self._span(node, _scalar(value, style if one_line and style not in ("|", ">") else '"'))

    def _span(self, node: yaml.Node, piece: str) -> _Piece:
        start, end = node.start_mark.index, _end(node)
        old = self.text[start:end]
        if "\n" in old and "#" in old:  # a comment may stand inside
            raise _ByHandError
        if not old:  # "key:" without a value
            return start, end, f" {piece}"
        return start, end, piece + old[len(old.rstrip()) :]

    def _added(self, parent: yaml.Node | None, name: str, value: Value) -> _Piece:
        """Return the line of a key that is missing, behind the last key that usually stands before it."""
        if not isinstance(parent, yaml.MappingNode) or parent.flow_style or not parent.value:
            raise _ByHandError
        order = list(ENTRY_KEYS)
        before = [pair for pair in parent.value if pair[0].value in order[: order.index(name)]] if name in order else []
        last_key, last = (before or parent.value)[-1]
        indent = " " * last_key.start_mark.column
        at = self._line_end(max(_end(last), last_key.end_mark.index))
        if value is None or isinstance(value, str | date):
            lines = [f"{name}: {_scalar(value, chr(34) if parent is not self.root else None)}"]
        else:
            lines = [f"{name}:", *(f"  - {_scalar(item, chr(34))}" for item in value)]
        return self._lines_at(at, [indent + line for line in lines])

    def _items(self, node: yaml.SequenceNode, wanted: list[str]) -> list[_Piece]:
        """Return the pieces that turn a block list of texts into ``wanted``; lines that stay are not touched."""
        have = [str(item.value).strip() for item in node.value]
        if not wanted:
            raise _ByHandError
        pieces = []
        for kind, start, end, first, last in SequenceMatcher(None, have, wanted, autojunk=False).get_opcodes():
            if kind == "equal":
                continue
            both = min(end - start, last - first)
            pieces += [self._replaced(node.value[start + i], wanted[first + i]) for i in range(both)]
            pieces += [self._removed(node, index) for index in range(start + both, end)]
            if last - first > both:
                added = [_scalar(text, '"') for text in wanted[first + both : last]]
                pieces.append(self._inserted(node, start + both, added))
        return pieces

    def _dash(self, item: yaml.Node) -> tuple[int, str]:
        """Return where the item's line begins, and what stands there before the item."""
        start = self.text.rfind("\n", 0, item.start_mark.index) + 1
        lead = self.text[start : item.start_mark.index]
        if lead.strip() != "-":
            raise _ByHandError
        return start, lead

    def _removed(self, node: yaml.SequenceNode, index: int) -> _Piece:
        item = node.value[index]
        return self._dash(item)[0], self._line_end(_end(item)), ""

    def _inserted(self, node: yaml.SequenceNode, index: int, items: list[str]) -> _Piece:
        lead = self._dash(node.value[0])[1]
        at = self._line_end(_end(node.value[index - 1])) if index else self._dash(node.value[0])[0]
        inner = self.newline + " " * len(lead)
        return self._lines_at(at, [lead + item.replace(self.newline + "  ", inner) for item in items])

    def _line_end(self, at: int) -> int:
        """Return where the next line begins; a block text ends there already."""
        if at and self.text[at - 1] == "\n":
            return at
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    def _lines_at(self, at: int, lines: list[str]) -> _Piece:
        piece = self.newline.join(lines)
        complete = at == 0 or self.text[at - 1] == "\n"
        return at, at, piece + self.newline if complete else self.newline + piece


def _end(node: yaml.Node) -> int:
    """Return where a value ends; the parser puts the end of a block behind the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    end: int = node.end_mark.index
    return end


def _missing(part: str | int) -> yaml.Node:
    raise KeyError(part)


def _scalar(value: str | date | None, style: str | None = None) -> str:
    """Return a value as YAML that is read the same inside and outside of a flow list."""
    return _flow([value], style if isinstance(value, str) else None)[1:-1]


def _flow(values: Sequence[Any], style: str | None = None) -> str:
    text: str = yaml.dump(
        list(values), Dumper=yaml.SafeDumper, default_flow_style=True, allow_unicode=True, width=10**9,
        default_style=style,
    )  # fmt: skip
    return text.strip()
