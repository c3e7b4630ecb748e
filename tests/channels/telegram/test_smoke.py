"""The one test that speaks with Telegram itself: only with a bot's token that somebody sets for it."""

import os
import re

import pytest

from bot.channels.telegram.api import Api

TOKEN = os.environ.get("TELEGRAM_SMOKE_TOKEN", "")


@pytest.mark.skipif(not TOKEN, reason="TELEGRAM_SMOKE_TOKEN is not set: Telegram itself is not asked")
async def test_telegram_knows_the_bot_and_gives_its_updates() -> None:
    """Changes nothing, confirms no update: asks who the bot is, and how it is called."""
    api = Api(TOKEN, "https://api.telegram.org")
    try:
        me = await api.begin()
        assert me.id == int(TOKEN.partition(":")[0])
        assert re.fullmatch(r"\w{5,32}", me.username)
        info = await api.call(api.bot.get_webhook_info())
        assert info.max_connections is None or info.max_connections >= 1
    finally:
        await api.end()
