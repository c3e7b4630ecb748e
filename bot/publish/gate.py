"""Compares a candidate with what is live and says in plain words what would get worse. Pure: no files, no models.

Figures are compared as `bot evaluate` compares them, beyond the confidence interval of what is live; beside them stand
rules for what a figure over hundreds of questions hides: one entry that is no longer found, or that takes others'.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.content.model import Content
from bot.evaluation.datasets import Case
from bot.evaluation.outcomes import FOLLOW_UP_AFTER, Verdict, judge
from bot.evaluation.report import wilson
from bot.languages import LANGUAGES
from bot.publish.changes import Changes
from bot.publish.reactions import ABOUT_ENTRIES, KEPT, PARALLEL, REGRESSION, Reactions

EXAMPLES = 3
ENTRY_LOSS, ENTRY_SHARE = 3, 0.25
"""From so many lost test questions, and so large a share of them, on an entry is said to be found worse."""
TAKEN = 2
"""Test questions that a new or changed entry may not take from others, or from what the source does not say."""
PARITY = 0.03
"""How far a language may fall behind the best one, or 0.01 more than in what is live."""
PARITY_SLACK = 0.01


@dataclass(frozen=True)
class Example:
    """A question, and what it gets now: an entry, "offered" or "no answer"."""

    text: str
    language: str
    got: str


@dataclass(frozen=True)
class Objection:
    """Why a candidate does not go live: a sentence of sayings.yml, its values, questions that show it."""

    name: str
    values: dict[str, Any] = field(default_factory=dict, hash=False)
    examples: tuple[Example, ...] = ()


def of_content(changes: Changes, after: Content, today: date, accepted: frozenset[str]) -> list[Objection]:
    """Return what can be objected to without asking a model: entries that go, questions that change their entry."""
    found = [Objection("entry_removed", {"entry": entry}) for entry in changes.removed if entry not in accepted]
    for entry_id in changes.touched - accepted:
        until = after.entries[entry_id].valid_until
        if until and until < today:
            found.append(Objection("entry_expired", {"entry": entry_id, "day": until.isoformat()}))
    moves: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for move in changes.moved:
        if move.source not in accepted:
            moves[move.source, move.target].append(Example(move.text, move.language, move.target))
    for (source, target), examples in moves.items():
        values = {"entry": source, "other": target, "number": len(examples)}
        found.append(Objection("questions_moved", values, tuple(examples[:EXAMPLES])))
    return found


class Comparison:
    """A candidate's reactions beside those of what is live, judged."""

    def __init__(
        self, before: Reactions, after: Reactions, old: Content | None, new: Content, accepted: frozenset[str]
    ) -> None:
        entries = old.entries.keys() | new.entries.keys() if old else new.entries.keys()
        self._reactions = {case: one for case, one in after.items() if not _about(case, accepted, entries)}
        self._after = _judged(self._reactions, new)
        mine = {case: one for case, one in before.items() if case in self._after}
        self._before = _judged(mine, old) if old else {}
        self._known = new.entries.keys()

    def objections(self, changes: Changes, accepted: frozenset[str]) -> list[Objection]:
        """Return all that got worse, the plainest first; without anything live, what the regression set loses."""
        found = list(self._lost_questions())
        if self._before:
            found += self._weaker_entries({one.values["entry"] for one in found})
            found += self._takers(changes.touched - accepted)
            found += self._figures()
            found += self._parity()
            found += self._agreement()
        return found

    def _lost_questions(self) -> Iterable[Objection]:
        """Every question of a visitor or of earlier training must go on being answered by its entry."""
        lost: dict[str, list[Case]] = defaultdict(list)
        for case, now in self._after.items():
            was = self._before.get(case)
            bad = now is not Verdict.RIGHT and (was is Verdict.RIGHT or (was is None and not self._before))
            if case.set in (REGRESSION, KEPT) and bad:
                lost[case.expected].append(case)
        for entry, cases in sorted(lost.items()):
            yield Objection("questions_lost", {"entry": entry, "number": len(cases)}, self._examples(cases))

    def _weaker_entries(self, named: set[str]) -> Iterable[Objection]:
        worse: dict[str, list[Case]] = defaultdict(list)
        better, had = Counter[str](), Counter[str]()
        for case, was in self._before.items():
            if case.set not in ("faq", PARALLEL):
                continue
            had[case.expected] += was is Verdict.RIGHT
            if was is Verdict.RIGHT and self._after[case] is not Verdict.RIGHT:
                worse[case.expected].append(case)
            better[case.expected] += was is not Verdict.RIGHT and self._after[case] is Verdict.RIGHT
        for entry, cases in sorted(worse.items()):
            net = len(cases) - better[entry]
            if entry not in named and net >= ENTRY_LOSS and net > ENTRY_SHARE * had[entry]:
                values = {"entry": entry, "before": had[entry], "now": had[entry] - net}
                yield Objection("entry_weaker", values, self._examples(cases))

    def _takers(self, touched: frozenset[str]) -> Iterable[Objection]:
        """A new or changed entry may not answer what was another's, or what the source does not say."""
        taken: dict[tuple[str, str], list[Case]] = defaultdict(list)
        invented: dict[str, list[Case]] = defaultdict(list)
        for case, now in self._after.items():
            reaction, was = self._reactions[case], self._before.get(case)
            if now is not Verdict.WRONG or was is Verdict.WRONG or was is None or reaction.answer not in touched:
                continue
            if case.set.startswith("unknown"):
                invented[reaction.answer].append(case)
            elif case.set in ABOUT_ENTRIES:
                taken[reaction.answer, case.expected].append(case)
        for (entry, other), cases in sorted(taken.items()):
            if len(cases) >= TAKEN:
                values = {"entry": entry, "other": other, "number": len(cases)}
                yield Objection("questions_taken", values, self._examples(cases))
        for entry, cases in sorted(invented.items()):
            if len(cases) >= TAKEN:
                yield Objection("unknown_answered", {"entry": entry, "number": len(cases)}, self._examples(cases))

    def _figures(self) -> Iterable[Objection]:
        for language, name in dict.fromkeys((case.language, case.set) for case in self._before):
            if name in (PARALLEL, REGRESSION, KEPT):
                continue
            mine = [case for case in self._before if (case.language, case.set) == (language, name)]
            for rate, good in ((Verdict.RIGHT, True), (Verdict.WRONG, False)):
                was = sum(self._before[case] is rate for case in mine)
                now = sum(self._after[case] is rate for case in mine)
                low, high = wilson(was, len(mine))
                share = now / len(mine)
                if share < low if good else share > high:
                    fallen = [case for case in mine if self._before[case] is not self._after[case]]
                    values = {"language": language, "was": was, "now": now, "number": len(mine)}
                    kind = (
                        "figure_right" if good else "figure_unknown" if name.startswith("unknown") else "figure_wrong"
                    )
                    yield Objection(kind, values, self._examples(fallen))

    def _parity(self) -> Iterable[Objection]:
        before, now = _rates(self._before), _rates(self._after)
        for language in LANGUAGES:
            if language not in now or language not in before:
                continue
            behind, was_behind = max(now.values()) - now[language], max(before.values()) - before[language]
            if behind > max(PARITY, was_behind + PARITY_SLACK):
                values = {"language": language, "now": f"{behind:.1%}", "was": f"{was_behind:.1%}"}
                yield Objection("parity", values)

    def _agreement(self) -> Iterable[Objection]:
        groups = _groups(case for case in self._before if case.set == PARALLEL)
        was = sum(_same(self._before, group) for group in groups)
        now = sum(_same(self._after, group) for group in groups)
        if groups and now / len(groups) < wilson(was, len(groups))[0]:
            yield Objection("agreement", {"was": was, "now": now, "number": len(groups)})

    def _examples(self, cases: list[Case]) -> tuple[Example, ...]:
        return tuple(Example(case.text, case.language, self._got(case)) for case in cases[:EXAMPLES])

    def _got(self, case: Case) -> str:
        if self._after[case] is Verdict.OFFERED:
            return "offered"
        reaction = self._reactions[case]
        return reaction.answer if reaction.entry else "none"


