"""The report as one HTML file: no script, nothing fetched, charts as SVG, ready to be printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.inbox.report.figures import Figures, Row
from bot.inbox.report.layout import Table, named_row
from bot.inbox.report.words import word

PARTS = ("answered", "doubtful", "unknown")
MOST_WEEKS = 26
CHART_HEIGHT, BAR, SPACE = 160, 26, 12


@dataclass(frozen=True)
class Bar:
    """One bar: its name, the sum, and its parts as (name, count, offset, length), in the chart's units."""

    name: str
    questions: int
    parts: tuple[tuple[str, int, float, float], ...]


def to_html(figures: Figures, tables: Sequence[Table], language: str) -> str:
    """Return the page; everything that comes from visitors and content is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    span = word("span", language, first=figures.first.isoformat(), last=figures.last.isoformat())
    return environment.get_template("page.html").render(
        language={"zh": "zh-Hans"}.get(language, language), title=word("title", language), span=span, tables=tables,
        legend=[(part, word(f"columns.{part}", language)) for part in PARTS],
        weeks=bars(figures.tables["week"][-MOST_WEEKS:], "week", language, CHART_HEIGHT),
        across={name: bars(figures.tables[name], name, language, 420) for name in ("language", "topic", "channel")},
        height=CHART_HEIGHT, bar=BAR, space=SPACE, nothing=word("nothing", language),
    )  # fmt: skip


def bars(rows: Sequence[Row], section: str, language: str, length: float) -> list[Bar]:
    """Return a bar for each row; the longest has ``length``."""
    most = max((row.questions for row in rows), default=0) or 1
    return [_bar(row, named_row(section, row.name, language), length / most) for row in rows]


def _bar(row: Row, name: str, unit: float) -> Bar:
    parts, at = [], 0.0
    for part in PARTS:
        count = int(getattr(row, part))
        parts.append((part, count, round(at, 1), round(count * unit, 1)))
        at += count * unit
    return Bar(name, row.questions, tuple(parts))
