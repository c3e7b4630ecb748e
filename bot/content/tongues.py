"""Tells German from English by function words, for texts of a sentence and more that stand in the wrong place.

The assistant's own identification is a trained model and too heavy for a check of files; here a mix-up of two fields is
to be noticed, not a language to be guessed.
"""

import re
from collections.abc import Iterable

_WORDS = {
    "de": "der die das den dem des ein eine einen und oder ist sind wird werden wurde hat haben gibt nicht mit von vom "
    "für auf aus bei zum zur über seit als auch wie was wer wo wann warum welche ich sie wir man kann im am es zu",
    "en": "the a an and or is are was were be been has have had does did do not with of for from on at by to this "
    "that these it its since as also how what who where when why which i you we they can there about",
}  # fmt: skip
_KNOWN = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")
CLEAR = 3
"""Function words by which one language must be ahead of the other."""


def mistaken(texts: Iterable[str], language: str) -> bool:
    """Whether ``texts`` said to be German or English are clearly in the other of the two; never of another language."""
    if language not in _KNOWN:
        return False
    other = "en" if language == "de" else "de"
    words = [word for text in texts for word in _WORD.findall(text.lower())]
    counts = {tag: sum(word in _KNOWN[tag] for word in words) for tag in _KNOWN}
    return counts[other] >= counts[language] + CLEAR and counts[other] > 2 * counts[language]
