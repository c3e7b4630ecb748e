"""Stage four: what lies in a longer time: the n-th weekday, the start of a month, next week, Friday in two weeks."""

from collections.abc import Callable
from datetime import date, timedelta

from bot.temporal import calendar, offsets
from bot.temporal.grammar import Context, Result, Stage
from bot.temporal.lexicon import Item
from bot.temporal.period import Frame, Period, day_of_month, fixed, yearly
from bot.temporal.reading import Span
from bot.temporal.rules_dates import STEPS, period

STAGE = Stage()
CONTAINERS = ("week", "month", "quarter", "half", "season", "year", "days")
PARTED = ("week", "month", "quarter", "half", "season", "year")


def year_period(year: int) -> Period | None:
    """Return a calendar year."""
    if not calendar.FIRST_YEAR <= year <= calendar.LAST_YEAR:
        return None
    return fixed("year", "year", calendar.containing("year", date(year, 1, 1)))


def _container(c: Context, item: Item) -> Period | None:
    """Return the period of a container: one that was read, a year, or "des Monats" (this month)."""
    if item.type == "period":
        found: Period = item.value
        return found if found.grain in CONTAINERS or found.grain == "days" else None
    if item.type == "year":
        return year_period(item.value)
    unit = {"monthmark": "month", "yearmark": "year"}.get(item.type, item.value)
    if unit not in PARTED:
        return None
    return Period(unit, unit, lambda frame: (calendar.containing(unit, frame.today),))


def _nth(what: str | int, number: int) -> Callable[[Span], tuple[Span, ...]]:
    return lambda span: calendar.nth(span, what, number)


@STAGE.rule(
    "ord|rel|num|dotnum weekday|unit in|on? period|year|unit",
    "ord|dotnum weekday|unit rel unit",
    "period|year in|on? ord weekday|unit",
)
def _nth_in(c: Context, *items: Item | None) -> Result:
    """First Sunday in December, letzter Tag des Monats, 五月第二个周末."""
    given = [item for item in items if item is not None and item.type not in ("in", "on")]
    if given[0].type in ("period", "year"):
        container, number, what = given[0], given[1], given[2]
    else:
        number, what, container = given[:3]
    if container.type == "unit" and (container.value not in ("month", "year", "week") or what is container):
        return None
    count = _count(number)
    base = _container(c, container)
    if count is None or base is None or (what.type == "unit" and what.value not in ("day", "week", "weekend", "month")):
        return None
    unit = what.value
    if unit == "week" and base.grain == "year" and count > 0:
        return period(_week_of_year(base, count))
    if container.type == "unit" and container.value == "month" and count > 0:
        spans = calendar.nth(base.at(c.frame)[0], unit, count)
        if spans and spans[0].end is not None and spans[0].end <= c.frame.now:  # that of the next month is meant
            base = fixed("month", "month", calendar.containing("month", calendar.add_months(c.frame.today, 1)))
    return period(base.map(_nth(unit, count), "nth", "day" if what.type == "weekday" else unit))


@STAGE.rule("ord dur in|on? period", "ord num period units", "period ord dur")
def _first_units(_c: Context, *items: Item | None) -> Result:
    """Die ersten zwei Wochen im Mai, die ersten beiden Dezemberwochen."""
    by_type = {item.type: item.value for item in items if item is not None}
    count, unit = by_type.get("dur") or (by_type["num"], by_type["units"])
    base = by_type["period"]
    if by_type["ord"] not in (1, -1) or unit not in ("day", "week") or base.grain not in PARTED:
        return None
    length = timedelta(days=count * (7 if unit == "week" else 1))

    def change(span: Span) -> tuple[Span, ...]:
        if span.start is None or span.end is None or span.end - span.start < length:
            return ()
        first = by_type["ord"] == 1
        return (Span(span.start, span.start + length) if first else Span(span.end - length, span.end),)

    return period(base.map(change, "nth", "days"))


def _week_of_year(year: Period, number: int) -> Period:
    """明年第5周: the ISO week; seven days counted from 1 January are the other reading."""

    def weeks(span: Span) -> tuple[Span, ...]:
        iso = calendar.iso_week(span.start.year, number) if span.start else None
        return tuple(week for week in (iso, *calendar.nth(span, "week", number)) if week is not None)

    return year.map(weeks, "week", "week")


