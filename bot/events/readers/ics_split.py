"""Cuts an iCalendar file into its events before it is parsed, so that a broken one costs no other."""

from dataclasses import dataclass, field

MAX_LINES_OF_AN_EVENT = 20_000


@dataclass
class Pieces:
    """A calendar file in pieces: its own properties, its zones by TZID, its events as text, None where one is cut."""

    properties: dict[str, str] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    events: list[str | None] = field(default_factory=list)


def split(text: str) -> Pieces:
    """Return the pieces of an iCalendar file (RFC 5545 section 3.1: folded lines are joined first)."""
    pieces = Pieces()
    block: list[str] | None = None
    kind = ""
    for line in _unfolded(text):
        begin, end = _mark(line, "BEGIN:"), _mark(line, "END:")
        if begin in ("VEVENT", "VTIMEZONE"):
            if block is not None and kind == "VEVENT":
                pieces.events.append(None)
            block, kind = [line], begin
        elif block is None:
            _note(line, begin, end, pieces)
        elif end == kind:
            _close(kind, [*block, line], pieces)
            block = None
        elif end == "VCALENDAR":
            if kind == "VEVENT":
                pieces.events.append(None)
            block = None
        else:
            block.append(line)
    if block is not None and kind == "VEVENT":
        pieces.events.append(None)
    return pieces


def _unfolded(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line[:1] in (" ", "\t") and lines:
            lines[-1] += line[1:]
        elif line.strip():
            lines.append(line)
    return lines


def _mark(line: str, mark: str) -> str:
    return line[len(mark) :].strip().upper() if line[: len(mark)].upper() == mark else ""


def _close(kind: str, block: list[str], pieces: Pieces) -> None:
    text = "\r\n".join(block) + "\r\n"
    if kind == "VEVENT":
        pieces.events.append(text if len(block) <= MAX_LINES_OF_AN_EVENT else None)
        return
    for line in block:
        if line[:5].upper() in ("TZID:", "TZID;"):
            pieces.zones.setdefault(line.partition(":")[2].strip(), text)
            return


def _note(line: str, begin: str, end: str, pieces: Pieces) -> None:
    name, colon, value = line.partition(":")
    if colon and not begin and not end:
        pieces.properties.setdefault(name.partition(";")[0].upper(), value.strip())
