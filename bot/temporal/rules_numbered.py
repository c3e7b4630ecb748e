"""Stage three, weeks, quarters and halves by their number: KW 50, in der 2. Kalenderwoche, Q3, 第三季度."""

from bot.temporal import calendar
from bot.temporal.grammar import Context, Result
from bot.temporal.lexicon import Item
from bot.temporal.period import Period, fixed, yearly
from bot.temporal.rules_dates import STAGE, STEPS, months, period

__all__ = ["STAGE"]


@STAGE.rule("rel weekword")
def _rel_week_word(c: Context, rel: Item, _word: Item) -> Result:
    """Nächste Kalenderwoche."""
    week = calendar.containing("week", calendar.shift(c.frame.today, "week", STEPS[rel.value]))
    return period(fixed("week", "week", week))


@STAGE.rule("weekword num|dotnum", "in|for? unit num")
def _week_number(c: Context, first: Item | None, second: Item, third: Item | None = None) -> Result:
    number, unit = (second, first) if third is None else (third, second)
    if unit is None or (unit.type == "unit" and unit.value != "week") or number.type == "unit":
        return None
    if not 1 <= number.value <= 53 or (number is third and not number.figures):
        return None
    if c.before is not None and c.before.type == "rel":
        return None
    if c.after is not None and c.after.type in ("month", "monthmark", "yearmark", "oclock", "unit", "units"):
        return None
    return period(iso_week_period(number.value))


def iso_week_period(number: int) -> Period:
    """Return an ISO week of any year; a year without it (53) is passed over."""
    return yearly("week", "week", lambda year: tuple(filter(None, [calendar.iso_week(year, number)])))


@STAGE.rule("ord|dotnum weekword")
def _numbered_week(_c: Context, number: Item, _word: Item) -> Result:
    """In der 2. Kalenderwoche."""
    return period(iso_week_period(number.value)) if 1 <= number.value <= 53 else None


@STAGE.rule("ord|rel|num|dotnum unit", "quarterword num", "unit num")
def _quarter(c: Context, first: Item, second: Item) -> Result:
    """Second quarter, Q2, 2. Quartal, erstes Halbjahr, 50. Kalenderwoche."""
    unit = second if second.type == "unit" else first
    number = first if unit is second else second
    if number.type == "num" and unit.type == "unit" and (unit.value != "quarter" or unit.weak):
        return None
    name = "quarter" if first.type == "quarterword" else unit.value
    if number.type == "rel":
        return None
    if name == "quarter" and (1 <= number.value <= 4 or number.value == -1):
        index = number.value if number.value > 0 else 4
        return period(yearly("quarter", "quarter", lambda year: (months(year, 3 * index - 2, 3),)))
    if name == "half" and number.value in (1, 2):
        return period(yearly("half", "half", lambda year: (months(year, 6 * number.value - 5, 6),)))
    if name == "week" and unit is second and (1 if _weeks_are_numbered(c) else 6) <= number.value <= 53:
        return period(iso_week_period(number.value))
    return None


def _weeks_are_numbered(c: Context) -> bool:
    beside = c.before.type if c.before is not None else "in"
    unknown = c.before is not None and c.before.type == "word" and c.before.value != "function"
    return bool(c.settings.get("numbered_weeks")) and beside in ("in", "on", "word", "stop") and not unknown
