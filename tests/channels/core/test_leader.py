"""One process of several."""

from sqlalchemy.engine import Engine

from bot.channels.core.leader import Leader
from tests.channels.core.conftest import HandClock


def test_one_holds_and_the_other_takes_over(engine: Engine, hand_clock: HandClock) -> None:
    first, second = (Leader(engine, "polling", owner, 10, hand_clock) for owner in "ab")
    elsewhere = Leader(engine, "subscriptions", "b", 10, hand_clock)
    assert first.hold()
    assert not second.hold()
    assert elsewhere.hold()
    hand_clock.now += 9
    assert first.hold()
    hand_clock.now += 9
    assert not second.hold()
    hand_clock.now += 2
    assert second.hold()
    assert not first.hold()


def test_a_released_lease_is_free_at_once_and_only_its_holder_releases_it(
    engine: Engine, hand_clock: HandClock
) -> None:
    first, second = (Leader(engine, "polling", owner, 10, hand_clock) for owner in "ab")
    assert first.hold()
    second.release()
    assert not second.hold()
    first.release()
    assert second.hold()
