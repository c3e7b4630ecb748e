"""Masking, measured on messages.yml: what must go and what must stay, and that nothing we ask about is damaged."""

import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.content.model import Content
from bot.inbox import facts
from bot.inbox.masking import mask
from bot.settings import PROJECT_ROOT
from bot.text import clean

MESSAGES = yaml.safe_load(Path(__file__).with_name("messages.yml").read_text(encoding="utf-8"))
EVERY: list[dict[str, Any]] = [*MESSAGES["tuned"], *MESSAGES["held_out"]]
BARS = {"masked": 0.98, "damaged": 0.02}
"""Of the e-mail addresses, phone numbers, IBANs and street addresses; of the facts' numbers, dates and names."""
MUST = ("email", "phone", "iban", "address")
OURS = facts.read(PROJECT_ROOT / "nlu_data" / "glossary.yml")


def left_of(message: dict[str, Any]) -> list[tuple[str, str]]:
    """Return kind and text of what should be gone: no word of it of three characters may stand."""
    masked = mask(message["text"], OURS)
    kept = [clean(str(text)) for text in message.get("keep", [])]
    return [
        (kind, str(secret))
        for kind, secrets in message.get("hide", {}).items()
        for secret in secrets
        if any(word in masked and not any(word in text for text in kept) for word in _words(str(secret)))
    ]


def _words(secret: str) -> list[str]:
    return re.findall(r"[\w@.+'’-]{3,}", clean(secret)) or [clean(secret)]


def damage_of(message: dict[str, Any]) -> list[str]:
    """Return what should have survived."""
    masked = mask(message["text"], OURS)
    return [str(text) for text in message.get("keep", []) if clean(str(text)) not in masked]


def test_personal_data_is_masked() -> None:
    hidden = Counter(kind for message in EVERY for kind, texts in message.get("hide", {}).items() for _ in texts)
    left = [(kind, text, mask(m["text"], OURS)) for m in EVERY for kind, text in left_of(m)]
    must = sum(hidden[kind] for kind in MUST)
    missed = [each for each in left if each[0] in MUST]
    assert len(EVERY) >= 200
    assert 1 - len(missed) / must >= BARS["masked"], missed
    assert 1 - len(left) / hidden.total() >= BARS["masked"], left


def test_numbers_dates_and_names_of_the_facts_survive() -> None:
    wanted = sum(len(message.get("keep", [])) for message in EVERY)
    damaged = [(text, mask(message["text"], OURS)) for message in EVERY for text in damage_of(message)]
    assert len(damaged) / wanted <= BARS["damaged"], damaged


def test_no_question_or_answer_of_ours_is_damaged(content: Content) -> None:
    ours = [item.text for entry in content.entries.values() for items in entry.questions.values() for item in items]
    ours += [text for entry in content.entries.values() for text in entry.answer.values()]
    ours += content.sources.values()
    damaged = [(text, mask(text, OURS)) for text in ours if mask(text, OURS) != clean(text)]
    assert damaged == []


@pytest.mark.parametrize(
    "text",
    ["1 " * 500, "a." * 500, "a-" * 500, "Aa " * 333, "路" * 1000, "中1号" * 300, "@" * 1000, "1." * 500, "+" * 1000,
     "ich heiße " * 100, "Berliner " * 110, "dot at " * 140, "12 a " * 250, "DE89 " * 200, "1234 a1b2 " * 100],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_no_message_keeps_the_masking_busy(text: str) -> None:
    started = time.perf_counter()
    mask(text[:1000], OURS)
    assert time.perf_counter() - started < 0.5


@given(st.text(max_size=200))
def test_masking_takes_any_text_and_is_done_after_one_pass_at_contacts(text: str) -> None:
    masked = mask(f"{text} anna@example.org", OURS)
    assert "anna@example.org" not in masked


def test_a_glossary_that_cannot_be_read_masks_more(tmp_path: Path) -> None:
    (tmp_path / "glossary.yml").write_text("terms: [", encoding="utf-8")
    nobody = facts.read(tmp_path / "glossary.yml")
    assert mask("Mr. Wagner", nobody) == "Mr. [name]"
    assert mask("Mr. Wagner", OURS) == "Mr. Wagner"
