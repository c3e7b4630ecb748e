"""Stage three: dates, months, seasons, holidays, days counted from today, distances."""

from datetime import date, timedelta

from bot.temporal import calendar, holidays, offsets
from bot.temporal.grammar import Context, Result, Stage
from bot.temporal.lexicon import Item
from bot.temporal.period import Period, date_period, day_of_month, fixed, in_year, month_period, yearly
from bot.temporal.reading import Span

STAGE = Stage()
NUM = "num|dotnum|ord"
STEPS = {"this": 0, "next": 1, "coming": 1, "last": -1, "past": -1, "afternext": 2, "beforelast": -2}
STEPS |= {"thirdnext": 3, "thirdlast": -3}


def period(found: Period | None) -> Result:
    """Return the item for ``found``."""
    return ("period", found) if found else None


def dated(year: int, month: int, day: int) -> Period | None:
    """Return a full date, or None if the calendar has no such day."""
    found = calendar.make(year, month, day)
    return fixed("date", "day", calendar.days(found)) if found else None


def undated(month: int, day: int) -> Period | None:
    """Return a date of any year, or None if no year has it."""
    return date_period(month, day) if calendar.make(2028, month, day) else None


@STAGE.rule("num to|until|dash num monthmark", "num num monthmark", "twonum monthmark")
def _months_range(_c: Context, first: Item, *rest: Item) -> Result:
    """1-3月, 六、七月, 七八月."""
    numbers = [*first.value] if first.type == "twonum" else [first.value, rest[-2].value]
    low, high = numbers
    if not 1 <= low < high <= 12 or (len(rest) == 2 and not rest[0].apart):
        return None
    return period(yearly("range", "days", lambda year: (months(year, low, high - low + 1),)))


@STAGE.rule("num monthmark")
def _numbered_month(c: Context, number: Item, _mark: Item) -> Result:
    return ("month", number.value) if 1 <= number.value <= 12 else None


@STAGE.rule(f"{NUM} month num|dotnum|year?")
def _day_of_month(c: Context, day: Item, month: Item, year: Item | None) -> Result:
    if year is not None and not 1900 <= year.value <= 2100:
        return None
    if day.value < 1 or (day.type == "num" and not day.figures and day.value < 13):
        return None
    return period(dated(year.value, month.value, day.value) if year else undated(month.value, day.value))


@STAGE.rule(f"month {NUM} num|dotnum|year?", "month num daymark", "month dotnum num|dotnum?")
def _month_day(c: Context, month: Item, day: Item, year: Item | None) -> Result:
    if not 1 <= day.value <= 31 or (day.type == "num" and not day.figures and not _daymark(year) and day.value < 13):
        return _short_year(month, day, year)
    if year is not None and year.type == "daymark":
        return period(undated(month.value, day.value))
    if c.after is not None and c.after.type in ("month", "unit", "units", "oclock", "meridiem", "daymark", "weekday"):
        return None
    if year is not None and not 1900 <= year.value <= 2100:
        return None
    return period(dated(year.value, month.value, day.value) if year else undated(month.value, day.value))


def _daymark(item: Item | None) -> bool:
    return item is not None and item.type == "daymark"


def _short_year(month: Item, number: Item, rest: Item | None) -> Result:
    """Mai 88."""
    if rest is not None or not number.figures or not 32 <= number.value <= 99:
        return None
    return period(fixed("month", "month", calendar.month(1900 + number.value, month.value)))


@STAGE.rule(f"{NUM} to|until|dash|and {NUM} month num|year?", f"{NUM} {NUM} and {NUM} month")
def _days(_c: Context, first: Item, link: Item, last: Item, month: Item, year: Item | None = None) -> Result:
    """3 to 5 December; vom 4. bis 6. Dezember; 3., 4. und 5. Mai."""
    if month.type != "month":
        return days_of_month(year.value, first.value, month.value, None) if year else None
    if year is not None and not 1900 <= year.value <= 2100:
        return None
    return days_of_month(month.value, first.value, last.value, year.value if year else None)


@STAGE.rule(f"from|von|between? weekday {NUM} to|until|dash|and weekday {NUM} month num|year?")
def _days_with_weekdays(_c: Context, _lead: Item | None, *items: Item | None) -> Result:
    """Monday 7 to Friday 11 December."""
    first, last, month, year = items[1], items[4], items[5], items[6]
    assert first and last and month  # noqa: S101  # only the year may be absent
    if year is not None and not 1900 <= year.value <= 2100:
        return None
    return days_of_month(month.value, first.value, last.value, year.value if year else None)


@STAGE.rule(
    f"month {NUM} to|until|dash|and {NUM} num|year?",
    "month num daymark? to|until|dash|and num daymark",
    "month num num daymark",
)
def _month_days(c: Context, month: Item, first: Item, *rest: Item | None) -> Result:
    """December 4 to 6; 12月4日至6日; May 3-10, 2027."""
    numbers = [item for item in rest if item is not None and item.type in ("num", "dotnum", "ord", "year")]
    year = numbers[1].value if len(numbers) > 1 else None
    if c.after is not None and c.after.type in ("month", "monthmark", "oclock", "meridiem"):
        return None
    if year is not None and not 1900 <= year <= 2100:
        return None
    return days_of_month(month.value, first.value, numbers[0].value, year)


