"""The money invariants: each query returns the payments or refunds that break one."""

# ruff: noqa: S608 - these texts hold only constants of this code

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import String, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.all_tables import metadata
from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import Prepared, prepare
from adapters.postgres.invariants.document_invariants import DOCUMENT_QUERIES
from adapters.postgres.invariants.invariant_query import invariant_query
from ports.monitoring.money_invariants import SHOWN_MAX, Breach, Invariant

OVERDUE: Final = timedelta(minutes=60)
"""Far longer than a batch or a restart takes; an entry that waits longer is not being processed."""

LIVE: Final = "('pending', 'processing')"
SOLD: Final = "('success', 'partially_refunded', 'refunded')"
ON_ITS_WAY: Final = "('awaiting_approval', 'requested', 'pending', 'manual_review')"

QUERIES: Final = (
    invariant_query(
        "paid_without_enrolment",
        means="A student's money came, they did not get the course, and nothing is being given back.",
        remedy="Read the payment's audit log; enrol by applying the order status again, or refund.",
        finds="""
            SELECT p.id AS subject FROM payment p
            WHERE p.state IN ('success', 'partially_refunded')
              AND NOT EXISTS (SELECT FROM enrolment e WHERE e.payment_id = p.id)
              AND NOT EXISTS (SELECT FROM enrolment e WHERE e.student_id = p.student_id
                              AND e.course_id = p.course_id AND e.until IS NULL)
              AND NOT EXISTS (SELECT FROM refund r WHERE r.payment_id = p.id
                              AND r.state IN ('success', 'requested', 'pending',
                                              'awaiting_approval', 'manual_review'))
        """,
    ),
    invariant_query(
        "enrolled_without_payment",
        means="A course is open to somebody whose payment did not succeed.",
        remedy="Ask the bank about the order; end the enrolment if it did not charge.",
        finds=f"""
            SELECT e.payment_id AS subject FROM enrolment e
            LEFT JOIN payment p ON p.id = e.payment_id
            WHERE p.id IS NULL OR p.state NOT IN {SOLD}
        """,
    ),
    invariant_query(
        "enrolled_after_full_refund",
        means="All of the money went back, and the course is still open by that payment.",
        remedy="End the enrolment; find out which move left it open.",
        finds="""
            SELECT e.payment_id AS subject FROM enrolment e JOIN payment p ON p.id = e.payment_id
            WHERE e.until IS NULL AND p.state = 'refunded'
        """,
    ),
    invariant_query(
        "enrolled_twice",
        means="One student holds the same course twice at once.",
        remedy="See which of the payments is the second sale, and refund it.",
        finds="""
            SELECT min(payment_id) AS subject FROM enrolment WHERE until IS NULL
            GROUP BY student_id, course_id HAVING count(*) > 1
        """,
    ),
    invariant_query(
        "captured_differs_from_price",
        means="A sale stands although the bank took another amount than was quoted.",
        remedy="Compare with the order at the bank; refund or write to the student.",
        finds=f"""
            SELECT id AS subject FROM payment
            WHERE state IN {SOLD} AND payable_paise > 0
              AND captured_paise IS DISTINCT FROM payable_paise
        """,
    ),
    invariant_query(
        "two_live_payments",
        means="A student could pay for the same course at two pages of the bank.",
        remedy="Let the older session end; find out why the unique index did not prevent it.",
        finds=f"""
            SELECT min(id) AS subject FROM payment WHERE state IN {LIVE}
            GROUP BY student_id, course_id HAVING count(*) > 1
        """,
    ),
    invariant_query(
        "refunds_above_capture",
        means="More went back, or is on its way back, than was ever taken.",
        remedy="Stop refunds of this payment; compare each refund with the bank's list.",
        finds=f"""
            SELECT p.id AS subject FROM payment p
            JOIN refund r ON r.payment_id = p.id AND r.state IN ('success', {ON_ITS_WAY[1:-1]})
            GROUP BY p.id HAVING sum(r.amount_paise) > coalesce(p.captured_paise, 0)
        """,
    ),
    invariant_query(
        "refund_sums_disagree",
        means="The payment and the list of its refunds tell different amounts.",
        remedy="Trust the list, and the bank's; find the write that touched only one of them.",
        finds=f"""
            SELECT p.id AS subject FROM payment p
            LEFT JOIN refund r ON r.payment_id = p.id
            GROUP BY p.id
            HAVING p.refunded_paise
                   <> coalesce(sum(r.amount_paise) FILTER (WHERE r.state = 'success'), 0)
                OR p.refunding_paise
                   <> coalesce(sum(r.amount_paise) FILTER (WHERE r.state IN {ON_ITS_WAY}), 0)
        """,
    ),
    invariant_query(
        "refund_state_disagrees",
        means="The payment's state does not say how much of it went back.",
        remedy="Read the audit log; apply the bank's order status to the payment again.",
        finds=f"""
            SELECT id AS subject FROM payment
            WHERE state IN {SOLD} AND (
                (state = 'refunded') <> (captured_paise > 0 AND refunded_paise = captured_paise)
                OR (state = 'partially_refunded')
                   <> (refunded_paise > 0 AND refunded_paise < captured_paise))
        """,
    ),
    invariant_query(
        "refund_nobody_follows",
        means="A refund is with the bank, and it has no refund poll.",
        remedy="Read the order at the bank; write the refund poll that is missing.",
        finds="""
            SELECT r.id AS subject FROM refund r
            WHERE r.state IN ('requested', 'pending') AND NOT EXISTS (
                SELECT FROM refund_watch w WHERE w.payment_id = r.payment_id AND w.refund_id = r.id)
        """,
    ),
    invariant_query(
        "refund_news_waits_with_room",
        means="The bank reported a refund that had no room here; it has room now, and nobody reads the order.",
        remedy="`shulk payments resolve PAYMENT --reason refunds_exceed --action read-again`.",
        finds="""
            SELECT DISTINCT p.id AS subject FROM payment p, jsonb_to_recordset(p.refused_refunds)
                AS told (id text, paise bigint, why text, accepted boolean)
            WHERE p.refused_refunds IS NOT NULL
              AND told.why = 'refunds_exceed' AND NOT told.accepted
              AND told.paise <= coalesce(p.captured_paise, 0) - p.refunded_paise - p.refunding_paise
              AND NOT EXISTS (SELECT FROM refund r WHERE r.payment_id = p.id AND r.id = told.id
                              AND r.state <> 'failed')
              AND NOT EXISTS (SELECT FROM question q WHERE q.id = p.id AND q.state = 'open'
                              AND q.due_at >= :overdue)
        """,
    ),
    invariant_query(
        "paid_twice_and_kept",
        means="A student paid for a course that another payment opened, and nothing goes back.",
        remedy="Give the payment back; find the move that recorded it without a refund.",
        finds="""
            SELECT p.id AS subject FROM payment p
            WHERE p.state = 'success' AND p.captured_paise > 0
              AND EXISTS (SELECT FROM enrolment e WHERE e.student_id = p.student_id
                          AND e.course_id = p.course_id AND e.until IS NULL)
              AND NOT EXISTS (SELECT FROM enrolment e WHERE e.payment_id = p.id)
              AND NOT EXISTS (SELECT FROM refund r WHERE r.payment_id = p.id)
        """,
    ),
    invariant_query(
        "unfinished_and_unasked",
        means="A payment is not final, and it has no order poll.",
        remedy="Write the order poll that is missing; find the write that left it out.",
        finds=f"""
            SELECT p.id AS subject FROM payment p
            WHERE p.state IN {LIVE} AND NOT EXISTS (SELECT FROM question q WHERE q.id = p.id)
        """,
    ),
    invariant_query(
        "state_moved_back",
        means="A payment that had succeeded became something less.",
        remedy="Read its audit log; the bank's order status decides what it is.",
        finds=f"""
            SELECT DISTINCT subject FROM audit_log
            WHERE action = 'payment.moved' AND from_state IN {SOLD} AND to_state NOT IN {SOLD}
        """,
    ),
    invariant_query(
        "trail_has_a_gap",
        means="A payment moved without an entry in the audit log, or the entries do not fit its state.",
        remedy="Find the write that was not audited; nothing but the use cases may write payments.",
        finds="""
            SELECT p.id AS subject FROM payment p
            JOIN LATERAL (
                SELECT a.at FROM audit_log a
                WHERE a.subject = p.id AND a.to_state IS NOT NULL ORDER BY a.id DESC LIMIT 1
            ) last ON true
            WHERE NOT EXISTS (
                -- Entries of one instant are written by one statement, in no fixed order.
                SELECT FROM audit_log a
                WHERE a.subject = p.id AND a.at = last.at AND a.to_state = p.state)
            UNION
            SELECT subject FROM (
                SELECT subject, at, from_state,
                       lag(to_state) OVER (PARTITION BY subject ORDER BY id) AS before,
                       lag(at) OVER (PARTITION BY subject ORDER BY id) AS before_at
                FROM audit_log WHERE action = 'payment.moved'
            ) steps
            WHERE before IS NOT NULL AND from_state IS NOT NULL
              AND from_state <> before AND at <> before_at
        """,
    ),
    invariant_query(
        "two_letters_of_one_fact",
        means="A student is told the same thing twice.",
        remedy="Close one of the entries; find out why the unique constraint did not prevent it.",
        finds="""
            SELECT min(id)::text AS subject FROM outbox
            GROUP BY errand, payment_id, subject HAVING count(*) > 1
        """,
    ),
    invariant_query(
        "sold_without_a_word",
        means="A student paid or was enrolled, and the outbox holds no entry for it.",
        remedy="Write the outbox entry that is missing; find the write that left it out.",
        finds="""
            SELECT e.payment_id AS subject FROM enrolment e
            WHERE NOT EXISTS (SELECT FROM outbox o WHERE o.payment_id = e.payment_id)
        """,
    ),
    invariant_query(
        "outbox_waits_too_long",
        means="Something a student was promised is not being done.",
        remedy="See the entry's *why*: is the mail server away, or does no worker run?",
        finds="""
            SELECT id::text AS subject FROM outbox
            WHERE state = 'new' AND attempts = 0 AND due_at < :overdue
        """,
    ),
    invariant_query(
        "errand_given_up",
        means="An email or document for a student was tried for days, or refused for good.",
        remedy="`shulk dead-letters list` says why; repair that, then `shulk dead-letters requeue LINE`"
        " (--to for a right address), or close it.",
        finds="""
            SELECT id::text AS subject FROM outbox WHERE state = 'dead'
        """,
    ),
    invariant_query(
        "inbox_waits_too_long",
        means="A webhook about a payment of ours is not being processed.",
        remedy="Does a worker run, and does the bank answer? See the entry's *why*.",
        finds="""
            SELECT i.id::text AS subject FROM inbox i JOIN payment p ON p.id = i.order_id
            WHERE i.state IN ('new', 'deferred') AND i.attempts = 0 AND i.received_at < :overdue
        """,
    ),
    invariant_query(
        "discount_count_disagrees",
        means="A code seems more or less used than the payments that hold it.",
        remedy="Count the payments with a reserved or committed slot, and put the count right.",
        finds="""
            SELECT d.code AS subject FROM discount d WHERE d.used <> (
                SELECT count(*) FROM payment p WHERE p.discount_code = d.code
                AND p.redemption IN ('reserved', 'committed', 'honoured_late'))
        """,
    ),
    *DOCUMENT_QUERIES,
)

