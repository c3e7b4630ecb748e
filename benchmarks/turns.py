"""Measures the assistant beside a stock Rasa bot (`rasa init`) in one run: size, training, start, memory, turns.

    uv run python benchmarks/turns.py [--write-docs] [--only ours|earlier|stock] [--stock-python python3.10]
        [--against COMMIT]

``earlier`` is this project as it was at a commit. Each side gets an environment of its own under .bot/benchmark (the
stock one: Rasa 3.6.21 as published, with TensorFlow; kept for the next run). Ratios within one run are what counts; the
machine's mood moves all sides.
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import yaml

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".bot" / "benchmark"
UV = ROOT / ".tools" / "bin" / "uv"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
MARKS = ("<!-- figures: benchmarks/turns.py --write-docs -->", "<!-- end of figures -->")
PORTS = {"ours": 5305, "earlier": 5355, "stock": 5405}
MEMORY_TURNS, SERIAL_TURNS, PARALLEL_TURNS, AT_ONCE, LONG_CONVERSATION = 500, 200, 600, 20, 160
START_SECONDS = 300
PARSING = """
import asyncio, json, pathlib, statistics, sys, time
from bot import quiet, settings
quiet.hush()
from rasa.core.channels import UserMessage
from bot.assistant import Assistant
agent = Assistant.load(next(iter(settings.load().models_dir.glob("*.tar.gz")))).agent
async def parse():
    times = []
    for text in json.loads(sys.stdin.read()):
        started = time.perf_counter()
        await agent.processor.parse_message(UserMessage(text))
        times.append(time.perf_counter() - started)
    return times
print(1000 * statistics.median(asyncio.run(parse())), file=sys.__stdout__)
"""
"""Parses a list of messages in this side's own environment and prints the median in milliseconds."""


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=["ours", "earlier", "stock"])
    parser.add_argument("--against", metavar="COMMIT", help="measure this commit of ours as well")
    parser.add_argument("--stock-python", default=shutil.which("python3.10") or "python3.10")
    parser.add_argument("--write-docs", action="store_true")
    parser.add_argument("--json", type=Path, default=WORK / "turns.json")
    options = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    results = json.loads(options.json.read_text()) if options.only and options.json.exists() else {}
    sides: dict[str, Callable[[], dict[str, float]]] = {
        "ours": lambda: measure_ours("ours", ROOT),
        "earlier": lambda: measure_ours("earlier", checkout(options.against)),
        "stock": lambda: measure_stock(options.stock_python),
    }
    for side, measure in sides.items():
        if options.only in (None, side) and (side != "earlier" or options.against):
            results[side] = measure()
            options.json.write_text(json.dumps(results, indent=1))  # if the next side fails, --only repeats it alone
    table = markdown(results)
    print(table)
    if options.write_docs:
        before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        DOCUMENT.write_text(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}", encoding="utf-8")


def checkout(commit: str) -> Path:
    """Return a clone of this project at ``commit``."""
    folder = WORK / "earlier-project"
    shutil.rmtree(folder, ignore_errors=True)
    run(["git", "clone", "--quiet", ROOT, folder])
    run(["git", "checkout", "--quiet", commit], cwd=folder)
    return folder


