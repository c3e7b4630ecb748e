"""Brings the tables of the event store up to date, once, however many processes start at the same time."""

import logging
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.events.connection import reading, writing

HEAD = "0002"
"""The newest migration; a test holds it to the files."""
VERSION_TABLE = "event_schema_version"
_FOLDER = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> bool:
    """Run what is missing of the migrations, nothing but one query if nothing is; return whether it was this process.

    Raises:
        EventsUnavailableError: the database cannot be used.
    """
    with reading(engine) as connection:
        if version(connection) == HEAD:
            return False
    with writing(engine) as connection:
        if version(connection) == HEAD:
            return False
        _upgrade(connection)
        return True


def version(connection: Connection) -> str | None:
    """Return the last migration that was run, or None."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608
    return str(found) if found else None


def _upgrade(connection: Connection) -> None:
    # Imported here: it costs a tenth of a second that no later start should pay.
    from alembic import command
    from alembic.config import Config

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes.update(connection=connection, version_table=VERSION_TABLE)
    command.upgrade(config, "head")
