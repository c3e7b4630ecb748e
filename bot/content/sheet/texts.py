"""Where the spreadsheet's and the import's sentences stand."""

from pathlib import Path

from bot.sayings import Sayings

SAYINGS = Sayings(Path(__file__).with_name("sheet.yml"))