def measure_ours(side: str, root: Path) -> dict[str, float]:
    """Measure the assistant of ``root`` from a fresh environment without the dev group and an empty BOT_HOME."""
    environment = WORK / f"{side}-env"
    sync = [UV, "sync", "--project", root, "--frozen", "--no-dev", "--quiet"]
    run(sync, env={"UV_PROJECT_ENVIRONMENT": str(environment)}, cwd=root)
    home, content = WORK / f"{side}-home", WORK / f"{side}-content"
    for folder in (home, content):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(root / "nlu_data", content)
    env = {"BOT_HOME": str(home), "BOT_PORT": str(PORTS[side]), "BOT_CONTENT": str(content)}
    bot = environment / "bin" / "bot"
    figures = {"environment_mb": size_mb(environment)}
    note(f"{side}: cold training")
    figures["training_s"] = timed(lambda: run([bot, "train"], env=env, cwd=root))
    questions = [
        question if isinstance(question, str) else question["text"]
        for language in ("de", "en", "zh")
        for group in yaml.safe_load((ROOT / f"tests/evaluation/{language}/faq.yml").read_text())["faq"].values()
        for question in group
    ]
    figures["parse_p50_ms"] = parse_ms(environment / "bin" / "python", env, root, questions)
    with serving([bot, "serve"], env, PORTS[side], root) as (server, seconds):
        figures["start_s"] = seconds
        rasa = next(child for child in server.children(recursive=True) if "rasa" in child.cmdline())
        figures |= asyncio.run(measure_turns(PORTS[side], questions, rasa))
        figures |= asyncio.run(measure_event_turns(PORTS[side], questions))
        figures["answer_edit_s"] = asyncio.run(measure_answer_edit(PORTS[side], content))
    return figures


def parse_ms(python: Path, env: dict[str, str], root: Path, questions: list[str]) -> float:
    """Return the median time of parsing each of ``questions`` in one process, the first hundred twice to warm up."""
    done = subprocess.run(
        [python, "-c", PARSING], input=json.dumps(questions[:100] + questions), capture_output=True, text=True,
        env={**os.environ, **env}, cwd=root, check=True,
    )  # fmt: skip
    return float(done.stdout.split()[-1])


def measure_stock(python: str) -> dict[str, float]:
    """Measure what `rasa init` makes, in an environment as Rasa publishes it."""
    environment, project = WORK / "stock-env", WORK / "stock-project"
    rasa = environment / "bin" / "rasa"
    if not rasa.exists():
        note("stock: installing Rasa with TensorFlow")
        # --no-config: this project's own pins would make a different Rasa of it.
        run([UV, "venv", "--no-config", "--quiet", "--python", python, environment], cwd=WORK)
        packages = ["rasa==3.6.21", "setuptools<81"]
        run([UV, "pip", "install", "--no-config", "--quiet", "--python", environment, *packages], cwd=WORK)
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir()
    env = {"RASA_TELEMETRY_ENABLED": "false", "RASA_CACHE_DIRECTORY": str(project / "cache")}
    run([rasa, "init", "--no-prompt", "--init-dir", project], env=env, cwd=project)
    shutil.rmtree(project / "models")
    shutil.rmtree(project / "cache", ignore_errors=True)
    (project / "credentials.yml").write_text("rest: {}\n")
    figures = {"environment_mb": size_mb(environment)}
    note("stock: cold training")
    figures["training_s"] = timed(lambda: run([rasa, "train"], env=env, cwd=project))
    nlu = yaml.safe_load((project / "data/nlu.yml").read_text())["nlu"]
    questions = [line[2:].strip() for block in nlu for line in block["examples"].splitlines() if line.strip()]
    command = [rasa, "run", "--interface", "127.0.0.1", "--port", str(PORTS["stock"])]
    with serving(command, env, PORTS["stock"], project) as (server, seconds):
        figures["start_s"] = seconds
        # Newly trained, it now and then has nothing to say to one of its own questions ("no").
        figures |= asyncio.run(measure_turns(PORTS["stock"], questions, server, silence=True))
    return figures


