"""Stages five and six: times that belong together, then open ranges, ranges from one time to another, unions."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.temporal import calendar
from bot.temporal.clock import Clock, between, instant, within
from bot.temporal.combine import at_time, combine
from bot.temporal.grammar import Context, Result, Stage
from bot.temporal.lexicon import Item
from bot.temporal.period import Frame, Period, date_period, day_of_month, fixed, in_year
from bot.temporal.reading import Span
from bot.temporal.rules_dates import period

TOGETHER = Stage()
RANGES = Stage()
AROUND = timedelta(days=3)


@dataclass(frozen=True)
class Hours:
    """A range of days at certain hours only."""

    period: Period
    clock: Clock


@TOGETHER.rule("period in|on|at|for|around? clock", "in|on|at|for|every? clock in|on|at|of? period")
def _at_time(c: Context, *items: Item | None) -> Result:
    """Tomorrow at seven; abends in der nächsten Woche."""
    base = next(item.value for item in items if item is not None and item.type == "period")
    found = next(item.value for item in items if item is not None and item.type == "clock")
    return _timed(c, base, found)


def _timed(c: Context, base: Period, found: Clock) -> Result:
    exact = at_time(base, found, c.frame, c.zone)
    if exact is not None:
        return "period", exact
    if base.grain == "hour":
        return None
    return "hours", Hours(base, found)


@TOGETHER.rule("period in|on|at|for? period", "period in? num|dotnum")
def _together(c: Context, first: Item, _link: Item | None, second: Item) -> Result:
    if second.type != "period":
        return period(in_year(first.value, second.value)) if second.figures and second.value >= 1900 else None
    if second.weak and second.value.weekday is not None and first.value.kind == "day":
        return None  # "heute so"
    return period(combine(first.value, second.value, c.frame))


@TOGETHER.rule("at|in? clock in|on|at? period in|on? clock")
def _placed_by_part(c: Context, *items: Item | None) -> Result:
    """Half past eight on Saturday evening: the part of the day decides which half, though the day stands between."""
    clocks = [item.value for item in items if item is not None and item.type == "clock"]
    base = next(item.value for item in items if item is not None and item.type == "period")
    if clocks[1].kind != "daypart" or clocks[0].kind == "daypart" or base.grain == "hour":
        return None
    return _timed(c, base, within(clocks[0], clocks[1]))


@TOGETHER.rule(
    "num in|on? period in|on? clock",
    "num num in|on? period in|on? clock",
    "from|between? num to|until|dash|and num in|on? period in|on? clock",
)
def _bare_hour_placed(c: Context, *items: Item | None) -> Result:
    """9 on Friday night, seven thirty on Saturday evening, six to eight on Friday evening."""
    given = [item for item in items if item is not None]
    numbers = [item for item in given if item.type == "num"]
    base = next(item.value for item in given if item.type == "period")
    part = given[-1].value
    counted = c.before is not None and (c.before.type not in ("word", "stop") or c.before.value not in (*SAID, None))
    if counted or (c.before is not None and c.before.type == "word" and c.before.value is None):
        return None
    if part.kind != "daypart" or base.grain != "day":
        return None
    linked = any(item.type in ("to", "until", "dash", "and") for item in given)
    found = _spoken_hours(numbers, linked=linked)
    placed = within(found, part) if found else None
    return _timed(c, base, placed) if placed and part.start <= placed.start < part.end else None


SAID = ("function", "arrive", "leave")  # values of words that count nothing


def _spoken_hours(numbers: list[Item], *, linked: bool) -> Clock | None:
    first, last = numbers[0], numbers[-1]
    if not linked:
        minute = last.value if last is not first else 0
        return instant(first.value, minute, loose=True) if 1 <= first.value <= 12 else None
    if not (1 <= last.value <= 12 and first.value <= 25):
        return None
    if first.value in (5, 10, 20, 25) and not first.figures:  # five to eight
        return instant(last.value - 1 or 12, 60 - first.value, loose=True)
    begin, end = instant(first.value, loose=True), instant(last.value, loose=True)
    return between(begin, end) if begin and end and first.value <= 12 else None


@TOGETHER.rule("period and|to|until|dash period in|on|of? period")
def _days_of_week(c: Context, first: Item, _link: Item, last: Item, _in: Item | None, week: Item) -> Result:
    """Freitag und Samstag nächster Woche."""
    if week.value.grain != "week" or first.value.weekday is None or last.value.weekday is None:
        return None
    spans = [combine(week.value, day.value, c.frame) for day in (first, last)]
    ends = [found.at(c.frame)[0] for found in spans if found is not None and found.at(c.frame)]
    both = calendar.hull(ends[0], ends[1]) if len(ends) == 2 else None
    return period(fixed("range", "days", both)) if both else None


@TOGETHER.rule("habit in|on|of? period", "period in|on? habit")
def _habit(c: Context, *items: Item | None) -> Result:
    """Jeden Abend im Mai."""
    base = next(item.value for item in items if item is not None and item.type == "period")
    found = next(item.value for item in items if item is not None and item.type == "habit")
    return _timed(c, base, found)


@TOGETHER.rule("period clock in|on? period")
def _evening_of_week(c: Context, day: Item, hour: Item, _link: Item | None, base: Item) -> Result:
    """Dienstagabend nächster Woche."""
    if day.value.weekday is None or base.value.grain != "week":
        return None
    found = combine(base.value, day.value, c.frame)
    return _timed(c, found, hour.value) if found else None


@TOGETHER.rule("period hours", "hours in|on|at? period")
def _hours_and_period(c: Context, *items: Item | None) -> Result:
    hours = next(item.value for item in items if item is not None and item.type == "hours")
    base = next(item.value for item in items if item is not None and item.type == "period")
    found = combine(hours.period, base, c.frame)
    return _timed(c, found, hours.clock) if found else None


@TOGETHER.rule("in|on|at|an|for|of|every|around? period")
def _preposition(c: Context, lead: Item | None, item: Item) -> Result:
    """A preposition makes sure of a weak word: "in May", "am Mo"."""
    if lead is None or (lead.type == "around" and item.value.grain in ("day", "days")):
        return None
    if item.weak and lead.type in ("at", "for") and item.value.kind != "holiday":
        return None
    return "period", item.value


@RANGES.rule(
    "from|von|between|on|in? period to|until|dash|and|onwards period",
    "from|von|between? num|dotnum|ord to|until|dash|and period",
)
def _range(c: Context, lead: Item | None, first: Item, link: Item, last: Item) -> Result:
    if link.type == "onwards":
        return None
    if link.type == "and" and (lead is None or lead.type != "between"):
        return _union(c, first, last, sure=link.value is not None)
    begin = _begin(first, last.value)
    if begin is None:
        return None
    return period(from_to(c, begin, last.value))


def _begin(first: Item, last: Period) -> Period | None:
    """Return the start of a range; a bare day takes the month of the end ("vom 4. bis 6. Dezember")."""
    if first.type == "period":
        found: Period = first.value
        return found
    if last.day is None or not 1 <= first.value <= 31:
        return None
    return date_period(last.month, first.value) if last.month else day_of_month(first.value)


def from_to(c: Context, begin: Period, end: Period) -> Period | None:
    """Return the time from one period to another; what the text left open is taken after the start."""
    frame = c.frame
    ends = end.at(frame)
    if end.dated and not begin.dated and ends and ends[0].end is not None:
        return _fixed_range(*_backwards(frame, begin, ends[0]))
    starts = begin.at(replace(frame, inclusive=True))
    if not starts or starts[0].start is None:
        return None
    if not end.dated:
        ends = end.at(frame.moved_to(starts[0].start.date()))
        if ends and ends[0].start is not None and ends[0].start <= starts[0].start and begin.weekday is not None:
            ends = end.at(frame.moved_to(starts[0].start.date() + calendar.DAY))
    return _fixed_range(starts[0], ends[0] if ends else None)


def _backwards(frame: Frame, begin: Period, end: Span) -> tuple[Span | None, Span]:
    """Return the latest start before a dated end ("20 December to 6 January 2028")."""
    assert end.end is not None  # noqa: S101  # the caller has checked
    anchor = end.start or end.end
    if begin.in_year is not None:
        spans = [span for year in (anchor.year, anchor.year - 1) for span in begin.in_year(year)[:1]]
    else:
        spans = list(begin.at(replace(frame, inclusive=True))[:1])
        past = begin.at(replace(frame, now=anchor, past=True))[:1]
        spans += list(past)
    fitting = [span for span in spans if span.start is not None and span.start < end.end]
    return (fitting[0] if fitting else None), end


def _fixed_range(start: Span | None, end: Span | None) -> Period | None:
    if start is None or end is None or end.end is None:
        return None
    instant = end.start is not None and end.end - end.start <= timedelta(hours=1)
    stop = end.start if instant else end.end
    span = calendar.hull(start, Span(end.start, stop))
    if span is None:
        return None
    exclusive = Span(start.start, end.start) if end.start and start.start and start.start < end.start else None
    return fixed("range", "days", span, exclusive if exclusive != span and not instant else None)


def _union(c: Context, first: Item, last: Item, *, sure: bool) -> Result:
    """Friday and Saturday, heute oder morgen: from the first to the last; times far apart stay two readings."""
    if first.type != "period" or (
        first.weak and last.weak and not (sure or first.value.kind == last.value.kind == "month")
    ):
        return None
    begin, end = first.value, last.value
    if begin.grain == "hour" or end.grain == "hour":
        return None
    a = begin.at(replace(c.frame, inclusive=True))
    if not a or a[0].start is None:
        return None
    b = end.at(c.frame) if end.dated else end.at(c.frame.moved_to(a[0].start.date()))
    if not b or b[0].start is None or a[0].end is None or b[0].end is None:
        return None
    one, two = sorted((a[0], b[0]), key=lambda span: (span.start, span.end))
    assert one.end and two.start and one.start and two.end  # noqa: S101  # checked above
    gap = two.start - one.end
    if gap > max(two.end - two.start, timedelta(days=4)):
        return period(fixed(begin.kind, begin.grain, a[0], b[0]))
    return period(fixed("range", "days", Span(one.start, max(one.end, two.end))))


@RANGES.rule("from period", "period onwards", "from|von period onwards|an")
def _open_end(c: Context, *items: Item | None) -> Result:
    base = _base(items)
    if base.kind == "range":
        return "period", base
    spans = base.at(replace(c.frame, inclusive=True))
    endless = any(item is not None and item.type in ("onwards", "an", "since_post") for item in items)
    if not endless and spans and spans[0].end is not None and spans[0].end <= c.frame.now:
        return period(fixed(base.kind, base.grain, *spans, Span(spans[0].start, None)))  # "the mail from last week"
    return period(_open(spans, lambda span: Span(span.start, None)))


def _base(items: tuple[Item | None, ...]) -> Period:
    base: Period = next(item.value for item in items if item is not None and item.type == "period")
    return base


def _open(spans: tuple[Span, ...], change) -> Period | None:  # type: ignore[no-untyped-def]
    found = [change(span) for span in spans]
    return fixed("open", "days", *[span for span in found if span is not None]) if found and found[0] else None


@RANGES.rule("after period", "period after_post")
def _after(c: Context, *items: Item | None) -> Result:
    base = _base(items)

    def change(span: Span) -> Span | None:
        if base.grain == "hour" and span.end is not None and span.start is not None:
            return Span(span.start if base.kind == "instant" else span.end, None)
        return Span(span.end, None) if span.end is not None else None

    return period(_open(base.at(c.frame), change))


@RANGES.rule("until period")
def _until(c: Context, *items: Item | None) -> Result:
    base = _base(items)
    return period(_open(base.at(c.frame), lambda span: _ending(c, _stop(base, span))))


def _stop(base: Period, span: Span):  # type: ignore[no-untyped-def]
    return span.start if base.kind == "instant" else span.end


def _ending(c: Context, end) -> Span | None:  # type: ignore[no-untyped-def]
    if end is None:
        return None
    today = calendar.midnight(c.frame.today)
    return Span(today if end > today else None, end)


@RANGES.rule("before period", "period before_post")
def _before(c: Context, *items: Item | None) -> Result:
    base = _base(items)
    return period(_open(base.at(c.frame), lambda span: _ending(c, span.end if base.grain == "end" else span.start)))


@RANGES.rule("since period", "since period since_post", "from? period since_post")
def _since(c: Context, *items: Item | None) -> Result:
    base = _base(items)
    spans = base.at(replace(c.frame, past=True))
    if not spans or spans[0].start is None:
        return None
    end = calendar.midnight(c.frame.today + calendar.DAY)
    start = spans[0].start
    if start >= end:
        return None
    return period(fixed("open", "days", Span(start, end), Span(start, None)))


@RANGES.rule("around period", "period around_post")
def _around(c: Context, *items: Item | None) -> Result:
    base = _base(items)
    spans = base.at(c.frame)
    if not spans or spans[0].start is None or spans[0].end is None or base.grain == "hour":
        return None
    return period(fixed(base.kind, "days", Span(spans[0].start - AROUND, spans[0].end + AROUND), *spans))


@RANGES.rule("period and|to|until|dash ord|dotnum")
def _days_after(c: Context, first: Item, link: Item, last: Item) -> Result:
    """On the 5th or 6th."""
    base = first.value
    if base.day is None or not last.figures or not base.day < last.value <= 31 or c.counts:
        return None
    end = date_period(base.month, last.value) if base.month else day_of_month(last.value)
    return period(from_to(c, base, end))


@RANGES.rule("period period")
def _listed(c: Context, first: Item, second: Item) -> Result:
    """5号6号; heute, morgen."""
    kinds = {first.value.kind, second.value.kind} - {"range"}
    if len(kinds) != 1 or second.value.kind == "range" or not kinds & {"date", "day", "month", "weekday"}:
        return None
    return _union(c, first, second, sure=True)


@RANGES.rule("on|in|at|an|for period", "period onwards")
def _absorb(_c: Context, first: Item, second: Item) -> Result:
    item = first if first.type == "period" else second
    return None if item.weak else ("period", item.value)