def days_of_month(month: int, first: int, last: int, year: int | None) -> Result:
    """Return the item for the days ``first`` to ``last`` of a month; the reading without the last day is another."""
    if not (first < last and undated(month, first) and undated(month, last)):
        return None

    def spans(y: int) -> tuple[Span, ...]:
        begin, end = calendar.make(y, month, first), calendar.make(y, month, last)
        return (calendar.until(begin, end + calendar.DAY), calendar.until(begin, end)) if begin and end else ()

    found: Period | None = yearly("range", "days", spans, month=month)
    if found and year is not None:
        found = in_year(found, year)
    return period(found)


@STAGE.rule("num|ord daymark")
def _numbered_day(_c: Context, number: Item, _mark: Item) -> Result:
    return ("dayno", number.value) if 1 <= number.value <= 31 else None


@STAGE.rule("lunarmark? lunarmonth part? num daymark?", "lunarmark month part? num daymark?")
def _lunar(_c: Context, *items: Item | None) -> Result:
    """正月十五, 腊月二十三, 农历八月十五."""
    month = next(item.value for item in items if item and item.type in ("lunarmonth", "month"))
    day = next(item.value for item in items if item and item.type == "num")
    return period(holidays.lunar_period(month, day)) if 1 <= day <= 30 else None


@STAGE.rule("ord|rel month unit")
def _nth_of_month(_c: Context, number: Item, month: Item, unit: Item) -> Result:
    """In der ersten Maiwoche, am letzten Dezemberwochenende."""
    count = -1 if number.type == "rel" and number.value == "last" else number.value
    if not isinstance(count, int) or unit.value not in ("week", "weekend", "day"):
        return None
    return period(month_period(month.value).map(lambda span: calendar.nth(span, unit.value, count), "nth", unit.value))


@STAGE.rule("rel monthmark")
def _rel_month_mark(_c: Context, rel: Item, mark: Item) -> Result:
    return _rel_unit(_c, rel, Item("unit", "month", mark.start, mark.end))


@STAGE.rule("rel unit", "unit relpost")
def _rel_unit(c: Context, first: Item, second: Item) -> Result:
    rel, unit = (first, second) if first.type == "rel" else (second, first)
    if unit.value not in ("month", "quarter", "half") and not (unit.value == "year" and rel.type == "relpost"):
        return None
    target = calendar.shift(c.frame.today, unit.value, STEPS[rel.value])
    span = calendar.containing(unit.value, target)
    return period(fixed(unit.value, unit.value, span, *_what_is_left(c, span)))


def _what_is_left(c: Context, span: Span) -> tuple[Span, ...]:
    today = calendar.midnight(c.frame.today)
    inside = span.start is not None and span.end is not None and span.start < today < span.end
    return (Span(today, span.end),) if inside else ()


@STAGE.rule("holiday in? ord weekday", "ord holiday weekday")
def _sunday_in_advent(_c: Context, *items: Item | None) -> Result:
    """降临节第二个主日; the Sundays of Lent and the like are no holidays."""
    by_type = {item.type: item.value for item in items if item is not None}
    if by_type["holiday"] != "advent" or by_type["weekday"] != 6 or not 1 <= by_type["ord"] <= 4:
        return None
    return period(holidays.holiday(f"advent_{by_type['ord']}"))


@STAGE.rule("rel month", "rel season", "rel holiday")
def _rel_named(c: Context, rel: Item, name: Item) -> Result:
    return period(_relative(c, rel.value, _named(name)))


def _named(item: Item) -> Period:
    if item.type == "month":
        return month_period(item.value)
    if item.type == "season":
        return yearly("season", "season", lambda year: (calendar.season(year, item.value),))
    return holidays.holiday(item.value)


def _relative(c: Context, rel: str, base: Period) -> Period | None:
    """Next May, last Christmas, diesen Winter: the occurrence counted from the current one."""
    spans = [base.in_year(c.frame.today.year + step)[:1] for step in range(-3, 5)] if base.in_year else []
    found = [one[0] for one in spans if one]
    today = calendar.midnight(c.frame.today)
    gone = [span for span in found if span.end is not None and span.end <= today]
    now = [span for span in found if span.start is not None and span.end is not None and span.start <= today < span.end]
    coming = [span for span in found if span.start is not None and span.start > today]
    if STEPS[rel] < 0:
        return fixed(base.kind, base.grain, *gone[STEPS[rel] :][:1])
    if rel == "this" and now:
        return fixed(base.kind, base.grain, now[0])
    ahead = coming
    index = max(STEPS[rel] - 1, 0)
    if rel == "this":
        return fixed(base.kind, base.grain, ahead[0], *[span for span in gone[-1:] if _same_year(c, span)])
    second = ahead[index + 1] if rel == "next" and _same_year(c, ahead[index]) else None
    return fixed(base.kind, base.grain, ahead[index], second)


