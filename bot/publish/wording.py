"""Says publications and objections in the desk's language."""

from collections.abc import Iterator

from bot.content.model import Content
from bot.publish.gate import Example, Objection
from bot.publish.ledger import SAYINGS, Publication
from bot.publish.publisher import BrokenError, WorseError
from bot.sayings import StaffError

NAMED = 6
"""Entries that a line of the history names."""


def refusal(error: StaffError, language: str) -> Iterator[str]:
    """Yield why something was not published, a line each, and what may be done."""
    yield error.said(language)
    if isinstance(error, BrokenError):
        yield from error.lines(language)
    if isinstance(error, WorseError):
        for one in error.objections:
            yield f"- {objection(one, error, language)}"
            yield from (f"    {_example(example, language)}" for example in one.examples)
        names = sorted({one.values["entry"] for one in error.objections if _may_be_accepted(one, error)})
        if names:
            yield SAYINGS.say("accept", language, options=" ".join(f"--accept {name}" for name in names))


def objection(one: Objection, error: WorseError, language: str) -> str:
    """Return an objection as a sentence; entries are named by their own questions."""
    values = dict(one.values)
    for name, title in (("entry", "title"), ("other", "other_title")):
        if name in values:
            values[title] = _title(values[name], error, language)
    return SAYINGS.say(one.name, language, **values)


def what(publication: Publication, language: str) -> str:
    """Return what a publication changed."""
    kinds = ("added", "changed", "removed", "other", "accepted")
    parts = [
        SAYINGS.say(f"what_{kind}", language, entries=_listed(getattr(publication, kind)))
        for kind in kinds
        if getattr(publication, kind)
    ]
    return "; ".join(parts) or SAYINGS.say("what_nothing", language)


def history(publications: list[Publication], live: Publication | None, language: str) -> Iterator[str]:
    """Yield a line a publication, the newest first; the live one has a star."""
    for one in reversed(publications):
        how = SAYINGS.say(f"how_{one.how}", language, number=one.undoes)
        if one.withdrawn:
            how += ", " + SAYINGS.say("how_withdrawn", language, reason=reason(one.withdrawn, language))
        mark = "*" if live and one.number == live.number else " "
        yield SAYINGS.say(
            "history_line", language,
            mark=mark, number=one.number, at=one.at[:16].replace("T", " "), by=one.by or "–", how=how,
            what=what(one, language),
        )  # fmt: skip


def reason(text: str, language: str) -> str:
    """Return why a publication was withdrawn; ``text`` is a sentence's name and its numbers."""
    name, *numbers = text.split()
    return SAYINGS.say(f"reason_{name}", language, **dict(number.split("=", 1) for number in numbers))


def _may_be_accepted(one: Objection, error: WorseError) -> bool:
    """Whether a person may want it so: what expired or is wrong in many places must be mended instead."""
    return "entry" in one.values and one.name != "entry_expired"


def _title(entry_id: str, error: WorseError, language: str) -> str:
    for content in (error.content, error.before):
        if content and entry_id in content.entries:
            return _own_question(content, entry_id, language)
    return entry_id


def _own_question(content: Content, entry_id: str, language: str) -> str:
    questions = content.entries[entry_id].questions
    return questions[language][0].text if questions.get(language) else entry_id


def _example(example: Example, language: str) -> str:
    got = SAYINGS.say(f"got_{example.got}", language) if example.got in ("none", "offered") else example.got
    return SAYINGS.say("example", language, text=example.text, got=got)


def _listed(names: tuple[str, ...]) -> str:
    more = f" (+{len(names) - NAMED})" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
