"""A Bot API and a Rasa of a few lines, for tests of single parts; tests/fakes/telegram is the strict one."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from bot.channels.telegram.updates import Me

ME = Me(99, "PartnerBot")


@dataclass
class StandInBot:
    """Keeps the calls; ``faults`` are raised first, by method, and ``replies`` returned."""

    id: int = ME.id
    username: str = ME.username
    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)
    faults: dict[str, list[Exception | None]] = field(default_factory=dict)
    replies: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def __getattr__(self, method: str) -> Any:
        if method.startswith("_"):
            raise AttributeError(method)

        async def call(*arguments: Any, **named: Any) -> Any:
            self.calls.append((method, arguments, named))
            waiting = self.faults.get(method)
            if waiting and (fault := waiting.pop(0)):
                raise fault
            return self.replies.get(method, lambda *a, **n: SimpleNamespace(url=""))(*arguments, **named)

        return call

    def made(self, method: str) -> list[dict[str, Any]]:
        """Return the named arguments of a method's calls."""
        return [named for name, _, named in self.calls if name == method]

    @property
    def texts(self) -> list[str]:
        return [named["text"] for named in self.made("send_message")]


_numbers = itertools.count(1000)


def message(text: str | None = None, chat: int = 7, kind: str = "private", **more: Any) -> dict[str, Any]:
    """Return an update with a message."""
    number = next(_numbers)
    body = {
        "message_id": number, "date": 1, "chat": {"id": chat, "type": kind},
        "from": {"id": 5, "is_bot": False, "first_name": "Li", "language_code": "en"}, **more,
    }  # fmt: skip
    if text is not None:
        body["text"] = text
    return {"update_id": number, "message": body}


def tap(data: str, chat: int = 7) -> dict[str, Any]:
    """Return an update with a tap."""
    number = next(_numbers)
    query = {
        "id": f"q{number}", "from": {"id": 5, "is_bot": False, "first_name": "Li", "language_code": "zh-hans"},
        "message": {"message_id": 3, "date": 1, "chat": {"id": chat, "type": "private"}}, "data": data,
    }  # fmt: skip
    return {"update_id": number, "callback_query": query}
