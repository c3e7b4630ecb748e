"""`bot report`: how the assistant did."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from bot import clock, settings
from bot.inbox import console
from bot.inbox.console import DEFAULT
from bot.terminal import StaffLanguage

DAYS = ["%Y-%m-%d"]
USUAL = timedelta(days=28)


def report(
    since: Annotated[
        datetime | None, typer.Option(formats=DAYS, help="From this day on; four weeks by default.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(formats=DAYS, help="To this day; today by default.")] = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write a table for a spreadsheet here.")] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write a page with charts here.")] = None,
    language: StaffLanguage = DEFAULT,
) -> None:
    """Print what was asked, answered and not, by language, topic, channel and week; top questions and gaps."""
    last = until.date() if until else clock.now().date()
    first = since.date() if since else last - USUAL
    if last < first:
        raise typer.BadParameter("is after the last day", param_hint="--since")
    from bot import quiet
    from bot.content.reader import read_content

    quiet.hush()
    from bot.events.console import write
    from bot.inbox.groups import Grouper
    from bot.inbox.report import layout, page, plain
    from bot.inbox.report.figures import figures
    from bot.inbox.report.words import word

    content, _ = read_content(settings.load().content_dir)
    begin, end = first.isoformat(), last.isoformat()
    asked = [
        one
        for one in console.inbox().questions()
        if begin <= console.day(one.last_seen) and console.day(one.first_seen) <= end
    ]
    groups = Grouper(content).group(asked) if asked else []
    found = figures(first, last, console.counters().between(first, last), content, groups)
    tables = layout.tables(found, content, language)
    typer.echo(f"{word('title', language)}, {word('span', language, first=begin, last=end)}")
    typer.echo("\n".join(plain.lines(tables)))
    if csv_file:
        write(csv_file, plain.to_csv(tables))
        typer.echo(word("written", language, file=str(csv_file)))
    if html_file:
        write(html_file, page.to_html(found, tables, language).encode())
        typer.echo(word("written", language, file=str(html_file)))