FORBIDDEN: Final = Invariant(
    name="forbidden_data",
    means="Something that must never be kept, such as a whole card number, stands in a row.",
    remedy="Find the input that let it in and close it; remove it from rows, logs and backups.",
)
CANARIES: Final = (
    "4012000000001097",
    "5204730541000464",
    "4012001037141112",
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
)
"""Card numbers of the bank's test page and of common test sets: they are used when the service is tried."""


@dataclass(frozen=True, slots=True)
class PostgresInvariants:
    database: Database
    canaries: Sequence[str] = CANARIES

    @property
    def known(self) -> Sequence[Invariant]:
        return (*(each.invariant for each in QUERIES), FORBIDDEN)

    async def breaches(self, at: datetime) -> Sequence[Breach]:
        asked = [
            *((invariant_query.invariant, prepared) for invariant_query, prepared in PREPARED),
            (FORBIDDEN, SCAN),
        ]
        values = {"at": at, "overdue": at - OVERDUE, "forbidden": pattern_of(self.canaries)}
        found = []
        for invariant, prepared in asked:
            wanted = {name: values[name] for name in prepared.names}
            rows = await self.database.fetch(prepared, **wanted)
            if rows:
                subjects = tuple(str(row["subject"]) for row in rows[:SHOWN_MAX])
                count = int(rows[0]["total"])
                found.append(Breach(invariant=invariant, count=count, subjects=subjects))
        return found


