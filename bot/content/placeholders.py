"""The few things an answer may leave to the moment it is given.

``{years_since:1994-04}`` is the number of whole years since a date; ``{contact}`` the operator's
contact; ``{name}`` a value that the caller passes, such as the list of events.
"""

import re
from collections.abc import Callable, Mapping

from bot import clock

_PLACEHOLDER = re.compile(r"\{(?P<name>[a-z_]+)(?::(?P<argument>[0-9-]+))?\}")


def _years_since(argument: str) -> str:
    return str(clock.full_years_since(*(int(part) for part in argument.split("-"))))


_COMPUTED: dict[str, Callable[[str], str]] = {"years_since": _years_since}


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace the placeholders of ``text``; one that is neither computed nor in ``values`` stays as it is."""

    def replacement(match: re.Match[str]) -> str:
        name, argument = match["name"], match["argument"]
        if argument and name in _COMPUTED:
            return _COMPUTED[name](argument)
        return values.get(name, match[0])

    return _PLACEHOLDER.sub(replacement, text)


def unknown(text: str, allowed: set[str]) -> set[str]:
    """Return the placeholders of ``text`` that nothing would fill."""
    return {
        match[0]
        for match in _PLACEHOLDER.finditer(text)
        if not (match["argument"] and match["name"] in _COMPUTED) and match["name"] not in allowed
    }
