"""Phone numbers, cards, accounts and other long numbers, told from dates, years and amounts. Pure functions."""

import re

from bot.inbox.words import any_of, words

# Digits with what people put between them; commas and colons belong to lists and times.
_RUN = re.compile(r"(?<![A-Za-z0-9_.])(?:\+|\(\+?)?\d(?:[\s()./–—\-]{0,3}\d){5,}(?!\d)")
_HAN_RUN = re.compile(r"[零〇一二三四五六七八九幺]{7,}")
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z]{4})?(?:[ -]?(?=[A-Za-z]{0,3}\d)[A-Za-z0-9]{4}){2,7}"
    r"(?:[ -]?(?=[A-Za-z]{0,2}\d)[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])"
)
# Passports, parcels, identity cards: letters and many digits in one word.
_CODE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9]*[A-Za-z])(?=(?:[A-Za-z]*\d){5})[A-Za-z0-9]{7,30}(?![A-Za-z0-9])")
_SHORT_CODE = re.compile(r"(?<![A-Za-z0-9])(?=(?:[A-Z]*\d){4})[A-Z][A-Z0-9]{8}(?![A-Za-z0-9])")

_YEAR = r"(?:1[0-9]|20|21)\d\d"
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_DATE = (
    rf"(?:{_DAY}\.\s?{_MONTH}\.\s?(?:{_YEAR}|\d\d)|{_DAY}/{_MONTH}/(?:{_YEAR}|\d\d)|{_MONTH}/{_DAY}/{_YEAR}"
    rf"|{_YEAR}[-/.]{_MONTH}[-/.]{_DAY}|{_DAY}-{_MONTH}-{_YEAR}|{_YEAR}-{_MONTH}|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
)
# Dates, years, and with them days and small numbers: "1988-1994", "10.-14.03.2027", "1994 (30".
_WHEN = re.compile(rf"(?:(?:{_DATE}|{_YEAR}|(?<![\d+])[1-9]\d?\.?(?!\d))(?:[\s()./–—\-]{{1,3}}|$))+")
_HAS_WHEN = re.compile(rf"(?<!\d)(?:{_DATE}|{_YEAR})(?!\d)")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:[.,']\d{3})+|[1-9]\d{0,2}(?:\s\d{3})*\s000|[1-9]\d{3,5}00")
_COUNTED = re.compile(rf"\s?{any_of(words()['counted'])}", re.IGNORECASE)
_CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}")
SHORTEST = 6
CARD = (13, 19)


def mask_numbers(text: str) -> str:
    """Return ``text`` without accounts, cards, phone and other long numbers."""
    text = _IBAN.sub("[iban]", text)
    text = _CODE.sub(lambda match: match[0] if _is_url_part(match) else "[number]", text)
    text = _SHORT_CODE.sub("[number]", text)
    text = _HAN_RUN.sub("[phone]", text)
    return _RUN.sub(_digits, text)


def _is_url_part(match: re.Match[str]) -> bool:
    """Whether the word before is part of a link that was looked at already."""
    return match.string[max(0, match.start() - 3) : match.start()].endswith("://")


def _digits(match: re.Match[str]) -> str:
    found = match[0]
    digits = re.sub(r"\D", "", found)
    if _is_when(found) or len(digits) < SHORTEST:
        return found
    if found[0] not in "+(0" and (_THOUSANDS.fullmatch(found) or _COUNTED.match(match.string, match.end())):
        return found
    return f"[{_kind(found, digits)}]"


def _is_when(found: str) -> bool:
    return _WHEN.fullmatch(found) is not None and _HAS_WHEN.search(found) is not None


def _kind(found: str, digits: str) -> str:
    if found[0] in "+(0" or _CHINESE_MOBILE.fullmatch(digits):
        return "phone"
    if CARD[0] <= len(digits) <= CARD[1]:
        return "card"
    return "phone" if len(digits) == 10 and re.search(r"\d\D+\d", found) else "number"
