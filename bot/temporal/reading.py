"""What a reader returns: a half-open span and how it was found."""

from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True)
class Span:
    """A half-open range of naive wall-clock datetimes in the visitor's zone; either end may be None (open)."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Reading:
    """A time that a text names.

    ``words`` are the offsets (start, end) of the parts that were read, into the text as it was passed in.
    ``time_of_day`` is set when a range of days is meant at certain hours only ("next week in the evening");
    an end of 00:00 is midnight, and an end before the start runs into the next morning.
    """

    span: Span
    kind: str
    alternatives: tuple[Span, ...]
    words: tuple[tuple[int, int], ...]
    time_of_day: tuple[time, time] | None = None
