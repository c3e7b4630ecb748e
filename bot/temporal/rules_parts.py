"""Stage four: what lies in a longer time: the n-th weekday, the start of a month, next week, Friday in two weeks."""

from collections.abc import Callable
from datetime import date, timedelta

from bot.temporal import calendar, offsets
from bot.temporal.grammar import Context, Result, Stage
from bot.temporal.lexicon import Item
from bot.temporal.period import Frame, Period, day_of_month, fixed, weekday_period, yearly
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
    if container.type == "unit" and container.value == "month" and count > 0:
        spans = calendar.nth(base.at(c.frame)[0], unit, count)
        if spans and spans[0].end is not None and spans[0].end <= c.frame.now:  # that of the next month is meant
            base = fixed("month", "month", calendar.containing("month", calendar.add_months(c.frame.today, 1)))
    return period(base.map(_nth(unit, count), "nth", "day" if what.type == "weekday" else unit))


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


@STAGE.rule("part rel unit", "rel unit part", "rel monthmark part")
def _part_of_relative(c: Context, first: Item, second: Item, third: Item) -> Result:
    part, rel, unit = (first, second, third) if first.type == "part" else (third, first, second)
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


@STAGE.rule("rel unit and rel")
def _this_unit_or_next(c: Context, first: Item, unit: Item, link: Item, second: Item) -> Result:
    """This week or next."""
    return _this_or_next(c, first, link, second, unit)


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


@STAGE.rule("rel|every weekday", "weekday relpost")
def _rel_weekday(c: Context, first: Item, second: Item) -> Result:
    """Next Wednesday: of next week, and the coming one as the other reading."""
    name, weekday = (first, second) if first.type != "weekday" else (second, first)
    if name.type == "every":
        return period(weekday_period(weekday.value))
    return period(_weekday(c, name.value, weekday.value, postfixed=first.type == "weekday"))


def _weekday(c: Context, rel: str, weekday: int, *, postfixed: bool) -> Period:
    today = c.frame.today
    monday = today - timedelta(days=today.weekday())
    coming = calendar.weekday_from(today + calendar.DAY, weekday)
    week = monday + timedelta(days=weekday)
    if rel in ("last", "past"):
        gone = calendar.weekday_from(today - timedelta(days=7), weekday)
        previous = week - timedelta(days=7)
        found = [previous, gone] if c.settings.get("week_bound") else [gone, previous]
    elif rel == "coming":
        found = [coming]
    elif rel == "this":
        found = [week, coming] if week >= today or c.settings.get("week_bound") else [coming, week]
    elif rel == "next":
        found = [week + timedelta(days=7), coming]
    elif rel == "afternext":
        found = [week + timedelta(days=14), coming + timedelta(days=7)]
        if postfixed:
            found.reverse()
    else:
        found = [week - timedelta(days=14)]
    return fixed("weekday", "day", *map(calendar.days, found))


@STAGE.rule("rel unit", "unit relpost")
def _rel_unit(c: Context, first: Item, second: Item) -> Result:
    """This, next, last week and weekend."""
    rel, unit = (first, second) if first.type == "rel" else (second, first)
    step, today = STEPS[rel.value], c.frame.today
    if unit.value == "week":
        return period(fixed("week", "week", calendar.containing("week", calendar.shift(today, "week", step))))
    if unit.value == "weekend":
        return period(_weekend(c, rel.value, step))
    if unit.value == "day" and rel.value == "this":
        return period(fixed("day", "day", calendar.days(today)))
    return None


@STAGE.rule("rel and rel unit|weekday")
def _this_or_next(c: Context, first: Item, _and: Item, second: Item, unit: Item) -> Result:
    """This or next week, diesen oder nächsten Samstag: from the one to the other."""
    spans = []
    for rel in (first, second):
        if unit.type == "weekday":
            found: Period | None = _weekday(c, rel.value, unit.value, postfixed=False)
        elif unit.value == "weekend":
            found = _weekend(c, rel.value, STEPS[rel.value])
        else:
            day = calendar.shift(c.frame.today, unit.value, STEPS[rel.value]) if unit.value in PARTED else None
            found = fixed(unit.value, unit.value, calendar.containing(unit.value, day)) if day else None
        if found is None:
            return None
        spans.append(found.at(c.frame)[0])
    both = calendar.hull(spans[0], spans[1])
    return period(fixed("range", "days", both)) if both else None


