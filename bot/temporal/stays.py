"""A stay told by its two days: "12月18日到柏林，20日离开", "arriving on the 18th and leaving on the 20th"."""

from datetime import timedelta

from bot.temporal.grammar import Context
from bot.temporal.lexicon import Item
from bot.temporal.period import Period
from bot.temporal.rules_ranges import from_to

LONGEST = timedelta(days=62)


def _goes(items: list[Item]) -> bool:
    """Reisen Sonntag wieder ab: "ab" at the end of a clause."""
    following = [*items[1:], Item("stop", None, 0, 0)]
    return any(item.type == "from" and after.type == "stop" for item, after in zip(items, following, strict=True))


def stay(items: list[Item], context: Context) -> Period | None:
    """Return the days from arrival to departure, or None if ``items`` tell of no stay.

    An arrival is a word for it, 到, which is also "until", or an open start; a departure always needs its word.
    """
    told = {item.value for item in items if item.type == "word"}
    times: list[Period] = [item.value for item in items if item.type == "period"]
    arrives = "arrive" in told or (times and times[0].kind == "open") or any(item.type == "until" for item in items)
    if not arrives or not ("leave" in told or _goes(items)):
        return None
    if len(times) != 2 or times[1].grain not in ("day", "hour"):
        return None
    if times[0].grain not in ("day", "hour") and times[0].kind != "open":
        return None
    found = from_to(context, *times)
    spans = found.at(context.frame) if found else ()
    if not spans or spans[0].start is None or spans[0].end is None or spans[0].end - spans[0].start > LONGEST:
        return None
    return found
