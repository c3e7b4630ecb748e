"""Questions about other things in the words of ours, made from the content for training.

"When was the Business Desk opened?" becomes "When was the Goethe-Institut opened?", far from the topic. Without
them the classifier believes the form of a question (docs/decisions/0003-far-and-near.md has the figures).
"""

import random
import re
from collections.abc import Iterator

from bot.content.model import Content, Namesakes, Sentence
from bot.text import has_han

SEED = 1994
# Enough to teach that the name decides; with twice as many, known questions begin to look far.
SHARE = 0.3

Pattern = re.Pattern[str]


def look_alikes(content: Content) -> Iterator[tuple[Sentence, str]]:
    """Yield (question, language) for a seeded share of the FAQ questions that name one of our things."""
    kinds = [(kind, {language: _pattern(names) for language, names in kind.ours.items()}) for kind in content.namesakes]
    for entry in content.entries.values():
        for language, sentences in entry.questions.items():
            for sentence in sentences:
                # Seeded by the sentence: an edit elsewhere leaves its look-alike as it was.
                chance = random.Random(f"{SEED} {sentence.text}")  # noqa: S311  # not for secrets
                if chance.random() < SHARE and (text := _renamed(sentence.text, language, kinds, chance)):
                    yield Sentence(text, sentence.file, sentence.line), language


def _renamed(
    text: str, language: str, kinds: list[tuple[Namesakes, dict[str, Pattern]]], chance: random.Random
) -> str | None:
    named = [(kind, pattern) for kind, by in kinds if (pattern := by.get(language)) and pattern.search(text)]
    candidates = [pair for pair in named if not pair[0].place] or named
    if not candidates:
        return None
    kind, pattern = chance.choice(candidates)
    other = chance.choice(kind.others[language])
    return pattern.sub(lambda _: other, text)


def _pattern(names: tuple[str, ...]) -> Pattern:
    longest_first = sorted(names, key=len, reverse=True)
    words = (re.escape(name) if has_han(name) else rf"\b{re.escape(name)}\b" for name in longest_first)
    return re.compile("|".join(words), re.IGNORECASE)
