"""Measures the event store: 100,000 events with 400,000 occurrences, asked as visitors ask, on one or more databases.

    uv run python benchmarks/events.py [--url URL ...] [--events 100000] [--write-docs] [--json FILE]

Without --url: a new SQLite file, and a private PostgreSQL if there is one (scripts/postgres.sh). A database that is
given must be empty. Everything is seeded: the same calendar and the same questions in every run. Each question is asked
three times and its best time counts, as other work on the machine shall not; p50 and p99 are over different questions.
"""

import argparse
import gc
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.database import connect
from bot.events.model import Category, City, Event, Query, Status
from bot.events.store import EventStore

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "events-store.md"
MARKS = ("<!-- figures: benchmarks/events.py --write-docs -->", "<!-- end of figures -->")
NOW = datetime(2027, 3, 10, 10, tzinfo=ZoneInfo("Europe/Berlin"))
TODAY = NOW.replace(hour=0, tzinfo=None)
BATCH, IMPORTED, ASKED = 5_000, 5_000, 100

# Words of titles in three languages, the frequent ones first: the n-th is drawn about 1/n as often.
TITLES = [
    ("Konzert", "concert", "音乐会"), ("Ausstellung", "exhibition", "展览"), ("Führung", "guided tour", "导览"),
    ("Vortrag", "lecture", "讲座"), ("Film", "film", "电影"), ("Neujahrsfest", "New Year festival", "新年庆典"),
    ("Workshop", "workshop", "工作坊"), ("Lesung", "reading", "朗读会"), ("Laternenfest", "lantern festival", "元宵节"),
    ("Messe", "trade fair", "博览会"), ("Teezeremonie", "tea ceremony", "茶道"), ("Turnier", "tournament", "锦标赛"),
    ("Sprachkurs", "language course", "语言课"), ("Tanz", "dance", "舞蹈"), ("Marathon", "marathon", "马拉松"),
    ("Kalligrafie", "calligraphy", "书法"), ("Drachenboot", "dragon boat", "龙舟"), ("Pandas", "pandas", "大熊猫"),
]  # fmt: skip
LANGUAGES: list[tuple[str, ...]] = [("de",), ("en",), ("zh",), ("de", "en"), ("de", "zh"), ()]
UID = "{:06d}@benchmark.example"
EVENING = (clock_time(18), clock_time(0))
APART = ("Kunstkongress", "art congress", "艺术大会")
"""Of every 20th event, beside no other words."""
VENUES = ["Chinesischer Garten", "Rotes Rathaus", "Kulturforum", "国家大剧院", "Haus der Wissenschaft", "Tempelhof", ""]


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", action="append", default=[])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--write-docs", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results: dict[str, dict[str, tuple[float, float]]] = {}
    with databases(options.url) as urls:
        for url in urls:
            name = sa.engine.make_url(url).get_backend_name()
            results[name] = measure(url, options.events)
    table = markdown(results, options.events)
    print(table)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1), encoding="utf-8")
    if options.write_docs:
        before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        DOCUMENT.write_text(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}", encoding="utf-8")


@contextmanager
def databases(given: list[str]) -> Iterator[list[str]]:
    """Yield the databases to measure; the private ones are gone afterwards."""
    if given:
        yield given
        return
    script = ROOT / "scripts" / "postgres.sh"
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run([script, "start", folder], check=True)
            url = (Path(folder) / "url").read_text(encoding="utf-8").strip()
            yield [f"sqlite:///{folder}/events.sqlite", *([url] if url else [])]
        finally:
            subprocess.run([script, "stop", folder], check=True)


