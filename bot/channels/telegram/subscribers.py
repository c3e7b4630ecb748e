"""What the connector tells the subscriptions: a chat is gone, has moved, or wants no more."""

from sqlalchemy.engine import Engine

from bot.subscriptions import service

CHANNEL = "telegram"


def end(engine: Engine, chat: str) -> None:
    """Delete a chat's subscriptions. Blocks."""
    service.end(engine, CHANNEL, chat)


def move(engine: Engine, old: str, new: str) -> None:
    """Give a chat's subscriptions to the one that it has become. Blocks."""
    service.move(engine, CHANNEL, old, new)
