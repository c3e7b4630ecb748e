"""Holidays and festivals as functions of the year: Easter, Berlin's, and those of the Chinese calendar."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

from dateutil.easter import easter

from bot.temporal import calendar
from bot.temporal.period import Period, yearly
from bot.temporal.reading import Span

DAY = timedelta(days=1)
Spans = tuple[Span, ...]
Rule = Callable[[int], Spans]


def _dates(month: int, day: int, *counts: int) -> Rule:
    """A feast on a fixed date; each of ``counts`` is a reading of how many days it takes."""
    return lambda year: tuple(calendar.days(date(year, month, day), count) for count in counts or (1,))


def _easter(*readings: tuple[int, int]) -> Rule:
    """A movable feast; each reading is (days after Easter Sunday, length in days)."""
    return lambda year: tuple(calendar.days(easter(year) + offset * DAY, count) for offset, count in readings)


def _nth(month: int, weekday: int, number: int, offset: int = 0, count: int = 1) -> Rule:
    def rule(year: int) -> Spans:
        found = calendar.nth(calendar.month(year, month), weekday, number)[0]
        assert found.start is not None  # noqa: S101  # a weekday has dates
        return (calendar.days(found.start.date() + offset * DAY, count),)

    return rule


def _advent(number: int, *, weekend: bool = False) -> Rule:
    """The ``number``-th Sunday in Advent; the fourth is the last one before Christmas Day."""

    def rule(year: int) -> Spans:
        fourth = date(year, 12, 24) - timedelta(days=(date(year, 12, 24).weekday() + 1) % 7)
        sunday = fourth - timedelta(weeks=4 - number)
        return (calendar.days(sunday - DAY, 2) if weekend else calendar.days(sunday),)

    return rule


def _advent_season(year: int) -> Spans:
    first = _advent(1)(year)[0].start
    assert first is not None  # noqa: S101  # a Sunday
    return (calendar.until(first.date(), date(year, 12, 25)), calendar.days(first.date()))


@lru_cache(maxsize=256)
def berlin(year: int) -> dict[date, str]:
    """Return Berlin's public holidays of a year, dates to English names."""
    import holidays  # here and below: 15 MB that a process whose visitors name no holiday never loads

    return dict(holidays.country_holidays("DE", subdiv="BE", years=year, language="en_US"))


def _public(name: str) -> Rule:
    def rule(year: int) -> Spans:
        return tuple(calendar.days(day) for day, title in sorted(berlin(year).items()) if title == name)[:1]

    return rule


def next_public_holiday(today: date) -> Span:
    """Return the next public holiday of Berlin after ``today``."""
    upcoming = [day for year in (today.year, today.year + 1) for day in berlin(year) if day > today]
    return calendar.days(min(upcoming))


@lru_cache(maxsize=1024)
def lunar_date(year: int, month: int, day: int) -> date | None:
    """Return the date of a day of the Chinese calendar whose year begins in ``year``, or None if there is none.

    ``day`` 0 is the last day of the month (New Year's Eve is the last of the twelfth).
    """
    from lunar_python import Lunar  # type: ignore[import-untyped]

    try:
        if day == 0:
            following = lunar_date(year + (month == 12), month % 12 + 1, 1)
            return following - DAY if following else None
        solar = Lunar.fromYmd(year, month, day).getSolar()
    except Exception:  # lunar-python raises bare Exception for days that do not exist
        return None
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def lunar(month: int, day: int, offset: int = 0, *counts: int) -> Rule:
    """A feast of the Chinese calendar that falls into the Western year asked for."""

    def rule(year: int) -> Spans:
        for lunar_year in (year, year - 1):  # the twelfth month mostly falls into the next Western year
            found = lunar_date(lunar_year, month, day)
            if found and found.year == year:
                return tuple(calendar.days(found + offset * DAY, count) for count in counts or (1,))
        return ()

    return rule


def _spring_festival(year: int) -> Spans:
    first = lunar_date(year, 1, 1)
    if first is None:
        return ()
    return calendar.days(first - DAY, 8), calendar.days(first)


@lru_cache(maxsize=1024)
def _term_date(name: str, year: int) -> date | None:
    from lunar_python import Solar

    table = Solar.fromYmd(year, 6, 1).getLunar().getJieQiTable()
    for label in (name, {"冬至": "DONG_ZHI", "小寒": "XIAO_HAN", "大寒": "DA_HAN", "立春": "LI_CHUN"}.get(name, "")):
        solar = table.get(label)
        if solar is not None and solar.getYear() == year:
            return date(year, solar.getMonth(), solar.getDay())
    return None


