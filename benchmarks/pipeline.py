"""The product's NLU chain without Rasa around it, for the benchmarks of understanding."""

import time
from dataclasses import dataclass

import numpy as np

from bot import quiet

quiet.hush()

from bot.nlu.features import Question  # noqa: E402
from bot.nlu.language import LanguageModel  # noqa: E402
from bot.nlu.ranker import QuestionRanker  # noqa: E402
from bot.nlu.words import WordCutter  # noqa: E402
from bot.text import clean, to_simplified  # noqa: E402


@dataclass(frozen=True)
class Example:
    """A sentence of a public set."""

    text: str
    intent: str
    language: str
    split: str


class Pipeline:
    """The product's chain: language, script-aware words, ranker."""

    def __init__(self, examples: list[Example]) -> None:
        started = time.perf_counter()
        self._cutter = WordCutter(())
        self._languages = LanguageModel().fit(((clean(e.text), e.language) for e in examples), ())
        self._only = examples[0].language if len({e.language for e in examples}) == 1 else None
        questions = [self._question(example.text, example.language) for example in examples]
        self.ranker = QuestionRanker().fit([e.text for e in examples], questions, [e.intent for e in examples])
        self.seconds = time.perf_counter() - started
        self.labels = np.array(self.ranker.labels)

    def margins(self, texts: list[str]) -> np.ndarray:
        """Return a row a text and a column a label."""
        return self.ranker.margins([self._question(text, self._language(text)) for text in texts])

    def accuracy(self, examples: list[Example], top: int = 1) -> float:
        """Return the share of examples whose intent is among the first ``top``."""
        order = np.argsort(-self.margins([example.text for example in examples]), axis=1)[:, :top]
        pairs = zip(examples, order, strict=True)
        return float(np.mean([example.intent in self.labels[row] for example, row in pairs]))

    def parse_ms(self, texts: list[str]) -> float:
        """Return the median time of one text, in milliseconds."""
        times = []
        for text in texts[:300]:
            started = time.perf_counter()
            self.ranker.rank([text], [self._question(text, self._language(text))])
            times.append(time.perf_counter() - started)
        return 1000 * float(np.median(times))

    def _language(self, text: str) -> str:
        return self._only or self._languages.identify(clean(text)).language

    def _question(self, text: str, language: str) -> Question:
        words = self._cutter.cut(to_simplified(clean(text)), language)
        return Question(tuple(word.text for word in words), language, text)
