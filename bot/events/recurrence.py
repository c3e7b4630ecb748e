"""From an event to its occurrences (RFC 5545): rule, extra dates, exceptions, moved and cancelled ones.

All counting is done in local wall time, so that 19:00 stays 19:00 when the clocks change; a time that the change
skips is moved forward (RFC 5545, 3.3.5), one that happens twice is the first.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.events.model import Event, Occurrence, Override, Status
from bot.events.rule import RecurrenceError, Rule

MAX_OCCURRENCES = 3_000
"""In one window of one event: three times a day for two years and more."""
MAX_DAYS = 6_000
"""Days on which the occurrences of one event take place, added up."""
MAX_DATES = 5_000
LONGEST_SHIFT = timedelta(days=366)
_FIRST, _LAST = datetime.combine(date.min, time()), datetime.combine(date.max, time())

__all__ = ["RecurrenceError", "days", "expand"]


def expand(event: Event, window_start: date, window_end: date) -> list[Occurrence]:
    """Return the occurrences that overlap the half-open range of days, by start.

    A cancelled occurrence is there with its status, a moved one where it now is. A moved one that no rule gives
    counts as well: calendars that split a series leave such ones behind, and each was written on purpose.

    Raises:
        RecurrenceError: the rule is invalid or gives too many occurrences; the text has the reason.
    """
    return _Series(event).expand(window_start, window_end)


def days(occurrence: Occurrence) -> tuple[date, date]:
    """Return the first and the last day of an occurrence in its zone; an end at midnight belongs to the day before."""
    first, end = occurrence.start.date(), occurrence.end
    if end is None or end <= occurrence.start:
        return first, first
    if not occurrence.event.all_day and end.time() == time():
        return first, max(first, end.date() - timedelta(days=1))
    return first, end.date()


class _Series:
    def __init__(self, event: Event) -> None:
        if len(event.rdates) + len(event.exdates) + len(event.overrides) > MAX_DATES:
            raise RecurrenceError(f"more than {MAX_DATES} single dates; write them as events of their own")
        self._event = event
        self._zone = ZoneInfo(event.timezone)
        self._start = self._naive(event.start)
        self._length = max(self._naive(event.end) - self._start, timedelta()) if event.end else timedelta()
        self._excluded = {self._naive(moment) for moment in event.exdates}
        self._single = {self._naive(o.recurrence_id): o for o in event.overrides if not o.and_following}
        following = sorted((self._naive(o.recurrence_id), o) for o in event.overrides if o.and_following)
        self._following_from = [moment for moment, _ in following]
        self._following = [override for _, override in following]

    def expand(self, window_start: date, window_end: date) -> list[Occurrence]:
        first, end = datetime.combine(window_start, time()), datetime.combine(window_end, time())
        # Whatever may reach into the window: begun before it, or moved into it with its followers.
        reach = max([self._length, *(self._length_of(o) for o in self._following)]) + timedelta(days=1)
        shift = max((abs(self._shift(o)) for o in self._following), default=timedelta())
        if shift > LONGEST_SHIFT:
            raise RecurrenceError("the rest of the series is moved by more than a year; write it as its own event")
        found: dict[datetime, Occurrence] = {}
        spanned = 0
        for moment in self._ids(_minus(first, reach + shift), _plus(end, shift)):
            occurrence = self._occurrence(moment)
            first_day, last_day = days(occurrence)
            if first_day < window_end and last_day >= window_start:
                found[moment] = occurrence
                spanned += (min(last_day, window_end) - max(first_day, window_start)).days + 1
            if len(found) > MAX_OCCURRENCES:
                raise RecurrenceError(f"more than {MAX_OCCURRENCES} occurrences; give the series an end (UNTIL)")
            if spanned > MAX_DAYS and len(found) > 1:
                raise RecurrenceError("the occurrences are so long that they overlap each other; check the end")
        return sorted(found.values(), key=lambda occurrence: occurrence.start.replace(tzinfo=None))

    def _ids(self, first: datetime, last: datetime) -> Iterable[datetime]:
        """Return the starts that the rule, the extra dates and the overrides with a start of their own give."""
        event = self._event
        wanted: set[datetime] = {self._naive(moment) for moment in event.rdates}
        if event.rrule:
            for moment in Rule(event.rrule, self._start, self._zone).starts(first, last):
                wanted.add(moment)
                if len(wanted) > 2 * MAX_OCCURRENCES:
                    raise RecurrenceError(f"more than {MAX_OCCURRENCES} occurrences; give the series an end (UNTIL)")
        else:
            wanted.add(self._start)
        wanted |= {moment for moment, override in self._single.items() if override.start}
        return sorted(moment for moment in wanted if not self._is_excluded(moment))

    def _is_excluded(self, moment: datetime) -> bool:
        # A date alone, as staff write it, excludes whatever starts on that day.
        return moment in self._excluded or datetime.combine(moment.date(), time()) in self._excluded

    def _occurrence(self, moment: datetime) -> Occurrence:
        position = bisect_right(self._following_from, moment)
        series = self._following[position - 1] if position else None
        single = self._single.get(moment)
        start, length = moment, self._length
        if series:
            start, length = moment + self._shift(series), self._length_of(series)
        if single and single.start:
            start = self._naive(single.start)
        if single and single.end:
            length = max(self._naive(single.end) - start, timedelta())
        status = (single or series or self._event).status
        event = self._event
        if event.status is not Status.SCHEDULED:
            status = event.status  # what holds for the whole event holds for each occurrence
        for override in (series, single):
            event = _renamed(event, override)
        has_end = self._event.end or (series and series.end) or (single and single.end)
        return Occurrence(
            event=event,
            start=self._aware(start),
            end=max(self._aware(start), self._aware(start + length)) if has_end else None,
            status=status,
            moved_from=self._aware(moment) if start != moment else None,
        )

    def _shift(self, override: Override) -> timedelta:
        if not override.start:
            return timedelta()
        return self._naive(override.start) - self._naive(override.recurrence_id)

    def _length_of(self, override: Override) -> timedelta:
        if not override.end:
            return self._length
        return max(self._naive(override.end) - self._naive(override.start or override.recurrence_id), timedelta())

    def _naive(self, moment: datetime) -> datetime:
        if self._event.all_day:
            return datetime.combine(moment.date(), time())
        return (moment.astimezone(self._zone) if moment.tzinfo else moment).replace(tzinfo=None)

    def _aware(self, moment: datetime) -> datetime:
        aware = moment.replace(tzinfo=self._zone)
        if self._event.all_day:
            return aware
        return aware.astimezone(UTC).astimezone(self._zone)


def _renamed(event: Event, override: Override | None) -> Event:
    if override is None or not (override.venue or override.titles):
        return event
    return replace(event, venue=override.venue or event.venue, titles={**event.titles, **override.titles})


def _minus(moment: datetime, length: timedelta) -> datetime:
    return moment - length if moment - _FIRST > length else _FIRST


def _plus(moment: datetime, length: timedelta) -> datetime:
    return moment + length if _LAST - moment > length else _LAST
