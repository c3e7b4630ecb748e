"""What all tests share: the content, a really trained model (trained once, reused while nothing changed)."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# The machine is shared: a slow example is no failure.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")

from bot import quiet, settings, training
from bot.content import library
from bot.content.model import Content


@pytest.fixture(scope="session")
def content() -> Content:
    return library.load(settings.load().content_dir)


@pytest.fixture(scope="session")
def model(content: Content) -> Path:
    quiet.hush()
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
