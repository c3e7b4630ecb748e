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
SECTIONS = (
    "titles",
    "introductions",
    "first",
    "last",
    "things",
    "articles",
    "happenings",
    "dated",
    "after",
    "surnames",
)
_LAST = re.compile(r"([^\W\d_]+)[.'’]?[\s-]*$")
_NEXT = re.compile(r"[\s-]?([^\W\d_]+)")
_WORK = re.compile(r" by [A-Z]")  # "Saturday by Ian McEwan"
_IN_A_TITLE = re.compile(r"《[^》]*$")


@dataclass(frozen=True)
class Names:
    """The words of one language beside which a date word is a name.

    ``titles`` and ``introductions`` stand before any name, ``first`` and ``last`` are names of people, ``things``
    are called by a weekday or month ("club"), ``happenings`` are not ("concert"), ``dated`` stand before dates only.
    ``after`` and ``surnames`` are Chinese titles and family names: 周一鸣导演 is a name, 周六王老师 a day and a name.
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
        last = word_form(previous)
        introduced = {last, f"{word_form(earlier)} {last}"} & self.words["introductions"]
        if introduced or last in self.words["titles"]:
            return True
        if previous[:1].isupper() and given[:1].isupper() and word_form(earlier) in self.words["titles"]:
            return True  # Herr Thomas März
        found = _NEXT.match(after)
        following = found[1] if found else ""
        if kind in ("month", "season") and self._person(previous, following, given):
            return True
        return kind != "holiday" and self._thing(previous, following, given, after)

    def _in_chinese(self, kind: str, before: str, after: str) -> bool:
        if kind == "monthmark":
            before = before.rstrip(_NUMERAL)
        before, after = to_simplified(before[-4:]), to_simplified(after[:4])
        if any(before.endswith(word) for word in self.words["introductions"]):
            return True
        if kind == "weekday":
            return after[:1] not in self.words["surnames"] and after[1:].startswith(tuple(self.words["after"]))
        return after.startswith(tuple(self.words["after"]))

    def _person(self, previous: str, following: str, given: str) -> bool:
        capital = given[:1].isupper()
        if capital and following[:1].isupper() and word_form(following) in self.words["last"]:
            return True
        return capital and previous[:1].isupper() and word_form(previous) in self.words["first"]

    def _thing(self, previous: str, following: str, given: str, after: str) -> bool:
        before, noun = word_form(previous), word_form(following)
        article = before in self.words["articles"]
        capitals = self.capitals and given[:1].isupper()
        name = capitals and following[:1].isupper() and not following.isupper()
        if noun in self.words["things"] and (article or not before or name):
            return before not in self.words["dated"]
        if name and article and noun not in self.words["happenings"]:
            return True
        if capitals and before not in self.words["dated"] and _WORK.match(after):
            return True
        return capitals and previous[:1].isupper() and before in self.words["things"]


def _two_before(text: str) -> tuple[str, str]:
    """Return the last word of ``text`` and the one before it, empty if a sentence or clause ends between."""
    last = _LAST.search(text[-60:])
    if last is None:
        return "", ""
    earlier = _LAST.search(text[-60:][: last.start()])
    return last[1], earlier[1] if earlier else ""
