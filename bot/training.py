"""Trains the model that fits the content, once: a model is named by the hash of all that it learns from."""

import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar

from bot import settings
from bot.content.model import Content
from bot.errors import BotError

KEPT_MODELS = 3
LONGEST = 3600.0
"""Seconds after which a folder of a training is that of one which was killed."""
_BUILDING = ".building-"
_STEPS = 5
Report = Callable[[int, int, str], None]
"""Takes the step, the number of steps, and what is being learnt."""


class TrainingError(BotError):
    """Raised when Rasa could not train; the log has the details."""


def training_hash(content: Content) -> str:
    """Return a hash of everything that training depends on; answers, titles and phrases are not part of it."""
    digest = hashlib.sha256()
    learnt = {
        "questions": {
            entry.id: {language: [item.text for item in items] for language, items in entry.questions.items()}
            for entry in content.entries.values()
        },
        "follow_ups": {entry.id: entry.follow_ups for entry in content.entries.values()},
        "dialogue": {
            intent: {language: [item.text for item in items] for language, items in languages.items()}
            for intent, languages in content.dialogue.items()
        },
        "phrases": sorted(content.phrases),
        "concepts": content.concepts,
        "namesakes": [asdict(kind) for kind in content.namesakes],
        "event_words": asdict(content.event_words),
        "terms": [[term.id, term.names, term.synonyms, term.value_of] for term in content.terms],
    }
    digest.update(json.dumps(learnt, sort_keys=True, default=list).encode())
    digest.update((content.root / "rules.yml").read_bytes())
    _add_code(digest)
    return digest.hexdigest()[:16]


def code_hash() -> str:
    """Return a hash of our code and configuration that a model, or what the bot speaks from, depends on."""
    digest = hashlib.sha256()
    _add_code(digest)
    for path in sorted((settings.PROJECT_ROOT / "bot" / "content").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _add_code(digest: "hashlib._Hash") -> None:
    root = settings.PROJECT_ROOT
    own = [root / "bot" / name for name in ("text.py", "content/importer.py", "content/namesakes.py")]
    for path in [root / "config.yml", root / "domain.yml", *own, *sorted((root / "bot" / "nlu").glob("*"))]:
        if path.is_file():
            digest.update(path.read_bytes())


def model_path(content: Content) -> Path:
    """Return where the model for ``content`` is or will be."""
    return settings.load().models_dir / f"{training_hash(content)}.tar.gz"


def newest_model() -> Path | None:
    """Return the model trained last, or None."""
    models = sorted(settings.load().models_dir.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    return models[-1] if models else None


def train(content: Content, report: Report, onwards: bool = False) -> Path:
    """Train the model for ``content`` unless it exists, and return its file. Blocks for seconds.

    ``onwards`` builds on what the last training left, which takes seconds for an edit; else all is learnt anew, so that
    the same content makes the same model everywhere.

    Raises:
        TrainingError: Rasa failed.
    """
    target = model_path(content)
    if target.exists():
        target.touch()
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    from bot.content.importer import importing  # Rasa, which is read by those who train only
    from bot.nlu import carried

    # A folder of its own: another training of the same content, or one that was killed, must not write into it.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=_BUILDING) as building:
        with importing(content), carried.carrying(settings.load().home / "carried", recall=onwards):
            _train_with_rasa(Path(building), target.name, report)
        (Path(building) / target.name).replace(target)  # appears whole or not at all
    _delete_old(target.parent)
    return target


def prepare() -> None:
    """Set what Rasa reads when it is imported; LOG_LEVEL also ends its progress bars."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("RASA_CACHE_DIRECTORY", str(settings.load().home / "cache"))
    os.environ.setdefault("LOG_LEVEL", "ERROR")


def _train_with_rasa(output: Path, name: str, report: Report) -> None:
    chosen = settings.load()
    prepare()
    report(1, _STEPS, "loading")
    from rasa.model_training import train as rasa_train

    watcher = _StepWatcher(report)
    hooks = logging.getLogger("rasa.engine.training.hooks")
    hooks.setLevel(logging.INFO)
    hooks.addHandler(watcher)
    root = settings.PROJECT_ROOT
    log = chosen.logs_dir / "training.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with log.open("w", encoding="utf-8") as file, redirect_stdout(file), redirect_stderr(file):
            result = rasa_train(
                domain=str(root / "domain.yml"),
                config=str(root / "config.yml"),
                training_files=[str(chosen.content_dir / "rules.yml")],
                output=str(output),
                fixed_model_name=name,
            )
    except Exception as error:
        raise TrainingError(f"training failed ({type(error).__name__}: {error}); see {log}") from error
    finally:
        hooks.removeHandler(watcher)
    if result.model is None:
        raise TrainingError(f"training failed (code {result.code}); see {log}")


class _StepWatcher(logging.Handler):
    """Turns Rasa's log of components into progress."""

    NAMES: ClassVar = {
        "LanguageIdentifier": "telling the languages apart",
        "ScriptTokenizer": "cutting words",
        "QuestionClassifier": "ranking questions",
        "RulePolicy": "following the rules",
    }

    def __init__(self, report: Report) -> None:
        super().__init__(logging.INFO)
        self._report, self._step = report, 1

    def emit(self, record: logging.LogRecord) -> None:
        """Report the component that starts to train."""
        text = record.getMessage()
        for component, what in self.NAMES.items():
            if component in text and text.startswith("Starting to train"):
                self._step += 1
                self._report(min(self._step, _STEPS), _STEPS, what)


def _delete_old(folder: Path) -> None:
    from bot.publish.ledger import Ledger

    published = Ledger(settings.load().home).models()
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in models[KEPT_MODELS:]:
        if path.name not in published:
            path.unlink()
    for left in folder.glob(f"{_BUILDING}*"):
        if time.time() - left.stat().st_mtime > LONGEST:
            shutil.rmtree(left, ignore_errors=True)
