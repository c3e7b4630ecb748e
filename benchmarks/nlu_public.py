"""Measures the product's NLU on public intent data, without special settings, beside Rasa's stock pipeline.

    uv run python benchmarks/nlu_public.py --data DIR [--stock none|xsid|all] [--write-docs]

DIR holds xsid.jsonl, clinc150_small.jsonl and banking77.jsonl (one object a line: text, intent, lang, split); they
are measured on, never trained into the product. The stock side is `rasa init`'s pipeline (whitespace tokenizer, DIET,
100 epochs) in the environment that benchmarks/turns.py makes; xSID takes it some seven minutes, all three hours.
"""

import argparse
import json
import random
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pipeline import Example, Pipeline
from sklearn.metrics import roc_auc_score

from bot.evaluation.report import write_docs

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".bot" / "benchmark"
MARKS = ("<!-- figures: benchmarks/nlu_public.py --write-docs -->", "<!-- end of public figures -->")
OUT_OF_SCOPE = "oos"
IN_SCOPE_ACCURACY = 0.88
SAMPLES = 5
XSID_ASKED = {"de": 0.93, "en": 0.94, "zh": 0.94}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--stock", choices=["none", "xsid", "all"], default="none")
    parser.add_argument("--json", type=Path, default=WORK / "nlu_public.json")
    parser.add_argument("--write-docs", action="store_true")
    options = parser.parse_args()
    rows = measure_xsid(read(options.data / "xsid.jsonl"), options.stock != "none")
    rows += measure_clinc(read(options.data / "clinc150_small.jsonl"), options.stock == "all")
    rows += measure_banking(read(options.data / "banking77.jsonl"), options.stock == "all")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(rows, indent=1))
    table = markdown(rows)
    print(table)
    if options.write_docs:
        write_docs(table, ("docs/benchmarks.md",), MARKS)


def read(path: Path) -> list[Example]:
    """Return the examples of a file."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [Example(row["text"], row["intent"], row["lang"], row["split"]) for row in rows]


def of(examples: list[Example], *splits: str) -> list[Example]:
    """Return the examples of some splits."""
    return [example for example in examples if example.split in splits]


def measure_xsid(examples: list[Example], stock: bool) -> list[dict[str, Any]]:
    """Train on the 300 sentences of each language together, test per language."""
    note("xSID")
    pipeline = Pipeline(of(examples, "train"))
    tests = {language: [e for e in of(examples, "test") if e.language == language] for language in ("de", "en", "zh")}
    other = stock_accuracy(of(examples, "train"), of(examples, "test")) if stock else {}
    rows = [
        row(f"xSID {language}, accuracy", pipeline.accuracy(test), XSID_ASKED[language], other.get(language))
        for language, test in tests.items()
    ]
    texts = [example.text for example in of(examples, "test")]
    rows.append(row("xSID, training, s", pipeline.seconds, None, other.get("seconds")))
    rows.append(row("xSID, parse p50, ms", pipeline.parse_ms(texts), None, other.get("parse_ms")))
    return rows


def measure_clinc(examples: list[Example], stock: bool) -> list[dict[str, Any]]:
    """Train with the explicit out-of-scope class; score the unknown by the product's own margins."""
    note("CLINC150")
    pipeline = Pipeline(of(examples, "train", "oos_train"))
    tests = of(examples, "test")
    margins = pipeline.margins([e.text for e in tests + of(examples, "oos_test")])
    known = pipeline.labels != OUT_OF_SCOPE
    best = margins[:, known].max(axis=1)
    unknown = margins[:, ~known].max(axis=1) - best  # how much rather unknown than any intent
    is_unknown = np.arange(len(margins)) >= len(tests)
    right = pipeline.labels[known][margins[: len(tests), known].argmax(axis=1)] == [e.intent for e in tests]
    recall = recall_at(unknown, is_unknown, right)
    other = stock_accuracy(of(examples, "train", "oos_train"), tests) if stock else {}
    return [
        row("CLINC150 small, in-scope accuracy", float(right.mean()), None, other.get("en")),
        row("CLINC150 small, AUROC out-of-scope", float(roc_auc_score(is_unknown, unknown)), 0.97, None),
        row(f"CLINC150 small, out-of-scope recall at {IN_SCOPE_ACCURACY:.0%} in-scope", recall, 0.90, None),
    ]


def recall_at(unknown: np.ndarray, is_unknown: np.ndarray, right: np.ndarray) -> float:
    """Return the largest recall of the unknown at which known questions are still answered rightly often enough."""
    best = 0.0
    for threshold in np.quantile(unknown, np.linspace(0, 1, 501)):
        refused = unknown >= threshold
        if (right & ~refused[~is_unknown]).mean() >= IN_SCOPE_ACCURACY:
            best = max(best, float(refused[is_unknown].mean()))
    return best


