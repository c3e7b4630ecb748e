"""Keeps Rasa's own output off a terminal that belongs to a conversation."""

import logging
import os
import warnings


def hush() -> None:
    """Silence Rasa's logs and its libraries' warnings in this process."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("LOG_LEVEL", "ERROR")  # also ends Rasa's progress bars
    warnings.simplefilter("ignore")
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.getLogger().setLevel(logging.ERROR)
    for name in ("rasa", "matplotlib", "jieba"):
        logging.getLogger(name).setLevel(logging.ERROR)
