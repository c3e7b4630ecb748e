import importlib.util
import subprocess
import sys

import pytest


def test_rasa_imports_without_tensorflow() -> None:
    code = "import rasa.core.agent, rasa.nlu.classifiers.diet_classifier, tensorflow; print(tensorflow.__version__)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "0.0.0+standin"


def test_any_real_use_fails_and_says_what_is_missing() -> None:
    import tensorflow

    with pytest.raises(RuntimeError, match=r"'tensorflow.constant' was used, but TensorFlow is not installed.*docs/"):
        tensorflow.constant(1)
    with pytest.raises(RuntimeError, match=r"tensorflow.keras.layers.Dense"):
        tensorflow.keras.layers.Dense(3)


def test_other_missing_packages_stay_missing() -> None:
    assert importlib.util.find_spec("tensorflow_nonexistent_thing") is None
