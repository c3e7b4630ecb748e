"""The training questions' vectors, kept from one training to the next: an edit encodes only what is new."""

import hashlib
from collections.abc import Sequence

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from bot.nlu import carried, encoder

NAME = "vectors"
PROCESSES = 2
MANY = 4_000
"""Texts from which on starting processes costs less than it saves."""
CHUNK = 1_000
MOST = 150_000
"""Vectors that are kept, 150 MB; the oldest go."""


def of(texts: Sequence[str]) -> NDArray[np.float16]:
    """Return the vectors of training ``texts``, a row each, in half-size numbers, as they are kept."""
    prepared = [encoder.prepared(text) for text in texts]
    keys = [_key(text) for text in prepared]
    kept = _recall()
    missing = {key: text for key, text in zip(keys, prepared, strict=True) if key not in kept}
    if missing:
        kept |= dict(zip(missing, _encoded(list(missing.values())), strict=True))
        _keep(dict(list(kept.items())[-MOST:]))
    return np.stack([kept[key] for key in keys]) if keys else np.zeros((0, encoder.SIZE), dtype=np.float16)


def _recall() -> dict[bytes, NDArray[np.float16]]:
    """Vectors do not depend on what is learnt from them: they are taken up even where all else is learnt anew."""
    held = carried.recall(NAME, encoder.VERSION, lasting=True)
    return dict(zip(held[0], held[1], strict=True)) if held else {}


def _keep(vectors: dict[bytes, NDArray[np.float16]]) -> None:
    carried.keep(NAME, encoder.VERSION, (list(vectors), np.stack(list(vectors.values()))), lasting=True)


def _encoded(texts: list[str]) -> NDArray[np.float16]:
    chunks = [texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)]
    if len(texts) < MANY:
        return np.vstack([_chunk(chunk) for chunk in chunks])
    return np.vstack(Parallel(n_jobs=PROCESSES)(delayed(_chunk)(chunk) for chunk in chunks))


def _chunk(texts: list[str]) -> NDArray[np.float16]:
    return encoder.encode(texts).astype(np.float16)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=12).digest()