async def measure_turns(
    port: int, questions: list[str], process: psutil.Process, silence: bool = False
) -> dict[str, float]:
    """Return serial latency, throughput, growth over one conversation, and memory after 500 turns.

    A turn without an answer ends the measurement, unless ``silence`` is allowed.
    """
    async with aiohttp.ClientSession() as session:

        async def ask(sender: str, question: str) -> float:
            message = {"sender": sender, "message": question}
            started = time.perf_counter()
            async with session.post(f"http://127.0.0.1:{port}/webhooks/rest/webhook", json=message) as answer:
                if answer.status != 200 or not (await answer.json() or silence):
                    raise RuntimeError(f"no answer to {question!r} ({answer.status})")
            return time.perf_counter() - started

        questions_again = cycle(questions)
        for number in range(MEMORY_TURNS):
            await ask(f"memory-{number // 10}", next(questions_again))
        memory = process.memory_info().rss / 2**20
        serial = [await ask(f"serial-{number // 10}", next(questions_again)) for number in range(SERIAL_TURNS)]
        throughput = await measure_throughput(ask, questions_again)
        # The same ten questions again and again: both windows hold each of them once.
        few = cycle(questions[:: max(len(questions) // 10, 1)][:10])
        long = [await ask("long", next(few)) for _ in range(LONG_CONVERSATION)]
    early, late = statistics.median(long[2:12]), statistics.median(long[142:152])
    return {
        "memory_mb": memory,
        "turn_p50_ms": 1000 * statistics.median(serial),
        "turn_p95_ms": 1000 * statistics.quantiles(serial, n=20)[18],
        "turns_per_s": throughput,
        "turn_5_ms": 1000 * early,
        "turn_150_ms": 1000 * late,
        "growth": late / early,
    }


async def measure_event_turns(port: int, questions: list[str]) -> dict[str, float]:
    """Return the latency of searches for events, beside that of questions asked in turn with them."""
    searches = [
        text
        for language in ("de", "en", "zh")
        for text in yaml.safe_load((ROOT / f"tests/evaluation/{language}/events.yml").read_text())["events"][
            "find_events"
        ]
    ]
    faq, events = [], []
    async with aiohttp.ClientSession() as session:
        for number, (search, question) in enumerate(zip(searches, questions, strict=False)):
            for text, times in ((search, events), (question, faq)):
                message = {"sender": f"events-{number}-{len(text)}", "message": text}
                started = time.perf_counter()
                async with session.post(f"http://127.0.0.1:{port}/webhooks/rest/webhook", json=message) as answer:
                    await answer.json()
                times.append(time.perf_counter() - started)
    p50 = statistics.median(events)
    return {"event_turn_ms": 1000 * p50, "event_turn_against_faq": p50 / statistics.median(faq)}


async def measure_throughput(ask: Callable[[str, str], Any], questions: Iterator[str]) -> float:
    """Return turns a second with 20 visitors who each send their next message when they have an answer."""

    async def visitor(number: int) -> None:
        for turn in range(PARALLEL_TURNS // AT_ONCE):
            await ask(f"parallel-{number}-{turn // 10}", next(questions))

    started = time.perf_counter()
    await asyncio.gather(*(visitor(number) for number in range(AT_ONCE)))
    return PARALLEL_TURNS / (time.perf_counter() - started)


async def measure_answer_edit(port: int, content: Path) -> float:
    """Return the seconds from saving an edited answer to hearing it, in a conversation that goes on."""
    entry = content / "faq" / "places" / "pandas.yml"
    old, new = "zwei Pandas aus China", "zwei Pandas (geändert) aus China"
    async with aiohttp.ClientSession() as session:

        async def ask(question: str) -> str:
            message = {"sender": "editor", "message": question}
            url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
            async with session.post(url, json=message) as answer:
                return str((await answer.json())[0]["text"])

        await ask("Was ist mit den Pandas in Berlin?")
        entry.write_text(entry.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        started = time.perf_counter()
        # "Say that again" needs the conversation: it must not be lost by the edit.
        while new not in await ask("Wiederholen Sie das bitte"):
            if time.perf_counter() - started > 60:
                raise RuntimeError("the edited answer did not come live")
            await asyncio.sleep(0.05)
        return time.perf_counter() - started


@contextmanager
def serving(command: list[Any], env: dict[str, str], port: int, folder: Path) -> Iterator[tuple[psutil.Process, float]]:
    """Start a server, wait for its first answer, yield its process and the seconds that took, and stop it."""
    started = time.perf_counter()
    with (WORK / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(
            [str(part) for part in command], env={**os.environ, **env}, cwd=folder, stdout=log, stderr=log
        )
    try:
        asyncio.run(first_answer(port, process))
        yield psutil.Process(process.pid), time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(30)


async def first_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a message to a model that is loaded is answered."""
    message = {"sender": "first", "message": "hello"}
    deadline = time.perf_counter() + START_SECONDS
    ready = f"http://127.0.0.1:{port}/" if port == PORTS["stock"] else f"http://127.0.0.1:{port}/health/ready"
    async with aiohttp.ClientSession() as session:
        while time.perf_counter() < deadline and process.poll() is None:
            try:
                async with session.get(ready) as state:
                    if state.status == 200:
                        url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
                        async with session.post(url, json=message) as answer:
                            if answer.status == 200 and await answer.json():
                                return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)
    raise RuntimeError(f"no answer on port {port}; see {WORK / f'{port}.log'}")


def markdown(results: dict[str, dict[str, float]]) -> str:
    """Return the table of all sides, our ratio to each of the others, and what was asked."""
    rows = [
        ("environment without the dev group, MB", "environment_mb", "≤ 1,000"),
        ("cold training, s", "training_s", "≤ 1.6 × earlier"),
        ("server start to first answer, model trained, s", "start_s", "≤ 1/3 of stock"),
        ("memory of the Rasa process after 500 turns, MB", "memory_mb", "≤ 110 more than earlier"),
        ("parse of a message, p50, ms", "parse_p50_ms", "≤ 3.5 more than earlier"),
        ("turn p50, serial, ms", "turn_p50_ms", "≤ 1/3 of stock"),
        ("turn p95, serial, ms", "turn_p95_ms", ""),
        ("turn with a search for events, p50, serial, ms", "event_turn_ms", ""),
        ("the same against a FAQ turn asked in turn with it", "event_turn_against_faq", "≤ 2 ×"),
        ("turns per second, 20 at once", "turns_per_s", "≥ 4 × stock"),
        ("turn 150 against turn 5 of one conversation", "growth", "≤ 1.5 ×"),
        ("answer edit to live, s", "answer_edit_s", "≤ 5"),
    ]
    lines = ["| what | ours | earlier | stock | to earlier | to stock | asked |", "|---|---|---|---|---|---|---|"]
    for name, key, asked in rows:
        ours, earlier, stock = (results.get(side, {}).get(key) for side in PORTS)
        cells = [number(ours), number(earlier), number(stock), ratio(ours, earlier), ratio(ours, stock)]
        lines.append(f"| {name} | {' | '.join(cells)} | {asked} |")
    return "\n".join(lines)


def ratio(ours: float | None, other: float | None) -> str:
    """Return how many times the other's figure ours is, or a dash."""
    return f"{ours / other:.2f}" if ours and other else "–"


def number(value: float | None) -> str:
    """Return a figure with three significant digits, or a dash."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def size_mb(folder: Path) -> float:
    """Return the size of a folder in MB (10^6 bytes), links not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def timed(work: Callable[[], None]) -> float:
    """Return the seconds that ``work`` took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def run(command: list[Any], env: dict[str, str] | None = None, cwd: Path = ROOT) -> None:
    """Run a command, its output in a log; a failure shows the end of it."""
    log = WORK / "commands.log"
    with log.open("wb") as output:
        code = subprocess.run(
            [str(part) for part in command], env={**os.environ, **(env or {})}, cwd=cwd, stdout=output, stderr=output
        ).returncode
    if code:
        sys.exit(f"{' '.join(map(str, command))} failed ({code}):\n{log.read_text(errors='replace')[-2000:]}")


def note(text: str) -> None:
    """Show where the run is."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
