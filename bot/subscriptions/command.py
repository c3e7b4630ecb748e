"""`bot subscriptions`: the numbers for operators."""

import typer

from bot import settings
from bot.database import connect
from bot.inbox.console import DEFAULT
from bot.subscriptions.sayings import say
from bot.terminal import StaffLanguage


def subscriptions(language: StaffLanguage = DEFAULT) -> None:
    """Count what visitors have asked to be told of."""
    from bot.subscriptions import service  # the languages' words, which every other command would wait for

    for name, number in service.counts(connect(settings.load().database_url)).items():
        typer.echo(say(name, language, number=number))
