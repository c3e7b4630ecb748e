"""`bot events …`: the calendar in the terminal. Each command is a few lines over a module that does the work."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer

from bot import clock
from bot.events import console
from bot.events.model import Category, City, Query, Status
from bot.events.source_commands import app as sources_app
from bot.terminal import one_of_ours

app = typer.Typer(no_args_is_help=True, help="The event calendar.")
app.add_typer(sources_app, name="sources")
DAYS = ["%Y-%m-%d"]
FORMATS = ("ics", "csv", "xlsx")


@app.command("import")
def import_events(
    names: Annotated[list[str], typer.Argument(metavar="FILE|URL...", help="iCalendar, JSON-LD, CSV or XLSX.")],
    source: Annotated[str, typer.Option(help="Whose calendar this is; events stay with their source.")] = "",
    complete: Annotated[
        bool, typer.Option("--complete", help="Withdraw the source's events that are missing.")
    ] = False,
    confirm: Annotated[bool, typer.Option("--confirm", help="Withdraw even if that is most of them.")] = False,
    city: Annotated[City | None, typer.Option(help="The city of events that name none.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
) -> None:
    """Read events into the calendar; bad ones are named and left out."""
    from bot.events.intake import is_address, take

    if complete and not source:
        raise typer.BadParameter("--complete needs --source: without it, nobody knows whose events may be withdrawn")
    store, now = console.store(), clock.now()
    urls = {each.url: each.name for each in store.sources()}
    source = source or next((urls[name] for name in names if is_address(name) and name in urls), "manual")
    taken = take(names, now, city)
    console.print_findings(taken.warnings, taken.refused)
    if dry_run:
        known = sum(store.get(event.uid) is not None for event in taken.events)
        typer.echo(f"would add {len(taken.events) - known}, compare {known} known ones, refuse {len(taken.refused)}")
    else:
        progress = console.Progress("saved")
        saved = store.save(
            taken.events, source=source, now=now, complete=complete, confirm=confirm, report=progress,
            also_there=taken.refused_uids,
        )  # fmt: skip
        progress.end()
        for refusal in saved.refused:
            typer.echo(f"{refusal.uid}: {refusal.reason}")
        if len(taken.events) > len(saved.refused):
            store.delete_samples()
        refused = len(taken.refused) + len(saved.refused)
        typer.echo(
            f"added {saved.added}, changed {saved.changed}, unchanged {saved.unchanged}, refused {refused}, "
            f"withdrawn {saved.withdrawn}"
        )
        if refused and len(taken.events) == len(saved.refused):
            raise typer.Exit(1)
    if taken.refused and not taken.events:
        raise typer.Exit(1)


@app.command("export")
def export_events(
    file: Annotated[Path, typer.Argument(help="Where to write; the ending says the format.")],
    format: Annotated[str, typer.Option("--format", help="ics, csv or xlsx.")] = "",
    source: Annotated[str, typer.Option(help="Only this source's events.")] = "",
    language: Annotated[str, typer.Option("--lang", callback=one_of_ours, help="What calendars show first.")] = "de",
) -> None:
    """Write all events into a file that can be imported again."""
    from bot.events.writers.ics import to_ics
    from bot.events.writers.table import to_csv, to_xlsx

    chosen = format or file.suffix.lstrip(".").lower()
    if chosen not in FORMATS:
        raise typer.BadParameter(f"'{chosen}' is none of {', '.join(FORMATS)}; give --format", param_hint="--format")
    events = console.store().events(source or None)
    if chosen == "ics":
        data = to_ics(events, clock.now(), "Berlin–Beijing", language)
    else:
        data = to_csv(events) if chosen == "csv" else to_xlsx(events)
    console.write(file, data)
    typer.echo(f"{len(events)} events written to {file}")


@app.command("template")
def write_template(file: Annotated[Path, typer.Argument(help="Where to write the .xlsx file.")]) -> None:
    """Write an empty spreadsheet with drop-downs and instructions to fill in."""
    from bot.events.writers.table import template

    if file.suffix.lower() != ".xlsx":
        raise typer.BadParameter(f"'{file.name}' must end with .xlsx", param_hint="FILE")
    console.write(file, template())
    typer.echo(f"template written to {file}; fill it in, then: bot events import {file}")


@app.command("list")
def list_events(
    language: Annotated[str, typer.Option("--lang", callback=one_of_ours, help="The visitor's language.")] = "en",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    first: Annotated[datetime | None, typer.Option("--from", formats=DAYS, help="From this day on.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=DAYS, help="To this day.")] = None,
    city: Annotated[City | None, typer.Option(help="Only in this city.")] = None,
    category: Annotated[Category | None, typer.Option(help="Only of this category.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="What is past as well.")] = False,
) -> None:
    """Print the upcoming events as visitors would be told, with their uids."""
    now = clock.now()
    moment = datetime(2000, 1, 1, tzinfo=UTC) if everything else now
    begin = first or (None if everything else datetime.combine(now.date(), time()))
    if first and last and last < first:
        raise typer.BadParameter("is before --from", param_hint="--to")
    query = Query(start=begin, end=last + timedelta(days=1) if last else None, city=city, category=category)
    found = console.store().find(query, now=moment, limit=limit)
    typer.echo("\n".join(console.lines(found, language)) if found else "no upcoming events")


@app.command("show")
def show_event(
    uid: Annotated[str, typer.Argument(help="The event's uid; `bot events list` has it.")],
) -> None:
    """Print all that is known of an event, and its next dates."""
    from bot.events.writers.table import row_of

    store = console.store()
    for name, value in row_of(console.known(store, uid)).items():
        if value:
            typer.echo(f"{name:12} {value}")
    for each in store.occurrences(uid, clock.now(), 10):
        moved = f" (moved from {each.moved_from:%Y-%m-%d %H:%M})" if each.moved_from else ""
        status = f" {each.status.value}" if each.status is not Status.SCHEDULED else ""
        typer.echo(
            f"{'date':12} {each.start:%Y-%m-%d}{'' if each.event.all_day else f' {each.start:%H:%M}'}{status}{moved}"
        )


@app.command("cancel")
def cancel_event(
    uid: Annotated[str, typer.Argument(help="The event's uid.")],
    day: Annotated[datetime | None, typer.Option("--date", formats=DAYS, help="Only this date of a series.")] = None,
) -> None:
    """Mark an event, or one date of a series, as cancelled; visitors are told."""
    console.store().cancel(uid, clock.now(), day.date() if day else None)
    typer.echo(f"{uid}: cancelled{f' on {day:%Y-%m-%d}' if day else ''}")


@app.command("edit")
def edit_event(
    uid: Annotated[str, typer.Argument(help="The event's uid.")],
    start: Annotated[str | None, typer.Option(help="2027-03-10T19:00, or a date for all day.")] = None,
    end: Annotated[str | None, typer.Option(help="Like --start; '' if it is not known.")] = None,
    timezone: Annotated[str | None, typer.Option(help="An IANA zone.")] = None,
    city: Annotated[str | None, typer.Option(help="berlin, beijing, online.")] = None,
    venue: Annotated[str | None, typer.Option(help="The place.")] = None,
    category: Annotated[str | None, typer.Option(help="culture, sport, business, …")] = None,
    status: Annotated[str | None, typer.Option(help="scheduled, cancelled, postponed.")] = None,
    free: Annotated[str | None, typer.Option(help="yes, no, or '' if not known.")] = None,
    price: Annotated[str | None, typer.Option(help="The price in words.")] = None,
    languages: Annotated[str | None, typer.Option(help="Spoken languages: de;zh")] = None,
    url: Annotated[str | None, typer.Option(help="The event's https page.")] = None,
    rrule: Annotated[str | None, typer.Option(help="RFC 5545: FREQ=WEEKLY;BYDAY=TU")] = None,
    exdates: Annotated[str | None, typer.Option(help="Dates left out, separated by ;")] = None,
    title_de: Annotated[str | None, typer.Option(help="The German title.")] = None,
    title_en: Annotated[str | None, typer.Option(help="The English title.")] = None,
    title_zh: Annotated[str | None, typer.Option(help="The Chinese title.")] = None,
    summary_de: Annotated[str | None, typer.Option(help="The German description.")] = None,
    summary_en: Annotated[str | None, typer.Option(help="The English description.")] = None,
    summary_zh: Annotated[str | None, typer.Option(help="The Chinese description.")] = None,
) -> None:
    """Change an event; an end that is not given moves with the start."""
    cells = {name: value for name, value in locals().items() if name != "uid" and value is not None}
    from bot.events.editing import changed_fields

    if not cells:
        raise typer.BadParameter("say what to change, for example --start 2027-03-10T19:00")
    store, now = console.store(), clock.now()
    changes = changed_fields(console.known(store, uid), cells, now.date())
    if changes:
        store.edit(uid, now, **changes)
    typer.echo(f"{uid}: changed {', '.join(changes)}" if changes else f"{uid}: nothing to change")


@app.command("changes")
def list_changes(
    since: Annotated[datetime | None, typer.Option(formats=DAYS, help="From this day on; a week by default.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
) -> None:
    """Print what was added, moved, cancelled or withdrawn, newest first."""
    now = clock.now()
    begin = since.replace(tzinfo=now.tzinfo) if since else now - timedelta(days=7)
    found = console.store().changes(begin, Query(), limit)
    for each in found:
        spans = [f"{moment:%Y-%m-%d %H:%M}" for moment in (each.before, each.after) if moment]
        when = " → ".join(dict.fromkeys(spans))
        title, _ = each.event.title("en")
        typer.echo(f"{each.at.astimezone(now.tzinfo):%Y-%m-%d %H:%M}  {each.kind:10} {when}  {title}  [{each.uid}]")
    if not found:
        typer.echo("nothing has changed")
    elif len(found) > 1:
        typer.echo(", ".join(f"{count} {kind}" for kind, count in sorted(Counter(each.kind for each in found).items())))
