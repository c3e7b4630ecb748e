"""axe-core on a page: what it finds wrong, and what it cannot decide and we have."""

from typing import Any

from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Each: axe's rule, a part of the element's selector, and why a person decided that it is all right.
EXPLAINED: list[tuple[str, str, str]] = []

_RUN = """(tags) => axe.run(document, {runOnly: tags, resultTypes: ["violations", "incomplete"]}).then((found) =>
  ["violations", "incomplete"].map((kind) => found[kind].flatMap((rule) => rule.nodes.map((node) =>
    [rule.id, node.target.flat().join(" "), node.failureSummary.replaceAll("\\n", " ")]))))"""


def findings(page: Page, axe: str) -> list[str]:
    """Return the violations, and what axe leaves open for no reason that is known here."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(axe)
    violations, incomplete = page.evaluate(_RUN, TAGS)
    wrong = [f"violation {' | '.join(each)}" for each in violations]
    return wrong + [f"undecided {' | '.join(each)}" for each in incomplete if not explained(each)]


def explained(finding: list[Any]) -> bool:
    """Whether a person has decided on this finding."""
    rule, selector, _ = finding
    return any(rule == known and part in selector for known, part, _ in EXPLAINED)
