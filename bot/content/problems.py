"""What is wrong with a content file, said so that its author can mend it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Severity(StrEnum):
    """Errors stop training; warnings are worth a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend: where it stands, what is wrong, what to do."""

    file: str
    line: int
    message: str
    fix: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.message}\n    fix: {self.fix}"


class Problems:
    """Collects problems; nothing stops at the first."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.found: list[Problem] = []

    def error(self, file: Path, line: int, message: str, fix: str) -> None:
        """Note something that must be mended before the content is used."""
        self._add(file, line, message, fix, Severity.ERROR)

    def warn(self, file: Path, line: int, message: str, fix: str) -> None:
        """Note something that is allowed but probably not meant."""
        self._add(file, line, message, fix, Severity.WARNING)

    def _add(self, file: Path, line: int, message: str, fix: str, severity: Severity) -> None:
        try:
            name = file.relative_to(self._root.parent).as_posix()
        except ValueError:
            name = file.name
        self.found.append(Problem(name, line, message, fix, severity))

    @property
    def errors(self) -> list[Problem]:
        """The problems that stop training."""
        return [problem for problem in self.found if problem.severity is Severity.ERROR]
