"""What a message about subscriptions sets: how often, in which zone, which hours are quiet; pure."""

import re
from datetime import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.subscriptions.model import Kind, Preferences
from bot.text import fold, has_han, plain

_FILE = Path(__file__).with_name("words.yml")
_HAN_DIGITS = {
    "十二": "12",
    "十一": "11",
    "十": "10",
    **dict(zip("零一二两三四五六七八九", "01223456789", strict=True)),
}
_HOUR = re.compile(
    r"(?<![\d.:])(?P<part>晚上|夜里|傍晚|下午|早上|上午|中午)?(?P<hour>\d{1,2})(?:[:.点](?P<minute>\d{2}))?"
    r"\s*(?:uhr|点|时)?\s*(?P<half>am\b|pm\b|a\.m\.|p\.m\.)?(?![\d%])"
)
NOON = 12


def kind_of(text: str) -> Kind:
    """Return how often a visitor wants to be told."""
    return Kind.DIGEST if _has(_plain(text), "weekly") else Kind.NEWS


def preferences_of(text: str) -> Preferences:
    """Return what a message sets; an hour alone says nothing."""
    plain = _plain(text)
    zone = next((zone for zone, words in _words()["zones"].items() if _any(plain, words)), None)
    if _has(plain, "no_quiet"):
        return Preferences(zone, time(0), time(0))
    hours = _hours(plain)
    if len(hours) == 2:
        return Preferences(zone, hours[0], hours[1])
    if len(hours) == 1 and _has(plain, "until"):
        return Preferences(zone, None, hours[0])
    if len(hours) == 1 and _has(plain, "from"):
        return Preferences(zone, hours[0], None)
    return Preferences(zone)


def _hours(plain: str) -> list[time]:
    digits = plain
    for character, number in _HAN_DIGITS.items():
        digits = re.sub(f"{character}(?=点|时)", number, digits)
    found = []
    for match in _HOUR.finditer(digits):
        hour, minute = int(match["hour"]), int(match["minute"] or 0)
        half = (match["half"] or "").replace(".", "")
        late = half == "pm" or match["part"] in ("晚上", "夜里", "傍晚", "下午")
        if late and hour < NOON:
            hour += NOON
        if half == "am" and hour == NOON:
            hour = 0
        if hour <= 24 and minute < 60:
            found.append(time(hour % 24, minute))
    if len(found) == 1 and not half and found[0].hour < NOON and _has(plain, "evening"):
        found = [found[0].replace(hour=found[0].hour + NOON)]
    return found


def _has(plain: str, name: str) -> bool:
    return any(_any(plain, words) for words in _words()[name].values())


def _any(plain: str, words: list[str]) -> bool:
    return any(
        word in plain if has_han(word) else re.search(rf"\b{re.escape(fold(word))}", plain) is not None
        for word in words
    )


def _plain(text: str) -> str:
    return plain(text)


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return words
