"""How our components keep their fitted parts inside a Rasa model, and when Rasa must refit them."""

import gzip
import hashlib
import pickle
from functools import lru_cache
from pathlib import Path
from typing import Any

from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

_FILE = "fitted.pickle.gz"
COMPRESSION = 1
"""The least: Rasa compresses the whole model once more."""


def save(fitted: Any, storage: ModelStorage, resource: Resource) -> Resource:
    """Write ``fitted`` into the model being trained.

    With C's pickle: joblib's is Python's own, and takes seconds for the tens of thousands of words of our parts, in
    which a server that loads a new model answers nobody.
    """
    with storage.write_to(resource) as directory, gzip.open(directory / _FILE, "wb", compresslevel=COMPRESSION) as file:
        pickle.dump(fitted, file, protocol=pickle.HIGHEST_PROTOCOL)
    return resource


def load(storage: ModelStorage, resource: Resource) -> Any:
    """Read what `save` wrote."""
    with storage.read_from(resource) as directory, gzip.open(directory / _FILE, "rb") as file:
        return pickle.load(file)  # noqa: S301  # a part of our own model, as all of Rasa's are


@lru_cache(maxsize=1)
def code_fingerprint() -> str:
    """Return a hash of the code that fitting depends on.

    Rasa's cache looks at a component's own class and configuration only; without this, a change in a
    helper module would silently keep the old fit.
    """
    package = Path(__file__).parent
    digest = hashlib.sha256((package.parent / "text.py").read_bytes())
    for path in sorted(package.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
