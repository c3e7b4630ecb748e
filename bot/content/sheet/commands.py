"""`bot faq …`: the spreadsheet of the FAQ in the terminal; the work is done in the modules beside."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot import settings
from bot.sayings import STAFF_LANGUAGE, StaffError
from bot.terminal import StaffLanguage

app = typer.Typer(no_args_is_help=True, help="The FAQ as a spreadsheet: out, edited, in again.")
File = Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="The workbook.")]


@app.command("export")
def export_faq(file: File, language: StaffLanguage = STAFF_LANGUAGE) -> None:
    """Write every entry into a workbook, a row each, with instructions in three languages."""
    from bot.content.library import inspect
    from bot.content.sheet.texts import SAYINGS
    from bot.content.sheet.writer import save

    content = inspect(settings.load().content_dir)
    try:
        save(content, file)
    except StaffError as error:
        _fail(error, language)
    typer.echo(SAYINGS.say("exported", language, file=file.name, number=len(content.entries)))


@app.command("import")
def import_faq(
    file: File,
    apply: Annotated[
        bool | None, typer.Option("--apply/--dry-run", help="Do it, or only show it; a terminal only shows by default.")
    ] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Delete the entries whose rows were deleted.")] = False,
    language: StaffLanguage = STAFF_LANGUAGE,
) -> None:
    """Take an edited workbook in; bad rows are refused with cell and reason, the rest is applied as one."""
    from bot.content.sheet import summary
    from bot.content.sheet.importing import bring_in

    done = not sys.stdout.isatty() if apply is None else apply
    try:
        plan = bring_in(settings.load().content_dir, file, apply=done, delete=delete)
    except StaffError as error:
        _fail(error, language)
    for line in summary.lines(plan, language, done):
        typer.echo(line)
    if plan.refused:
        raise typer.Exit(1)


def _fail(error: StaffError, language: str) -> NoReturn:
    typer.echo(error.said(language), err=True)
    raise typer.Exit(1)
