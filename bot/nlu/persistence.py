"""How our components keep their fitted parts inside a Rasa model, and when Rasa must refit them."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import joblib
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

_FILE = "fitted.joblib"


def save(fitted: Any, storage: ModelStorage, resource: Resource) -> Resource:
    """Write ``fitted`` into the model being trained."""
    with storage.write_to(resource) as directory:
        joblib.dump(fitted, directory / _FILE, compress=3)
    return resource


def load(storage: ModelStorage, resource: Resource) -> Any:
    """Read what `save` wrote."""
    with storage.read_from(resource) as directory:
        return joblib.load(directory / _FILE)


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
