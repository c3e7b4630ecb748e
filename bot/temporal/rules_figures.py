"""Stage three, dates in figures: 3.12., 12/24/2026, 2026-12-03, 12-03."""

from bot.temporal import calendar
from bot.temporal.grammar import Context, Result
from bot.temporal.lexicon import Item
from bot.temporal.period import Period, fixed
from bot.temporal.rules_dates import dated, days_of_month, period, undated
from bot.temporal.rules_numbered import STAGE

__all__ = ["STAGE"]

PREPOSITIONS = ("on", "from", "von", "until", "before", "after", "since", "and", "to", "dash", "weekday", "in")


def year_of(number: int) -> int:
    """Return the year that two or four figures name."""
    return calendar.full_year(number)


@STAGE.rule("iso")
def _iso(_c: Context, item: Item) -> Result:
    year, month, day = item.value[1][:3]
    return period(dated(year, month, day))


def _both_orders(c: Context, first: int, second: int, year: int | None, *, ambiguous: bool) -> Period | None:
    """Return d/m as the language writes it, else m/d if only that fits; where both fit, the other is a reading too."""
    pairs = [(second, first), (first, second)]  # (month, day): day first, month first
    if c.settings.get("order") == "md":
        pairs.reverse()
    found = [dated(year, *pair) if year else undated(*pair) for pair in pairs]
    periods = [one for one in found if one is not None]
    if not periods:
        return None
    if len(periods) == 1 or not ambiguous:
        return found[0] if ambiguous or found[0] is not None else periods[0]
    main, other = periods[0], periods[1]
    return Period(
        "date",
        "day",
        lambda frame: (*main.at(frame)[:1], *other.at(frame)[:1]),
        in_year=(lambda y: (*main.in_year(y)[:1], *other.in_year(y)[:1])) if main.in_year and other.in_year else None,  # type: ignore[misc]
        month=main.month,
        day=main.day,
        dated=main.dated,
    )


@STAGE.rule("dmy")
def _day_month_year(c: Context, item: Item) -> Result:
    raw, (first, second, year) = item.value[0], item.value[1][:3]
    if "." in raw:
        return period(dated(year_of(year), second, first))
    return period(_slashed(c, first, second, year_of(year), ambiguous="/" in raw))


def _slashed(c: Context, first: int, second: int, year: int | None, *, ambiguous: bool) -> Period | None:
    found = _both_orders(c, first, second, year, ambiguous=ambiguous and first != second)
    if found is None:
        found = _both_orders(c, second, first, year, ambiguous=False)
    return found


@STAGE.rule("dm num", "dm dotnum", "dm")
def _day_month(_c: Context, item: Item, year: Item | None = None) -> Result:
    day, month = item.value[1]
    if year is not None:
        return period(dated(year.value, month, day)) if 1900 <= year.value <= 2100 else None
    return period(undated(month, day))


@STAGE.rule("slash")
def _slash(c: Context, item: Item) -> Result:
    first, second = item.value[1]
    if c.counts or (c.after is not None and c.after.type == "month"):
        return None
    return period(_slashed(c, first, second, None, ambiguous=True))


@STAGE.rule("slash month", "slash month num")
def _two_days(_c: Context, days: Item, month: Item, year: Item | None = None) -> Result:
    """12/13 December."""
    return days_of_month(month.value, days.value[1][0], days.value[1][1], year.value if year else None)


@STAGE.rule("pair")
def _dotted_pair(c: Context, item: Item) -> Result:
    """Am 3.12 without the last dot; before a noun "12.3" may be any number."""
    led = c.before is not None and c.before.type in PREPOSITIONS
    if not led and c.after is not None and c.after.type == "word":
        return None
    return period(_pair(c, item))


def _pair(c: Context, item: Item) -> Period | None:
    first, second = item.value[1]
    if c.settings.get("order") == "md":
        return undated(first, second) or undated(second, first)
    return undated(second, first)


@STAGE.rule("num dash num")
def _dashed_pair(c: Context, first: Item, _dash: Item, second: Item) -> Result:
    """12-03, where the language writes the month first."""
    if c.settings.get("order") != "md" or second.end - first.start not in (4, 5) or first.value > 12:
        return None
    if c.after is not None and c.after.type in ("monthmark", "daymark", "unit", "units", "word", "oclock", "dash"):
        return None
    if second.end - second.start != 2:
        return None
    return period(undated(first.value, second.value))


@STAGE.rule("weekword ym")
def _week_of_year(_c: Context, _mark: Item, item: Item) -> Result:
    """KW 50/2026."""
    week, year = item.value[1]
    return period(fixed("week", "week", calendar.iso_week(year, week))) if calendar.iso_week(year, week) else None


@STAGE.rule("ym")
def _year_month(_c: Context, item: Item) -> Result:
    first, second = item.value[1]
    year, number = (first, second) if first > 31 else (second, first)
    if not (1 <= number <= 12 and calendar.FIRST_YEAR <= year <= calendar.LAST_YEAR):
        return None
    return period(fixed("month", "month", calendar.month(year, number)))


@STAGE.rule("num|dotnum|ord to|until|dash|and dm|dmy")
def _days_before_date(_c: Context, first: Item, _link: Item, last: Item) -> Result:
    """3.-5.12. and 3. bis 5.12.2026."""
    figures = last.value[1]
    year = year_of(figures[2]) if last.type == "dmy" else None
    return days_of_month(figures[1], first.value, figures[0], year)
