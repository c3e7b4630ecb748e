"""Says in plain words what an import changes, refuses and leaves, in the desk's language."""

from collections import Counter
from collections.abc import Iterator

from bot.content.sheet import columns
from bot.content.sheet.columns import items
from bot.content.sheet.plan import CHANGED, DELETED, NEW, Change, Plan
from bot.content.sheet.texts import SAYINGS

SHOWN, LONGEST, AROUND = 5, 90, 20
"""Items of a list that are shown, how much of a text, and how much around a difference."""


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
            old, new = _difference(" ".join(before.split()), " ".join(after.split()))
            shown = {"before": old or nothing, "after": new or nothing}
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


def _difference(before: str, after: str) -> tuple[str, str]:
    """Return both texts cut to where they differ, with a few characters around."""
    if max(len(before), len(after)) <= LONGEST:
        return before, after
    start = _shared(before, after)
    tail = _shared(before[start:][::-1], after[start:][::-1])
    start, tail = max(start - AROUND, 0), max(tail - AROUND, 0)

    def cut(text: str) -> str:
        return "…" * (start > 0) + _short(text[start : len(text) - tail]) + "…" * (tail > 0)

    return cut(before), cut(after)


def _shared(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
