"""How likely it is what a question asks for; apart from the ranker, as who only decides needs no scikit-learn."""

from dataclasses import dataclass

FAQ = "faq/"
"""What the labels of entries begin with."""
SHARPNESS = 3.5
"""What margins are multiplied by before the softmax makes beliefs of them."""


@dataclass(frozen=True)
class Ranked:
    """A label and how much of the belief it holds (all labels together: 1)."""

    label: str
    confidence: float
