"""An installation of its own: a copy of the content, and a worker that need not train where a test is not about it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import pytest

from bot import settings
from bot.content import library
from bot.evaluation.datasets import REPEAT_IN, REQUESTS, Case
from bot.evaluation.outcomes import FOLLOW_UP_AFTER, REPEAT_AFTER, TARGETS, Reaction
from bot.publish import publisher as publishing
from bot.publish import reactions
from bot.publish.publisher import Publisher
from bot.publish.workshop import Progress, Workshop
from bot.settings import PROJECT_ROOT, Settings


@dataclass
class Office:
    """The content that staff edit, and what publishes it."""

    settings: Settings
    publisher: Publisher

    def entry(self, name: str) -> Path:
        return next(self.settings.content_dir.glob(f"faq/*/{name}.yml"))

    def edit(self, name: str, old: str, new: str) -> None:
        """Change an entry's file as a person does in an editor."""
        path = self.entry(name)
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} has no '{old}'"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    content = tmp_path / "nlu_data"
    shutil.copytree(PROJECT_ROOT / "nlu_data", content, ignore=shutil.ignore_patterns(".writing"))
    monkeypatch.setenv("BOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BOT_CONTENT", str(content))
    chosen = replace(settings.load(), home=tmp_path / "home", content_dir=content)
    return Office(chosen, Publisher(chosen))


Understanding = Callable[[Case], Reaction]


@pytest.fixture(autouse=True)
def understood(office: Office, monkeypatch: pytest.MonkeyPatch) -> dict[str, Understanding]:
    """Models by what they make of a question, instead of trained ones: ``live`` and ``candidate``."""
    models: dict[str, Understanding] = {"live": rightly, "candidate": rightly}

    class StandIn(Workshop):
        def __init__(self, home: Path) -> None:
            self._models = home / "models"

        def __exit__(self, *_: object) -> None:
            pass

        def kill(self) -> None:
            pass

        def work(self, root: Path, cases: list[Case], live: str, folder: Path, progress: Progress) -> None:
            name = publishing.training.model_path(publishing.library.inspect(root)).name
            self._models.mkdir(parents=True, exist_ok=True)
            (self._models / name).write_bytes(b"a model")
            reactions.write(folder / f"{name}.json", {case: models["candidate"](case) for case in cases})
            if live:
                reactions.write(folder / f"{live}.json", {case: models["live"](case) for case in cases})

    monkeypatch.setattr(publishing, "Workshop", StandIn)
    return models


def rightly(case: Case) -> Reaction:
    """Understand everything."""
    if case.set.startswith("unknown"):
        return Reaction("unknown", False, (), case.language)
    if case.set == "follow_ups":
        return Reaction(_follow_ups()[case.expected.removeprefix("follow_up_")], True, (), case.language)
    if case.set == REPEAT_IN:
        return Reaction(REPEAT_AFTER, True, (), case.language, case.expected)
    if case.set in reactions.ABOUT_ENTRIES:
        return Reaction(case.expected, True, (), case.language)
    if case.set == REQUESTS or case.expected in TARGETS:
        return Reaction("change_language", False, (), case.language, TARGETS.get(case.expected, case.expected))
    return Reaction(case.expected, case.expected in _entries(), (), case.language, case.language)


@lru_cache
def _entries() -> frozenset[str]:
    return frozenset(library.inspect(PROJECT_ROOT / "nlu_data").entries)


@lru_cache
def _follow_ups() -> dict[str, str]:
    return library.inspect(PROJECT_ROOT / "nlu_data").entries[FOLLOW_UP_AFTER].follow_ups
