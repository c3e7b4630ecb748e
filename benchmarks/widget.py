"""Measures how soon a visitor can press the chat's button, on a throttled phone, and takes the README's pictures.

    BOT_CLOCK=2027-03-10T10:00:00+01:00 make run        (in another terminal)
    uv run python benchmarks/widget.py [--url http://127.0.0.1:5005] [--rounds 15] [--write-docs] [--pictures docs/images]

The phone: 390 × 844, its processor slowed to a quarter, 1.6 Mbit/s down, 0.75 up, 150 ms to the server, nothing cached.
The time runs from the start of the navigation until the button is painted and would take a press.
"""

import argparse
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bot.evaluation.report import write_docs
from bot.languages import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
MARKS = ("<!-- figures: benchmarks/widget.py --write-docs -->", "<!-- end of widget figures -->")
PHONE = {"width": 390, "height": 844}
BAR_MS = 700
# Two frames after the button is there: by then it has been painted.
READY = """() => {
  const look = () => {
    const button = document.querySelector("bb-chat")?.shadowRoot?.querySelector("button");
    if (button?.checkVisibility()) requestAnimationFrame(() => requestAnimationFrame(() => {
      window.readyAfter = performance.now();
    }));
    else requestAnimationFrame(look);
  };
  look();
}"""
