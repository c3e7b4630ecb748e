"""A secret that an installation makes for itself when the operator has set none."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

SECRET_BYTES = 32


def kept_secret(path: Path) -> str:
    """Return the secret in a file that only its owner may read; made at the first call, whoever else calls."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # made with mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(secrets.token_hex(SECRET_BYTES))
            with contextlib.suppress(FileExistsError):  # another process was first: its secret is ours then
                os.link(temporary, path)
        finally:
            Path(temporary).unlink()
    return path.read_text(encoding="utf-8").strip()