def _same_year(c: Context, span: Span) -> bool:
    return span.start is not None and span.start.year == c.frame.today.year


@STAGE.rule("month")
def _month(c: Context, item: Item) -> Result:
    if c.before is not None and c.before.type == "rel" and c.before.value in STEPS:
        return None
    return period(month_period(item.value))


@STAGE.rule("season", "holiday")
def _season_or_holiday(_c: Context, item: Item) -> Result:
    return period(_named(item))


@STAGE.rule("rel? public_holiday")
def _public_holiday(c: Context, rel: Item | None, _item: Item) -> Result:
    if rel is None or rel.value not in ("next", "coming"):
        return None
    return period(fixed("holiday", "day", holidays.next_public_holiday(c.frame.today)))


def months(year: int, first: int, count: int) -> Span:
    """Return whole months of a year."""
    begin = date(year, first, 1)
    return calendar.until(begin, calendar.add_months(begin, count))


@STAGE.rule("relday")
def _counted_day(c: Context, item: Item) -> Result:
    day = c.frame.today + timedelta(days=item.value)
    return period(fixed("day", "day", calendar.days(day)))


@STAGE.rule("in dur from_now?", "dur from_now|after_post", "after dur")
def _offset(_c: Context, first: Item, second: Item, _third: Item | None = None) -> Result:
    dur = first if first.type == "dur" else second
    return "offset", dur.value


@STAGE.rule("over dur")
def _over(c: Context, _over: Item, dur: Item) -> Result:
    """Heute über eine Woche."""
    beside = c.before is not None and c.before.type in ("weekday", "period")
    return ("offset", dur.value) if beside else None


@STAGE.rule("ord month halfword", "ord halfword month")
def _half_of_month(_c: Context, number: Item, first: Item, second: Item) -> Result:
    """Zweite Dezemberhälfte."""
    month = first if first.type == "month" else second
    if number.value not in (1, 2):
        return None
    half = f"half{number.value}"
    return period(month_period(month.value).map(lambda s: calendar.part(s, "month", half), "monthpart", "days"))


@STAGE.rule("dur ago|before_post", "before dur")
def _ago(c: Context, first: Item, second: Item) -> Result:
    dur = first if first.type == "dur" else second
    if first.type == "before" and c.before is not None and c.before.type == "dur":
        return None
    return "offset", (-dur.value[0], dur.value[1])


@STAGE.rule("in? rel dur in? month|season|year")
def _last_units(_c: Context, *items: Item | None) -> Result:
    """Die letzten zwei Wochen im Dezember."""
    by_type = {item.type: item for item in items if item is not None}
    (count, unit), rel = by_type["dur"].value, by_type["rel"].value
    if rel not in ("last", "past") or unit not in ("day", "week") or not 0 < count < 50:
        return None
    length = timedelta(days=count * (7 if unit == "week" else 1))

    def change(span: Span) -> tuple[Span, ...]:
        return (Span(span.end - length, span.end),) if span.end else ()

    named = next(by_type[kind] for kind in ("month", "season", "year") if kind in by_type)
    whole = (
        fixed("year", "year", calendar.containing("year", date(named.value, 1, 1))) if named.type == "year" else None
    )
    return period((whole or _named(named)).map(change, "nth", "days"))


@STAGE.rule("within|rel dur", "dur within_post", "in rel dur within_post?", "rel dur within_post")
def _ahead(c: Context, *items: Item | None) -> Result:
    dur = next(item for item in items if item is not None and item.type == "dur")
    rel = next((item.value for item in items if item is not None and item.type == "rel"), "next")
    if rel in ("afternext", "beforelast"):
        return None
    sign = -1 if rel in ("last", "past") else 1
    return period(offsets.ahead(c.frame, sign * dur.value[0], dur.value[1]))


@STAGE.rule("past_minutes dur|unit", "within rel unit", "dur later")
def _past_or_within(c: Context, first: Item, second: Item, third: Item | None = None) -> Result:
    """The past week; within the next month; two weeks later."""
    if second.type == "later":
        return "offset", first.value
    if third is not None:
        return period(offsets.ahead(c.frame, 1, third.value)) if second.value in ("next", "coming") else None
    count, unit = second.value if second.type == "dur" else (1, second.value)
    return period(offsets.ahead(c.frame, -count, unit)) if unit not in ("half",) else None


@STAGE.rule("since dur", "dur since_post")
def _since(c: Context, first: Item, second: Item) -> Result:
    count, unit = first.value if first.type == "dur" else second.value
    day = offsets.moved(c.frame.today, -count, unit)
    return period(fixed("open", "days", calendar.until(day, c.frame.today + calendar.DAY))) if day else None


@STAGE.rule("dayno")
def _dayno(_c: Context, item: Item) -> Result:
    return period(day_of_month(item.value))
