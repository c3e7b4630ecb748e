"""The numbers of a time, added up from the daily counts. Pure: counts and content in, figures out."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.content.model import Content
from bot.inbox.counters import Count
from bot.inbox.groups import Group
from bot.inbox.turn import Kind

TOP = 10
EVENTS, OTHER = "events", "other"


@dataclass(frozen=True)
class Row:
    """What became of the messages that a row stands for."""

    name: str
    answered: int = 0
    doubtful: int = 0
    unknown: int = 0
    thumbs_up: int = 0
    thumbs_down: int = 0
    talk: int = 0
    failed: int = 0

    @property
    def questions(self) -> int:
        """All but small talk and failures."""
        return self.answered + self.doubtful + self.unknown

    @property
    def share(self) -> float | None:
        """Which share of the questions, in percent, was answered; None without questions."""
        return 100 * self.answered / self.questions if self.questions else None


@dataclass(frozen=True)
class Figures:
    """The report of the days from ``first`` to ``last``."""

    first: date
    last: date
    total: Row
    tables: dict[str, list[Row]]
    """language, topic, channel (the most questions first) and week (in order, without a hole)"""
    entries: list[tuple[str, int]]
    """the entries that answered most, and how often"""
    gaps: list[Group]
    """what most often remained without a sure answer, as far as it is kept"""


def figures(first: date, last: date, counts: Sequence[Count], content: Content, groups: Sequence[Group]) -> Figures:
    """Return the figures of ``counts``; ``groups`` are the open questions of the time."""
    topics = _Topics(content)
    answered: Counter[str] = Counter()
    for count in counts:
        if count.kind is Kind.ANSWERED:
            answered[count.subject] += count.count
    tables = {
        "language": _ranked(counts, lambda count: count.language),
        "topic": _ranked([count for count in counts if count.kind not in (Kind.TALK, Kind.FAILED)], topics.of),
        "channel": _ranked(counts, lambda count: count.channel),
        "week": _weeks(counts),
    }
    return Figures(first, last, _row("total", counts), tables, answered.most_common(TOP), list(groups[:TOP]))


def week_of(day: date) -> str:
    """Return a day's ISO week: 2027-W10."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _row(name: str, counts: Iterable[Count]) -> Row:
    kinds: Counter[Kind] = Counter()
    for count in counts:
        kinds[count.kind] += count.count
    return Row(
        name,
        answered=kinds[Kind.ANSWERED] + kinds[Kind.EVENTS],
        doubtful=kinds[Kind.UNSURE],
        unknown=kinds[Kind.UNKNOWN] + kinds[Kind.UNKNOWN_ABOUT],
        thumbs_up=kinds[Kind.THUMB_UP],
        thumbs_down=kinds[Kind.THUMB_DOWN],
        talk=kinds[Kind.TALK],
        failed=kinds[Kind.FAILED],
    )


def _rows(counts: Iterable[Count], name_of: Callable[[Count], str]) -> list[Row]:
    grouped: dict[str, list[Count]] = defaultdict(list)
    for count in counts:
        grouped[name_of(count)].append(count)
    return [_row(name, each) for name, each in grouped.items()]


def _ranked(counts: Iterable[Count], name_of: Callable[[Count], str]) -> list[Row]:
    return sorted(_rows(counts, name_of), key=lambda row: (-row.questions, row.name))


def _weeks(counts: Sequence[Count]) -> list[Row]:
    if not counts:
        return []
    rows = {row.name: row for row in _rows(counts, lambda count: week_of(count.day))}
    first, last = min(count.day for count in counts), max(count.day for count in counts)
    monday = first - timedelta(days=first.weekday())
    names = [week_of(monday + timedelta(weeks=number)) for number in range((last - monday).days // 7 + 1)]
    return [rows.get(name) or Row(name) for name in names]


class _Topics:
    """Which topic (folder of entries) a count belongs to."""

    def __init__(self, content: Content) -> None:
        self._of_entry = {entry.id: entry.topic for entry in content.entries.values()}
        # What is unknown about the pandas belongs where the entries about them stand.
        self._of_entry |= {
            topic.unknown_intent: self._of_entry.get(topic.offer[0], OTHER)
            for topic in content.topics.values()
            if topic.offer
        }

    def of(self, count: Count) -> str:
        return EVENTS if count.kind is Kind.EVENTS else self._of_entry.get(count.subject, OTHER)