def _about(case: Case, accepted: frozenset[str], entries: Iterable[str]) -> bool:
    """Whether a question is about an entry whose losses were agreed to, or that neither side has."""
    return case.set in ABOUT_ENTRIES and (case.expected in accepted or case.expected not in set(entries))


def _judged(reactions: Reactions, content: Content) -> dict[Case, Verdict]:
    after = content.entries.get(FOLLOW_UP_AFTER)
    follow_ups = after.follow_ups if after else {}
    return {case: judge(case, reaction, follow_ups) for case, reaction in reactions.items()}


def _rates(verdicts: dict[Case, Verdict]) -> dict[str, float]:
    rates = {}
    for language in LANGUAGES:
        mine = [one for case, one in verdicts.items() if case.set == "faq" and case.language == language]
        if mine:
            rates[language] = sum(one is Verdict.RIGHT for one in mine) / len(mine)
    return rates


def _groups(cases: Iterable[Case]) -> list[list[Case]]:
    """Return the parallel questions three by three; they stand one after the other."""
    listed = list(cases)
    size = len(LANGUAGES)
    return [listed[at : at + size] for at in range(0, len(listed) - size + 1, size)]


def _same(verdicts: dict[Case, Verdict], group: list[Case]) -> bool:
    return len({verdicts[case] is Verdict.RIGHT for case in group}) == 1
