import logging
import subprocess
import sys
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.database import connect
from bot.events import migrate
from bot.events.model import Query
from bot.events.schema import metadata
from bot.events.store import EventStore
from tests.events.conftest import NOW, make_event

FIRST_VERSION = """
CREATE TABLE event (
    uid VARCHAR(255) NOT NULL, status VARCHAR(16) NOT NULL, start VARCHAR(32) NOT NULL, "end" VARCHAR(32),
    last_day VARCHAR(10) NOT NULL, all_day BOOLEAN NOT NULL, timezone VARCHAR(64) NOT NULL, city VARCHAR(16) NOT NULL,
    venue TEXT NOT NULL, category VARCHAR(16) NOT NULL, free BOOLEAN, languages TEXT NOT NULL, url TEXT NOT NULL,
    titles TEXT NOT NULL, summaries TEXT NOT NULL, sample BOOLEAN NOT NULL, PRIMARY KEY (uid)
);
CREATE INDEX ix_event_last_day ON event (last_day);
CREATE INDEX ix_event_city ON event (city);
CREATE INDEX ix_event_category ON event (category);
INSERT INTO event VALUES ('old', 'scheduled', '2027-03-13T19:30:00', '2027-03-13T21:00:00', '2027-03-13', false,
    'Europe/Berlin', 'berlin', 'Garten der Welt', 'culture', true, '["de"]', 'https://example.org',
    '{"de": "Frühlingskonzert"}', '{}', false);
INSERT INTO event VALUES ('older', 'scheduled', '2020-03-13T00:00:00', NULL, '2020-03-13', true,
    'Asia/Shanghai', 'beijing', '', 'sport', NULL, '[]', '', '{"zh": "春节"}', '{}', true);
CREATE TABLE conversation (sender_id VARCHAR(255) PRIMARY KEY, slots TEXT);
INSERT INTO conversation VALUES ('visitor', '{}')
"""


def test_the_first_versions_database_is_taken_over_with_its_data(database_url: str) -> None:
    engine = connect(database_url)
    with engine.begin() as connection:
        for statement in FIRST_VERSION.split(";\n"):
            connection.exec_driver_sql(statement)
    store = EventStore(engine)
    assert [one.event.uid for one in store.find(Query(words=("Konzert",)), now=NOW, limit=5)] == ["old"]
    old = store.get("old")
    assert old is not None
    assert (old.titles, old.free, old.languages) == ({"de": "Frühlingskonzert"}, True, ("de",))
    assert store.count() == 2
    assert [one.event.uid for one in store.find(Query(), now=datetime(2020, 3, 1, tzinfo=UTC), limit=5)] == [
        "older",
        "old",
    ]
    assert store.delete_samples() == 1
    assert store.save([old], now=NOW).unchanged == 1
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT sender_id FROM conversation")).scalars().all() == ["visitor"]
    engine.dispose()


def test_the_migrations_make_the_tables_that_the_code_describes(database_url: str) -> None:
    engine = connect(database_url)
    EventStore(engine)
    with engine.connect() as connection:
        options = {"version_table": migrate.VERSION_TABLE, "compare_type": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    engine.dispose()


def test_the_newest_migration_is_the_one_that_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate._FOLDER))
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.HEAD


def test_processes_that_start_at_once_do_not_collide(database_url: str) -> None:
    lines = [
        "from bot.database import connect",
        "from bot.events.store import EventStore",
        f"EventStore(connect({database_url!r})).count()",
    ]
    command = [sys.executable, "-c", "; ".join(lines)]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in started] == [("", 0)] * 4


def test_migrating_is_quiet_and_done_once(
    database_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = connect(database_url)
    with caplog.at_level(logging.INFO):
        EventStore(engine).save([make_event()], now=NOW)
    assert caplog.messages == []
    monkeypatch.setattr(migrate, "_upgrade", lambda connection: pytest.fail("migrated again"))
    assert EventStore(engine).count() == 1
    engine.dispose()
