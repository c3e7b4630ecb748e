"""Which conversations can be written to without being asked: those of messengers."""

from bot.subscriptions.model import Address

MESSENGERS = ("telegram",)
_LONGEST = 64


def of_conversation(channel: str | None, sender: str) -> Address | None:
    """Return where the visitor of a conversation is reached, or None.

    The channel decides: elsewhere a client may choose its sender's name, and so the name of somebody else's chat.
    """
    chat = sender.removeprefix(f"{channel}-")
    if channel not in MESSENGERS or chat == sender or not chat or len(chat) > _LONGEST:
        return None
    return Address(channel, chat)


def of_sender(sender: str) -> Address | None:
    """Return the chat that a stored conversation's name stands for, or None; for staff, who forget a sender."""
    return of_conversation(sender.partition("-")[0], sender)
