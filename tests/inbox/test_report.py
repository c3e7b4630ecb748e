import csv
import io
import re
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest

from bot.content.model import Content
from bot.inbox.counters import Count
from bot.inbox.groups import Group
from bot.inbox.report import layout, page, plain
from bot.inbox.report.figures import Figures, figures, week_of
from bot.inbox.store import Question
from bot.inbox.turn import Kind
from bot.languages import LANGUAGES

FIRST, LAST = date(2026, 12, 28), date(2027, 1, 17)
HOSTILE = '=HYPERLINK("http://x")<script>alert(1)</script>'


def count(kind: Kind, subject: str = "", number: int = 1, **changes: object) -> Count:
    values = {"day": FIRST, "channel": "web", "language": "de", "kind": kind, "subject": subject, "count": number}
    return Count(**{**values, **changes})  # type: ignore[arg-type]


COUNTS = [
    count(Kind.ANSWERED, "desk_since", 6), count(Kind.ANSWERED, "pandas", 2, language="zh"),
    count(Kind.EVENTS, number=2), count(Kind.UNKNOWN_ABOUT, "unknown_pandas", 3, channel="telegram"),
    count(Kind.UNKNOWN), count(Kind.UNSURE, "desk_what", 1, day=LAST), count(Kind.TALK, number=9),
    count(Kind.FAILED), count(Kind.THUMB_UP, "pandas", 4), count(Kind.THUMB_DOWN, "pandas", 5),
]  # fmt: skip
OPEN = [Group((Question(1, HOSTILE, "en", "web", Kind.UNKNOWN, "", 7, 7, 0.0, 0.0),))]


@pytest.fixture
def found(content: Content) -> Figures:
    return figures(FIRST, LAST, COUNTS, content, OPEN)


def test_messages_add_up(found: Figures) -> None:
    total = found.total
    assert (total.questions, total.answered, total.doubtful, total.unknown) == (15, 10, 1, 4)
    assert (total.thumbs_up, total.thumbs_down, total.talk, total.failed) == (4, 5, 9, 1)
    assert total.share == pytest.approx(66.7, abs=0.1)
    assert sum(row.questions for row in found.tables["language"]) == 15
    assert sum(row.questions for row in found.tables["topic"]) == 15


def test_what_is_unknown_about_a_thing_counts_for_its_topic(found: Figures) -> None:
    topics = {row.name: row for row in found.tables["topic"]}
    assert (topics["places"].answered, topics["places"].unknown) == (2, 3)
    assert (topics["desk"].answered, topics["desk"].doubtful) == (6, 1)
    assert topics["events"].answered == 2
    assert topics["other"].unknown == 1


def test_weeks_follow_iso_and_none_is_left_out(found: Figures) -> None:
    assert [(row.name, row.questions) for row in found.tables["week"]] == [
        ("2026-W53", 14), ("2027-W01", 0), ("2027-W02", 1),
    ]  # fmt: skip
    assert week_of(date(2027, 1, 3)) == "2026-W53"


def test_top_entries_and_gaps(found: Figures, content: Content) -> None:
    assert found.entries == [("desk_since", 6), ("pandas", 2)]
    tables = {table.name: table for table in layout.tables(found, content, "de")}
    assert tables["entry"].rows[0] == ("Seit wann gibt es das Business Desk? (desk_since)", "6")
    assert tables["gap"].rows == ((HOSTILE, "7"),)


class Checker(HTMLParser):
    """Keeps the tags, and fails on one that is closed wrongly."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_stands_alone_and_is_escaped(found: Figures, content: Content, language: str) -> None:
    html = page.to_html(found, layout.tables(found, content, language), language)
    checker = Checker()
    checker.feed(html)
    assert checker.open == []
    assert {"svg", "table", "rect"} <= checker.seen
    assert checker.seen & {"script", "link", "img", "iframe"} == set()
    assert "&lt;script&gt;" in html
    assert f'<html lang="{language}' in html
    assert "@media print" in html


def test_bars_are_as_long_as_their_numbers(found: Figures) -> None:
    longest, other = page.bars(found.tables["channel"], "channel", "de", 120)
    assert (longest.questions, sum(part[3] for part in longest.parts)) == (12, pytest.approx(120, abs=0.2))
    assert (other.questions, sum(part[3] for part in other.parts)) == (3, pytest.approx(30, abs=0.2))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_cell_is_a_formula(found: Figures, content: Content, language: str) -> None:
    data = plain.to_csv(layout.tables(found, content, language)).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(data)) for cell in row]
    assert f"'{HOSTILE}" in cells
    assert [cell for cell in cells if re.match(r"[=+@\t\r]|-.", cell)] == []


def test_nothing_asked_makes_a_report_too(content: Content) -> None:
    empty = figures(FIRST, LAST, [], content, [])
    tables = layout.tables(empty, content, "en")
    assert [table.name for table in tables] == ["total"]
    assert "Nothing was asked" in page.to_html(empty, tables, "en")


def test_columns_stand_below_each_other_also_with_chinese(found: Figures, content: Content) -> None:
    lines = plain.lines(layout.tables(found, content, "zh"))
    rows = lines[lines.index("按语言") + 1 :][:3]
    assert len({plain._width(row) for row in rows}) == 1


def test_many_weeks_fit_the_chart(content: Content) -> None:
    counts = [count(Kind.ANSWERED, "pandas", day=FIRST + timedelta(weeks=number)) for number in range(60)]
    long = figures(FIRST, FIRST + timedelta(weeks=60), counts, content, [])
    html = page.to_html(long, layout.tables(long, content, "en"), "en")
    assert html.count('text-anchor="middle">1<') == page.MOST_WEEKS
