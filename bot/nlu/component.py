"""What our trainable Rasa components share: one fitted part, kept in the model, refitted when our code changes."""

from typing import Any, Self

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

from bot.nlu import persistence


class FittedComponent(GraphComponent):
    """A graph component with one fitted part; ``fitted`` is None before training."""

    def __init__(self, storage: ModelStorage, resource: Resource, fitted: Any = None) -> None:
        self._storage, self._resource = storage, resource

    @staticmethod
    def required_packages() -> list[str]:
        """Return no packages: Rasa would look for pip distributions of these names."""
        return []

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Refit when our code changes."""
        return persistence.code_fingerprint()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Self:
        """Return an unfitted component."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Self:
        """Return the component as it was fitted."""
        return cls(model_storage, resource, persistence.load(model_storage, resource))

    def _save(self, fitted: Any) -> Resource:
        return persistence.save(fitted, self._storage, self._resource)
