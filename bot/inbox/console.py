"""What the commands of the inbox and the report share: the stores, the content, questions as lines."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from bot import clock, settings
from bot.database import connect
from bot.inbox import secret
from bot.inbox.counters import Counters
from bot.inbox.sayings import STAFF_LANGUAGE, say
from bot.inbox.store import Inbox
from bot.sayings import StaffError

if TYPE_CHECKING:
    from bot.inbox.groups import Wording


DEFAULT = STAFF_LANGUAGE


def inbox() -> Inbox:
    """Return the inbox of this installation, without what has aged out."""
    chosen = settings.load()
    opened = Inbox(connect(chosen.database_url), secret.hasher(chosen), chosen.inbox_days)
    opened.purge(clock.now())
    return opened


def counters() -> Counters:
    """Return the daily numbers of this installation."""
    return Counters(connect(settings.load().database_url))


def day(seconds: float) -> str:
    """Return the day of a moment in Berlin."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(clock.BERLIN).date().isoformat()


def line(wording: "Wording", language: str) -> str:
    """Return a wording with its number, how often it came, and how and where."""
    kinds = "; ".join(say(f"kinds.{kind.value}", language) for kind in wording.kinds)
    where = ", ".join(wording.channels)
    return f"{wording.count:>4}× [{wording.id}] {wording.text}  ({wording.language}; {kinds}; {where})"


def told(error: StaffError, language: str) -> typer.Exit:
    """Say an error in the language of who reads it; return what ends the command."""
    typer.echo(error.said(language), err=True)
    return typer.Exit(1)
