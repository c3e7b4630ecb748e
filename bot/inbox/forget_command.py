"""`bot forget`: what visitors may ask for, and what age demands."""

from typing import Annotated

import typer

from bot import clock, forgetting, settings
from bot.inbox.console import DEFAULT
from bot.inbox.sayings import say
from bot.terminal import StaffLanguage


def forget(
    sender: Annotated[str, typer.Argument(help="Whose: the sender's id, as the channel names it.")] = "",
    old: Annotated[bool, typer.Option("--old", help="Instead: delete what is older than it may be kept.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    language: StaffLanguage = DEFAULT,
) -> None:
    """Delete a sender's conversation and questions, or what is too old."""
    if bool(sender) == old:
        raise typer.BadParameter("give a sender, or --old")
    chosen = settings.load()
    if old:
        deleted = forgetting.forget_old(chosen, clock.now())
    elif yes or typer.confirm(say("forget.ask", language, sender=sender)):
        deleted = forgetting.forget(chosen, sender)
    else:
        raise typer.Exit(1)
    what = ", ".join(f"{count} {say(f'forget.{name}', language)}" for name, count in deleted.items())
    typer.echo(say("forget.done", language, what=what))
