"""YAML read together with the line of every node, so that a problem can name its place."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML built without libyaml: slower, same result
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]


@dataclass(frozen=True)
class Located:
    """A YAML value (dict of Located, list of Located, or a scalar) and the 1-based line it starts on."""

    value: Any
    line: int

    def get(self, key: str) -> "Located | None":
        """Return the value under ``key`` if this is a mapping that has it."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def plain(self) -> Any:
        """Return the value without lines, as PyYAML would have."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value


class YamlError(Exception):
    """Raised for text that is not the YAML we take; carries the line and a message."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def compose(text: str) -> yaml.Node | None:
    """Return the nodes of ``text``, whose marks count characters; None for an empty text.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    return yaml.compose(text, Loader=_Loader)


def plain(text: str) -> Any:
    """Return what ``text`` says, as plain data.

    Raises:
        yaml.YAMLError: it is no YAML, or holds a tag.
    """
    return yaml.load(text, Loader=_Loader)  # a safe loader, in C where there is one


def read(path: Path) -> Located:
    """Read one YAML document.

    Raises:
        YamlError: not UTF-8, broken YAML, a repeated key, an alias or a tag.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlError(1, f"not UTF-8 text (byte {error.start})") from error
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        return Located(None, 1) if node is None else _located(node, loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(mark.line + 1 if mark else 1, error.problem or "broken YAML") from error
    except yaml.YAMLError as error:
        raise YamlError(1, str(error)) from error
    finally:
        loader.dispose()


def _located(node: yaml.Node, loader: Any) -> Located:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return Located(_mapping(node, loader), line)
    if isinstance(node, yaml.SequenceNode):
        return Located([_located(item, loader) for item in node.value], line)
    return Located(loader.construct_object(node), line)


def _mapping(node: yaml.MappingNode, loader: Any) -> dict[str, Located]:
    result: dict[str, Located] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in result:
            raise YamlError(key_node.start_mark.line + 1, f"the key '{key}' stands twice")
        located = _located(value_node, loader)
        # A problem with a key's value is best shown on the key's own line.
        result[key] = Located(located.value, key_node.start_mark.line + 1)
    return result


def key_at(node: Located, line: int) -> tuple[str | int, ...]:
    """Return the way to the innermost value that begins at or before ``line``."""
    inner = list(node.value.items()) if isinstance(node.value, dict) else []
    if isinstance(node.value, list):
        inner = list(enumerate(node.value))
    before = [(key, value) for key, value in inner if value.line <= line]
    if not before:
        return ()
    key, value = max(before, key=lambda pair: pair[1].line)
    return (key, *key_at(value, line))
