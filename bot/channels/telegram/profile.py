"""What Telegram shows of the bot before anybody writes: commands and descriptions, in each language."""

import json
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.channels.core.blocking import Blocking
from bot.channels.core.messenger_tables import note
from bot.channels.telegram.api import Api
from bot.channels.telegram.updates import COMMANDS
from bot.content.library import Speech
from bot.database import insert_into
from bot.languages import LANGUAGES

ELSEWHERE = "en"
"""The language for accounts in none of ours."""
MAX_DESCRIPTION, MAX_SHORT = 512, 120


async def publish(api: Api, engine: Engine, blocking: Blocking, speech: Speech) -> bool:
    """Tell Telegram the commands and descriptions if they have changed; whether they had.

    Raises:
        Failure: it could not be told; nothing is noted, so that the next start tries again.
        SQLAlchemyError: the database failed.
    """
    texts = _texts(speech)
    name = f"telegram-profile-{api.bot.id}"
    digest = sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()
    if await blocking.run(_noted, engine, name) == digest:
        return False
    for code in (None, *LANGUAGES):  # without a code: for all other languages
        said = texts[code or ELSEWHERE]
        commands = [(command, said[f"command_{command}"]) for command in COMMANDS]
        await api.call(api.bot.set_my_commands(commands, language_code=code))
        await api.call(api.bot.set_my_description(said["description"][:MAX_DESCRIPTION], language_code=code))
        short = said["short_description"][:MAX_SHORT]
        await api.call(api.bot.set_my_short_description(short, language_code=code))
    await blocking.run(_write, engine, name, digest)
    return True


def _texts(speech: Speech) -> dict[str, dict[str, str]]:
    names = ("description", "short_description", *(f"command_{command}" for command in COMMANDS))
    return {language: {name: speech.phrases[f"telegram_{name}"][language] for name in names} for language in LANGUAGES}


def _noted(engine: Engine, name: str) -> str | None:
    with engine.connect() as connection:
        found = connection.execute(sa.select(note.c.value).where(note.c.name == name)).scalar()
    return str(found) if found is not None else None


def _write(engine: Engine, name: str, value: str) -> None:
    with engine.begin() as connection:
        insert = insert_into(connection, note).values(name=name, value=value)
        connection.execute(insert.on_conflict_do_update(index_elements=[note.c.name], set_={"value": value}))
