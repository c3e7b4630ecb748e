"""Names that belong to the content and so to nobody: masking leaves them standing."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.languages import LANGUAGES
from bot.text import fold

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Facts:
    """Names of the content: single words of letters, folded, and Chinese names."""

    words: frozenset[str] = frozenset()
    chinese: tuple[str, ...] = ()

    def holds(self, word: str) -> bool:
        """Whether a word is part of a name of ours, also in the genitive ("Wagners", "Wagner's")."""
        folded = fold(re.sub(r"['’]s$", "", word))
        return folded in self.words or folded.removesuffix("s") in self.words

    def touches(self, text: str, start: int, end: int) -> bool:
        """Whether a Chinese name of ours stands in ``text`` where it shares a character with start:end."""
        near = [(match.start(), match.end()) for name in self.chinese for match in re.finditer(re.escape(name), text)]
        return any(begin < end and start < stop for begin, stop in near)


def from_names(names: Iterable[str]) -> Facts:
    """Return the facts that ``names`` make."""
    listed = list(names)
    latin = {fold(word) for name in listed for word in re.findall(r"[^\W\d_]+", name) if len(word) > 2}
    chinese = {run for name in listed for run in re.findall(r"[\u4e00-\u9fff]{2,}", name)}
    return Facts(frozenset(latin), tuple(sorted(chinese)))


def read(glossary: Path) -> Facts:
    """Return the names of a glossary file; a file that cannot be read gives none, so that more is masked."""
    try:
        terms = yaml.safe_load(glossary.read_text(encoding="utf-8"))["terms"]
        return from_names(
            name
            for term in terms
            for language in LANGUAGES
            for name in (term.get("names", {}).get(language, ""), *term.get("synonyms", {}).get(language, ()))
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        logger.error("%s: names cannot be read (%s); more than needed is masked", glossary.name, type(error).__name__)
        return Facts()
