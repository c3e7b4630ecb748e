"""What the commands of all rooms share in a terminal."""

from typing import Annotated

import typer

from bot.languages import LANGUAGES


def one_of_ours(value: str | None) -> str | None:
    """Return a language that we speak, or None if none was given.

    Raises:
        typer.BadParameter: it is another; the text names ours.
    """
    if value is not None and value not in LANGUAGES:
        raise typer.BadParameter(f"choose one of {', '.join(LANGUAGES)}")
    return value


Spoken = Annotated[str | None, typer.Option("--lang", callback=one_of_ours, help="de, en or zh: what to speak.")]
StaffLanguage = Annotated[
    str, typer.Option("--lang", callback=one_of_ours, help="de, en or zh: the language that you are told in.")
]
