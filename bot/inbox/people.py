"""Names of people, where something says that a name comes: an introduction, a title, a closing. Pure functions."""

import re

from bot.inbox.facts import Facts
from bot.inbox.words import any_of, words
from bot.text import fold

_NAMES = words()["names"]
_NEVER = {fold(word) for word in _NAMES["never"]}
_BETWEEN = {fold(word) for word in _NAMES["between"]}
_WORD = re.compile(r"[^\W\d_][\w'’\-]*\.?")
_SKIP = r"[\s:,.\-–!]*"
_INTRODUCED = re.compile(rf"\b{any_of(_NAMES['introductions'])}(?:\b|(?<=\.))[\s:]*(?=[^\W\d_])", re.IGNORECASE)
_NEEDS_COLON = {"name", "vorname", "nachname"}
_MAYBE = re.compile(rf"\b{any_of(_NAMES['maybe'])}\s+(?=[^\W\d_])", re.IGNORECASE)
_NO_TITLE = "".join(rf"(?<!\b{word}\s)" for word in _NAMES["no_title_after"])
_TITLED = re.compile(rf"\b{_NO_TITLE}{any_of(_NAMES['titles'])}\b\.?\s+(?=[^\W\d_])", re.IGNORECASE)
_CLOSED = re.compile(rf"\b{any_of(_NAMES['closings'])}\b{_SKIP}(?=[^\W\d_])", re.IGNORECASE)
MOST_WORDS = 3

_SURNAME = f"(?:{'|'.join(_NAMES['zh_compound'])}|[{_NAMES['zh_surnames']}])"
_END = re.escape(_NAMES["zh_after"]) + r"\s"
_GIVEN = rf"[^\W\d_a-zA-Z{_END}]{{1,2}}"
_ZH_INTRODUCED = re.compile(
    rf"(?P<before>{any_of(_NAMES['zh_introductions'])}\s*[:：是叫为]?\s*)"
    rf"(?P<name>{_SURNAME}{_GIVEN}|[^\W\d_a-zA-Z{_END}不做]{{2,4}}(?=[{_END}]|$))"
)
_ZH_MAYBE = re.compile(
    rf"(?P<before>{any_of(_NAMES['zh_maybe'])})(?P<name>{_SURNAME}[^\W\d_a-zA-Z{_END}]{{1,2}})(?=[，。,.!！？?\s;；]|来自|$)"
)
_ZH_SURNAME = re.compile(rf"(?P<before>(?:我|本人|鄙人|免贵)姓)(?P<name>{_SURNAME}(?:名{_GIVEN})?)")
_ZH_TITLES = any_of(_NAMES["zh_titles"])
_ZH_TITLED = (
    re.compile(rf"(?P<before>)(?P<name>{_SURNAME})(?P<title>{_ZH_TITLES})"),
    re.compile(rf"(?P<before>)(?P<name>{_SURNAME}{_GIVEN})(?P<title>先生|女士|小姐|太太)"),
)
TAG = "[name]"


def mask_people(text: str, facts: Facts) -> str:
    """Return ``text`` without names that somebody is given or gives himself; names of the content stay."""
    for pattern in (_ZH_INTRODUCED, _ZH_SURNAME, *_ZH_TITLED, _ZH_MAYBE):
        text = pattern.sub(lambda match: _chinese(match, facts), text)
    for pattern, certain in ((_INTRODUCED, True), (_CLOSED, True), (_TITLED, True), (_MAYBE, False)):
        text = _after(pattern, text, facts, certain)
    return text


def _chinese(match: re.Match[str], facts: Facts) -> str:
    name, before = match["name"], match["before"]
    unlikely = before in _NAMES["zh_maybe"] and name[-1] in _NAMES["zh_roles"]
    never = any(name.startswith(word) for word in _NAMES["zh_never"])
    if unlikely or never or facts.touches(match.string, match.start("name"), match.end("name")):
        return match[0]
    return f"{before}{TAG}{match.groupdict().get('title') or ''}"


def _after(pattern: re.Pattern[str], text: str, facts: Facts, certain: bool) -> str:
    """Return ``text`` with the name after each match of ``pattern`` masked."""
    at = 0
    while found := pattern.search(text, at):
        at = found.end()
        said = found[0].strip().lower()
        if said in _NEEDS_COLON:
            continue
        end = _name_end(text, at, facts, certain, titled=pattern is _TITLED)
        if end > at:
            text = f"{text[:at]}{TAG}{text[end:]}"
            at += len(TAG)
    return text


def _name_end(text: str, start: int, facts: Facts, certain: bool, titled: bool) -> int:
    """Return where the name that begins at ``start`` ends; ``start`` if none does."""
    taken, end, capitals = 0, start, 0
    position = start
    while taken < MOST_WORDS and (word := _WORD.match(text, position)):
        folded = fold(word[0].rstrip("."))
        if folded in _BETWEEN:
            position = _next(text, word.end())
            continue
        if folded in _NEVER or facts.holds(word[0].rstrip(".")):
            break
        upper = word[0][0].isupper()
        stranger = titled and (word.start() > start or not _ends(text, word.end()))
        if not upper and (not certain or capitals or stranger):
            break
        taken, capitals, end = taken + 1, capitals + upper, word.end() - word[0].endswith(".")
        position = _next(text, word.end())
        if word[0].endswith(".") and taken > 1:
            break
    return end if certain or capitals > 1 else start


def _next(text: str, position: int) -> int:
    return position + 1 if text[position : position + 1] == " " else position


def _ends(text: str, position: int) -> bool:
    return not re.match(r"\s*\w", text[position:])
