"""Words of a question as terms of the calendar, and the events that have them all if they are few."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.events.model import Query
from bot.events.schema import search_part, search_term
from bot.events.terms import Token, language_term, roots, tokens

RARE = 400
"""Events: up to so many are looked up one by one, else the date range drives."""
PROBED = 3 * RARE
COUNTED = 5_000
MOST_TERMS = 200


def alternatives(connection: Connection, query: Query) -> list[list[str]] | None:
    """Return the terms of which an event needs one of each list (a language's comes last), or None if it has none."""
    wanted = tokens(query.words)
    if query.words and not wanted:
        return None
    found = [_terms(connection, token) for token in wanted]
    return [*found, [language_term(query.language)]] if query.language else found


def has(terms: list[str], uid: Any, before: int | None = None) -> Any:
    """Return the condition that the event of ``uid`` has one of the terms, in a place ``before`` another.

    It is looked up row by row: OFFSET 0 keeps PostgreSQL from joining all the events of a word, which it takes for few
    (83 ms instead of 5 for the first hundred of a frequent word), and from planning such joins for 18 ms.
    """
    term = search_term.alias()
    conditions = [term.c.term.in_(terms), term.c.uid == uid]
    if before is not None:
        conditions.append(term.c.place < before)
    return sa.select(sa.literal(1)).select_from(term).where(*conditions).limit(1).offset(0).exists()


def rarest_first(connection: Connection, needed: list[list[str]]) -> list[tuple[list[str], int]]:
    """Return the lists of terms with how often they stand in the calendar, no further than it matters."""
    counted = [(terms, _frequency(connection, terms)) for terms in needed]
    return sorted(counted, key=lambda pair: pair[1])


def few(connection: Connection, needed: Sequence[list[str]], query: Query) -> list[str] | None:
    """Return the uids of the events that have all the words, the rarest first, or None if they are many."""
    term = search_term.alias("rarest")
    conditions = [term.c.term.in_(needed[0])]
    conditions += [term.c.city == query.city.value] if query.city else []
    conditions += [term.c.category == query.category.value] if query.category else []
    for terms in needed[1:]:
        other = search_term.alias()
        conditions.append(sa.exists().where(other.c.term.in_(terms), other.c.uid == term.c.uid))
    found = connection.execute(sa.select(term.c.uid).where(*conditions).limit(PROBED + 1)).scalars().all()
    unique = set(found)
    return sorted(unique) if len(found) <= PROBED and len(unique) <= RARE else None


def _frequency(connection: Connection, terms: list[str]) -> int:
    some = sa.select(sa.literal(1)).select_from(search_term).where(search_term.c.term.in_(terms)).limit(COUNTED)
    return int(connection.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one())


def _terms(connection: Connection, token: Token) -> list[str]:
    """Return the terms of the calendar that match a word: whole, by its stem, or as part of a compound."""
    found = dict.fromkeys(token.terms)
    for part in token.parts:
        begins = search_part.c.part.between(part, part + "\U0010ffff")
        found |= dict.fromkeys(
            connection.execute(sa.select(search_part.c.term).where(begins).distinct().limit(MOST_TERMS)).scalars()
        )
    # What stands under a word stands under its stems as well: the stem alone is asked for.
    return [term for term in found if not (roots(term) - {term}) & found.keys()]
