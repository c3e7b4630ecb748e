"""Measures reminders for 5,000 subscribers with two servers on one database, one of them killed in the middle.

    uv run python benchmarks/reminders.py [--subscribers 5000] [--kill sending] [--postgresql] [--write-docs]

Both servers are the real Telegram channel (connector, mailbox, sender, postman) against the strict fake of the Bot
API with its flood limits on; Rasa is a stand-in. The server that holds the lease is killed (SIGKILL) twice over: while
it queues, or, with --kill sending, while it sends. Counted is what Telegram got, chat by chat. The database is a
SQLite file, or, with --postgresql, a private PostgreSQL (scripts/postgres.sh).
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot.channels.core import messenger_tables  # noqa: E402
from bot.database import connect  # noqa: E402
from bot.subscriptions import tables  # noqa: E402
from tests.channels.telegram.waiting import subscribe  # noqa: E402
from tests.fakes.telegram import FakeBotApi  # noqa: E402

DUE = "2027-03-12T10:00:30+01:00"
SERVE = "import sys; from tests.channels.telegram.killable import serve; serve(int(sys.argv[1]))"
BEGIN, END = "<!-- figures: benchmarks/reminders.py{} --write-docs -->", "<!-- end of {}reminder figures -->"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--subscribers", type=int, default=5000)
    parser.add_argument("--kill", choices=["queueing", "sending"], default="queueing")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--write-docs", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, FakeBotApi() as api:
        api.flood.on = True
        with database(Path(folder), options.postgresql) as url:
            figures = measure(Path(folder), url, api, options.subscribers, options.kill)
    print(table(figures))
    if options.write_docs:
        path = ROOT / "docs" / "benchmarks.md"
        begin = BEGIN.format(" --postgresql" if options.postgresql else "")
        end = END.format("PostgreSQL " if options.postgresql else "")
        before, _, rest = path.read_text().partition(begin)
        path.write_text(f"{before}{begin}\n{table(figures)}\n{end}{rest.partition(end)[2]}")


@contextmanager
def database(folder: Path, postgresql: bool) -> Iterator[str]:
    """Give an empty database."""
    if not postgresql:
        yield f"sqlite:///{folder}/bot.sqlite"
        return
    script, home = ROOT / "scripts" / "postgres.sh", folder / "postgres"
    try:
        subprocess.run([script, "start", home], check=True)
        url = (home / "url").read_text().strip()
        if not url:
            raise SystemExit((home / "why").read_text())
        yield url
    finally:
        subprocess.run([script, "stop", home], check=True)


def measure(folder: Path, url: str, api: FakeBotApi, number: int, kill: str) -> dict[str, Any]:
    """Return what became of the reminders."""
    engine = connect(url)
    subscribe(engine, api, number)
    settings = {
        "BOT_HOME": str(folder), "DATABASE_URL": url, "TELEGRAM_TOKEN": api.token, "TELEGRAM_API_URL": api.url,
        "BOT_CLOCK": DUE,
    }  # fmt: skip
    messenger_tables.create(engine)
    first, second = _start(settings), None
    try:
        _wait(lambda: _leads(engine), 60)
        second = _start(settings)
        begun = time.monotonic()
        enough = number // 3
        _wait(lambda: (len(api.sent) if kill == "sending" else _queued(engine)) >= enough, 300)
        queued, sent = _queued(engine), len(api.sent)
        first.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        _wait(lambda: _queued(engine) >= number and not _open(engine), 1200)
        seconds = time.monotonic() - begun
        after = time.monotonic() - killed
    finally:
        for process in filter(None, (first, second)):
            process.kill()
            process.wait()
    kind = engine.dialect.name
    got = Counter(each.chat for each in api.sent if each.method == "sendMessage")
    times = [each.at for each in api.sent if each.method == "sendMessage"]
    busiest = max(sum(begin <= each < begin + 1 for each in times[at : at + 60]) for at, begin in enumerate(times))
    return {
        "database": kind, "subscribers": number,
        "queued when the first server was killed": queued, "sent by then": sent,
        "reminders queued": _queued(engine), "chats that got one": sum(count == 1 for count in got.values()),
        "chats that got more": sum(count > 1 for count in got.values()),
        "chats that got none": number - len(got), "counted as lost": _count(engine, "lost"),
        "messages in the busiest second": busiest, "refused by the flood limit": api.flood.refused,
        "seconds in all": round(seconds), "seconds after the kill": round(after),
    }  # fmt: skip


def table(figures: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    return "\n".join(["| what | figure |", "|---|---|", *(f"| {name} | {value} |" for name, value in figures.items())])


def _start(settings: dict[str, str]) -> "subprocess.Popen[bytes]":
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # The log goes nowhere: a full pipe would stop the server.
    return subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port)], cwd=ROOT, env={**os.environ, **settings},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _wait(met: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not met():
        if time.monotonic() > end:
            raise SystemExit("nothing more happens: the servers do not send")
        time.sleep(0.02)


def _leads(engine: sa.engine.Engine) -> bool:
    lead = messenger_tables.leader
    with engine.connect() as connection:
        return connection.execute(sa.select(lead).where(lead.c.name == "subscriptions")).first() is not None


def _queued(engine: sa.engine.Engine) -> int:
    done = sa.select(sa.func.count()).select_from(tables.reminder).where(tables.reminder.c.remind_at.is_(None))
    with engine.connect() as connection:
        return int(connection.execute(done).scalar_one())


def _open(engine: sa.engine.Engine) -> int:
    return _count(engine, "waiting") + _count(engine, "sending")


def _count(engine: sa.engine.Engine, state: str) -> int:
    outgoing = messenger_tables.outgoing
    query = sa.select(sa.func.count()).select_from(outgoing).where(outgoing.c.state == state)
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


if __name__ == "__main__":
    main()