def pattern_of(canaries: Sequence[str]) -> str:
    """Return a regular expression that finds *canaries*, also with a space or hyphen between digits."""
    spelt = (r"[ -]?".join(map(re.escape, each)) for each in canaries)
    return rf"(?<![0-9])({'|'.join(spelt)})(?![0-9])"


def _counted(finds: str) -> Prepared:
    return prepare(
        text(
            f"SELECT subject, count(*) OVER () AS total FROM ({finds}) broken"
            f" ORDER BY subject LIMIT {SHOWN_MAX}"
        )
    )


def _scan() -> str:
    """Return the query that searches every text column of every table in the metadata."""
    parts = []
    for table in metadata.sorted_tables:
        texts = [
            f"{table.name}.{each.name}::text"
            for each in table.columns
            if isinstance(each.type, String | Text | JSONB) or "ARRAY" in str(each.type).upper()
        ]
        if texts:
            parts.append(
                f"SELECT '{table.name}' AS subject FROM {table.name}"
                f" WHERE concat_ws(chr(10), {', '.join(texts)}) ~ :forbidden"
            )
    return " UNION ALL ".join(parts)


PREPARED: Final = tuple(
    (invariant_query, _counted(invariant_query.finds)) for invariant_query in QUERIES
)
SCAN: Final = _counted(_scan())
