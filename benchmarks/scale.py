"""Measures understanding as the FAQ grows: training time and parse time with 40 and with 1,000 entries.

    uv run python benchmarks/scale.py [--entries 40 1000] [--questions 10] [--write-docs]

The entries are invented: the questions of the real FAQ, in each of the three languages, with an invented name in
place of each entry's own subject, so that every entry has its own words and all share their forms. What is learnt and
measured is the product's chain (language, words, ranking), without Rasa around it.
"""

import argparse
import random

from pipeline import Example, Pipeline

from bot import settings
from bot.content import library
from bot.content.model import Content
from bot.evaluation.report import write_docs
from bot.languages import LANGUAGES

MARKS = ("<!-- figures: benchmarks/scale.py --write-docs -->", "<!-- end of scale figures -->")
SEED = 2018
HELD_OUT = 2
SYLLABLES = ("ka", "lu", "mo", "ri", "ta", "ve", "no", "shi", "pa", "der", "gor", "lin", "bu", "zan", "kel", "fi")
CHARACTERS = "海山林河星云石松竹梅兰雪风花鹤龙桥塔湖岛"


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, nargs="+", default=[40, 1000])
    parser.add_argument("--questions", type=int, default=10, help="an entry and language")
    parser.add_argument("--write-docs", action="store_true")
    options = parser.parse_args()
    content = library.load(settings.load().content_dir)
    lines = [
        "| entries × 3 languages | questions | training, s | parse p50, ms | right, unseen |",
        "|---|---|---|---|---|",
    ]
    for number in options.entries:
        train, test = invented(content, number, options.questions)
        pipeline = Pipeline(train)
        right = pipeline.accuracy(test)
        cells = (
            number,
            f"{len(train):,}",
            f"{pipeline.seconds:.1f}",
            f"{pipeline.parse_ms([e.text for e in test]):.2f}",
        )
        lines.append("| " + " | ".join(map(str, cells)) + f" | {100 * right:.1f} % |")
        print(lines[-1], flush=True)
    if options.write_docs:
        write_docs("\n".join(lines), ("docs/benchmarks.md",), MARKS)


def invented(content: Content, entries: int, questions: int) -> tuple[list[Example], list[Example]]:
    """Return training and unseen questions of ``entries`` invented entries."""
    chance = random.Random(SEED)
    forms = {
        language: [item.text for entry in content.entries.values() for item in entry.questions[language]]
        for language in LANGUAGES
    }
    train, test = [], []
    for number in range(entries):
        latin = "".join(chance.choices(SYLLABLES, k=3)).capitalize()
        names = {"de": latin, "en": latin, "zh": "".join(chance.choices(CHARACTERS, k=3))}
        for language in LANGUAGES:
            texts = [
                _about(form, names[language], chance) for form in chance.sample(forms[language], questions + HELD_OUT)
            ]
            examples = [Example(text, f"faq/e{number}", language, "") for text in texts]
            train += examples[HELD_OUT:]
            test += examples[:HELD_OUT]
    return train, chance.sample(test, min(len(test), 1500))


def _about(form: str, name: str, chance: random.Random) -> str:
    """Return a question's form with ``name`` in place of one of its words."""
    if name.isascii():
        words = form.split()
        words[chance.randrange(len(words))] = name
        return " ".join(words)
    at = chance.randrange(len(form))
    return form[:at] + name + form[at + 2 :]


if __name__ == "__main__":
    main()
