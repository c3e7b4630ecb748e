"""The Telegram channel alone in a process that may be killed, with a quick stand-in for Rasa.

`python -m tests.channels.telegram.killable PORT` forks a server for each line on its standard input; see
tests/channels/killable.py, whose stand-in this uses: it answers "<number of the turn>: <text>", then "more".
"""

import logging
from types import SimpleNamespace

from rasa.core.channels.channel import register
from sanic import Sanic

from bot.channels.health import SiteChannel
from bot.channels.telegram import connection, runner
from bot.channels.telegram.channel import TelegramChannel
from tests.channels import killable
from tests.channels.killable import CountingAgent

LEASE_SECONDS = 1.5
"""Short, as each kill costs one; a starved machine must still renew it in time."""


def serve(port: int) -> None:
    """Serve until killed."""
    logging.basicConfig(level=logging.DEBUG)
    connection.LEASE_SECONDS = runner.LEASE_SECONDS = LEASE_SECONDS
    connection.STANDBY_SECONDS = 0.2
    connection.LONGEST_WAIT = 2.0
    app = Sanic("killable", configure_logging=False)
    register([SiteChannel(), TelegramChannel()], app, route="/webhooks/")
    app.ctx = SimpleNamespace(agent=CountingAgent())
    app.run("127.0.0.1", port, access_log=False, motd=False)


if __name__ == "__main__":
    killable.main(serve)
