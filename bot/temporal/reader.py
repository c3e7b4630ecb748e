"""Reads the time that a visitor's sentence names."""

from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.temporal import rules_clock, rules_figures, rules_numbers, rules_ranges, rules_weeks
from bot.temporal.clock import Clock
from bot.temporal.combine import at_time, combine
from bot.temporal.grammar import Context
from bot.temporal.holidays import RULES, holiday
from bot.temporal.lexicon import LANGUAGES, Item, lexicon
from bot.temporal.period import Frame, Period
from bot.temporal.reading import Reading, Span
from bot.temporal.stays import stay
from bot.temporal.tokens import word_form

STAGES = (
    rules_numbers.STAGE,
    rules_clock.STAGE,
    rules_figures.STAGE,
    rules_weeks.STAGE,
    rules_ranges.TOGETHER,
    rules_ranges.RANGES,
)
DATED = ("month", "weekday")  # "events june" is a date, "opening night" is none
TIMES = ("period", "clock", "hours")
WARMING = {"de": "morgen um acht", "en": "winter solstice next year", "zh": "下周六下午三点"}
MAX_CHARACTERS = 1000  # of a message; the rest is not read
MAX_ALTERNATIVES = 4


def read(text: str, language: str, now: datetime, zone: ZoneInfo | None = None) -> Reading | None:
    """Return the time that ``text`` names, or None.

    ``language`` is "de", "en" or "zh"; the other lexicons are tried if its own finds nothing. ``now`` is aware;
    ``zone`` is the visitor's (default: that of ``now``, or UTC if that has no name). ``ValueError`` for a naive now.
    """
    if now.tzinfo is None:
        raise ValueError("bot.temporal.read: now must be aware (use bot.clock.now())")
    home = zone or (now.tzinfo if isinstance(now.tzinfo, ZoneInfo) else ZoneInfo("UTC"))
    frame = Frame(now.astimezone(home).replace(tzinfo=None), home)
    own = language if language in LANGUAGES else "en"
    text = text[:MAX_CHARACTERS]
    items = lexicon(own).items(text)
    if (reading := _read(items, own, frame, _alone(items, text, own))) is not None:
        return reading
    doubtful = [item for item in items if item.weak or item.value == "ignore"]
    for other in LANGUAGES:
        if other != own and (reading := _read(_foreign(text, other, doubtful), other, frame)) is not None:
            return reading
    return None


def warm_up(now: datetime) -> None:
    """Load the lexicons and look up every holiday once: the first readings would wait for them.

    A server calls it once at its start, with its aware ``now``; it takes about half a second.
    """
    for language, text in WARMING.items():
        read(text, language, now)
    frame = Frame(now.replace(tzinfo=None), ZoneInfo("UTC"))
    for key in RULES:
        holiday(key).at(frame)


def _foreign(text: str, language: str, doubtful: list[Item]) -> list[Item]:
    """Return the items of a language that is not the message's: no typos are forgiven, no weak word counts."""
    return [
        replace(item, type="word", value=None)
        if item.weak or any(item.start < other.end and other.start < item.end for other in doubtful)
        else item
        for item in lexicon(language).items(text, typos=False)
    ]


def _alone(items: list[Item], text: str, language: str) -> bool:
    """Return whether a weak word counts: nothing else is said, or only what happens then ("events june")."""
    happenings = lexicon(language).names.words["happenings"]
    words = (word_form(text[item.start : item.end]) for item in items if item.type == "word")
    return any(item.type in DATED for item in items) and all(word in happenings for word in words)


def _read(items: list[Item], language: str, frame: Frame, alone: bool = False) -> Reading | None:
    zones = [item for item in items if item.type == "time_zone"]
    items = [item for item in items if item.type != "time_zone"]
    if all(item.type in ("word", "stop") for item in items):
        return None
    alone = alone or all(item.type != "word" for item in items)
    context = Context(frame, lexicon(language).settings, ZoneInfo(zones[0].value) if zones else None)
    for stage in STAGES:
        items = stage.apply(items, context)
    found = [item for item in items if item.type in TIMES and (alone or not item.weak)]
    return _reading(found, zones, context, stay(items, context)) if found else None


def _reading(found: list[Item], zones: list[Item], context: Context, together: Period | None) -> Reading | None:
    """Return what all the times of a text say together; those that fit nowhere are other readings."""
    periods: list[Period] = [together] if together else []
    clock: Clock | None = None
    for item in found:
        if item.type == "clock":
            clock = clock or item.value
            continue
        if together is not None and item.type == "period":
            continue
        given = item.value.period if item.type == "hours" else item.value
        clock = item.value.clock if item.type == "hours" else clock
        joined = combine(periods[0], given, context.frame) if periods else None
        periods = [joined, *periods[1:]] if joined else [*periods, given]
    words = tuple(sorted((item.start, item.end) for item in [*found, *(zones if clock else [])]))
    if not periods:
        assert clock is not None  # noqa: S101  # found is not empty
        spans = clock.on(context.frame.today, context.frame, context.zone)
        start, end = spans[0].start, spans[0].end
        assert start is not None and end is not None  # noqa: S101  # a clock has both
        return _result(clock.kind, spans, words, (start.time(), end.time()))
    main = periods[0]
    exact = at_time(main, clock, context.frame, context.zone) if clock and main.grain != "hour" else None
    if exact is not None:
        main, clock = exact, None
    others = [span for other in periods[1:] for span in other.at(context.frame)[:1]]
    return _result(
        main.kind, (*main.at(context.frame), *others), words, clock.times() if clock and main.grain != "hour" else None
    )


def _result(
    kind: str, spans: tuple[Span, ...], words: tuple[tuple[int, int], ...], hours: tuple[time, time] | None
) -> Reading | None:
    valid = [span for span in dict.fromkeys(spans) if _holds(span)]
    if not valid:
        return None
    return Reading(valid[0], kind, tuple(valid[1 : MAX_ALTERNATIVES + 1]), words, hours)


def _holds(span: Span) -> bool:
    """Return whether ``span`` has an end, and any time in it."""
    if span.start is None or span.end is None:
        return span.start is not span.end
    return span.start < span.end
