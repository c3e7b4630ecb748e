"""Stage two: times of day and parts of the day."""

from dataclasses import replace
from typing import Any

from bot.temporal import calendar, clock
from bot.temporal.clock import Clock
from bot.temporal.grammar import Context, Result, Stage
from bot.temporal.lexicon import Item
from bot.temporal.period import fixed

STAGE = Stage()
NUM = "num|dotnum"
AFTERNOON_HOURS = range(1, 8)  # "at 3", 三点: nobody goes out at three in the night
FIRST_NUMBER_ONLY = ("unit", "units", "month", "monthmark", "dash", "and", "oclock", "meridiem")


def _clock(found: Clock | None) -> Result:
    return ("clock", found) if found else None


def _spoken(c: Context, hour: int, minute: int = 0) -> Result:
    """A time on the clock face of twelve hours, as it is spoken."""
    found = clock.instant(hour, minute, loose=hour < 12)
    if found and c.settings.get("half_day_clock") and hour in AFTERNOON_HOURS:
        found = replace(found, late_first=True)
    return _clock(found)


@STAGE.rule("hhmm oclock? meridiem?")
def _digital(c: Context, time: Item, _oclock: Item | None, half: Item | None) -> Result:
    raw, (hour, minute, *_) = time.value
    return _figures(c, raw, hour, minute, half)


@STAGE.rule("pair oclock meridiem?", "pair meridiem")
def _dotted(c: Context, time: Item, mark: Item, half: Item | None = None) -> Result:
    raw, (hour, minute) = time.value
    return _figures(c, raw, hour, minute, half if half else mark if mark.type == "meridiem" else None)


def _figures(c: Context, raw: str, hour: int, minute: int, half: Item | None) -> Result:
    found = clock.instant(hour, minute, loose=hour < 12 and not raw.startswith("0"))
    if found is None:
        return None
    if half is not None:
        return _clock(clock.meridiem(found, half.value))
    if c.settings.get("half_day_clock") and hour in AFTERNOON_HOURS and found.loose:
        found = replace(found, late_first=True)
    return _clock(found)


@STAGE.rule(f"at|around? {NUM}|ord oclock meridiem?")
def _hour(c: Context, _at: Item | None, number: Item, _oclock: Item, half: Item | None) -> Result:
    if half is not None and (found := clock.instant(number.value)):
        return _clock(clock.meridiem(found, half.value))
    return _spoken(c, number.value)


@STAGE.rule(f"{NUM} oclock num minute_mark?", f"{NUM} oclock num unit|units")
def _hour_minute(c: Context, hour: Item, _oclock: Item, minute: Item, _mark: Item | None = None) -> Result:
    if c.after is not None and c.after.type in ("oclock", "month", "monthmark", "yearmark", "unit", "units", "daymark"):
        return None
    if _mark is not None and _mark.type != "minute_mark" and _mark.value != "minute":
        return None
    return _spoken(c, hour.value, minute.value)


@STAGE.rule(f"{NUM} oclock half_after")
def _half_after(c: Context, hour: Item, _oclock: Item, _half: Item) -> Result:
    return _spoken(c, hour.value, 30)


@STAGE.rule(f"{NUM} oclock quarter|threequarter")
def _quarter_after(c: Context, hour: Item, _oclock: Item, quarter: Item) -> Result:
    return _spoken(c, hour.value, 15 if quarter.type == "quarter" else 45)


@STAGE.rule(f"{NUM} meridiem")
def _half_of_day(_c: Context, hour: Item, half: Item) -> Result:
    found = clock.instant(hour.value)
    return _clock(clock.meridiem(found, half.value)) if found and hour.value <= 12 else None


@STAGE.rule(f"half_to {NUM} oclock?")
def _half_to(c: Context, _half: Item, hour: Item, _oclock: Item | None) -> Result:
    return _spoken(c, hour.value - 1 or 12, 30) if 1 <= hour.value <= 12 else None


