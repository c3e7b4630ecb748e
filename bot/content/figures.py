"""Numbers and dates in answers: what stands there, and what a quote proves.

Months count as their number in every language, so that "5. Mai 1988", "5 May 1988" and
"1988 年 5 月 5 日" hold the same figures {5, 1988}.
"""

import re

_MONTHS = {
    "januar": 1, "january": 1, "februar": 2, "february": 2, "märz": 3, "march": 3, "april": 4, "mai": 5, "may": 5,
    "juni": 6, "june": 6, "juli": 7, "july": 7, "august": 8, "september": 9, "oktober": 10, "october": 10,
    "november": 11, "dezember": 12, "december": 12,
}  # fmt: skip
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def figures(text: str) -> set[int]:
    """Return the numbers of ``text``, months among them; placeholders such as ``{years_since:…}`` do not count.

    "May" counts only with a capital and beside a number, or any polite sentence would hold a date.
    """
    tokens = _TOKEN.findall(_PLACEHOLDER.sub(" ", text))
    found = {int(token) for token in tokens if token.isdecimal()}
    for index, token in enumerate(tokens):
        month = _MONTHS.get(token.lower())
        neighbours = tokens[max(index - 1, 0) : index] + tokens[index + 1 : index + 2]
        if month and token[0].isupper() and any(near.isdecimal() for near in neighbours):
            found.add(month)
    return found
