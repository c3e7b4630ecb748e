"""Chinese slips of the pen: characters that look or sound alike, only inside date words (周未, 明夭, 星其三).

The table is data: the section `slips` of the lexicon. A character with "?" makes the word weak: it counts only beside
another date word, or where it opens the message, for elsewhere it may be part of other words.
"""

from collections.abc import Iterable, Iterator
from typing import Any

SLIP_TYPES = frozenset(("weekday", "unit", "relday", "daypart", "holiday", "season", "relyear"))

LONGEST = 5  # characters; longer holidays are hardly misspelt in one of these


def variants(section: dict[str, Any], phrases: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, bool]]:
    """Yield (misspelt, phrase, weak) for every phrase of (phrase, type); one character at a time.

    ``section`` holds ``characters`` (right to wrong ones) and ``words`` (misspellings that are words themselves).
    """
    words = frozenset(section.get("words", ()))
    table = {right: [str(wrong) for wrong in wrongs] for right, wrongs in section.get("characters", {}).items()}
    for phrase, kind in phrases:
        if kind not in SLIP_TYPES or not 2 <= len(phrase) <= LONGEST:
            continue
        for place, char in enumerate(phrase):
            for wrong in table.get(char, ()):
                misspelt = phrase[:place] + wrong[0] + phrase[place + 1 :]
                if misspelt not in words:
                    yield misspelt, phrase, wrong.endswith("?")
