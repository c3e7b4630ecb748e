"""`bot inbox …`: questions without a sure answer. Each command is a few lines over a module that does the work."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import clock, settings
from bot.inbox import console
from bot.inbox.console import DEFAULT
from bot.inbox.sayings import say
from bot.inbox.store import Question
from bot.inbox.turn import OPEN, Kind
from bot.languages import LANGUAGES
from bot.sayings import StaffError
from bot.terminal import StaffLanguage

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from bot.content.model import Content
    from bot.inbox.assigning import Assignment
    from bot.inbox.groups import Group

app = typer.Typer(no_args_is_help=True, help="Questions that got no sure answer, or a thumb down.")
SHOWN = 3
"""Wordings of a group in the list."""
Numbers = Annotated[list[int], typer.Argument(metavar="NUMBER...", help="From `bot inbox list`.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]


@app.command("list")
def list_questions(
    asked_in: Annotated[str | None, typer.Option("--in", help="Only questions in de, en or zh.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Only of this kind.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many groups.")] = 30,
    language: StaffLanguage = DEFAULT,
) -> None:
    """Print the open questions, alike ones together, the most frequent first."""
    if asked_in is not None and asked_in not in LANGUAGES:
        raise typer.BadParameter(f"choose one of {', '.join(LANGUAGES)}", param_hint="--in")
    if kind is not None and kind not in OPEN:
        raise typer.BadParameter(f"choose one of {', '.join(sorted(OPEN))}", param_hint="--kind")
    questions = console.inbox().questions(asked_in, kind)
    if not questions:
        typer.echo(say("inbox.empty", language))
        return
    groups = _grouped(questions)
    for group in groups[:limit]:
        typer.echo(f"{group.count:>4}×  {group.text}")
        for wording in group.wordings[:SHOWN]:
            typer.echo(f"      {console.line(wording, language)}")
        if (rest := len(group.wordings) - SHOWN) > 0:
            typer.echo(f"      {say('inbox.more', language, number=rest)}")
    count = sum(question.count for question in questions)
    typer.echo(say("inbox.total", language, groups=len(groups), count=count))


@app.command("show")
def show_question(
    number: Annotated[int, typer.Argument(help="From `bot inbox list`.")],
    language: StaffLanguage = DEFAULT,
) -> None:
    """Print a question with all that are alike, when they were asked, and what the bot answers today."""
    inbox = console.inbox()
    try:
        (chosen,) = inbox.get([number])
    except StaffError as error:
        raise console.told(error, language) from error
    groups = _grouped(inbox.questions())
    group = next(group for group in groups if any(one.id == number for one in group.questions))
    for wording in group.wordings:
        typer.echo(console.line(wording, language))
        first, last = console.day(wording.first_seen), console.day(wording.last_seen)
        about = f"; {say('inbox.about', language, subject=', '.join(wording.subjects))}" if wording.subjects else ""
        typer.echo(f"      {say('inbox.seen', language, count=wording.count, first=first, last=last)}{about}")
    _, assistant = _assistant()
    answer = asyncio.run(_answering(assistant, chosen.text, chosen.language))
    typer.echo(say("inbox.today", language, answer=answer or say("inbox.no_answer", language)))


@app.command("assign")
def assign(
    entry: Annotated[str, typer.Argument(help="The entry that shall answer, e.g. desk_since.")],
    numbers: Numbers,
    text: Annotated[str, typer.Option(help="Other words for it, e.g. without what is personal.")] = "",
    yes: Yes = False,
    language: StaffLanguage = DEFAULT,
) -> None:
    """Add questions to an entry and to the regression set, each after you agreed."""
    from bot.inbox.assigning import prepare

    if text and len(numbers) > 1:
        raise typer.BadParameter("says one question in other words; give one number", param_hint="--text")
    inbox = console.inbox()
    added = 0
    try:
        questions = inbox.get(numbers)
        content, assistant = _assistant()
        for question in questions:
            words = text or question.text
            prepared = prepare(content, entry, question.language, words)
            if _adds(assistant, prepared, language) and _agreed(prepared, content, yes, language):
                prepared.write()
                inbox.remove([question.id])
                added += 1
    except StaffError as error:
        raise console.told(error, language) from error
    if added:
        typer.echo(say("inbox.done", language, added=added, entry=entry))


@app.command("drop")
def drop(numbers: Numbers, yes: Yes = False, language: StaffLanguage = DEFAULT) -> None:
    """Take questions out that the assistant need not answer, and keep them out."""
    inbox = console.inbox()
    try:
        number = len(inbox.get(numbers))
    except StaffError as error:
        raise console.told(error, language) from error
    days = settings.load().inbox_days
    if yes or typer.confirm(say("inbox.drop", language, number=number, days=days)):
        inbox.drop(numbers, clock.now())
        typer.echo(say("inbox.dropped", language, number=number))


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="Where to write the .csv file.")],
    language: StaffLanguage = DEFAULT,
) -> None:
    """Write all open questions into a table for a spreadsheet, masked, a row each."""
    from bot.events.console import write
    from bot.inbox.export import to_csv

    if file.suffix.lower() != ".csv":
        raise typer.BadParameter(f"'{file.name}' must end with .csv", param_hint="FILE")
    questions = console.inbox().questions()
    write(file, to_csv(_grouped(questions), language))
    typer.echo(say("inbox.exported", language, number=len(questions), file=file))


def _grouped(questions: list[Question]) -> "list[Group]":
    from bot import quiet
    from bot.content.reader import read_content

    quiet.hush()
    from bot.inbox.groups import Grouper

    content, _ = read_content(settings.load().content_dir)
    return Grouper(content).group(questions)


def _assistant() -> "tuple[Content, Assistant]":
    from bot import quiet, training
    from bot.content import library

    quiet.hush()
    content = library.load(settings.load().content_dir)
    model = training.train(content, lambda step, steps, what: typer.echo(f"{step}/{steps}: {what}", err=True))
    from bot.assistant import Assistant

    return content, Assistant.load(model)


async def _answering(assistant: "Assistant", text: str, language: str) -> str | None:
    """Return the entry that a question is surely answered with, or None."""
    return (await assistant.conversation(language).say(text)).entry


def _adds(assistant: "Assistant", prepared: "Assignment", language: str) -> bool:
    """Whether the question would teach anything; says so if not, and if it moves from another entry."""
    text, entry = prepared.text, prepared.entry
    now = asyncio.run(_answering(assistant, text, prepared.language))
    if now == entry:
        typer.echo(say("inbox.adds_nothing", language, text=text, entry=entry))
        return False
    if now:
        typer.echo(say("inbox.answered_otherwise", language, text=text, entry=entry, other=now))
    return True


def _agreed(prepared: "Assignment", content: "Content", yes: bool, language: str) -> bool:
    """Whether the person agrees; says what comes of it."""
    spoken = say(f"languages.{prepared.language}", language)
    title = content.entries[prepared.entry].title(language)
    values = {"text": prepared.text, "entry": prepared.entry, "title": title}
    agreed = yes or typer.confirm(say("inbox.add", language, language=spoken, **values))
    typer.echo(say("inbox.added" if agreed else "inbox.left", language, text=prepared.text))
    return agreed
