"""What the connector tells the subscriptions: a chat is gone, has moved, or wants no more."""

from importlib import import_module
from typing import Any

from sqlalchemy.engine import Engine

CHANNEL = "telegram"


def end(engine: Engine, chat: str) -> None:
    """Delete a chat's subscriptions. Blocks."""
    if service := _service():
        service.end(engine, CHANNEL, chat)


def move(engine: Engine, old: str, new: str) -> None:
    """Give a chat's subscriptions to the one that it has become. Blocks."""
    if service := _service():
        service.move(engine, CHANNEL, old, new)


def _service() -> Any:
    """Return the room of the subscriptions, None in an installation without it."""
    try:
        return import_module("bot.subscriptions.service")
    except ModuleNotFoundError:
        return None