def measure(url: str, events: int) -> dict[str, tuple[float, float]]:
    """Return what is measured on a database, each as two figures: p50 and p99 in ms, or seconds and a number."""
    engine = connect(url)
    store = EventStore(engine)
    if store.count():
        sys.exit(f"{engine.url.get_backend_name()}: the database has events already; give an empty one")
    draw = random.Random(7)
    figures = {}
    calendar = [event_at(number, draw) for number in range(events)]
    begun = time.perf_counter()
    for start in range(0, events, BATCH):
        store.save(calendar[start : start + BATCH], now=NOW, source="benchmark")
        note(f"{engine.dialect.name}: {min(start + BATCH, events):,} of {events:,} events")
    figures["build"] = (time.perf_counter() - begun, occurrences(engine))
    del calendar
    gc.collect()
    gc.freeze()  # the questions are measured, not Python's walk over a heap that the calendar left behind
    if engine.dialect.name == "postgresql":
        # What its autovacuum does within a minute or two.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))
    draw_questions, costs = random.Random(11), {}
    for kind, ask in questions(store, draw_questions).items():
        ask()  # the connection and the pages that all questions need
        costs[kind] = [best_of_three(ask, draw_questions) for _ in range(ASKED)]
        figures[kind] = percentiles(costs[kind])
    figures["all of them"] = percentiles([cost for some in costs.values() for cost in some])
    fresh = [replace(event_at(number, draw), uid=f"import-{number}") for number in range(IMPORTED)]
    figures["import"] = (timed(lambda: store.save(fresh, now=NOW, source="import")) / 1000, IMPORTED)
    figures["again"] = (timed(lambda: store.save(fresh, now=NOW, source="import")) / 1000, IMPORTED)
    engine.dispose()
    return figures


def event_at(number: int, draw: random.Random) -> Event:
    """Return one event of the calendar: most are single, every 17th a series, every 50th an exhibition."""
    city = draw.choice(list(City))
    zone = "Asia/Shanghai" if city is City.BEIJING else "Europe/Berlin"
    start = TODAY + timedelta(days=draw.randint(-60, 700), minutes=30 * draw.randint(16, 44))
    length = timedelta(hours=draw.randint(1, 4))
    rule = ""
    if number % 50 == 0:
        length = timedelta(days=draw.randint(7, 90))
    elif number % 17 == 1:
        rule = draw.choice(
            ["FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY;BYDAY=2SA", "FREQ=WEEKLY;BYDAY=TU,TH"]
        )
        start = TODAY + timedelta(days=draw.randint(-60, 120), minutes=30 * draw.randint(16, 44))
        rule += f";COUNT={draw.choice([10, 50, 120, 200])}"
    titles, summaries = (TITLES[int(len(TITLES) ** draw.random()) - 1] for _ in range(2))
    if number % 20 == 3:
        titles, summaries = APART, ("", "", "")
    rare = f" {draw.randint(0, 9999):04d}"
    zoned = start.replace(tzinfo=ZoneInfo(zone))
    return Event(
        uid=UID.format(number),
        status=Status.SCHEDULED if number % 40 else draw.choice([Status.CANCELLED, Status.POSTPONED]),
        start=zoned,
        end=zoned + length,
        all_day=False,
        timezone=zone,
        city=city,
        venue=draw.choice(VENUES),
        category=draw.choice(list(Category)),
        free=draw.choice([True, False, None]),
        languages=tuple(draw.choice([["de"], ["en"], ["zh"], ["de", "en"], ["de", "zh"], []]))
        if number % 997
        else ("fr",),
        url="",
        rrule=rule,
        titles=dict(zip(("de", "en", "zh"), (word + rare for word in titles), strict=True)),
        summaries=dict(zip(("de", "en", "zh"), summaries, strict=True)),
    )


