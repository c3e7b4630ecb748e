"""What all tests share: the content, a really trained model (trained once, reused while nothing changed)."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa

# The machine is shared: a slow example is no failure.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")

from bot import quiet, settings, training
from bot.content import library
from bot.content.model import Content
from bot.settings import PROJECT_ROOT
from tests.available import alone

SERVERS = ("tests/browser", "tests/channels/telegram", "tests/project", "tests/serving", "tests/subscriptions")
"""What starts servers, on ports of this machine: one process does these, one after the other, and begins with them."""


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Share the tests between the processes of a run: what starts servers, and the rest by file."""
    places = {item: item.path.relative_to(PROJECT_ROOT).as_posix() for item in items}
    items.sort(key=lambda item: not places[item].startswith(SERVERS))  # stable: otherwise in their order
    for item, place in places.items():
        item.add_marker(pytest.mark.xdist_group("servers" if place.startswith(SERVERS) else place))


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL for this run (scripts/postgres.sh): private, or the one of TEST_DATABASE_URL."""
    folder = tmp_path_factory.mktemp("postgres")
    script = PROJECT_ROOT / "scripts" / "postgres.sh"
    try:
        with alone("setup"):
            started = subprocess.run([script, "start", folder], capture_output=True, text=True)
        if started.returncode:
            pytest.fail(started.stderr)
        url = (folder / "url").read_text().strip()
        if not url:
            pytest.skip(f"no PostgreSQL to test on: {(folder / 'why').read_text().strip()}")
        yield url
    finally:
        subprocess.run([script, "stop", folder], check=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, once on SQLite and once on PostgreSQL (there a schema of its own, dropped afterwards)."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/test.sqlite"
        return
    url = sa.engine.make_url(request.getfixturevalue("postgresql"))
    engine = sa.create_engine(url, future=True)
    name = f"test_{uuid.uuid4().hex}"
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(name))
    yield url.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(sa.schema.DropSchema(name, cascade=True))
    engine.dispose()


@pytest.fixture(scope="session")
def content() -> Content:
    return library.load(settings.load().content_dir)


@pytest.fixture(scope="session")
def model(content: Content) -> Path:
    quiet.hush()
    with alone("training"):
        return training.train(content, lambda step, steps, what: None)


@pytest.fixture(scope="session")
def assistant(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """The whole assistant in this process, with a sample calendar of its own."""
    home = tmp_path_factory.mktemp("home")
    patch = pytest.MonkeyPatch()
    patch.setenv("BOT_HOME", str(home))
    from bot.assistant import Assistant
    from bot.events.sample import ensure_sample

    ensure_sample(settings.load())
    yield Assistant.load(model)
    patch.undo()
