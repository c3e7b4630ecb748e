"""What one training leaves for the next, so that an edit is learnt in seconds: files that may be deleted at any time.

Nothing is carried unless `carrying` says where; `rasa train` and the tests learn everything anew.
"""

import contextlib
import hashlib
import importlib.metadata
import logging
import pickle
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.nlu import persistence

logger = logging.getLogger(__name__)

LIBRARIES = ("scikit-learn", "numpy", "scipy", "spacy", "jieba")
"""Whose versions decide whether what was kept can be read, and is still right."""


@dataclass(frozen=True)
class _Place:
    folder: Path
    recalls: bool


_place: ContextVar[_Place | None] = ContextVar("carried", default=None)


@contextlib.contextmanager
def carrying(folder: Path, recall: bool = True) -> Iterator[None]:
    """Keep what is learnt within this context in ``folder``; without ``recall``, learn everything anew first."""
    token = _place.set(_Place(folder, recall))
    try:
        yield
    finally:
        _place.reset(token)


def recall(name: str, about: Any, lasting: bool = False) -> Any:
    """Return what was kept as ``name`` for the same ``about`` (anything with a `repr`), code and libraries, or None.

    ``lasting`` is what depends on ``about`` alone: it outlives an edit of our code, and is found where all else is
    learnt anew.
    """
    place = _place.get()
    if place is None or not (place.recalls or lasting):
        return None
    try:
        with _file(place, name).open("rb") as file:
            # The key comes first: what another version wrote is not even read.
            return pickle.load(file) if pickle.load(file) == _key(about, lasting) else None  # noqa: S301  # our own file
    except (FileNotFoundError, NotADirectoryError):
        return None
    except Exception as error:
        # Damaged, in whatever way pickle finds: it can be had again.
        logger.warning("%s cannot be read (%s); it is made anew", _file(place, name), type(error).__name__)
        return None


def keep(name: str, about: Any, value: Any, lasting: bool = False) -> None:
    """Keep ``value`` as ``name`` for the next training; a full disk costs that training its speed, and no more."""
    place = _place.get()
    if place is None:
        return
    target = _file(place, name)
    building = target.with_suffix(".new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with building.open("wb") as file:
            for part in (_key(about, lasting), value):
                pickle.dump(part, file, protocol=pickle.HIGHEST_PROTOCOL)
        building.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            building.unlink()
        logger.warning("%s was not written (%s); the next training takes longer", target, error.strerror)


def _file(place: _Place, name: str) -> Path:
    return place.folder / f"{name}.pickle"


def _key(about: Any, lasting: bool) -> str:
    versions = [importlib.metadata.version(library) for library in (("numpy",) if lasting else LIBRARIES)]
    parts = (about, "" if lasting else persistence.code_fingerprint(), versions, sys.version_info[:2])
    return hashlib.sha256(repr(parts).encode()).hexdigest()
