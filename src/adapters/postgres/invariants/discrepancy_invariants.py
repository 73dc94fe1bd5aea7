"""The invariants of decisions about discrepancies: each has a reason, and two people where two are needed."""

# ruff: noqa: S608 - these texts hold only constants of this code

from typing import Final

from adapters.postgres.invariants.invariant_query import invariant_query
from domain.reconciliation.resolution_rules import ALWAYS_SECONDED, LIMITED

AWAITED_DAYS_MAX: Final = 7
"""A proposal that is older waits for a person who does not know of it."""

_ALWAYS: Final = ", ".join(f"'{each.value}'" for each in sorted(ALWAYS_SECONDED))
_LIMITED: Final = ", ".join(f"'{each.value}'" for each in sorted(LIMITED))

DISCREPANCY_QUERIES: Final = (
    invariant_query(
        "resolved_without_reason",
        means="L19: a discrepancy is resolved, and no decision of a person with a note is in force.",
        remedy="`shulk discrepancies show` tells what was decided. Resolve it again, with a note.",
        finds="""
            SELECT d.id AS subject, d.id AS key FROM discrepancy d
            WHERE AMONG(d.id) AND d.state = 'resolved' AND NOT EXISTS (
                SELECT FROM resolution r
                WHERE r.discrepancy_id = d.id AND r.state = 'in_force' AND r.undoes IS NULL
                  AND length(btrim(r.note)) >= 3)
        """,
        by_changes=False,
    ),
    invariant_query(
        "decided_alone_above_limit",
        means="L23: one person decided alone what needs a second one, or more than the limit of a day.",
        remedy="Tell whoever answers for the books; the decision can be undone, and made by two people.",
        finds=f"""
            SELECT r.discrepancy_id || '/' || r.sequence AS subject, r.discrepancy_id AS key
            FROM resolution r
            WHERE AMONG(r.discrepancy_id) AND r.state = 'in_force'
              AND (r.approved_by IS NULL OR r.approved_by = r.decided_by)
              AND (r.action IN ({_ALWAYS})
                   OR (r.action IN ({_LIMITED}) AND (
                        r.amount_paise > r.limit_each_paise
                        OR (SELECT sum(o.amount_paise) > max(o.limit_day_paise) FROM resolution o
                            WHERE o.decided_by = r.decided_by AND o.decided_on = r.decided_on
                              AND o.alone IS NOT NULL AND o.state = 'in_force'))))
        """,
        by_changes=False,
    ),
    invariant_query(
        "approval_forgotten",
        means="A discrepancy awaits the approval of nothing, or a proposal waits for more than a week.",
        remedy="`shulk discrepancies list --state awaiting_approval`; approve what waits, or reject it.",
        finds=f"""
            SELECT d.id AS subject FROM discrepancy d
            WHERE d.state = 'awaiting_approval' AND NOT EXISTS (
                SELECT FROM resolution r WHERE r.discrepancy_id = d.id AND r.state = 'proposed')
            UNION ALL
            SELECT r.discrepancy_id FROM resolution r
            WHERE r.state = 'proposed'
              AND r.decided_at < CAST(:at AS timestamptz) - interval '{AWAITED_DAYS_MAX} days'
        """,
    ),
)
