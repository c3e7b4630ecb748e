"""The web channel alone in a process that may be killed, with a quick stand-in for Rasa.

`python -m tests.channels.killable PORT` imports everything once, then forks a server for each line on its standard
input and prints its process id: a real start of Rasa takes 12 s, a fork 50 ms. BOT_HOME says where the database is.

The stand-in keeps a conversation as Rasa does: the real tracker store, one save at the end of a turn, the message's id
with the visitor's words, the answers as events. Its answer counts the turns, so that one run twice is seen.
"""

import asyncio
import faulthandler
import json
import os
import random
import signal
import sys
from collections.abc import Callable
from types import SimpleNamespace

from rasa.core.channels.channel import UserMessage, register
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Sanic

from bot.channels.core.limits import Rate
from bot.channels.web.channel import WebChannel
from bot.channels.web.events import Pace
from bot.channels.web.gate import Rates
from bot.engine.tracker_store import CompactTrackerStore

DOMAIN = Domain.from_dict(
    {
        "slots": {"turns": {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}},
        "intents": ["any"],
    }
)
PACE = Pace(heartbeat_seconds=1, stream_seconds=5, poll_seconds=0.1, lease_seconds=0.5)
NO_LIMIT = Rate(1e9, 1e9)
RATES = Rates(NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT)
LONGEST_TURN = 0.03


class CountingAgent:
    """Answers "<number of the turn>: <text>", in two messages."""

    def __init__(self) -> None:
        self._store = CompactTrackerStore(DOMAIN)

    def is_ready(self) -> bool:
        """Whether it can answer; Rasa's agent has the same method."""
        return True

    async def handle_message(self, message: UserMessage) -> None:
        """Run a turn as Rasa does: say all, then save once."""
        tracker = await self._store.retrieve(message.sender_id)
        tracker = tracker or DialogueStateTracker(message.sender_id, DOMAIN.slots)
        number = int(tracker.get_slot("turns") or 0) + 1
        tracker.update(ActionExecuted("action_listen"))
        tracker.update(UserUttered(message.text, {"name": "any"}, message_id=message.message_id))
        tracker.update(SlotSet("turns", number))
        for text in (f"{number}: {message.text}", "more"):
            await asyncio.sleep(random.uniform(0, LONGEST_TURN) / 2)
            said = BotUttered(text, {"custom": {"language": "de"}})
            tracker.update(said)
            await message.output_channel.send_response(message.sender_id, said.message())
        await self._store.save(tracker)


def serve(port: int, pace: Pace = PACE, rates: Rates = RATES) -> None:
    """Serve until killed; SIGUSR1 writes where it stands to standard error."""
    faulthandler.register(signal.SIGUSR1)
    app = Sanic("killable", configure_logging=False)
    register([WebChannel(pace, rates)], app, route="/webhooks/")
    app.ctx = SimpleNamespace(agent=CountingAgent())
    app.run("127.0.0.1", port, access_log=False, motd=False)


def main(serve: Callable[[int], None] = serve) -> None:
    """Fork a server for each line that comes in; a line may hold settings for it, as JSON."""
    port = int(sys.argv[1])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the killed need no burial
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.environ |= json.loads(line or "{}")
            serve(int(os.environ.get("PORT", port)))
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()