def _weekend(c: Context, rel: str, step: int) -> Period:
    today = c.frame.today
    here = calendar.containing("weekend", today)
    following = calendar.containing("weekend", calendar.shift(today, "week", 1))
    if rel == "coming":
        return fixed("weekend", "weekend", here if today.weekday() < 5 else following)
    found = [calendar.containing("weekend", calendar.shift(today, "week", step))]
    if rel == "next" and today.weekday() < 5:
        found.append(here)
    return fixed("weekend", "weekend", *found)


@STAGE.rule("unit in|on? offset", "weekday in|on? offset")
def _weekday_in_weeks(c: Context, weekday: Item, _in: Item | None, offset: Item) -> Result:
    """Mittwoch in einer Woche: the coming Wednesday and a week more."""
    count, unit = offset.value
    if unit == "day" and count % 7 == 0:
        count, unit = count // 7, "week"
    if unit not in ("week", "month") or (weekday.type == "unit" and weekday.value != "weekend"):
        return None
    if weekday.type == "unit":
        day = offsets.moved(c.frame.today, count, unit)
        return period(fixed("weekend", "weekend", calendar.containing("weekend", day))) if day else None
    day = offsets.moved(calendar.weekday_from(c.frame.today, weekday.value), count, unit)
    if day is None:
        return None
    return period(fixed("weekday", "day", calendar.days(calendar.weekday_from(day, weekday.value))))


@STAGE.rule("offset in|on? weekday|unit")
def _offset_weekday(c: Context, offset: Item, _on: Item | None, weekday: Item) -> Result:
    """In two weeks on Friday, 两周后的周五: in the week that lies so far away."""
    day = offsets.moved(c.frame.today, *offset.value)
    if day is None or (weekday.type == "unit" and weekday.value != "weekend"):
        return None
    if weekday.type == "unit":
        return period(fixed("weekend", "weekend", calendar.containing("weekend", day)))
    monday = day - timedelta(days=day.weekday())
    return period(fixed("weekday", "day", calendar.days(monday + timedelta(days=weekday.value))))


@STAGE.rule("period in|on? offset")
def _day_in_weeks(c: Context, base: Item, _in: Item | None, offset: Item) -> Result:
    """Heute in einer Woche, morgen in 14 Tagen, tomorrow in two weeks."""
    if base.value.kind != "day":
        return None
    spans = base.value.at(c.frame)
    day = offsets.moved(spans[0].start.date(), *offset.value) if spans else None
    return period(fixed("offset", "day", calendar.days(day))) if day else None


@STAGE.rule("weekday unit", "period unit", "weekday dur")
def _friday_week(c: Context, base: Item, unit: Item) -> Result:
    """Friday week, tomorrow week, Monday fortnight (British)."""
    if unit.type == "dur" and unit.value != (14, "day") or unit.type == "unit" and unit.value != "week":
        return None
    days = 14 if unit.type == "dur" else 7
    if base.type == "period" and base.value.kind != "day":
        return None
    found = base.value if base.type == "period" else weekday_period(base.value)
    return period(found.map(lambda span: _moved(span, days), found.kind, "day"))


def _moved(span: Span, count: int) -> tuple[Span, ...]:
    return (calendar.days(span.start.date() + timedelta(days=count)),) if span.start else ()


@STAGE.rule("dur on? weekday|period", "dur from weekday|period")
def _week_on(c: Context, dur: Item, link: Item | None, base: Item) -> Result:
    """A week on Friday, two weeks from tomorrow, a week today."""
    count, unit = dur.value
    found: Period = weekday_period(base.value) if base.type == "weekday" else base.value
    if found.grain != "day" or (unit != "week" and (link is None or link.type == "on")) or count > 100:
        return None

    def change(span: Span) -> tuple[Span, ...]:
        day = offsets.moved(span.start.date(), count, unit) if span.start else None
        return (calendar.days(day),) if day else ()

    return period(found.map(change, "offset", "day"))


