"""Damages evaluation questions as visitors' keyboards do: seeded, so that each run is the same."""

import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from opencc import OpenCC

from bot.content.model import Content
from bot.evaluation.datasets import Case
from bot.text import HAN, has_han

_WORD = re.compile(r"[^\W\d_]{4,}")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
_PLAIN = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "Ä": "A", "Ö": "O", "Ü": "U", "ß": "ss"})
_ROWS = ("qwertzuiop", "asdfghjkl", "yxcvbnm")
SEED = 1988

Change = Callable[[str, random.Random, dict[str, str]], str]


def perturbed(cases: list[Case], content: Content) -> list[Case]:
    """Return a damaged copy of each FAQ case for each kind of damage that applies to its language."""
    swaps = _swaps(content)
    copies = []
    for name, (languages, change) in CHANGES.items():
        for case in cases:
            if case.set == "faq" and case.language in languages:
                chance = random.Random(f"{SEED} {name} {case.text}")  # noqa: S311  # not for secrets
                text = change(case.text, chance, swaps[case.language])
                copies.append(replace(case, text=text, set=f"faq~{name}"))
    return copies


def _one_typo(text: str, chance: random.Random, swaps: dict[str, str]) -> str:
    """Swap, drop, double or mistype one inner letter of a word; drop or swap characters of a Chinese run."""
    if has_han(text):
        return _han_typo(text, chance)
    words = list(_WORD.finditer(text))
    if not words:
        return text
    word = chance.choice(words)
    at = word.start() + chance.randrange(1, len(word[0]) - 1)
    letter = text[at]
    kind = chance.choice(("swap", "drop", "double", "mistype"))
    if kind == "swap":
        return text[:at] + text[at + 1] + letter + text[at + 2 :]
    if kind == "drop":
        return text[:at] + text[at + 1 :]
    if kind == "double":
        return text[:at] + letter + text[at:]
    return text[:at] + _neighbour(letter, chance) + text[at + 1 :]


def _neighbour(letter: str, chance: random.Random) -> str:
    for row in _ROWS:
        if (position := row.find(letter.lower())) >= 0:
            return chance.choice(row[max(position - 1, 0) : position] + row[position + 1 : position + 2])
    return letter


def _han_typo(text: str, chance: random.Random) -> str:
    run = chance.choice(list(HAN.finditer(text)))
    if len(run[0]) < 3:
        return text
    at = run.start() + chance.randrange(1, len(run[0]) - 1)
    if chance.random() < 0.5:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _two_typos(text: str, chance: random.Random, swaps: dict[str, str]) -> str:
    return _one_typo(_one_typo(text, chance, swaps), chance, swaps)


def _no_umlauts(text: str, chance: random.Random, swaps: dict[str, str]) -> str:
    return text.translate(chance.choice((_UMLAUTS, _PLAIN)))


def _bare(text: str, chance: random.Random, swaps: dict[str, str]) -> str:
    """Lower case, no punctuation."""
    return " ".join("".join(" " if unicodedata.category(char)[0] == "P" else char for char in text.lower()).split())


def _traditional(text: str, chance: random.Random, swaps: dict[str, str]) -> str:
    return str(OpenCC("s2t").convert(text))


def _full_width(text: str, chance: random.Random, swaps: dict[str, str]) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def _code_mixed(text: str, chance: random.Random, swaps: dict[str, str]) -> str:
    """Put one glossary name into another language."""
    held = [name for name in swaps if name in text]
    if not held:
        return text
    name = max(held, key=len)
    return text.replace(name, swaps[name])


def _pinyin(text: str, chance: random.Random, swaps: dict[str, str]) -> str:
    from pypinyin import lazy_pinyin  # a tool of the dev group

    return " ".join(lazy_pinyin(text))


def _swaps(content: Content) -> dict[str, dict[str, str]]:
    """Return per language: a glossary name -> the same name in a language it is often mixed with."""
    other = {"de": "en", "en": "de", "zh": "en"}
    swaps: dict[str, dict[str, str]] = {language: {} for language in other}
    for term in content.terms:
        for language, mixed in other.items():
            for name in (term.names.get(language), *term.synonyms.get(language, ())):
                if name and term.names.get(mixed) and name != term.names[mixed]:
                    swaps[language][name] = term.names[mixed]
    return swaps


CHANGES: dict[str, tuple[tuple[str, ...], Change]] = {
    "one_typo": (("de", "en", "zh"), _one_typo),
    "two_typos": (("de", "en", "zh"), _two_typos),
    "no_umlauts": (("de",), _no_umlauts),
    "lower_case_no_punctuation": (("de", "en", "zh"), _bare),
    "traditional": (("zh",), _traditional),
    "full_width": (("de", "en", "zh"), _full_width),
    "code_mixed": (("de", "en", "zh"), _code_mixed),
    "pinyin": (("zh",), _pinyin),
}