def _count(item: Item) -> int | None:
    if item.type == "rel":
        return -1 if item.value == "last" else None
    return item.value if isinstance(item.value, int) and abs(item.value) <= 53 else None


@STAGE.rule("part dash? period|year|unit|monthmark|yearmark", "period|year|unit|monthmark part")
def _part_of(c: Context, first: Item, second: Item, third: Item | None = None) -> Result:
    """Anfang Juni, end of the month, mid-May, 六月初, 明年底."""
    items = [first, second] if third is None else [first, third]
    part, container = (items[0], items[1]) if items[0].type == "part" else (items[1], items[0])
    base = _container(c, container)
    if base is None or base.grain not in PARTED:
        return None
    found = base.map(lambda span: calendar.part(span, base.grain, part.value), "monthpart", _part_grain(part))
    if base.dated or base.in_year is not None:
        return period(found)
    return period(_with_rest(found))


def _part_grain(part: Item) -> str:
    return "end" if part.value == "end" else "days"


def _with_rest(found: Period) -> Period:
    """Add what is left of a part that today lies in."""

    def at(frame: Frame) -> tuple[Span, ...]:
        spans = found.at(frame)
        today = calendar.midnight(frame.today)
        rest = [Span(today, s.end) for s in spans[:1] if s.start and s.end and s.start < today < s.end]
        return (*spans, *rest)

    return Period(found.kind, found.grain, at)


@STAGE.rule("part until|to|and|dash part period", "period part until|to|and|dash? part")
def _two_parts(_c: Context, *items: Item | None) -> Result:
    """Anfang bis Mitte Dezember, mid to late January, 12月中下旬."""
    base = next(item.value for item in items if item is not None and item.type == "period")
    parts = [item.value for item in items if item is not None and item.type == "part"]
    if base.grain not in PARTED:
        return None

    def change(span: Span) -> tuple[Span, ...]:
        first, last = (calendar.part(span, base.grain, name) for name in parts)
        both = calendar.hull(first[0], last[0]) if first and last else None
        return (both,) if both else ()

    return period(base.map(change, "monthpart", "days"))


@STAGE.rule("course unit")
def _course(c: Context, _course: Item, unit: Item) -> Result:
    """Im Laufe der Woche."""
    if unit.value not in PARTED:
        return None
    return period(fixed(unit.value, unit.value, calendar.containing(unit.value, c.frame.today)))


@STAGE.rule("yearmark part", "year yearmark part")
def _part_of_year(c: Context, first: Item, *_rest: Item) -> Result:
    """年底, 今年年底, 2027年初."""
    year = first.value if first.type == "year" else c.frame.today.year
    base, part = year_period(year), _rest[-1]
    if base is None:
        return None
    return period(base.map(lambda span: calendar.part(span, "year", part.value), "monthpart", _part_grain(part)))


@STAGE.rule("part rel unit", "rel unit part", "rel monthmark part", "rel part unit")
def _part_of_relative(c: Context, first: Item, second: Item, third: Item) -> Result:
    by_type = {item.type: item for item in (first, second, third)}
    part, rel = by_type["part"], by_type["rel"]
    unit = by_type.get("unit") or by_type["monthmark"]
    name = "month" if unit.type == "monthmark" else unit.value
    if name not in PARTED:
        return None
    span = calendar.containing(name, calendar.shift(c.frame.today, name, STEPS[rel.value]))
    return period(fixed("monthpart", _part_grain(part), *calendar.part(span, name, part.value)))


@STAGE.rule("monthmark part")
def _part_of_this_month(c: Context, _mark: Item, part: Item) -> Result:
    """月底 alone is the end of this month."""
    month = Period("month", "month", lambda frame: (calendar.containing("month", frame.today),))
    found = month.map(lambda span: calendar.part(span, "month", part.value), "monthpart", _part_grain(part))
    return period(_with_rest(found))


