"""Stands in for TensorFlow, which Rasa imports at start-up and this product never uses.

Rasa 3.6 imports ``tensorflow`` (and ``keras``, ``tensorflow_addons``, ...) in modules that every
command loads, to subclass its layers and to annotate its functions. Installed for real that costs
1.8 GB of disk, 300 MB of memory and 10 s of every start. This module puts a finder at the *end* of
``sys.meta_path``: an installed TensorFlow is found first and wins, so `uv pip install tensorflow`
is all an operator needs to use DIET (docs/tensorflow.md). Otherwise the finder answers with
modules whose attributes are inert classes. They can be named, subclassed, subscripted and used as
decorators at import time; calling one to do work raises `TensorFlowMissingError`.

The file ``tensorflow_standin.pth`` beside it calls `install` when Python starts, which is why
`rasa train`, `rasa shell` and `rasa run` work in this environment as well as our own command.
"""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import ClassVar

PACKAGES = frozenset({"tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras"})


class TensorFlowMissingError(RuntimeError):
    """Raised when code really uses TensorFlow although only its stand-in is here."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"'{name}' was used, but TensorFlow is not installed: this environment has only a stand-in "
            "for Rasa's imports. A component of config.yml (DIET, TED, ResponseSelector, ...) needs it. "
            "Remove that component, or install TensorFlow beside Rasa as docs/tensorflow.md says."
        )


class _InertType(type):
    """Metaclass of every stand-in attribute: attribute access goes on, calls that do work fail."""

    def __getattr__(cls, name: str) -> "type[_Inert]":
        if name.startswith("__"):
            raise AttributeError(name)
        return _inert(f"{cls.__qualname__}.{name}")

    def __getitem__(cls, item: object) -> "type[_Inert]":
        return cls  # type: ignore[return-value]  # annotations such as tf.Tensor[...]

    def __or__(cls, other: object) -> "type[_Inert]":
        return cls  # type: ignore[return-value]

    def __call__(cls, *args: object, **kwargs: object) -> object:
        # `@tf.function(...)` and `@tf.keras.utils.register_keras_serializable(...)` run at import.
        if cls.__qualname__ in _DECORATORS:
            return args[0] if args and callable(args[0]) else lambda decorated: decorated
        raise TensorFlowMissingError(cls.__qualname__)


class _Inert(metaclass=_InertType):
    """Base of the classes that stand for TensorFlow's names."""


_DECORATORS = frozenset(
    {"tensorflow.function", "tensorflow.custom_gradient", "tensorflow.keras.utils.register_keras_serializable"}
)


def _inert(qualified_name: str) -> type[_Inert]:
    return _InertType(
        qualified_name.rpartition(".")[2], (_Inert,), {"__qualname__": qualified_name, "__module__": __name__}
    )


class _StandInModule(ModuleType):
    """A module of which every attribute exists."""

    __path__: ClassVar[list[str]] = []

    def __getattr__(self, name: str) -> type[_Inert]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _inert(f"{self.__name__}.{name}")


class _StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the packages of `PACKAGES` that nobody else found."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for ``fullname`` if it is one of ours, else None."""
        parent = fullname.rpartition(".")[0]
        # A real TensorFlow probes for optional parts of itself: those must stay missing.
        ours = isinstance(sys.modules.get(parent), _StandInModule) if parent else fullname in PACKAGES
        if not ours:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Return the module that stands in for ``spec``."""
        return _StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Give the module the version that Rasa's `tensorflow.__version__` checks read."""
        module.__version__ = "0.0.0+standin"  # type: ignore[attr-defined]


def install() -> None:
    """Register the finder once, behind all others."""
    if not any(isinstance(finder, _StandInFinder) for finder in sys.meta_path):
        sys.meta_path.append(_StandInFinder())
