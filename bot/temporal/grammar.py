"""The engine of the grammar: rules that replace neighbouring items by one, stage after stage.

A rule's pattern is a line of item types: "rel unit", "in|on? period", where "|" separates choices and "?" makes an
element optional (the function gets None for it). A function returns (type, value), or None if the rule does not fit.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from bot.temporal.lexicon import Item
from bot.temporal.period import Frame

COUNTED_BY_NOTHING = ("function", "arrive", "leave")
Result = tuple[str, Any] | None
Action = Callable[..., Result]


@dataclass
class Context:
    """What a rule may look at besides its items: the frame, the lexicon's settings and the neighbours."""

    frame: Frame
    settings: dict[str, Any]
    zone: ZoneInfo | None = None
    before: Item | None = None
    after: Item | None = None

    @property
    def counts(self) -> bool:
        """Whether a noun follows that a number before it would count ("the 2nd floor", "at 7 places")."""
        after = self.after
        return after is not None and after.type == "word" and after.value not in COUNTED_BY_NOTHING and not after.apart


@dataclass(frozen=True)
class Rule:
    """One expanded pattern; None stands for an optional element that is absent."""

    pattern: tuple[frozenset[str], ...]
    slots: tuple[bool, ...]
    action: Action


@dataclass
class Stage:
    """A set of rules that are applied together, the longest pattern first."""

    rules: dict[str, list[Rule]] = field(default_factory=dict)
    longest: int = 1

    def rule(self, *patterns: str) -> Callable[[Action], Action]:
        """Register a function for one or more patterns."""

        def register(action: Action) -> Action:
            for pattern in patterns:
                self._add(pattern, action)
            return action

        return register

    def _add(self, pattern: str, action: Action) -> None:
        elements = pattern.split()
        choices = [(True, False) if element.endswith("?") else (True,) for element in elements]
        for slots in product(*choices):
            used = [element.rstrip("?").split("|") for element, here in zip(elements, slots, strict=True) if here]
            self.longest = max(self.longest, len(used))
            compiled = Rule(tuple(frozenset(types) for types in used), slots, action)
            for first in used[0]:
                self.rules.setdefault(first, []).append(compiled)
        for rules in self.rules.values():
            rules.sort(key=lambda rule: -len(rule.pattern))

    def apply(self, items: list[Item], context: Context) -> list[Item]:
        """Return ``items`` after every rule that fits has replaced what it matches."""
        index = 0
        while index < len(items):
            found = self._first(items, index, context)
            if found is None:
                index += 1
                continue
            size, item = found
            items = [*items[:index], item, *items[index + size :]]
            index = max(0, index - self.longest)
        return items

    def _first(self, items: list[Item], index: int, context: Context) -> tuple[int, Item] | None:
        for rule in self.rules.get(items[index].type, ()):
            size = len(rule.pattern)
            window = items[index : index + size]
            if len(window) < size or any(
                item.type not in types for item, types in zip(window, rule.pattern, strict=True)
            ):
                continue
            context.before = items[index - 1] if index else None
            context.after = items[index + size] if index + size < len(items) else None
            given = iter(window)
            result = rule.action(context, *[next(given) if here else None for here in rule.slots])
            if result is not None:
                return size, _merged(window, *result)
        return None


def _merged(window: list[Item], kind: str, value: Any) -> Item:
    """Return the item that stands for ``window``; a weak word that found a partner is weak no longer."""
    weak = all(item.weak for item in window)
    return Item(kind, value, window[0].start, window[-1].end, weak=weak, apart=window[0].apart)
