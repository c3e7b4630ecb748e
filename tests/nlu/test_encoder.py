"""The encoder is the release that models were made with, and puts the same meaning of three languages side by side."""

import importlib.metadata
import json
from pathlib import Path

import numpy as np
import pytest

from bot.nlu import carried, encoder, vectors

PINNED = json.loads(Path(__file__).with_name("encoder_vectors.json").read_text(encoding="utf-8"))


def test_vectors_are_those_of_the_pinned_release() -> None:
    assert PINNED["encoder"] == encoder.VERSION
    found = encoder.encode(list(PINNED["vectors"]))
    assert np.abs(found - np.array(list(PINNED["vectors"].values()), dtype=np.float32)).max() < 1e-3


def test_a_vector_is_of_unit_length_and_the_same_alone_and_among_others() -> None:
    texts = ["Wo ist der Garten?", "garden", "花园"]
    together = encoder.encode(texts)
    assert together.shape == (3, encoder.SIZE)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-4)
    assert np.allclose(together[1], encoder.encode([texts[1]])[0], atol=1e-4)
    assert encoder.encode([]).shape == (0, encoder.SIZE)


def test_the_same_question_lies_nearer_in_another_language_than_another_question_in_its_own() -> None:
    german, english, chinese, other = encoder.encode(
        [
            "Wann wurde das Abkommen unterzeichnet?",
            "When was the agreement signed?",
            "协议是什么时候签署的？",
            "Wo ist der Zoo?",
        ]
    )
    assert min(german @ english, german @ chinese) > german @ other


def test_what_is_not_seen_or_only_written_otherwise_does_not_change_a_vector() -> None:
    plain, hidden, traditional = encoder.encode(["得月园在哪里", "得月\u200b园在哪里", "得月園在哪裡"])
    assert np.allclose(plain, hidden, atol=1e-4)
    assert np.allclose(plain, traditional, atol=1e-4)
    many, both = encoder.encode(["Schüler aus Berlin", "Schüler*innen aus Berlin"])
    assert np.allclose(many, both, atol=1e-4)


def test_another_release_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "0.3.0")
    encoder._model.cache_clear()
    try:
        with pytest.raises(encoder.EncoderError, match=r"0\.3\.0 is installed.*0\.2\.1.*bot calibrate"):
            encoder.encode(["?"])
    finally:
        encoder._model.cache_clear()


def test_a_training_encodes_only_what_the_last_one_did_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[str] = []
    original = encoder.encode

    def encode(texts: list[str]) -> np.ndarray:
        encoded.extend(texts)
        return original(texts)

    monkeypatch.setattr(encoder, "encode", encode)
    with carried.carrying(tmp_path, recall=False):  # also where all else is learnt anew
        first = vectors.of(["pandas", "garden", "pandas"])
        again = vectors.of(["garden", "desk", "pandas"])
    assert encoded == ["pandas", "garden", "desk"]
    assert first.dtype == np.float16
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(again[[2, 0]], first[:2])


def test_vectors_of_another_release_are_not_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with carried.carrying(tmp_path):
        vectors.of(["pandas"])
        monkeypatch.setattr(encoder, "VERSION", "another 1.0")
        assert vectors._recall() == {}