@STAGE.rule(f"half_past|quarter_past|quarter_to {NUM} meridiem?")
def _face(c: Context, kind: Item, hour: Item, half: Item | None) -> Result:
    if not 1 <= hour.value <= 12:
        return None
    minute = {"half_past": 30, "quarter_past": 15, "quarter_to": 45}[kind.type]
    number = hour.value - (kind.type == "quarter_to") or 12
    if half is not None and (found := clock.instant(number, minute)):
        return _clock(clock.meridiem(found, half.value))
    return _spoken(c, number, minute)


@STAGE.rule(f"quarter|threequarter after|before? {NUM} oclock?")
def _german_quarter(c: Context, kind: Item, side: Item | None, hour: Item, _oclock: Item | None) -> Result:
    """Viertel nach sieben, Viertel vor sieben; in Berlin also viertel sieben (6:15) and drei viertel sieben (6:45)."""
    if not 1 <= hour.value <= 12:
        return None
    if kind.type == "quarter" and side is not None and side.type == "after":
        return _spoken(c, hour.value, 15)
    if side is not None and kind.type != "quarter":
        return None
    minute = 15 if side is None and kind.type == "quarter" else 45
    return _spoken(c, hour.value - 1 or 12, minute)


@STAGE.rule(f"at? num after|before half_to {NUM} oclock?")
def _minutes_from_half(c: Context, _at: Item | None, minutes: Item, side: Item, _half: Item, *rest: Item) -> Result:
    """Fünf vor halb acht is 7:25."""
    hour = rest[0].value
    if minutes.value not in (3, 5, 10) or not 1 <= hour <= 12:
        return None
    return _spoken(c, hour - 1 or 12, 30 + (minutes.value if side.type == "after" else -minutes.value))


@STAGE.rule(
    f"lack num minute_mark {NUM} oclock",
    f"lack dur|quarter {NUM} oclock",
    f"{NUM} oclock lack num minute_mark",
    f"{NUM} oclock lack dur|quarter",
)
def _lacking(c: Context, *items: Item) -> Result:
    """差五分十二点, 八点差一刻: the minutes that are missing to the hour."""
    first = next(index for index, item in enumerate(items) if item.type == "lack") + 1
    missing = items[first]
    hour = items[-2].value if first == 1 else items[0].value
    minutes = {"num": missing.value, "quarter": 15}.get(missing.type)
    if missing.type == "dur" and missing.value[1] == "minute":
        minutes = missing.value[0]
    if not isinstance(minutes, int) or not 0 < minutes < 30 or not 1 <= hour <= 24:
        return None
    return _spoken(c, hour - 1 or 12, 60 - minutes)


@STAGE.rule(f"shortly_before at? {NUM} oclock|meridiem?", "shortly_before clock")
def _shortly_before(c: Context, _side: Item, *items: Item | None) -> Result:
    """Kurz vor acht: a quarter of an hour earlier."""
    hour, mark = next(item for item in items if item is not None and item.type != "at"), items[-1]
    if hour.type == "clock":
        found: Clock | None = hour.value if hour.value.kind == "instant" else None
    elif c.counts or not 1 <= hour.value <= 24:
        return None
    else:
        found = clock.instant(hour.value, loose=hour.value < 12)
        if found and mark is not None and mark.type == "meridiem":
            found = clock.meridiem(found, mark.value)
    return _clock(clock.earlier(found, 15)) if found else None


@STAGE.rule("everypart clock?", "everypart at num")
def _every_part(_c: Context, part: Item, *_rest: Item | None) -> Result:
    """Jeden Morgen names no range; "jeden Abend im Mai" names the month."""
    return ("habit", clock.daypart(part.value)) if part.type == "everypart" else None


