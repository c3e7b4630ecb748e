"""Names that look like times: Herr März, April Schmidt, the Monday Club, 《秋天的童话》.

What stands beside a month, weekday or season decides: a title, a first or last name, a thing that is called by it.
The words are data: the section `names` of a lexicon.
"""

import re
from dataclasses import dataclass
from typing import Any

from bot.temporal.tokens import word_form
from bot.text import has_han, to_simplified

NAMED = ("month", "monthmark", "season", "weekday", "holiday")
_NUMERAL = "0123456789〇一二两三四五六七八九十"
SECTIONS = ("titles", "introductions", "first", "last", "things", "articles", "happenings", "after")
_LAST = re.compile(r"([^\W\d_]+)[.'’]?[\s-]*$")
_NEXT = re.compile(r"[\s-]?([^\W\d_]+)")
_IN_A_TITLE = re.compile(r"《[^》]*$")


@dataclass(frozen=True)
class Names:
    """The words of one language beside which a date word is a name.

    ``titles`` and ``introductions`` stand before any name, ``first`` and ``last`` are names of people, ``things``
    are called by a weekday or month ("club"), ``happenings`` are not ("concert"), ``after`` are Chinese titles.
    ``capitals``: only names are written with a capital letter.
    """

    words: dict[str, frozenset[str]]
    capitals: bool = False

    @classmethod
    def of(cls, section: dict[str, Any]) -> "Names":
        """Return the names of a lexicon's section; a section that is absent is empty."""
        words = {name: frozenset(word_form(str(word)) for word in section.get(name, ())) for name in SECTIONS}
        return cls(words, bool(section.get("capitals")))

    def names(self, kind: str, before: str, given: str, after: str) -> bool:
        """Return whether ``given``, a date word of type ``kind``, is a name between the texts around it."""
        if _IN_A_TITLE.search(before):
            return True
        if has_han(given):
            return self._in_chinese(kind, before, after)
        previous, earlier = _two_before(before)
        if word_form(previous) in self.words["titles"] or word_form(previous) in self.words["introductions"]:
            return True
        if previous[:1].isupper() and given[:1].isupper() and word_form(earlier) in self.words["titles"]:
            return True  # Herr Thomas März
        found = _NEXT.match(after)
        following = found[1] if found else ""
        if kind in ("month", "season") and self._person(previous, following, given):
            return True
        return self._thing(kind, word_form(previous), following, given)

    def _in_chinese(self, kind: str, before: str, after: str) -> bool:
        if kind == "monthmark":
            before = before.rstrip(_NUMERAL)
        before, after = to_simplified(before[-4:]), to_simplified(after[:3])
        named = any(before.endswith(word) for word in self.words["introductions"])
        return named or (kind != "weekday" and any(after.startswith(word) for word in self.words["after"]))

    def _person(self, previous: str, following: str, given: str) -> bool:
        capital = given[:1].isupper()
        if capital and following[:1].isupper() and word_form(following) in self.words["last"]:
            return True
        return capital and previous[:1].isupper() and word_form(previous) in self.words["first"]

    def _thing(self, kind: str, previous: str, following: str, given: str) -> bool:
        article = previous in self.words["articles"] or not previous
        if not following or kind == "holiday":
            return False
        if article and word_form(following) in self.words["things"]:
            return True
        name = self.capitals and given[:1].isupper() and following[:1].isupper() and not following.isupper()
        return name and previous in self.words["articles"] and word_form(following) not in self.words["happenings"]


def _two_before(text: str) -> tuple[str, str]:
    """Return the last word of ``text`` and the one before it, empty if a sentence or clause ends between."""
    last = _LAST.search(text[-60:])
    if last is None:
        return "", ""
    earlier = _LAST.search(text[-60:][: last.start()])
    return last[1], earlier[1] if earlier else ""
