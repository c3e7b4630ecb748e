"""`bot publish`: the terminal's side; `bot.publish.publisher` does the work, the running bot follows the ledger."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Annotated

import typer

from bot import settings
from bot.sayings import STAFF_LANGUAGE, StaffError
from bot.terminal import StaffLanguage

if TYPE_CHECKING:
    from bot.publish.publisher import Publisher

TAKEN_UP_SECONDS = 60.0
LOOK_SECONDS = 0.2


def publish(
    history: Annotated[bool, typer.Option("--history", help="Only show what was published, by whom and when.")] = False,
    undo: Annotated[int | None, typer.Option(help="Go back to how it was before this publication.")] = None,
    accept: Annotated[
        list[str] | None, typer.Option(help="An entry that may lose questions, because you want it so.")
    ] = None,
    by: Annotated[str, typer.Option(help="Who publishes; by default git's name for you, or the system's.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Undo without asking.")] = False,
    language: StaffLanguage = STAFF_LANGUAGE,
) -> None:
    """Check the content, learn it, compare it with what is live, and make it live if it is no worse."""
    from bot.publish import wording
    from bot.publish.ledger import SAYINGS
    from bot.publish.publisher import Publisher

    publisher = Publisher(settings.load(), _Progress(language))
    try:
        if other := settings.load().follow_url:
            raise StaffError(SAYINGS, "follows", url=other)
        if history:
            _show_history(publisher, language)
        elif undo is not None:
            _undo(publisher, undo, by, yes, language)
        else:
            _publish(publisher, frozenset(accept or ()), by, language)
    except StaffError as error:
        for line in wording.refusal(error, language):
            typer.echo(line, err=True)
        raise typer.Exit(1) from error


def _publish(publisher: "Publisher", accepted: frozenset[str], by: str, language: str) -> None:
    from bot.publish import repository, wording
    from bot.publish.ledger import SAYINGS

    _check_names(publisher, accepted)
    content = settings.load().content_dir
    started = time.monotonic()
    done = publisher.publish(by or repository.author(content), accepted=accepted)
    what = wording.what(done, language)
    typer.echo(SAYINGS.say("published", language, number=done.number, what=what))
    _say_live(publisher, done.number, started, language)
    _commit(SAYINGS.say("published", "en", number=done.number, what=wording.what(done, "en")), language)


def _check_names(publisher: "Publisher", accepted: frozenset[str]) -> None:
    """Refuse an accepted entry that neither the content nor what is live has: a typing error would go unnoticed."""
    from bot.content import library
    from bot.publish.ledger import SAYINGS

    if not accepted:
        return
    known = set(library.inspect(settings.load().content_dir).entries)
    if live := publisher.ledger.live():
        known |= set(publisher.ledger.speech(live.number)["entries"])
    for entry in sorted(accepted - known):
        raise StaffError(SAYINGS, "unknown_entry", entry=entry)


def _undo(publisher: "Publisher", number: int, by: str, yes: bool, language: str) -> None:
    from bot.publish import repository
    from bot.publish.ledger import SAYINGS

    live = publisher.ledger.live()
    later = [str(one.number) for one in publisher.ledger.all() if live and number < one.number <= live.number]
    if later and not yes and not typer.confirm(SAYINGS.say("undo_more", language, numbers=", ".join(later))):
        raise typer.Exit(1)
    started = time.monotonic()
    undone = publisher.undo(number, by or repository.author(settings.load().content_dir))
    new, files = undone.publication.number, len(undone.restored)
    typer.echo(SAYINGS.say("undone", language, number=number, new=new, files=files))
    if undone.left:
        typer.echo(SAYINGS.say("left", language, files=", ".join(undone.left)))
    _say_live(publisher, new, started, language)
    _commit(SAYINGS.say("undone", "en", number=number, new=new, files=files), language)


def _show_history(publisher: "Publisher", language: str) -> None:
    from bot.publish import wording
    from bot.publish.ledger import SAYINGS

    publications = publisher.ledger.all()
    if not publications:
        typer.echo(SAYINGS.say("no_history", language))
    for line in wording.history(publications, publisher.ledger.live(), language):
        typer.echo(line)


def _say_live(publisher: "Publisher", number: int, started: float, language: str) -> None:
    """Wait until the running bot speaks from a publication, and say so; or that none runs, or that it was withdrawn."""
    from bot.publish import wording
    from bot.publish.ledger import SAYINGS

    deadline = time.monotonic() + TAKEN_UP_SECONDS
    while time.monotonic() < deadline:
        spoken = _spoken(settings.load().url)
        if spoken is None:
            typer.echo(SAYINGS.say("not_running", language))
            return
        if spoken == number:
            typer.echo(SAYINGS.say("live", language, seconds=f"{time.monotonic() - started:.1f}"))
            return
        kept = publisher.ledger.get(number)
        if kept and kept.withdrawn:
            why = wording.reason(kept.withdrawn, language)
            typer.echo(SAYINGS.say("withdrawn_now", language, number=number, reason=why), err=True)
            raise typer.Exit(1)
        time.sleep(LOOK_SECONDS)
    typer.echo(SAYINGS.say("not_yet", language, seconds=round(TAKEN_UP_SECONDS)), err=True)
    raise typer.Exit(1)


def _spoken(url: str) -> int | None:
    """Return the publication that the running bot speaks from, model and answers; None if no bot answers."""
    try:
        with urllib.request.urlopen(f"{url}/health/ready", timeout=10) as answer:  # noqa: S310  # our own address
            body = answer.read()
    except urllib.error.HTTPError as error:
        body = error.read()
    except (OSError, ValueError):
        return None
    try:
        return int(json.loads(body).get("publication") or 0)
    except (ValueError, TypeError, AttributeError):
        return None


def _commit(message: str, language: str) -> None:
    from bot.publish import repository
    from bot.publish.ledger import SAYINGS

    try:
        name = repository.commit(settings.load().content_dir, message)
    except (OSError, subprocess.SubprocessError) as error:
        stderr = str(getattr(error, "stderr", "") or error).strip().splitlines()
        reason = stderr[-1] if stderr else type(error).__name__
        typer.echo(SAYINGS.say("no_commit", language, reason=reason), err=True)
        return
    if name:
        typer.echo(SAYINGS.say("commit", language, name=name))


class _Progress:
    """Says how far it is: one line that is rewritten on a terminal, a line for each phase elsewhere."""

    def __init__(self, language: str) -> None:
        self._language, self._phase = language, ""

    def __call__(self, phase: str, step: int, steps: int, what: str) -> None:
        from bot.publish.ledger import SAYINGS

        line = SAYINGS.say(phase, self._language, step=step, steps=steps)
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{line}" + "\n" * (step == steps))
        elif phase != self._phase:
            sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
        self._phase = phase
