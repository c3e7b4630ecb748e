"""What `bot validate` prints: every problem, how complete each language is, and what the calendar says."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from rich.cells import cell_len

from bot.content.checks import GOOD_QUESTIONS, MIN_QUESTIONS
from bot.content.model import Content
from bot.content.problems import Problem, Problems
from bot.languages import LANGUAGES
from bot.sayings import Sayings

SAYINGS = Sayings(Path(__file__).with_suffix(".yml"))
COLUMNS = ("language", "answers", "asked", "well_asked", "questions", "fewest", "phrases")


def lines(content: Content, problems: Problems, language: str, today: date) -> Iterator[str]:
    """Yield the lines of the report in ``language``."""
    for problem in sorted(problems.found):
        yield said(problem, language)
    yield from table(completeness(content, language))
    entries = content.entries.values()
    yield SAYINGS.say(
        "dates", language,
        early=sum(bool(entry.valid_from and today < entry.valid_from) for entry in entries),
        expired=sum(bool(entry.valid_until and entry.valid_until < today) for entry in entries),
        due=sum(bool(entry.review_by and entry.review_by < today) for entry in entries),
    )  # fmt: skip
    errors = len(problems.errors)
    yield SAYINGS.say(
        "sum", language,
        entries=len(content.entries), languages=len(LANGUAGES), errors=errors, warnings=len(problems.found) - errors,
    )  # fmt: skip


def said(problem: Problem, language: str) -> str:
    """Return a problem with its place and what to do."""
    message, fix = problem.said(language)
    severity = SAYINGS.say(problem.severity, language)
    place = f"{problem.file}:{problem.line}"
    return SAYINGS.say("problem", language, place=place, severity=severity, message=message, fix=fix)


def completeness(content: Content, language: str) -> list[list[str]]:
    """Return a table, head first: for each language how many entries and phrases have what they need."""
    head = [
        SAYINGS.say(f"columns.{name}", language, least=MIN_QUESTIONS, good=GOOD_QUESTIONS) for name in COLUMNS
    ]  # fmt: skip
    return [head, *(_row(content, tag) for tag in LANGUAGES)]


def _row(content: Content, tag: str) -> list[str]:
    entries = content.entries.values()
    numbers = {entry.id: len(entry.questions.get(tag, ())) for entry in entries}
    fewest = min(numbers, key=lambda name: numbers[name], default=None)
    return [
        tag,
        f"{sum(bool(entry.answer.get(tag)) for entry in entries)}/{len(numbers)}",
        f"{sum(number >= MIN_QUESTIONS for number in numbers.values())}/{len(numbers)}",
        f"{sum(number >= GOOD_QUESTIONS for number in numbers.values())}/{len(numbers)}",
        str(sum(numbers.values())),
        f"{numbers[fewest]} ({fewest})" if fewest else "0",
        f"{sum(tag in phrase.texts for phrase in content.phrases.values())}/{len(content.phrases)}",
    ]


def table(rows: list[list[str]]) -> Iterator[str]:
    """Yield the lines of a table; a Chinese character takes two places on a terminal."""
    widths = [max(cell_len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
