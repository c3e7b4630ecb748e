"""What every channel does before Rasa sees a message, and after it has answered.

`turns` runs a message with its limits, `limits` counts requests, `answers` is the one form of an answer that each
channel shows in its own way, `markdown` reads the little markup that answers have.
"""

from bot.channels.core.turns import (
    MAX_CHARACTERS,
    MAX_SENDER,
    TURN_TIMEOUT,
    AnswerCollector,
    Handler,
    Incoming,
    Turns,
)

__all__ = ["MAX_CHARACTERS", "MAX_SENDER", "TURN_TIMEOUT", "AnswerCollector", "Handler", "Incoming", "Turns"]