@STAGE.rule("later rel unit", "later in? rel unit", "later period")
def _later(c: Context, *items: Item | None) -> Result:
    """Later this week, later today."""
    last = items[-1]
    if last is None:
        return None
    if last.type == "period":
        if last.value.kind == "month" and items[1] is last:
            return _rest(c, Item("rest", None, last.start, last.end), last)
        if last.value.kind != "day":
            return None
        spans = last.value.at(c.frame)
        today = spans and spans[0].start == calendar.midnight(c.frame.today)
        return period(fixed("range", "hour", Span(c.frame.now, spans[0].end), *spans)) if today else None
    return _rest(c, Item("rest", None, last.start, last.end), *items[1:])


@STAGE.rule("rest rel? unit|period|year|monthmark|yearmark", "rel unit|monthmark rest", "rest in? rel unit")
def _rest(c: Context, *items: Item | None) -> Result:
    """The rest of the week: from today to its end."""
    unit = next((item for item in items if item is not None and item.type not in ("rest", "rel", "in")), None)
    rel = next((item.value for item in items if item is not None and item.type == "rel"), "this")
    if unit is None or rel != "this":
        return None
    if unit.type == "unit" and unit.value == "day":
        return period(fixed("range", "day", Span(c.frame.now, calendar.days(c.frame.today).end)))
    base = _container(c, unit)
    spans = base.at(c.frame) if base else ()
    rest = calendar.intersect(spans[0], Span(calendar.midnight(c.frame.today), None)) if spans else None
    return period(fixed("range", "days", rest)) if rest else None


@STAGE.rule(
    "unit on|von|from|in? ord|period|dotnum",
    "the_week_of period|ord|dotnum",
    "period whose_week|whose_weekend",
)
def _unit_of(c: Context, *items: Item | None) -> Result:
    """Week of December 7, weekend of the 12th, Woche vom 7. Dezember, 12月7日那周."""
    given = [item for item in items if item is not None and item.type not in ("on", "von", "from", "in")]
    marks = {"the_week_of": "week", "whose_week": "week", "whose_weekend": "weekend"}
    names = [marks.get(item.type, item.value) for item in given if item.type in marks or item.type == "unit"]
    base_item = next((item for item in given if item.type in ("period", "ord", "dotnum")), None)
    if not names or base_item is None or names[0] not in ("week", "weekend"):
        return None
    if base_item.type != "period" and not (1 <= base_item.value <= 31 and base_item.figures):
        return None
    base = base_item.value if base_item.type == "period" else day_of_month(base_item.value)
    if base.kind not in ("date", "holiday", "nth") and not (base.kind == "range" and names[0] == "weekend"):
        return None
    name = names[0]
    return period(base.map(lambda s: (calendar.containing(name, s.start.date()),) if s.start else (), name, name))


@STAGE.rule("dotnum|ord")
def _ordinal_alone(c: Context, item: Item) -> Result:
    """Am 15., on the 15th: the next such day; not before a noun, nor as a word ("the second prize")."""
    figures = item.figures and 1 <= item.value <= 31
    if c.before is None and c.after is None and item.figures and 1 <= item.value <= 31 and item.type == "ord":
        return period(day_of_month(item.value))
    if c.before is None or c.before.type not in (
        "on",
        "from",
        "von",
        "until",
        "before",
        "after",
        "since",
        "to",
        "weekday",
        "period",
        "clock",
        "around",
    ):
        return None
    if not figures or c.counts or (c.after is not None and c.after.type in ("unit", "units", "month")):
        return None
    if c.before.type == "period" and c.before.value.kind != "weekday":
        return None
    return period(day_of_month(item.value))


@STAGE.rule("ord|dotnum period")
def _day_of_relative_month(_c: Context, number: Item, base: Item) -> Result:
    """The 15th of next month, am 1. des nächsten Monats."""
    if base.value.kind != "month" or not 1 <= number.value <= 31:
        return None
    return period(base.value.map(lambda span: calendar.nth(span, "day", number.value), "date", "day"))


@STAGE.rule("offset")
def _offset_alone(c: Context, item: Item) -> Result:
    return period(offsets.offset(c.frame, *item.value))


@STAGE.rule("in|for? year")
def _year(c: Context, _in: Item | None, item: Item) -> Result:
    if c.before is not None and c.before.type in ("part",):
        return None
    return period(year_period(item.value))


@STAGE.rule("month")
def _month_left(_c: Context, item: Item) -> Result:
    return period(yearly("month", "month", lambda year: (calendar.month(year, item.value),), month=item.value))
