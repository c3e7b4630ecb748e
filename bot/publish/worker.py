"""Trains and asks in a process of its own, at the lowest priority: `python -m bot.publish.worker JOB.json`.

So visitors' turns come first on a small machine, and what training needs of memory is given back when it ends. The
content is that of BOT_CONTENT, which the publisher points at its copy.
"""

import json
import os
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from bot import quiet, settings, training
from bot.content import library
from bot.errors import BotError
from bot.evaluation.datasets import Case
from bot.publish import reactions

LOWEST = 19


@dataclass(frozen=True)
class Job:
    """What to do: the questions, the live model to ask them too (empty: none), where the reactions go."""

    cases: list[list[str]]
    live: str
    folder: str

    def write(self, path: Path) -> None:
        """Hand the job over."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")


def main(job_file: Path) -> None:
    """Train the model unless it is there, then ask it, and the live one, what they have not been asked."""
    threading.Thread(target=_end_with_the_publisher, daemon=True).start()
    os.nice(LOWEST)
    quiet.hush()
    job = Job(**json.loads(job_file.read_text(encoding="utf-8")))
    content = library.load(settings.load().content_dir)
    model = training.train(content, _train_step, onwards=True)
    cases = [Case(*case) for case in job.cases]
    models = [model, *([settings.load().models_dir / job.live] if job.live else [])]
    for one in models:
        _ask(one, cases, Path(job.folder) / f"{one.name}.json")


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
        main(Path(sys.argv[1]))
    except BotError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
