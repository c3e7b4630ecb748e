"""The sentences of `bot subscriptions`."""

from pathlib import Path

from bot.sayings import Sayings

say = Sayings(Path(__file__).with_name("sayings.yml")).say
