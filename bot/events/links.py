"""Addresses of calendar files, as bot.channels.calendar serves them; plain text, no network."""

from urllib.parse import quote, urlencode

from bot.events.model import Event, Occurrence, Query


def occurrence_url(base: str, occurrence: Occurrence, language: str) -> str:
    """Return where the calendar file of one date is.

    ``base`` is where visitors reach the assistant (`Settings.public_url`). A date of a series is named by the start
    that its rule gives, and an event with one date by nothing: so the address stays when the date is moved.
    """
    event = occurrence.event
    parameters = {"lang": language}
    if is_series(event):
        first = occurrence.moved_from or occurrence.start
        form = "%Y-%m-%d" if event.all_day else "%Y-%m-%dT%H:%M:%S" if first.second else "%Y-%m-%dT%H:%M"
        parameters = {"start": first.strftime(form), **parameters}
    return f"{base.rstrip('/')}/events/{quote(event.uid, safe='')}.ics?{_encoded(parameters)}"


def feed_url(base: str, query: Query, language: str) -> str:
    """Return where a calendar of all that is to come can be subscribed to.

    City, category, free and spoken language of the query count; its range, time of day and words do not, as a feed
    goes on.
    """
    parameters = {
        "city": query.city.value if query.city else "",
        "category": query.category.value if query.category else "",
        "free": "" if query.free is None else str(int(query.free)),
        "language": (query.language or "").lower(),
        "lang": language,
    }
    return f"{base.rstrip('/')}/events.ics?{_encoded({name: value for name, value in parameters.items() if value})}"


def is_series(event: Event) -> bool:
    """Whether an event may take place more than once."""
    return bool(event.rrule or event.rdates or event.overrides)


def _encoded(parameters: dict[str, str]) -> str:
    return urlencode(parameters, safe=":", quote_via=quote)
