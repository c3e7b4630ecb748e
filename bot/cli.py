"""The command line: `uv run bot …`. Each command is a few lines over a room that does the work."""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import settings
from bot.content.sheet.commands import app as faq_app
from bot.errors import BotError
from bot.events.commands import app as events_app
from bot.inbox.commands import app as inbox_app
from bot.inbox.forget_command import forget
from bot.inbox.report.command import report
from bot.publish.commands import publish
from bot.sayings import STAFF_LANGUAGE
from bot.subscriptions.command import subscriptions
from bot.terminal import Spoken, StaffLanguage

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="The Berlin–Beijing assistant in German, English and Chinese."
)
app.add_typer(events_app, name="events")
app.add_typer(inbox_app, name="inbox")
app.command()(report)
app.command()(forget)
app.command()(publish)
app.command()(subscriptions)
app.add_typer(faq_app, name="faq")


@app.command()
def serve() -> None:
    """Train if the content changed, start everything on this machine, print where to go."""
    from bot.serving.supervisor import Supervisor

    asyncio.run(Supervisor(settings.load()).run())


@app.command()
def train() -> None:
    """Train the model for the content as it is; an unchanged content needs no training."""
    from bot import quiet, training
    from bot.content import library

    quiet.hush()
    started = time.perf_counter()
    content = library.load(settings.load().content_dir)
    model = training.train(content, _report)
    typer.echo(f"model {model.name.removesuffix('.tar.gz')} after {time.perf_counter() - started:.0f} s")


@app.command()
def validate(language: StaffLanguage = STAFF_LANGUAGE) -> None:
    """Check the content and print every problem with file, line and fix, and how complete each language is."""
    from bot import clock
    from bot.content import library, likeness, report
    from bot.nlu import carried

    content, problems = library.validate(settings.load().content_dir)
    with carried.carrying(settings.load().home / "carried"):
        likeness.check(content, problems)
    for line in report.lines(content, problems, language, clock.now().date()):
        typer.echo(line)
    if problems.errors:
        raise typer.Exit(1)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What a visitor would type; '-' reads a conversation, a line each.")],
    language: Spoken = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer, and how it came about.")] = False,
) -> None:
    """Answer one question without starting a server."""
    questions = [line.rstrip("\n") for line in sys.stdin] if question == "-" else [question]
    asyncio.run(_ask(questions, language, as_json))


@app.command()
def chat(language: Spoken = None) -> None:
    """Talk to the assistant in the terminal; an empty line ends."""
    asyncio.run(_chat(language))


@app.command()
def calibrate() -> None:
    """Measure on held-out questions how sure is sure, and write the thresholds the model uses."""
    from bot import quiet
    from bot.content import library

    quiet.hush()
    from bot.evaluation import calibration

    found = calibration.calibrate(library.load(settings.load().content_dir), _report)
    calibration.write(found)
    typer.echo(found)


@app.command()
def evaluate(
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
    baseline: Annotated[Path | None, typer.Option(help="Fail if a figure fell below this earlier --json file.")] = None,
    write_docs: Annotated[bool, typer.Option(help="Put the tables into docs/evaluation.md and the README.")] = False,
    with_perturbed: Annotated[bool, typer.Option("--perturbed", help="Ask damaged copies as well.")] = False,
    blind: Annotated[bool, typer.Option(help="Ask the newest blind sets instead; prints no question.")] = False,
) -> None:
    """Measure the assistant on unseen questions and print the figures per language."""
    from bot.evaluation import report

    if blind:
        _evaluate_blind(json_file, write_docs)
        return
    outcomes, agreement = asyncio.run(_evaluate(with_perturbed))
    data = report.figures(outcomes)
    tables = [report.markdown(data, agreement.as_data())]
    if with_perturbed:
        tables.append(report.perturbed_markdown(data))
    undamaged = [outcome for outcome in outcomes if "~" not in outcome.case.set]
    parts = [report.misses(undamaged), agreement.disagreements, report.confusions(outcomes), tables]
    typer.echo("\n\n".join("\n".join(part) for part in parts if part))
    if json_file:
        everything = {**data, "parallel": agreement.as_data()}
        json_file.write_text(json.dumps(everything, indent=1), encoding="utf-8")
    if write_docs:
        report.write_docs(tables[0])
        if with_perturbed:
            report.write_docs(tables[1], report.DOCUMENTS[:1], report.DAMAGE_MARKS)
    if baseline and (worse := report.regressions(data, json.loads(baseline.read_text(encoding="utf-8")))):
        typer.echo("worse than the baseline:\n" + "\n".join(worse), err=True)
        raise typer.Exit(1)


