"""An invariant and the SQL that finds what breaks it, in all that is stored or among some payments."""

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.statements import Prepared, prepare
from ports.monitoring.money_invariants import Invariant

FOLLOWED_MAX: Final = 10_000
"""At most so many keys of what is broken or unfinished are kept for the next incremental check."""

OUTBOX_WHOLE_SINCE: Final = """(
    SELECT coalesce((max(month) + interval '1 month') AT TIME ZONE 'Asia/Kolkata', '-infinity')
    FROM archived_records WHERE kind = 'outbox' AND state IN ('verified', 'dropped'))"""
"""Entries of the outbox that were done before this instant may have left it, and stand in the archive."""

_AMONG: Final = re.compile(r"AMONG\(([a-z_.]+)\)")


@dataclass(frozen=True, slots=True)
class InvariantQuery:
    """
    How *invariant* is checked. ``:at``, ``:overdue`` and ``:failing`` in the SQL stand for instants, and
    ``:settlement_days`` for what ``settlement_days`` returns.

    *among* is None for what costs the same however much is stored: each check of it is a full one.
    *by_changes* says whether the payments that have changed are its keys. Where they are not, an
    incremental check reads only what was broken before.
    """

    invariant: Invariant
    full: Prepared
    among: Prepared | None
    by_changes: bool


def invariant_query(
    name: str,
    *,
    means: str,
    remedy: str,
    finds: str,
    finds_among: str | None = None,
    by_changes: bool = True,
) -> InvariantQuery:
    """
    Return the query of an invariant.

    *finds* returns ``subject``: what breaks the invariant. With ``AMONG(column)`` in it, it is
    narrowed to the keys of an incremental check. Then it returns ``key`` as well, the payment to
    check again, and it may return ``broken``, which is false of what has still time to come right.
    *finds_among* is the narrowed query where it is another one.
    """
    narrowed = finds_among or (finds if _AMONG.search(finds) else None)
    return InvariantQuery(
        invariant=Invariant(name=name, means=means, remedy=remedy),
        full=_counted(_AMONG.sub("true", finds)),
        among=None
        if narrowed is None
        else _counted(_AMONG.sub(r"\1 = ANY(CAST(:keys AS text[]))", narrowed)),
        by_changes=by_changes,
    )


def _counted(finds: str) -> Prepared:
    key = "key" if " AS key" in finds else "NULL::text"
    broken = "coalesce(broken, false)" if " AS broken" in finds else "true"
    # This text holds only constants of this code.
    return prepare(
        text(f"""
            SELECT *, count(*) FILTER (WHERE broken) OVER () AS total FROM (
                SELECT subject, min({key}) AS key, bool_or({broken}) AS broken
                FROM ({finds}) found GROUP BY subject
            ) subjects
            ORDER BY NOT broken, subject LIMIT {FOLLOWED_MAX + 1}
        """)  # noqa: S608
    )
