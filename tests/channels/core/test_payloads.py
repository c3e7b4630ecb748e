"""Payloads of buttons."""

import pytest
from sqlalchemy.engine import Engine

from bot.channels.core.payloads import MAX_BYTES, Payloads
from tests.channels.core.conftest import HandClock

TEXTS = [
    "Pandas?",
    "#1",
    "=",
    "近" * 21,
    "近" * 22,
    "Seit wann gibt es das Berlin Business Desk China in Peking eigentlich?" * 9,
]


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_fits_on_a_button_and_comes_back_in_another_process(text: str, engine: Engine) -> None:
    data = Payloads(engine).shorten(text)
    assert 1 <= len(data.encode()) <= MAX_BYTES
    assert Payloads(engine).shorten(text) == data
    assert Payloads(engine).read(data) == text


@pytest.mark.parametrize("data", ["", "#", "#nothing", "x", "\x00"])
def test_what_is_no_payload_of_ours_is_nothing(data: str, engine: Engine) -> None:
    assert Payloads(engine).read(data) is None


def test_payloads_age_out_unless_a_button_uses_them_again(engine: Engine, hand_clock: HandClock) -> None:
    payloads = Payloads(engine, hand_clock)
    old, used = (payloads.shorten(letter * 100) for letter in "ab")
    hand_clock.now += 100
    payloads.shorten("b" * 100)
    assert payloads.purge(hand_clock.now - 50) == 1
    assert payloads.read(old) is None
    assert payloads.read(used) == "b" * 100