def _evaluate_blind(json_file: Path | None, write_docs: bool) -> None:
    """Print the figures of the newest blind sets: those of the first try, and today's."""
    from bot.evaluation import blind, datasets, report

    folder = datasets.newest_blind()
    data = blind.measured(folder, asyncio.run(_judged(datasets.load(folder))))
    newest = blind.tables(folder.parent)
    typer.echo(f"{newest}\n\nToday:\n\n{report.markdown(data, timed=False)}")
    if json_file:
        json_file.write_text(json.dumps(data, indent=1), encoding="utf-8")
    if write_docs:
        report.write_docs(newest, (blind.NEWEST_IN,), blind.MARKS)
        report.write_docs(blind.tables(datasets.BLIND, datasets.READ), (blind.ALL_IN,), blind.MARKS)


async def _judged(cases: list[Any]) -> Any:
    from bot.content import library
    from bot.evaluation.outcomes import Judge

    judge = Judge(await _assistant(), library.load(settings.load().content_dir))
    return await judge.run(cases, _report_cases)


def _report(step: int, steps: int, what: str) -> None:
    """Show progress: one line that is rewritten on a terminal, plain lines elsewhere."""
    # The real output: Rasa's own is redirected into a log while it trains.
    terminal = sys.__stdout__
    if terminal is None:
        return
    line = f"{step}/{steps}: {what}"
    terminal.write(f"\r\033[K{line}" + "\n" * (step == steps) if terminal.isatty() else f"{line}\n")
    terminal.flush()


async def _assistant() -> Any:
    from bot import quiet, training
    from bot.content import library

    quiet.hush()
    content = library.load(settings.load().content_dir)
    model = training.train(content, _report)
    from bot.assistant import Assistant
    from bot.events.sample import ensure_sample

    ensure_sample(settings.load())
    return Assistant.load(model)


async def _evaluate(with_perturbed: bool) -> Any:
    from bot.content import library
    from bot.evaluation import datasets, parallel
    from bot.evaluation.outcomes import Judge
    from bot.evaluation.perturb import perturbed

    assistant = await _assistant()
    content = library.load(settings.load().content_dir)
    judge = Judge(assistant, content)
    cases = datasets.development()
    if with_perturbed:
        cases += perturbed(datasets.load(), content)
    outcomes = await judge.run(cases, _report_cases)
    groups = parallel.load()
    together = await judge.run([case for group in groups for case in group], _report_cases)
    return outcomes, parallel.compare(groups, together)


def _report_cases(done: int, total: int) -> None:
    if done % 250 == 0 or done == total:
        typer.echo(f"asked {done} of {total}", err=True)


async def _ask(questions: list[str], language: str | None, as_json: bool) -> None:
    conversation = (await _assistant()).conversation(language)
    for question in questions:
        reply = await conversation.say(question)
        if as_json:
            shown = {"question": question, "intent": reply.intent, "entry": reply.entry, "answers": reply.answers}
            typer.echo(json.dumps(shown, ensure_ascii=False))
        else:
            _show(reply.answers)


async def _chat(language: str | None) -> None:
    conversation = (await _assistant()).conversation(language)
    while question := (await asyncio.to_thread(_prompt)).strip():
        _show((await conversation.say(question)).answers)


def _prompt() -> str:
    try:
        return input("> ")
    except EOFError:
        return ""


def _show(answers: list[dict[str, Any]]) -> None:
    for answer in answers:
        typer.echo(answer["text"])
        for button in answer.get("buttons", []):
            typer.echo(f"  [{button['title']}]")


def main() -> None:
    """Run the command line: exit code 1 for bad input, 2 for bad usage."""
    try:
        app()
    except BotError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
