"""Reading and writing transactions of the subscriptions."""

from bot.errors import BotError
from bot.transactions import Transactions


class SubscriptionsUnavailableError(BotError):
    """Raised when the database of the subscriptions cannot be read or written."""


_transactions = Transactions("the database of the subscriptions", SubscriptionsUnavailableError, 0x73756273)
reading, writing, explained = _transactions.reading, _transactions.writing, _transactions.explained
