"""Reading and writing transactions of the event store."""

from bot.errors import BotError
from bot.transactions import Transactions


class EventsUnavailableError(BotError):
    """Raised when the database cannot be read or written; never to be told as "no events"."""


_transactions = Transactions("the event database", EventsUnavailableError, 0x6265696A)
reading, writing = _transactions.reading, _transactions.writing
