"""Stage four, weeks and weekdays: next Wednesday, Friday in two weeks, the weekend before Christmas."""

from dataclasses import replace
from datetime import date, timedelta

from bot.temporal import calendar, offsets
from bot.temporal.grammar import Context, Result
from bot.temporal.lexicon import Item
from bot.temporal.period import Period, fixed, weekday_period
from bot.temporal.reading import Span
from bot.temporal.rules_dates import STEPS, period
from bot.temporal.rules_parts import PARTED, STAGE

__all__ = ["STAGE"]


@STAGE.rule("rel unit and rel")
def _this_unit_or_next(c: Context, first: Item, unit: Item, link: Item, second: Item) -> Result:
    """Diese Woche oder nächste, this week or next."""
    return _this_or_next(c, first, link, second, unit)


@STAGE.rule("rel|every weekday", "weekday relpost")
def _rel_weekday(c: Context, first: Item, second: Item) -> Result:
    """Next Wednesday: of next week, and the coming one as the other reading."""
    name, weekday = (first, second) if first.type != "weekday" else (second, first)
    if name.type == "every":
        return period(weekday_period(weekday.value))
    return period(_weekday(c, name.value, weekday.value, postfixed=first.type == "weekday"))


@STAGE.rule("rel|every? weekdays")
def _rel_weekdays(c: Context, rel: Item | None, days: Item) -> Result:
    """下周一到三: from the first to the last of one week."""
    first, last = days.value
    named = rel is not None and rel.type == "rel"
    base = _weekday(c, rel.value, first, postfixed=False) if rel and named else weekday_period(first)
    spans = base.at(replace(c.frame, inclusive=True))
    start = spans[0].start.date() if spans and spans[0].start else None
    return period(fixed("range", "days", calendar.days(start, last - first + 1))) if start else None


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
        found = [week + timedelta(days=7 * STEPS[rel])]
    return fixed("weekday", "day", *map(calendar.days, found))


@STAGE.rule("rel unit", "unit relpost")
def _rel_unit(c: Context, first: Item, second: Item) -> Result:
    """Next week, last weekend."""
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
    """Diese oder nächste Woche, diesen oder nächsten Samstag: from the one to the other."""
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
    count = {8: 7, 15: 14}.get(count, count) if unit == "day" else count  # "in acht Tagen" is in a week
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
    if (unit.type == "dur" and unit.value != (14, "day")) or (unit.type == "unit" and unit.value != "week"):
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
    weeks = unit == "week" or (unit == "day" and count % 7 == 0)
    if found.grain != "day" or count > 100 or (not weeks and (link is None or link.type == "on")):
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
    if count == 1 and unit == "weekend":
        return _beside(_c, base, side, Item("unit", "weekend", dur.start, dur.end))
    if count == 1 and unit in ("week", "month") and side.type == "before_post":
        return period(base.value.map(lambda span: _leading_to(span, unit), "range", "days"))
    if base.value.kind == "month" and side.type == "before_post" and unit in ("day", "week"):
        return period(base.value.map(lambda span: _first_of(span, count, unit), "nth", "days"))
    forward = side.type in ("after", "after_post", "from")

    def change(span: Span) -> tuple[Span, ...]:
        anchor = (span.end - calendar.DAY if span.end else None) if forward else span.start
        day = offsets.moved(anchor.date(), count if forward else -count, unit) if anchor else None
        return (calendar.days(day),) if day else ()

    return period(base.value.map(change, "offset", "day"))


def _first_of(span: Span, count: int, unit: str) -> tuple[Span, ...]:
    """十二月前两周: the first two weeks of the month; 圣诞节前两周 are two weeks before."""
    return (calendar.days(span.start.date(), count * (7 if unit == "week" else 1)),) if span.start else ()


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


@STAGE.rule("period after_post ord weekday|unit")
def _first_after(c: Context, base: Item, side: Item, number: Item, what: Item) -> Result:
    """春节后第一个周末."""
    return _beside(c, base, side, what) if number.value == 1 else None


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


@STAGE.rule("unit")
def _workdays_alone(c: Context, item: Item) -> Result:
    """Werktags, on weekdays: Monday to Friday of this week, on a weekend of the next."""
    if item.value != "workdays" or (c.before is not None and c.before.type == "num"):
        return None
    return period(Period("workdays", "days", lambda frame: (_workdays(frame.today),)))


def _workdays(day: date) -> Span:
    monday = day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else -day.weekday())
    return calendar.days(monday, 5)


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