@STAGE.rule("dur after|before|from period", "period after_post|before_post dur")
def _around_period(_c: Context, first: Item, side: Item, last: Item) -> Result:
    """Two days after Christmas, zwei Wochen vor Ostern; 圣诞节后三天."""
    base, dur = (last, first) if first.type == "dur" else (first, last)
    count, unit = dur.value
    if count == 1 and unit in ("week", "month") and side.type == "before_post":
        return period(base.value.map(lambda span: _leading_to(span, unit), "range", "days"))
    forward = side.type in ("after", "after_post", "from")

    def change(span: Span) -> tuple[Span, ...]:
        anchor = (span.end - calendar.DAY if span.end else None) if forward else span.start
        day = offsets.moved(anchor.date(), count if forward else -count, unit) if anchor else None
        return (calendar.days(day),) if day else ()

    return period(base.value.map(change, "offset", "day"))


def _leading_to(span: Span, unit: str) -> tuple[Span, ...]:
    if span.start is None:
        return ()
    end = span.start.date()
    return (calendar.until(calendar.shift(end, unit, -1), end),)


@STAGE.rule("weekday|unit after|before period", "period after_post|before_post weekday|unit", "unit around period")
def _beside(_c: Context, first: Item, side: Item, last: Item) -> Result:
    """The weekend before Christmas, Sonntag nach Ostern, 国庆节后的周末."""
    what, base = (first, last) if last.type == "period" else (last, first)
    if what.type == "unit" and what.value not in ("week", "weekend", "day", "month"):
        return None
    if base.value.grain in ("hour",) or side.type == "around":
        return None
    forward = side.type in ("after", "after_post")

    def change(span: Span) -> tuple[Span, ...]:
        found = _neighbour(span, what, forward=forward)
        return (found,) if found else ()

    return period(base.value.map(change, "nth", "day" if what.type == "weekday" else what.value))


def _neighbour(span: Span, what: Item, *, forward: bool) -> Span | None:
    anchor = span.end if forward else span.start
    if anchor is None:
        return None
    day = anchor.date()
    if what.type == "weekday":
        return calendar.days(calendar.weekday_from(day if forward else day - timedelta(days=7), what.value))
    if what.value == "day":
        return calendar.days(day if forward else day - calendar.DAY)
    unit = calendar.containing(what.value, day if forward else day - calendar.DAY)
    if forward and unit.start is not None and unit.start < anchor:
        return calendar.containing(what.value, calendar.shift(day, what.value, 1))
    if not forward and unit.end is not None and unit.end > anchor:
        return calendar.containing(what.value, calendar.shift(day - calendar.DAY, what.value, -1))
    return unit


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


@STAGE.rule("every? weekday")
def _weekday_alone(c: Context, _every: Item | None, item: Item) -> Result:
    if _every is None and c.before is not None and c.before.type in ("rel", "every"):
        return None
    return period(weekday_period(item.value))


@STAGE.rule("every? unit")
def _weekend_alone(c: Context, every: Item | None, item: Item) -> Result:
    if item.value != "weekend" or (c.before is not None and c.before.type in ("rel", "every", "ord", "num", "dotnum")):
        return None
    return period(fixed("weekend", "weekend", calendar.containing("weekend", c.frame.today), dated=False))


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
    ):
        return None
    if not figures or c.counts or (c.after is not None and c.after.type in ("unit", "units", "month")):
        return None
    if c.before.type == "period" and c.before.value.kind != "weekday":
        return None
    return period(day_of_month(item.value))


@STAGE.rule("ord weekday")
def _first_sunday(c: Context, number: Item, weekday: Item) -> Result:
    """The first Sunday (of a month): the next one that is not over."""
    today = c.frame.today
    for ahead in range(4):
        month = calendar.containing("month", calendar.add_months(today, ahead))
        spans = calendar.nth(month, weekday.value, number.value)
        if spans and spans[0].start is not None and spans[0].start >= calendar.midnight(today):
            return period(fixed("nth", "day", *spans))
    return None


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
