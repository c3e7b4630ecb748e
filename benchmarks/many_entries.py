"""Makes a content of many entries out of ours, to measure what grows with them. What it asks makes no sense to people.

An added entry is one of ours with its longer words written in other letters, and forty questions a language, as many
as a desk writes: so lengths, repetitions and function words are those of real questions, and the topics are new.
"""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

QUESTIONS = 40
LONG = 4
VOWELS, CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxz"
FUNCTION_CHARACTERS = set("的是什么哪里怎有在了吗谁几时候为和与请问多少年月日个这那能可以")
_HAN = (0x4E00, 0x9FA5)
_WORD = re.compile(rf"[A-Za-zÄÖÜäöüß]{{{LONG},}}|[一-龥]")
_LANGUAGE = re.compile(r"  (de|en|zh):")


def grow(content: Path, entries: int) -> None:
    """Add entries to the folder ``content`` until it has ``entries``."""
    ours = sorted(content.glob("faq/*/*.yml"))
    for number in range(entries - len(ours)):
        path = ours[number % len(ours)]
        name = f"{path.stem}_{number + 1}"
        text = path.read_text(encoding="utf-8").replace(f"id: {path.stem}\n", f"id: {name}\n", 1)
        head, questions = text.split("\nquestions:\n", 1)
        head = head.replace(f": {path.stem}\n", f": {name}\n")
        lines = "\n".join(_other_questions(questions.splitlines(), number + 1))
        (path.parent / f"{name}.yml").write_text(f"{head}\nquestions:\n{lines}\n", encoding="utf-8")


def _other_questions(lines: list[str], shift: int) -> Iterator[str]:
    languages: dict[str, list[str]] = {}
    for line in lines:
        if match := _LANGUAGE.match(line):
            current = languages.setdefault(match[1], [])
        elif line.startswith("    - "):
            current.append(line)
    for language, questions in languages.items():
        yield f"  {language}:"
        others = (_WORD.sub(lambda word: _other(word[0], shift), one) for one in questions if _WORD.search(one))
        yield from islice(dict.fromkeys(others), QUESTIONS)


def _other(word: str, shift: int) -> str:
    """Return a word or a Chinese character in other letters, always the same for the same ``shift``."""
    if word in FUNCTION_CHARACTERS:
        return word
    if _HAN[0] <= ord(word[0]) <= _HAN[1]:
        return chr(_HAN[0] + (ord(word[0]) - _HAN[0] + 37 * shift) % (_HAN[1] - _HAN[0]))
    return "".join(_letter(letter, shift) for letter in word)


def _letter(letter: str, shift: int) -> str:
    for kind in (VOWELS, CONSONANTS):
        if letter.lower() in kind:
            # From 1 to all but one on: never the letter itself, and another for each of 76 shifts together.
            other = kind[(kind.index(letter.lower()) + shift % (len(kind) - 1) + 1) % len(kind)]
            return other.upper() if letter.isupper() else other
    return letter