@STAGE.rule(f"at? num after|before|past_minutes|to {NUM} oclock|meridiem?")
def _minutes(c: Context, at: Item | None, minutes: Item, side: Item, hour: Item, mark: Item | None) -> Result:
    if (
        minutes.value not in (5, 10, 20, 25)
        or not 1 <= hour.value <= 12
        or not (at or side.type == "past_minutes" or (side.type != "to" and (mark or _in_words(minutes, hour))))
        or (mark is None and c.counts)
    ):
        return None
    late = side.type in ("after", "past_minutes")
    number = hour.value if late else hour.value - 1 or 12
    minute = minutes.value if late else 60 - minutes.value
    if mark is not None and mark.type == "meridiem" and (found := clock.instant(number, minute)):
        return _clock(clock.meridiem(found, mark.value))
    return _spoken(c, number, minute)


def _in_words(minutes: Item, hour: Item) -> bool:
    """Fünf vor zwölf; "5 nach 12" without a preposition may be anything."""
    return not minutes.figures and not hour.figures


@STAGE.rule(f"at|around {NUM}")
def _at_number(c: Context, _at: Item, number: Item) -> Result:
    """Read "at 7", "um sieben", unless a noun follows that it counts."""
    if c.counts or (c.after is not None and c.after.type in FIRST_NUMBER_ONLY):
        return None
    return _spoken(c, number.value) if number.value <= 24 else None


@STAGE.rule("at pair")
def _at_dotted(c: Context, _at: Item, time: Item) -> Result:
    raw, (hour, minute) = time.value
    if c.after is not None and c.after.type in ("meridiem", "oclock"):
        return None
    return _figures(c, raw, hour, minute, None) if len(raw.split(".")[1]) == 2 else None


@STAGE.rule("clocktime")
def _named(_c: Context, name: Item) -> Result:
    return _clock(clock.instant(name.value))


@STAGE.rule("daypart")
def _daypart(_c: Context, part: Item) -> Result:
    return "clock", clock.daypart(part.value)


@STAGE.rule("on|in|every|rel morgen")
def _in_the_morning(c: Context, preposition: Item, _morgen: Item) -> Result:
    """Am Morgen, jeden Morgen, diesen Morgen; "ab morgen" and "am Freitag morgen" are read with their day."""
    return None if preposition.type == "rel" and preposition.value != "this" else ("clock", clock.daypart("morning"))


@STAGE.rule("morgen")
def _morgen(c: Context, morgen: Item) -> Result:
    """Heute Morgen, Freitag Morgen are mornings; "heute, morgen" and "bis morgen" are tomorrow."""
    if c.before is not None and c.before.type in ("relday", "weekday", "dm", "dmy", "iso") and not morgen.apart:
        return "clock", clock.daypart("morning")
    return "relday", 1


@STAGE.rule(f"from|von|between? {NUM}|clock to|until|and|dash {NUM}|clock")
def _range(c: Context, lead: Item | None, first: Item, link: Item, last: Item) -> Result:
    if first.type != "clock" and last.type != "clock" and not _bare_hours(c, first, last):
        return None
    if link.type == "and" and (lead is None or lead.type != "between"):
        return None
    begin, end = _as_clock(first), _as_clock(last)
    if begin is None or end is None or (first.type != "clock" and c.before is not None and c.before.type == "month"):
        return None
    if first.type != "clock":
        begin = replace(begin, late_first=end.late_first)
    return _clock(clock.between(begin, end))


def _bare_hours(c: Context, first: Item, last: Item) -> bool:
    """Today between 10 and 12, Sunday 10 to 12: hours, for they stand beside a day and count nothing."""
    beside = c.before is not None and c.before.type in ("relday", "weekday", "clock")
    counted = c.counts or (c.after is not None and c.after.type in FIRST_NUMBER_ONLY)
    return beside and not counted and first.type == last.type == "num" and max(first.value, last.value) <= 24


