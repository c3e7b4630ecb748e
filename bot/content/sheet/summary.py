"""Says in plain words what an import changes, refuses and leaves, in the desk's language."""

from collections import Counter
from collections.abc import Iterator

from bot.content.sheet import columns
from bot.content.sheet.columns import items
from bot.content.sheet.plan import CHANGED, DELETED, NEW, Change, Plan
from bot.content.sheet.texts import SAYINGS

SHOWN, LONGEST = 5, 90
"""Items of a list that are shown, and how much of a text."""


def lines(plan: Plan, language: str, applied: bool) -> Iterator[str]:
    """Yield the lines that tell a person what ``plan`` does, or did if it was ``applied``."""
    for change in plan.changes.values():
        yield from _change(change, language)
    for refusal in plan.refused:
        yield SAYINGS.say(
            "refused", language, cell=refusal.cell, entry=refusal.entry or "–", reason=refusal.said(language)
        )
    for name, entries in (("kept", plan.kept), ("missing", plan.missing)):
        for entry in entries:
            yield SAYINGS.say(name, language, entry=entry)
    for problem in plan.advice:
        reason = SAYINGS.say("problem", language, **dict(zip(("message", "fix"), problem.said(language), strict=True)))
        yield SAYINGS.say("advice", language, entry=problem.file.rpartition("/")[2].removesuffix(".yml"), reason=reason)
    kinds = Counter(change.kind for change in plan.changes.values())
    yield SAYINGS.say(
        "sum_done" if applied else "sum_shown", language,
        new=kinds[NEW], changed=kinds[CHANGED], deleted=kinds[DELETED],
        refused=len({refusal.entry or refusal.cell for refusal in plan.refused}),
        unchanged=len(plan.unchanged) + len(plan.kept),
    )  # fmt: skip


def _change(change: Change, language: str) -> Iterator[str]:
    place = SAYINGS.say("row", language, number=change.row.number) if change.row else ""
    yield SAYINGS.say(f"heading_{change.kind}", language, entry=change.entry, place=place)
    if change.kind == DELETED:
        return
    for name in change.fields:
        before, after = change.before.get(name, ""), change.after[name]
        if name in columns.LISTS:
            yield from _list(name, items(before), items(after), language)
        else:
            nothing = SAYINGS.say("nothing", language)
            shown = {"before": _short(before) or nothing, "after": _short(after) or nothing}
            yield SAYINGS.say("text_changed", language, column=name, **shown)


def _list(name: str, before: list[str], after: list[str], language: str) -> Iterator[str]:
    added = list((Counter(after) - Counter(before)).elements())
    removed = list((Counter(before) - Counter(after)).elements())
    if not added and not removed:
        yield SAYINGS.say("order_changed", language, column=name)
        return
    yield SAYINGS.say("list_changed", language, column=name, added=len(added), removed=len(removed))
    for word, listed in (("added", added), ("removed", removed)):
        for text in listed[:SHOWN]:
            yield SAYINGS.say(word, language, text=_short(text))
        if len(listed) > SHOWN:
            yield SAYINGS.say("more", language, number=len(listed) - SHOWN)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
