"""Measures how well a new entry with seven questions a language is found: three entries, other people's wordings.

    uv run python benchmarks/new_entries.py [--json FILE] [--write-docs]

tests/evaluation/new_entries holds entries that the content does not have, their first questions by three authors, and
20 wordings a language by others who saw the fact only. All are fitted beside the real content as `bot train` would,
and decided on by the real thresholds; the calendar is not asked.
"""

import argparse
import json
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import yaml

from bot import quiet, settings

quiet.hush()

from bot.content import library  # noqa: E402
from bot.content.importer import training_data  # noqa: E402
from bot.evaluation.calibration import questions_of, word_cutter  # noqa: E402
from bot.evaluation.datasets import FOLDER  # noqa: E402
from bot.evaluation.report import write_docs  # noqa: E402
from bot.languages import LANGUAGES  # noqa: E402
from bot.nlu import carried, vectors  # noqa: E402
from bot.nlu.belief import FAQ  # noqa: E402
from bot.nlu.conversation import ConversationContext  # noqa: E402
from bot.nlu.decision import Chooser, Thresholds  # noqa: E402
from bot.nlu.ranker import QuestionRanker  # noqa: E402
from bot.nlu.training_tables import LANGUAGE_PROPERTY, TrainingTables  # noqa: E402

MARKS = ("<!-- figures: benchmarks/new_entries.py --write-docs -->", "<!-- end of new entry figures -->")


def main() -> None:
    """Fit, ask and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--write-docs", action="store_true")
    options = parser.parse_args()
    entries = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((FOLDER / "new_entries").glob("*.yml"))}
    content = library.load(settings.load().content_dir)
    data = training_data(content)
    tables = TrainingTables.from_lookup_tables(data.lookup_tables)
    cutter = word_cutter(tables)
    taught = [
        (one.get("text"), one.get("intent_response_key") or one.get("intent"), one.get(LANGUAGE_PROPERTY))
        for one in data.training_examples
    ]
    taught += examples(entries, "questions")
    with tempfile.TemporaryDirectory() as folder, carried.carrying(Path(folder), recall=False):
        made = settings.load().home / "carried" / f"{vectors.NAME}.pickle"
        if made.exists():
            shutil.copy(
                made, folder
            )  # what was encoded already; no other fit is kept where publications look for theirs
        ranker = QuestionRanker(tables.concepts)
        ranker.fit([text for text, _, _ in taught], questions_of(taught, cutter), [label for _, label, _ in taught])
    asked = examples(entries, "wordings")
    chooser = Chooser(Thresholds.read())
    counts: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
    rankings = ranker.rank([text for text, _, _ in asked], questions_of(asked, cutter))
    for (_, label, language), ranking in zip(asked, rankings, strict=True):
        decision = chooser.choose(ranking, ConversationContext())
        wanted = label.removeprefix(FAQ)
        reached = decision.entry == wanted
        offered = decision.entry is None and wanted in decision.offer
        counts[language].update(asked=1, reached=reached, offered=offered, wrong=decision.entry not in (None, wanted))
    lines = ["| | questions | reached | reached or offered | answered with something else |", "|---|---|---|---|---|"]
    for language, count in [*counts.items(), ("all", sum(counts.values(), Counter()))]:
        number = count["asked"]
        found = (count["reached"], count["reached"] + count["offered"], count["wrong"])
        lines.append(f"| {language} | {number} | {' | '.join(f'{each / number:.1%}' for each in found)} |")
    table = "\n".join(lines)
    print(table)
    if options.write_docs:
        write_docs(table, ("docs/benchmarks.md",), MARKS)
    if options.json:
        options.json.write_text(json.dumps(counts, indent=1))


def examples(entries: dict[str, dict], kind: str) -> list[tuple[str, str, str]]:
    """Return (text, label, language) of all entries."""
    return [
        (text, f"{FAQ}{name}", language)
        for name, entry in entries.items()
        for language in LANGUAGES
        for text in entry[kind][language]
    ]


if __name__ == "__main__":
    main()
