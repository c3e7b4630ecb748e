"""Date expressions as data: cases/<language>.jsonl in the form of the development set, and sentences without a date.

`now` of a case is a wall clock in Berlin; `hours` is the time of day of a range of days.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from bot.temporal import read

HERE = Path(__file__).parent
BERLIN = ZoneInfo("Europe/Berlin")
NOW = "2026-11-23T12:00"
CASES = [
    json.loads(line)
    for file in sorted((HERE / "cases").glob("*.jsonl"))
    for line in file.read_text("utf-8").splitlines()
]
NO_DATES = [
    (language, text)
    for language, texts in yaml.safe_load((HERE / "no_dates.yml").read_text("utf-8")).items()
    for text in texts
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['lang']}: {case['text']}")
def test_an_expression_is_read_as_the_range_it_names(case: dict[str, Any]) -> None:
    now = datetime.fromisoformat(case.get("now", NOW)).replace(tzinfo=BERLIN)
    reading = read(case["text"], case["lang"], now)
    if case["start"] is None and case["end"] is None:
        assert reading is None
        return
    assert reading is not None
    ends = [end.isoformat(timespec="minutes") if end else None for end in (reading.span.start, reading.span.end)]
    assert (*ends, reading.kind) == (case["start"], case["end"], case["kind"])
    if "hours" in case:
        assert reading.time_of_day is not None
        assert [f"{time:%H:%M}" for time in reading.time_of_day] == case["hours"]


@pytest.mark.parametrize(("language", "text"), NO_DATES)
def test_a_sentence_that_names_no_time_is_left_unread(language: str, text: str, now: datetime) -> None:
    assert read(text, language, now) is None