def solar_term(name: str) -> Rule:
    """One of the 24 solar terms, by its Chinese name."""

    def rule(year: int) -> Spans:
        found = _term_date(name, year)
        return (calendar.days(found),) if found else ()

    return rule


def _between_the_years(year: int) -> Spans:
    return calendar.until(date(year, 12, 27), date(year + 1, 1, 1)), calendar.days(date(year, 12, 24), 9)


RULES: dict[str, Rule] = {
    "new_year": _dates(1, 1),
    "womens_day": _dates(3, 8),
    "valentine": _dates(2, 14),
    "st_patrick": _dates(3, 17),
    "labour_day": _dates(5, 1, 1, 5),
    "labour_week": _dates(5, 1, 5, 1),
    "youth_day": _dates(5, 4),
    "childrens_day": _dates(6, 1),
    "teachers_day": _dates(9, 10),
    "national_day": _dates(10, 1, 7, 1, 3),
    "unity_day": _public("German Unity Day"),
    "halloween": _dates(10, 31),
    "all_saints": _dates(11, 1),
    "martin": _dates(11, 11),
    "nicholas": _dates(12, 6),
    "christmas": lambda year: (calendar.days(date(year, 12, 24), 3), calendar.days(date(year, 12, 25))),
    "christmas_eve": _dates(12, 24),
    "christmas_day": _public("Christmas Day"),
    "boxing_day": _public("Second Day of Christmas"),
    "christmas_days": _dates(12, 25, 2),
    "between_years": _between_the_years,
    "new_years_eve": _dates(12, 31),
    "turn_of_year": lambda year: (calendar.days(date(year, 12, 31), 1), calendar.days(date(year, 12, 31), 2)),
    "carnival": _easter((-52, 6), (-48, 1)),
    "rose_monday": _easter((-48, 1)),
    "shrove_tuesday": _easter((-47, 1)),
    "ash_wednesday": _easter((-46, 1)),
    "palm_sunday": _easter((-7, 1)),
    "maundy_thursday": _easter((-3, 1)),
    "good_friday": _public("Good Friday"),
    "holy_saturday": _easter((-1, 1)),
    "easter": _easter((-2, 4), (0, 1), (0, 2)),
    "easter_sunday": _easter((0, 1)),
    "easter_monday": _public("Easter Monday"),
    "ascension": _public("Ascension Day"),
    "pentecost": _easter((49, 2), (48, 3), (49, 1)),
    "pentecost_weekend": _easter((48, 3)),
    "whit_sunday": _easter((49, 1)),
    "whit_monday": _public("Whit Monday"),
    "carnival_of_cultures": _easter((47, 4), (48, 3), (49, 1)),
    "corpus_christi": _easter((60, 1)),
    "mothers_day": _nth(5, 6, 2),
    "fathers_day": _public("Ascension Day"),
    "thanksgiving": _nth(11, 3, 4),
    "black_friday": _nth(11, 3, 4, offset=1),
    "advent": _advent_season,
    **{f"advent_{number}": _advent(number) for number in range(1, 5)},
    **{f"advent_weekend_{number}": _advent(number, weekend=True) for number in range(1, 5)},
    "singles_day": _dates(11, 11),
    "laba": lunar(12, 8),
    "little_new_year": lunar(12, 23),
    "lunar_eve": lunar(12, 0),
    "spring_festival": _spring_festival,
    "lunar_first": lunar(1, 1),
    "lantern": lunar(1, 15),
    "dragon_boat": lunar(5, 5),
    "qixi": lunar(7, 7),
    "ghost": lunar(7, 15),
    "mid_autumn": lunar(8, 15),
    "double_ninth": lunar(9, 9),
}


@lru_cache(maxsize=128)
def holiday(key: str) -> Period:
    """Return a holiday by its key in RULES, or a solar term as "term:清明"."""
    rule = solar_term(key.removeprefix("term:")) if key.startswith("term:") else RULES[key]
    rule = lru_cache(maxsize=256)(rule)
    return yearly("holiday", "day" if _is_one_day(rule) else "days", rule)


def _is_one_day(rule: Rule) -> bool:
    spans = rule(2027)
    return (
        bool(spans)
        and spans[0].end is not None
        and spans[0].start is not None
        and (spans[0].end - spans[0].start == DAY)
    )


def lunar_period(month: int, day: int) -> Period:
    """Return a date of the Chinese calendar, of any year."""
    return yearly("date", "day", lunar(month, day))
