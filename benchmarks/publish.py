"""Measures publications on a running `bot serve`: how long until visitors get them, and what a load notices.

    uv run python benchmarks/publish.py [--entries 100] [--kinds] [--write-docs] [--json FILE]

An answer is edited, then a question, then one of each under 20 messages a second; each is published by `bot publish`,
as staff do. The content is ours, grown to a hundred entries (many_entries.py) and learnt as a whole at the start.
--kinds also makes worse publications that only a trained model can tell.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.many_entries import grow  # noqa: E402
from bot.content import library  # noqa: E402
from bot.evaluation.report import write_docs  # noqa: E402
from tests.serving.conftest import Server, start  # noqa: E402

MARKS = ("<!-- figures: benchmarks/publish.py --write-docs -->", "<!-- end of publication figures -->")
TURNS_A_SECOND = 20
START_SECONDS = 1200
FAILURES = ("utter_error", "utter_not_ready", "utter_service_unavailable")
QUESTIONS = [
    "Seit wann gibt es das Business Desk?",
    "Where is the Chinese Garden?",
    "大熊猫在哪里？",
    "Pandas?",
    "hallo",
]
ENTRY, TAKER = "desk_since", "desk_name"


def main() -> None:
    """Run the parts and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kinds", action="store_true", help="also publish what the gate must stop")
    parser.add_argument("--entries", type=int, default=100)
    parser.add_argument("--write-docs", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = start(Path(folder), None, lambda content: grow(content, options.entries), BOT_PUBLISH="command")
        try:
            seconds = server.wait_for("ready:", START_SECONDS)
            rows = [(f"start, {options.entries} entries learnt as a whole", "–", f"{seconds:.0f} s")]
            rows += asyncio.run(_measure(server, options.kinds, f"{options.entries} entries"))
        finally:
            server.stop()
    table = "\n".join(["| what | asked | measured |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)])
    print(table)
    if options.write_docs:
        write_docs(table, ("docs/benchmarks.md",), MARKS)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1, ensure_ascii=False), encoding="utf-8")


async def _measure(server: Server, kinds: bool, size: str) -> list[tuple[str, str, str]]:
    rows = []
    _edit(server, ENTRY, "Seitdem ist", "Seither ist")
    seconds, said = await _publish(server)
    rows.append(("answer edit, saved to live", "≤ 10 s", f"{seconds:.1f} s"))
    _edit(
        server,
        ENTRY,
        '    - "eröffnung desk wann"',
        '    - "eröffnung desk wann"\n    - "start des desks wann gewesen"',
    )
    seconds, said = await _publish(server)
    rows.append(("question edit, saved to live, the live model asked as well", "–", f"{seconds:.1f} s"))
    _edit(server, ENTRY, '    - "start des desks wann gewesen"', '    - "start des desks: wann war der"')
    seconds, said = await _publish(server)
    rows.append(("question edit, saved to live", "≤ 30 s (100 entries)", f"{seconds:.1f} s ({size})"))
    rows += await _under_load(server)
    if kinds:
        for name, spoil in KINDS.items():
            kept = _snapshot(server)
            spoil(server)
            seconds, said = await _publish(server, expect=1)
            rows.append((f"worse: {name}", "stopped", _reason(said)))
            _restore(kept)
    return rows


@dataclass
class Load:
    """What visitors saw while something was published. Seconds a turn."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0


async def _under_load(server: Server) -> list[tuple[str, str, str]]:
    server.say("Was macht das Business Desk?", sender="kept")
    _edit(server, ENTRY, "Seither ist", "Von da an ist")
    _edit(server, ENTRY, '    - "start des desks: wann war der"', '    - "anfang des desks: wann war der"')
    async with _visitors(server) as load:
        await asyncio.sleep(3)
        await _publish(server)
        await asyncio.sleep(5)
    kept = server.say("seit wann?", sender="kept")[0]["text"]
    return [
        (f"publish under {TURNS_A_SECOND} turns/s: failed turns", "0", f"{load.failed} of {len(load.seconds)}"),
        ("longest turn", "≤ 1.5 s", f"{max(load.seconds):.2f} s"),
        ("a follow-up on a conversation from before", "kept", "kept" if "Von da an" in kept else f"lost: {kept}"),
    ]


@asynccontextmanager
async def _visitors(server: Server) -> AsyncIterator[Load]:
    """Send messages at a fixed pace, whether the earlier ones are answered or not."""
    load, running = Load(), True
    phrases = library.inspect(server.content).phrases
    failures = {text for name in FAILURES for text in phrases[name].texts.values()}
    url = f"http://127.0.0.1:{server.port}/webhooks/rest/webhook"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:

        async def turn(number: int) -> None:
            began = time.perf_counter()
            message = {"sender": f"load-{number % 200}", "message": QUESTIONS[number % len(QUESTIONS)]}
            try:
                async with session.post(url, json=message) as answer:
                    texts = [each["text"] for each in await answer.json()]
                bad = answer.status != 200 or not texts or not all(texts) or any(text in failures for text in texts)
            except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
                bad = True
            load.failed += bad
            load.seconds.append(time.perf_counter() - began)

        async def send() -> None:
            turns, number = set(), 0
            while running:
                task = asyncio.create_task(turn(number))
                turns.add(task)
                task.add_done_callback(turns.discard)
                number += 1
                await asyncio.sleep(1 / TURNS_A_SECOND)
            await asyncio.gather(*turns)

        sending = asyncio.create_task(send())
        try:
            yield load
        finally:
            running = False
            await sending


async def _publish(server: Server, expect: int = 0) -> tuple[float, str]:
    """Run `bot publish` and return how long it took until live, and what it said."""
    environment = {
        **os.environ, "BOT_HOME": str(server.home), "BOT_CONTENT": str(server.content), "BOT_PORT": str(server.port)
    }  # fmt: skip
    began = time.perf_counter()
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "bot.cli", "publish", "--by", "benchmark"],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != expect:
        raise SystemExit(f"bot publish ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - began, done.stdout + done.stderr


def _entry(server: Server, name: str) -> Path:
    return next(server.content.glob(f"faq/*/{name}.yml"))


def _edit(server: Server, name: str, old: str, new: str) -> None:
    path = _entry(server, name)
    text = path.read_text(encoding="utf-8")
    if old not in text:
        raise SystemExit(f"{path} has no '{old}' to edit")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def _snapshot(server: Server) -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in server.content.glob("faq/*/*.yml")}


def _restore(kept: dict[Path, str]) -> None:
    for path, text in kept.items():
        path.write_text(text, encoding="utf-8")


def _questions(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    language = ""
    for line in text.split("questions:\n", 1)[1].split("\n"):
        if line.startswith("  ") and line.rstrip().endswith(":") and not line.startswith("   "):
            language = line.strip(" :")
            found[language] = []
        elif line.startswith("    - "):
            found[language].append(line)
    return found


def _overlap(server: Server) -> None:
    """Teach one entry what the other is asked, in slightly other words."""
    theirs = _questions(_entry(server, ENTRY).read_text(encoding="utf-8"))
    for language, lines in theirs.items():
        copies = [line.replace(' - "', ' - "also ' if language == "de" else ' - "so ').rstrip() for line in lines]
        copies = [line.replace('"so ', '"请问') if language == "zh" else line for line in copies]
        head = f"questions:\n  {language}:\n" if language == "de" else f"\n  {language}:\n"
        _edit(server, TAKER, head, head + "\n".join(copies) + "\n")


def _fewer(server: Server) -> None:
    """Leave six questions a language of more than a hundred."""
    path = _entry(server, "pandas")
    text = path.read_text(encoding="utf-8")
    for lines in _questions(text).values():
        for line in lines[6:]:
            text = text.replace(f"{line}\n", "", 1).replace(f"\n{line}", "", 1)
    path.write_text(text, encoding="utf-8")


def _invent(server: Server) -> None:
    """Take questions about telephone and opening hours, which the source does not answer, into an entry."""
    asked = {
        "de": ["telefonnummer vom desk?", "Unter welcher Nummer erreiche ich das Desk?", "öffnungszeiten business desk",
               "Wann hat das Desk geöffnet?", "wie lautet die adresse vom desk", "E-Mail vom Business Desk?",
               "wer leitet das desk", "Name der Leiterin des Business Desk?", "vorwahl und durchwahl vom desk gesucht"],
        "en": ["phone number of the desk", "what are the desk's opening hours", "street address of the business desk",
               "desk email please", "who heads the desk these days", "how do I call the desk", "desk hotline"],
        "zh": ["想打电话给联络处，号码？", "联络处几点开门", "联络处的详细地址", "联络处邮箱是什么",
               "联络处负责人是谁"],
    }  # fmt: skip
    for language, lines in asked.items():
        head = f"questions:\n  {language}:\n" if language == "de" else f"\n  {language}:\n"
        _edit(server, "desk_where", head, head + "".join(f'    - "{line}"\n' for line in lines))


KINDS: dict[str, Callable[[Server], None]] = {
    "an entry that overlaps another": _overlap,
    "most questions of an entry removed": _fewer,
    "questions that the source does not answer, taken into an entry": _invent,
}


def _reason(said: str) -> str:
    """Return the first objection of the gate; what the check says of a file would be no proof of the gate."""
    lines = [line for line in said.splitlines() if line.startswith("- ")]
    if not lines:
        raise SystemExit(f"stopped, but not by the gate:\n{said}")
    return lines[0][2:].replace("|", "/")


if __name__ == "__main__":
    main()
