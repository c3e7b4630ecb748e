"""A strict fake of the Telegram Bot API, written from its public documentation.

`with FakeBotApi() as api:` listens on loopback in a thread of its own; `python -m tests.fakes.telegram` is a process of
its own, in which a developer plays the visitor. It refuses what Telegram refuses, and keeps in ``violations`` also what
Telegram forgives, so that a test can assert that there was nothing.
"""

from tests.fakes.telegram.chats import Group, Person
from tests.fakes.telegram.faults import Fault, Faults
from tests.fakes.telegram.server import TOKEN, FakeBotApi, Sent

__all__ = ["TOKEN", "FakeBotApi", "Fault", "Faults", "Group", "Person", "Sent"]
