"""Dates in visitors' sentences: "next weekend", "nächstes Wochenende" and 下周末 become ranges.

Pure functions on text and a given "now"; nothing here knows events, Rasa or the wall clock.
"""

from bot.temporal.reader import read, warm_up
from bot.temporal.reading import Reading, Span

__all__ = ["Reading", "Span", "read", "warm_up"]
