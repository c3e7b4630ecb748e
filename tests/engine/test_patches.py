"""The patches stand on Rasa 3.6.21's signatures: a change upstream must be noticed here, not by a visitor."""

import inspect
import logging

import rasa
from rasa.core.actions.action import RemoteAction
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet

from bot.engine import patches


def parameters(function: object) -> list[str]:
    return list(inspect.signature(inspect.unwrap(function)).parameters)  # type: ignore[arg-type]


def test_rasa_is_the_version_that_was_patched() -> None:
    assert rasa.__version__ == "3.6.21"


def test_the_patched_signatures_are_unchanged() -> None:
    assert parameters(RemoteAction._validate_action_result) == ["self", "result"]
    assert parameters(RemoteAction.action_response_format_spec) == []
    assert parameters(RemoteAction.run) == ["self", "output_channel", "nlg", "tracker", "domain"]
    assert parameters(MessageProcessor.parse_message) == ["self", "message", "tracker", "only_output_properties"]
    assert parameters(Domain.empty) == []
    assert parameters(Event.resolve_by_type) == ["type_name", "default"]


def test_events_resolve_as_before() -> None:
    patches.install()
    assert Event.resolve_by_type("slot") is SlotSet


def test_a_wrong_action_result_is_still_refused() -> None:
    patches.install()
    action = RemoteAction("action_x", None)
    assert action._validate_action_result({"events": [], "responses": []})
    try:
        action._validate_action_result({"events": "none"})
    except Exception as error:
        assert "none" in str(error)
    else:
        raise AssertionError("accepted")


def test_rasas_debugging_tells_nothing_of_single_messages() -> None:
    patches.install()
    for name in ("rasa.core.processor", "rasa.core.policies.rule_policy", "rasa.core.actions.action"):
        assert not logging.getLogger(name).isEnabledFor(logging.DEBUG), name