@STAGE.rule("at? num in clock", "from|von|between num to|until|and|dash num in? clock")
def _number_in_part(c: Context, *items: Item | None) -> Result:
    """Seven in the evening; between 6 and 8 in the evening."""
    numbers = [item.value for item in items if item is not None and item.type == "num"]
    part = items[-1].value if items[-1] is not None else None
    if c.before is not None and c.before.type in ("month", "monthmark", "dash", "num"):
        return None  # "December 5 in the evening"
    if part is None or part.kind != "daypart" or not all(1 <= number <= 12 for number in numbers):
        return None
    hours = [found for number in numbers if (found := clock.instant(number, loose=True))]
    placed = [clock.within(hour, part) for hour in hours]
    return _clock(placed[0] if len(placed) == 1 else clock.between(placed[0], placed[1]))


@STAGE.rule("from|after|until|before num")
def _open_hour(c: Context, side: Item, number: Item) -> Result:
    """Tonight after 8, Freitag ab 18."""
    if c.before is None or c.before.type not in ("relday", "weekday", "clock") or number.value > 24:
        return None
    if c.counts or (c.after is not None and c.after.type in (*FIRST_NUMBER_ONLY, "to", "until")):
        return None
    found = _spoken(c, number.value)
    if found is None:
        return None
    if c.before.type == "clock" and c.before.value.kind == "daypart":
        found = ("clock", clock.within(found[1], c.before.value))
    open_ended = side.type in ("from", "after")
    return _clock(clock.since(found[1]) if open_ended else clock.before(found[1]))


def _as_clock(item: Item) -> Clock | None:
    if item.type != "clock":
        return clock.instant(item.value, loose=item.value < 12)
    found: Clock = item.value
    return found


@STAGE.rule("in|on|at|around|for|rel? clock in|on|at? clock")
def _part_and_time(_c: Context, lead: Item | None, first: Item, _link: Item | None, second: Item) -> Result:
    """下午三点, seven in the evening, abends um acht; early in the morning."""
    if lead is not None and lead.type == "rel":
        return None
    one, two = first.value, second.value
    if one.kind == "daypart" and two.kind == "daypart":
        narrow = clock.narrow(one, two)
        return ("clock", narrow) if narrow else None
    if one.kind == "daypart":
        return "clock", clock.within(two, one)
    if two.kind == "daypart":
        return "clock", clock.within(one, two)
    return None


@STAGE.rule("from|after|since|past_minutes clock", "clock after_post|onwards")
def _from(c: Context, first: Item, second: Item) -> Result:
    found = first.value if first.type == "clock" else second.value
    if first.type == "after" and found.kind == "daypart":
        return "clock", Clock(found.end, max(clock.DAY, found.end + clock.HOUR), "open")
    if found.kind == "range":
        return None
    return "clock", clock.since(found)


@STAGE.rule("von clock onwards|an")
def _von_an(_c: Context, _von: Item, found: Item, _an: Item) -> Result:
    return "clock", clock.since(found.value)


@STAGE.rule("until|before clock", "clock before_post")
def _until(_c: Context, first: Item, second: Item) -> Result:
    found: Any = first.value if first.type == "clock" else second.value
    return (
        _clock(clock.before(found, inclusive=first.type == "until")) if found.kind in ("instant", "daypart") else None
    )


@STAGE.rule("at|around clock", "clock around_post")
def _absorb(_c: Context, first: Item, second: Item) -> Result:
    return "clock", first.value if first.type == "clock" else second.value


@STAGE.rule("rel clock")
def _this_part(c: Context, rel: Item, found: Item) -> Result:
    """Diesen Nachmittag, this evening, letzte Nacht."""
    if rel.value == "last" and found.value.kind == "daypart":
        yesterday = found.value.on(c.frame.today - calendar.DAY, c.frame)
        return "period", fixed("daypart", "hour", *yesterday)
    return ("clock", found.value) if rel.value == "this" and found.value.kind == "daypart" else None


@STAGE.rule("on|in|for|every clock")
def _absorb_preposition(c: Context, _preposition: Item, found: Item) -> Result:
    return "clock", found.value