def measure_banking(examples: list[Example], stock: bool) -> list[dict[str, Any]]:
    """Train on ten sentences an intent (the mean of five seeded draws) and on all."""
    note("BANKING77")
    test, train = of(examples, "test"), of(examples, "train")
    draws = [Pipeline(ten_each(train, seed)) for seed in range(SAMPLES)]
    full = Pipeline(train)
    other = stock_accuracy(ten_each(train, 0), test) if stock else {}
    everything = stock_accuracy(train, test) if stock else {}
    first, third = (float(np.mean([draw.accuracy(test, top) for draw in draws])) for top in (1, 3))
    return [
        row("BANKING77, 10 an intent, first choice", first, 0.81, other.get("en")),
        row("BANKING77, 10 an intent, among three", third, 0.925, None),
        row("BANKING77, all, first choice", full.accuracy(test), 0.93, everything.get("en")),
    ]


def ten_each(train: list[Example], seed: int) -> list[Example]:
    """Return ten examples an intent, drawn by ``seed``."""
    groups = defaultdict(list)
    for example in train:
        groups[example.intent].append(example)
    chance = random.Random(seed)  # a draw, not a secret
    return [example for intent in sorted(groups) for example in chance.sample(groups[intent], 10)]


STOCK_CODE = """
import asyncio, json, sys, time
from rasa.core.agent import Agent
tests = json.load(open(sys.argv[2]))
agent = Agent.load(sys.argv[1])
async def main():
    found, times = [], []
    for text in tests:
        started = time.perf_counter()
        parsed = await agent.parse_message(text)
        times.append(time.perf_counter() - started)
        found.append(parsed["intent"]["name"])
    json.dump({"found": found, "parse_ms": 1000 * sorted(times)[len(times) // 2]}, open(sys.argv[3], "w"))
asyncio.run(main())
"""


def stock_accuracy(train: list[Example], tests: list[Example]) -> dict[str, float]:
    """Return accuracy per language, training seconds and parse time of the stock pipeline."""
    project, environment = WORK / "stock-nlu", WORK / "stock-env"
    rasa = environment / "bin" / "rasa"
    if not rasa.exists():
        sys.exit("the stock environment is missing: run benchmarks/turns.py --only stock first")
    project.mkdir(parents=True, exist_ok=True)
    groups = defaultdict(list)
    for example in train:
        groups[example.intent.replace("/", "_")].append(example.text)
    nlu = [{"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)} for intent, texts in groups.items()]
    (project / "nlu.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True))
    # `rasa init` leaves the pipeline to Rasa's own default for a language.
    (project / "config.yml").write_text("recipe: default.v1\nlanguage: en\npipeline: null\npolicies: null\n")
    (project / "tests.json").write_text(json.dumps([example.text for example in tests]))
    (project / "parse.py").write_text(STOCK_CODE)
    started = time.perf_counter()
    train_command = [rasa, "train", "nlu", "--nlu", "nlu.yml", "--out", "models", "--fixed-model-name", "stock"]
    with (project / "log.txt").open("w") as log:
        subprocess.run(train_command, cwd=project, check=True, stdout=log, stderr=log)
        seconds = time.perf_counter() - started
        parse = [environment / "bin" / "python", "parse.py", "models/stock.tar.gz", "tests.json", "found.json"]
        subprocess.run(parse, cwd=project, check=True, stdout=log, stderr=log)
    found = json.loads((project / "found.json").read_text())
    result = {"seconds": seconds, "parse_ms": found["parse_ms"]}
    for language in {example.language for example in tests}:
        pairs = [(e, f) for e, f in zip(tests, found["found"], strict=True) if e.language == language]
        result[language] = float(np.mean([e.intent.replace("/", "_") == f for e, f in pairs]))
    return result


def row(name: str, ours: float, asked: float | None, stock: float | None) -> dict[str, Any]:
    """Return a line of the table."""
    return {"name": name, "ours": ours, "asked": asked, "stock": stock}


def markdown(rows: list[dict[str, Any]]) -> str:
    """Return the table: shares as percentages, seconds and milliseconds as they are."""

    def show(name: str, value: float | None) -> str:
        if value is None:
            return "–"
        return f"{value:.1f}" if name.endswith((", s", ", ms")) else f"{100 * value:.1f} %"

    lines = ["| what | ours | asked | stock |", "|---|---|---|---|"]
    for line in rows:
        cells = [show(line["name"], line[key]) for key in ("ours", "asked", "stock")]
        lines.append(f"| {line['name']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def note(text: str) -> None:
    """Show where the run is."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
