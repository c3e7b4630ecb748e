"""Reading and writing transactions of the inbox and the numbers."""

from bot.errors import BotError
from bot.transactions import Transactions


class InboxUnavailableError(BotError):
    """Raised when the database of the inbox cannot be read or written."""


_transactions = Transactions("the database of the inbox", InboxUnavailableError, 0x696E6278)
reading, writing, explained = _transactions.reading, _transactions.writing, _transactions.explained
