"""The one way to a database: SQLite in a file by default, PostgreSQL by DATABASE_URL."""

import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.pool import QueuePool

LOCKED_FOR = 15.0
"""Seconds to wait for a SQLite file that others are writing to."""


def connect(url: str) -> Engine:
    """Return an engine for ``url``; a SQLite file's folder is made, readers and one writer do not block."""
    parsed = make_url(url)
    if parsed.drivername != "sqlite":
        return sa.create_engine(parsed, future=True, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # SQLAlchemy would open the file anew for each turn; kept open, a turn is a millisecond shorter.
    arguments = {"timeout": LOCKED_FOR, "check_same_thread": False}
    engine = sa.create_engine(parsed, future=True, connect_args=arguments, poolclass=QueuePool)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    _write_ahead(cursor)
    # NORMAL survives a crash of the process; only a power cut may lose the last turn.
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # KiB, taken as needed: with the default 2 MB a calendar of 100,000 events is read anew from the file all the time.
    cursor.execute("PRAGMA cache_size=-16384")
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Switch a file to its write-ahead log, once for all; SQLite does not wait for others that try just then."""
    until = time.monotonic() + LOCKED_FOR
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def is_readable(engine: Engine) -> bool:
    """Whether the database answers a query."""
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        return False
    return True


def create_tables(metadata: sa.MetaData, engine: Engine) -> None:
    """Make the tables that are missing; two processes may try at once."""
    try:
        metadata.create_all(engine)
    except sa.exc.DBAPIError:
        metadata.create_all(engine)


def insert_into(connection: Connection, table: sa.Table) -> "postgresql.Insert | sqlite.Insert":
    """Return an insert that knows ``on_conflict_…`` on this connection's database."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
