"""Files of events, whatever their format, become events; what cannot be read is refused with place and reason."""

from bot.events.readers.result import EventFileError, Finding, ReadResult, Refused, Warned
from bot.events.readers.sniff import read_events

__all__ = ["EventFileError", "Finding", "ReadResult", "Refused", "Warned", "read_events"]
