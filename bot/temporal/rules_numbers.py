"""Stage one: numbers, ordinals and lengths of time."""

from bot.temporal import calendar
from bot.temporal.grammar import Context, Result, Stage
from bot.temporal.lexicon import Item

STAGE = Stage()
MARKS = ("unit", "units", "oclock", "daymark", "monthmark", "yearmark", "minute_mark", "meridiem")


@STAGE.rule("ordprefix num")
def _ordinal(_c: Context, _prefix: Item, number: Item) -> Result:
    return "ord", number.value


@STAGE.rule("place ord|dotnum|num month", "num monthmark num road")
def _named_after_a_day(_c: Context, *_items: Item) -> Result:
    """Straße des 17. Juni, 6月17日大街: the name of a place."""
    return "word", "ignore"


@STAGE.rule("num dash? num", "num dash? ord")
def _twenty_one(_c: Context, tens: Item, _dash: Item | None, units: Item) -> Result:
    if tens.value in (20, 30) and 0 < units.value < 10 and units.end - units.start > 2 and tens.end - tens.start > 2:
        return units.type, tens.value + units.value
    return None


@STAGE.rule("weekday until|dash num|daymark")
def _weekdays(c: Context, first: Item, _link: Item, last: Item) -> Result:
    """周一到三, 星期1到5, 周一至日."""
    number = 7 if last.type == "daymark" else last.value
    if not c.settings.get("numbered_weekdays") or not first.value + 1 < number <= 7:
        return None
    if c.after is not None and c.after.type in (*MARKS, "clock", "daypart", "num", "dash"):
        return None
    return "weekdays", (first.value, number - 1)


@STAGE.rule("num unit|units", "num yearmark", "num measure units")
def _length(c: Context, number: Item, unit: Item) -> Result:
    if unit.type == "yearmark" and number.figures and 10 <= number.value < 100 and _starts_date(c.after):
        return "year", calendar.full_year(number.value)
    if unit.type == "yearmark":
        return ("year", number.value) if 1900 <= number.value <= 2100 else ("dur", (number.value, "year"))
    if unit.type == "unit" and unit.value == "quarter":
        return None  # 二季度 is the second quarter
    if c.before is not None and c.before.type == "ordprefix":
        return None
    return "dur", (number.value, unit.value)


def _starts_date(item: Item | None) -> bool:
    return item is not None and item.type in ("num", "month", "season", "holiday")


@STAGE.rule("dur")
def _written_length(_c: Context, dur: Item) -> Result:
    if isinstance(dur.value, str):
        number, unit = dur.value.split()
        return "dur", (int(number), unit)
    return None


@STAGE.rule("num dur")
def _one_length(_c: Context, number: Item, dur: Item) -> Result:
    """In einer halben Stunde, in a fortnight, zwei halbe Tage."""
    if not isinstance(dur.value, tuple) or not 1 <= number.value <= 20 or number.end - number.start < 1:
        return None
    return "dur", (number.value * dur.value[0], dur.value[1])


@STAGE.rule("twodigits|twonum yearmark")
def _short_year(_c: Context, number: Item, _mark: Item) -> Result:
    """九四年, 八八年."""
    digits = number.value if number.type == "twodigits" else number.value[0] * 10 + number.value[1]
    return ("year", calendar.full_year(digits)) if digits >= 10 else None


@STAGE.rule("relyear")
def _relative_year(c: Context, year: Item) -> Result:
    return "year", c.frame.today.year + year.value


@STAGE.rule("rel unit")
def _next_year(c: Context, rel: Item, unit: Item) -> Result:
    offset = {"this": 0, "next": 1, "coming": 1, "last": -1, "afternext": 2, "beforelast": -2}.get(rel.value)
    return ("year", c.frame.today.year + offset) if unit.value == "year" and offset is not None else None


@STAGE.rule("in|for|on? unit num|dotnum")
def _year_number(_c: Context, _in: Item | None, unit: Item, number: Item) -> Result:
    return ("year", number.value) if unit.value == "year" and 1900 <= number.value <= 2100 else None


@STAGE.rule("num|dotnum")
def _bare_year(c: Context, number: Item) -> Result:
    """Read "in 2027" as a year; "2027" alone may be any number."""
    if not 1900 <= number.value <= 2100 or not number.figures or c.before is None:
        return None
    if c.before.type not in ("in", "for", "since", "until", "from", "before", "after", "part", "quarterword"):
        return None
    if c.after is not None and c.after.type in ("unit", "units", "oclock", "meridiem"):
        return None
    return "year", number.value
