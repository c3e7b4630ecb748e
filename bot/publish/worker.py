"""Trains and asks in a process of its own, at the lowest priority: `python -m bot.publish.worker`, a job on its input.

So visitors' turns come first on a small machine, and what training needs of memory is given back when it ends. While
the publisher still checks the content, Rasa is imported here.
"""

import importlib
import json
import os
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot import quiet, settings, training
from bot.content import library
from bot.errors import BotError
from bot.evaluation.datasets import Case
from bot.publish import reactions

LOWEST = 19
DONE = "done"
IMPORTED = (
    "rasa.model_training", "rasa.engine.recipes.default_components", "rasa.core.agent", "bot.content.importer",
    "bot.nlu.question_classifier", "bot.nlu.answer_chooser", "bot.nlu.term_extractor", "bot.engine.speaker",
)  # fmt: skip


@dataclass(frozen=True)
class Job:
    """What to do: a copy of checked content, the questions, the live model to ask them too, where reactions go."""

    content: str
    cases: list[list[Any]]
    live: str
    folder: str

    def line(self) -> str:
        """Return the line that hands the job over."""
        return json.dumps(asdict(self), ensure_ascii=True) + "\n"


def main() -> None:
    """Wait for the job; train the model unless it is there, then ask it, and the live one, what they were not asked."""
    os.nice(LOWEST)
    quiet.hush()
    training.prepare()
    for module in IMPORTED:
        importlib.import_module(module)
    line = sys.stdin.readline()
    if not line:
        return  # the publisher needs no model, or is gone
    threading.Thread(target=_end_with_the_publisher, daemon=True).start()
    job = Job(**json.loads(line))
    content = library.inspect(Path(job.content))  # checked by the publisher
    model = training.train(content, _train_step, onwards=True)
    cases = [Case.from_row(case) for case in job.cases]
    models = [model, *([settings.load().models_dir / job.live] if job.live else [])]
    for one in models:
        _ask(one, cases, Path(job.folder) / f"{one.name}.json")
    _say(DONE, 1, 1)  # to end takes Python a second more, for which nobody need wait


def _end_with_the_publisher() -> None:
    """Wait until whoever started this process is gone, killed or not: nobody would use what it makes."""
    os.read(sys.stdin.fileno(), 1)  # not `sys.stdin`, whose lock would be held when this process ends by itself
    os._exit(1)


def _ask(model: Path, cases: list[Case], kept: Path) -> None:
    known = reactions.read(kept)
    missing = [case for case in cases if case not in known]
    if missing and model.exists():
        asked = reactions.ask(model, missing, _ask_step)
        found = {**known, **asked}
        reactions.write(kept, {case: found[case] for case in cases})


def _train_step(step: int, steps: int, what: str) -> None:
    _say("training", step, steps, what)


def _ask_step(step: int, steps: int) -> None:
    _say("asking", step, steps)


def _say(phase: str, step: int, steps: int, what: str = "") -> None:
    # The real output: Rasa's own is redirected into a log while it trains.
    out = sys.__stdout__
    if out is not None:
        out.write(json.dumps({"phase": phase, "step": step, "steps": steps, "what": what}) + "\n")
        out.flush()


if __name__ == "__main__":
    try:
        main()
    except BotError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
