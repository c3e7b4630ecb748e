"""`bot events sources …`: the calendars that are fetched from elsewhere."""

import asyncio
from typing import Annotated

import typer

from bot import clock
from bot.errors import BotError
from bot.events import console
from bot.events.fetch import Fetcher
from bot.events.model import City
from bot.events.refresh import Refreshed, choices, city_of, is_complete, refresh, summary
from bot.events.store import EventStore, Source

app = typer.Typer(no_args_is_help=True, help="The calendars that are fetched from elsewhere.")
Name = Annotated[str, typer.Argument(help="The source's name.")]


def _source(store: EventStore, name: str) -> Source:
    for source in store.sources():
        if source.name == name:
            return source
    raise BotError(f"there is no source '{name}'; `bot events sources list` shows them")


@app.command("list")
def list_sources() -> None:
    """Print the sources, how they fare, and what waits for a confirmation."""
    found = console.store().sources()
    for source in found:
        city = city_of(source)
        how = ["complete"] * is_complete(source) + ([f"city {city.value}"] if city else [])
        last = f"{source.last_success.astimezone(clock.BERLIN):%Y-%m-%d %H:%M}" if source.last_success else "never"
        details = ", ".join([f"every {source.refresh_minutes} min", *how, f"last read {last}"])
        typer.echo(f"{source.name}: {source.url} ({details})")
        if source.last_error:
            typer.echo(f"  failed: {source.last_error}")
        if source.held_back:
            typer.echo(f"  held back: {source.held_back}")
            typer.echo(f"  if that is right: bot events sources refresh {source.name} --confirm")
    if not found:
        typer.echo("no sources; add one: bot events sources add NAME URL")


@app.command("add")
def add_source(
    name: Name,
    url: Annotated[str, typer.Argument(help="Where its calendar is: https://…")],
    every: Annotated[int, typer.Option(min=5, max=10_080, help="Minutes from refresh to refresh.")] = 60,
    complete: Annotated[bool, typer.Option("--complete", help="What is missing in it was withdrawn.")] = False,
    city: Annotated[City | None, typer.Option(help="The city of events that name none.")] = None,
) -> None:
    """Add a source, or change the one of that name, and read it at once."""
    if not name.strip() or len(name) > 120 or name in ("manual", "sample"):
        raise typer.BadParameter("must have 1 to 120 characters and not be manual or sample", param_hint="NAME")
    if not url.startswith(("https://", "webcal://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
        raise typer.BadParameter("must begin with https://", param_hint="URL")
    store = console.store()
    store.put_source(Source(name, url, choices(complete, city), every))
    _refresh(store, [_source(store, name)], confirm=False)


@app.command("remove")
def remove_source(name: Name) -> None:
    """Stop fetching a source; its events stay."""
    if not console.store().remove_source(name):
        raise BotError(f"there is no source '{name}'; `bot events sources list` shows them")
    typer.echo(f"{name}: no longer fetched; its events stay")


@app.command("refresh")
def refresh_sources(
    name: Annotated[str | None, typer.Argument(help="Only this source.")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="Withdraw even most of a source's events.")] = False,
) -> None:
    """Read all sources, or one, now."""
    store = console.store()
    if confirm and not name:
        raise typer.BadParameter("--confirm needs the name of the source")
    _refresh(store, [_source(store, name)] if name else store.sources(), confirm)


def _refresh(store: EventStore, sources: list[Source], confirm: bool) -> None:
    done = asyncio.run(_refreshed(store, sources, confirm))
    for each in done:
        console.print_findings([], [(each.source, finding) for finding in each.refused])
    typer.echo("\n".join(summary(done)) if done else "no sources")
    if any(each.error or each.held_back for each in done):
        raise typer.Exit(1)


async def _refreshed(store: EventStore, sources: list[Source], confirm: bool) -> list[Refreshed]:
    fetch = Fetcher()
    return [await refresh(store, source, clock.now(), fetch, confirm) for source in sources]