def questions(store: EventStore, draw: random.Random) -> dict[str, Callable[[], object]]:
    """Return the kinds of questions; each call asks another one of its kind."""

    def span(days: int) -> dict[str, datetime]:
        start = TODAY + timedelta(days=draw.randint(0, 600))
        return {"start": start, "end": start + timedelta(days=days)}

    def word(low: int, high: int) -> str:
        return draw.choice(TITLES[draw.randint(low, high)])

    def find(**values: object) -> object:
        offset = values.pop("offset", 0)
        return store.find(Query(**values), now=NOW, limit=6, offset=offset)  # type: ignore[arg-type]

    city, category = (lambda: draw.choice(list(City))), (lambda: draw.choice(list(Category)))
    free, language = (lambda: draw.choice([True, False])), (lambda: draw.choice(["de", "en", "zh"]))
    return {
        "all to come": find,
        "a weekend": lambda: find(**span(2)),
        "a month": lambda: find(**span(30)),
        "city and range": lambda: find(**span(7), city=city()),
        "category and range": lambda: find(**span(7), category=category()),
        "free and language": lambda: find(**span(7), free=free(), language=language()),
        "a rare language": lambda: find(language="fr", city=city()),
        "a language of nobody": lambda: find(language="sv"),
        "evening": lambda: find(**span(7), time_of_day=EVENING),
        "a frequent word": lambda: find(words=(word(0, 2),)),
        "a frequent word in a month": lambda: find(**span(30), words=(word(0, 2),)),
        "a frequent word, city, category": lambda: find(words=(word(0, 2),), city=city(), category=category()),
        "a seldom word": lambda: find(words=(word(10, len(TITLES) - 1),)),
        "a rare word": lambda: find(words=(f"{draw.randint(0, 9999):04d}",)),
        "two words": lambda: find(words=(word(0, 5), word(0, 5))),
        "two words that never meet": lambda: find(words=("Kunstkongress", word(0, 3))),
        "a word of nobody": lambda: find(words=("Zwiebelkuchen",)),
        "titles first": lambda: store.find(Query(words=(word(0, 17),)), now=NOW, limit=6, titles_first=True),
        "everything combined": lambda: find(**span(30), city=city(), category=category(), free=free(),
                                            language=language(), words=(word(0, 8),)),
        "page 200": lambda: find(offset=1000),
        "page 200 of a city": lambda: find(city=city(), offset=1000),
        "page 40 of a word": lambda: find(words=(word(0, 2),), offset=200),
        "count of a month": lambda: store.count(Query(**span(30)), NOW),
        "count of a frequent word": lambda: store.count(Query(words=(word(0, 5),)), NOW),
        "count of all": lambda: store.count(Query(), NOW),
        "next after nothing": lambda: store.next_after(Query(**span(2), words=(word(0, 17),), city=city()), NOW),
        "dates of an event": lambda: store.occurrences(UID.format(draw.randint(0, 100) * 17 + 1), NOW, 5),
        "what is new": lambda: store.changes(NOW - timedelta(days=7), Query(city=city()), 5),
    }  # fmt: skip


def occurrences(engine: sa.engine.Engine) -> int:
    """Return how many occurrences there are."""
    with engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM occurrence")).scalar_one())


def percentiles(costs: list[float]) -> tuple[float, float]:
    """Return the 50th and the 99th percentile."""
    cuts = statistics.quantiles(costs, n=100, method="inclusive")
    return statistics.median(costs), cuts[98]


def best_of_three(ask: Callable[[], object], draw: random.Random) -> float:
    """Return the least of the milliseconds that the same question takes three times: the machine may be shared."""
    state, costs = draw.getstate(), []
    for _ in range(3):
        draw.setstate(state)
        costs.append(timed(ask))
    return min(costs)


def timed(ask: Callable[[], object]) -> float:
    """Return the milliseconds that one call takes."""
    begun = time.perf_counter()
    ask()
    return (time.perf_counter() - begun) * 1000


def markdown(results: dict[str, dict[str, tuple[float, float]]], events: int) -> str:
    """Return the tables of all databases."""
    names = list(results)
    kinds = [kind for kind in results[names[0]] if kind not in ("build", "import", "again", "all of them")]
    lines = [
        f"| {events:,} events, {ASKED} questions a kind, ms | "
        + " | ".join(f"{name} p50 | p99" for name in names)
        + " |",
        "|---" * (1 + 2 * len(names)) + "|",
    ]
    for kind in [*kinds, "all of them"]:
        cells = [f"{figure:.1f}" for name in names for figure in results[name][kind]]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    lines += ["", "| writing | " + " | ".join(names) + " | asked |", "|---" * (2 + len(names)) + "|"]
    labels = {"import": (f"import of {IMPORTED:,} events beside them, s", "≤ 20"), "again": ("the same again, s", "")}
    for kind, (label, asked) in labels.items():
        lines.append(f"| {label} | " + " | ".join(f"{results[name][kind][0]:.1f}" for name in names) + f" | {asked} |")
    lines.append(
        "| occurrences | " + " | ".join(f"{results[name]['build'][1]:,.0f}" for name in names) + " | 400,000 |"
    )
    lines.append("| building it all, s | " + " | ".join(f"{results[name]['build'][0]:.0f}" for name in names) + " | |")
    return "\n".join(lines)


def note(text: str) -> None:
    """Show where the run is."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
