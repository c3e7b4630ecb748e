"""Measures how many date expressions bot.temporal reads exactly, and how long a reading takes.

    uv run python benchmarks/dates.py --cases FILE...

FILE holds one JSON object a line: lang, text, start, end, kind, and in `alt` the other accepted ranges; both ends null
means that the text names no time. "now" is Monday 2026-11-23, 12:00 in Berlin, unless a case says otherwise in `now`.
A case counts as right if the main range is the expected one or one of `alt`.
"""

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.temporal import Reading, read

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 12, tzinfo=BERLIN)
ROUNDS = 5


def expected(case: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    """Return the accepted ranges of a case."""
    return [(case["start"], case["end"]), *((start, end) for start, end in case.get("alt", []))]


def got(reading: Reading | None) -> tuple[str | None, str | None]:
    """Return the main range of a reading in the form of the cases."""
    if reading is None:
        return None, None
    return tuple(end.isoformat(timespec="minutes") if end else None for end in (reading.span.start, reading.span.end))  # type: ignore[return-value]


def now_of(case: dict[str, Any]) -> datetime:
    """Return the now of a case."""
    return datetime.fromisoformat(case["now"]).replace(tzinfo=BERLIN) if "now" in case else NOW


def main() -> int:
    """Print accuracy by language and kind, the misses, and the time of a reading."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", type=Path, required=True)
    files = parser.parse_args().cases
    cases = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines() if line.strip()]
    if not cases:
        print(f"{files[0]}: no cases", file=sys.stderr)
        return 1
    right: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for case in cases:
        found = got(read(case["text"], case["lang"], now_of(case)))
        good = found in expected(case)
        for kind in ("all", case["kind"]):
            total[case["lang"], kind] += 1
            right[case["lang"], kind] += good
        if not good:
            print(f"MISS {case['lang']} {case['kind']}: {case['text']!r}: got {found}, expected {expected(case)}")
    for lang, kind in sorted(total):
        good, count = right[lang, kind], total[lang, kind]
        print(f"{lang} {kind:<10} {good:4}/{count:<4} {good / count:.1%}")
    times = []
    for case in cases * ROUNDS:
        started = time.perf_counter()
        read(case["text"], case["lang"], now_of(case))
        times.append(1000 * (time.perf_counter() - started))
    print(f"ms per read: median {statistics.median(times):.3f}, p99 {statistics.quantiles(times, n=100)[98]:.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
