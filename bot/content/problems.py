"""What is wrong with a content file, said so that its author can mend it; the sentences are in problems.yml."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.sayings import STAFF_LANGUAGE, Sayings

SAYINGS = Sayings(Path(__file__).with_suffix(".yml"))


class Severity(StrEnum):
    """Errors stop training; warnings are worth a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """One thing to mend: where it stands, its name in problems.yml, and what fills that sentence's blanks."""

    file: str
    line: int
    name: str
    values: dict[str, Any] = field(default_factory=dict, hash=False)
    severity: Severity = Severity.ERROR

    def said(self, language: str) -> tuple[str, str]:
        """Return what is wrong and what to do, in ``language``."""
        return tuple(SAYINGS.say(f"{self.name}.{part}", language, **self.values) for part in ("message", "fix"))  # type: ignore[return-value]

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return self.said(STAFF_LANGUAGE)[0]

    @property
    def fix(self) -> str:
        """What to do, in English."""
        return self.said(STAFF_LANGUAGE)[1]

    def __lt__(self, other: "Problem") -> bool:
        return (self.file, self.line, self.message) < (other.file, other.line, other.message)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.message}\n    fix: {self.fix}"


class Problems:
    """Collects problems; nothing stops at the first."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.found: list[Problem] = []

    def error(self, file: Path, line: int, problem: str, /, **values: Any) -> None:
        """Note something that must be mended before the content is used."""
        self._add(file, line, problem, values, Severity.ERROR)

    def warn(self, file: Path, line: int, problem: str, /, **values: Any) -> None:
        """Note something that is allowed but probably not meant."""
        self._add(file, line, problem, values, Severity.WARNING)

    def _add(self, file: Path, line: int, problem: str, values: dict[str, Any], severity: Severity) -> None:
        try:
            place = file.relative_to(self._root.parent).as_posix()
        except ValueError:
            place = file.name
        self.found.append(Problem(place, line, problem, values, severity))

    @property
    def errors(self) -> list[Problem]:
        """The problems that stop training."""
        return [problem for problem in self.found if problem.severity is Severity.ERROR]
