"""The invariants of payments, refunds and enrolments: each query returns what breaks one."""

# ruff: noqa: S608 - these texts hold only constants of this code

from typing import Final

from adapters.postgres.invariants.invariant_query import OUTBOX_WHOLE_SINCE, invariant_query
from ports.notifications.outbox import OutboxTask

LIVE: Final = "('pending', 'processing')"
SOLD: Final = "('success', 'partially_refunded', 'refunded')"
ON_ITS_WAY: Final = "('awaiting_approval', 'requested', 'pending', 'manual_review')"
TASKS: Final = ", ".join(f"'{task.value}'" for task in OutboxTask)

PAYMENT_QUERIES: Final = (
    invariant_query(
        "paid_without_enrolment",
        means="A student's money came, they did not get the course, and nothing is being given back.",
        remedy="Read the payment's audit log; enrol by applying the order status again, or refund.",
        finds="""
            SELECT p.id AS subject, p.id AS key FROM payment p
            WHERE AMONG(p.id) AND p.state IN ('success', 'partially_refunded')
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
            SELECT e.payment_id AS subject, e.payment_id AS key FROM enrolment e
            LEFT JOIN payment p ON p.id = e.payment_id
            WHERE AMONG(e.payment_id) AND (p.id IS NULL OR p.state NOT IN {SOLD})
        """,
    ),
    invariant_query(
        "enrolled_after_full_refund",
        means="All of the money went back, and the course is still open by that payment.",
        remedy="End the enrolment; find out which move left it open.",
        finds="""
            SELECT p.id AS subject, p.id AS key
            FROM enrolment e JOIN payment p ON p.id = e.payment_id
            WHERE AMONG(e.payment_id) AND e.until IS NULL AND p.state = 'refunded'
        """,
    ),
    invariant_query(
        "enrolled_twice",
        means="One student holds the same course twice at once.",
        remedy="See which of the payments is the second sale, and refund it.",
        finds="""
            SELECT min(payment_id) AS subject, min(payment_id) AS key
            FROM enrolment WHERE until IS NULL
            GROUP BY student_id, course_id HAVING count(*) > 1
        """,
        finds_among="""
            SELECT least(e.payment_id, other.payment_id) AS subject, e.payment_id AS key
            FROM enrolment e
            JOIN enrolment other
              ON (other.student_id, other.course_id) = (e.student_id, e.course_id)
             AND other.payment_id <> e.payment_id AND other.until IS NULL
            WHERE AMONG(e.payment_id) AND e.until IS NULL
        """,
    ),
    invariant_query(
        "captured_differs_from_price",
        means="A sale stands although the bank took another amount than was quoted.",
        remedy="Compare with the order at the bank; refund or write to the student.",
        finds=f"""
            SELECT id AS subject, id AS key FROM payment
            WHERE AMONG(id) AND state IN {SOLD} AND payable_paise > 0
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
            SELECT p.id AS subject, p.id AS key FROM payment p
            JOIN refund r ON r.payment_id = p.id AND r.state IN ('success', {ON_ITS_WAY[1:-1]})
            WHERE AMONG(p.id) AND AMONG(r.payment_id)
            GROUP BY p.id HAVING sum(r.amount_paise) > coalesce(p.captured_paise, 0)
        """,
    ),
    invariant_query(
        "refund_sums_disagree",
        means="The payment and the list of its refunds tell different amounts.",
        remedy="Trust the list, and the bank's; find the write that touched only one of them.",
        finds=f"""
            SELECT p.id AS subject, p.id AS key FROM payment p
            LEFT JOIN refund r ON r.payment_id = p.id AND AMONG(r.payment_id)
            WHERE AMONG(p.id)
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
            SELECT id AS subject, id AS key FROM payment
            WHERE AMONG(id) AND state IN {SOLD} AND (
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
            SELECT p.id AS subject, p.id AS key,
                   NOT EXISTS (SELECT FROM question q WHERE q.id = p.id AND q.state = 'open'
                               AND q.due_at >= :overdue) AS broken
            FROM payment p, jsonb_to_recordset(p.refused_refunds)
                AS told (id text, paise bigint, why text, accepted boolean)
            WHERE AMONG(p.id) AND p.refused_refunds IS NOT NULL
              AND told.why = 'refunds_exceed' AND NOT told.accepted
              AND told.paise <= coalesce(p.captured_paise, 0) - p.refunded_paise - p.refunding_paise
              AND NOT EXISTS (SELECT FROM refund r WHERE r.payment_id = p.id AND r.id = told.id
                              AND r.state <> 'failed')
        """,
    ),
    invariant_query(
        "paid_twice_and_kept",
        means="A student paid for a course that another payment opened, and nothing goes back.",
        remedy="Give the payment back; find the move that recorded it without a refund.",
        finds="""
            SELECT p.id AS subject, p.id AS key FROM payment p
            WHERE AMONG(p.id) AND p.state = 'success' AND p.captured_paise > 0
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
            SELECT DISTINCT subject, subject AS key FROM audit_log
            WHERE AMONG(subject) AND action = 'payment.moved'
              AND from_state IN {SOLD} AND to_state NOT IN {SOLD}
        """,
    ),
    invariant_query(
        "trail_has_a_gap",
        means="A payment moved without an entry in the audit log, or the entries do not fit its state.",
        remedy="Find the write that was not audited; nothing but the use cases may write payments.",
        finds="""
            SELECT p.id AS subject, p.id AS key FROM payment p
            JOIN LATERAL (
                SELECT a.at FROM audit_log a
                WHERE a.subject = p.id AND a.to_state IS NOT NULL ORDER BY a.id DESC LIMIT 1
            ) last ON true
            WHERE AMONG(p.id) AND NOT EXISTS (
                -- Entries of one instant are written by one statement, in no fixed order.
                SELECT FROM audit_log a
                WHERE a.subject = p.id AND a.at = last.at AND a.to_state = p.state)
            UNION
            SELECT subject, subject AS key FROM (
                SELECT subject, at, from_state,
                       lag(to_state) OVER (PARTITION BY subject ORDER BY id) AS before,
                       lag(at) OVER (PARTITION BY subject ORDER BY id) AS before_at
                FROM audit_log WHERE AMONG(subject) AND action = 'payment.moved'
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
            SELECT min(id)::text AS subject, payment_id AS key FROM outbox
            GROUP BY errand, payment_id, subject HAVING count(*) > 1
        """,
        # The tasks are named because the index of the outbox begins with them.
        finds_among=f"""
            SELECT min(id)::text AS subject, payment_id AS key FROM outbox
            WHERE errand IN ({TASKS}) AND AMONG(payment_id)
            GROUP BY errand, payment_id, subject HAVING count(*) > 1
        """,
    ),
    invariant_query(
        "sold_without_a_word",
        means="A student paid or was enrolled, and the outbox holds no entry for it.",
        remedy="Write the outbox entry that is missing; find the write that left it out.",
        finds=f"""
            SELECT e.payment_id AS subject, e.payment_id AS key FROM enrolment e
            WHERE e.since >= {OUTBOX_WHOLE_SINCE}
              AND NOT EXISTS (SELECT FROM outbox o WHERE o.payment_id = e.payment_id)
        """,
        finds_among=f"""
            SELECT e.payment_id AS subject, e.payment_id AS key FROM enrolment e
            WHERE AMONG(e.payment_id) AND e.since >= {OUTBOX_WHOLE_SINCE} AND NOT EXISTS (
                SELECT FROM outbox o
                WHERE o.errand IN ({TASKS}) AND o.payment_id = e.payment_id)
        """,
    ),
    invariant_query(
        "discount_count_disagrees",
        means="A code seems more or less used than the payments that hold it.",
        remedy="Count the payments with a reserved or committed slot, and put the count right.",
        finds="""
            SELECT d.code AS subject, d.code AS key FROM discount d
            WHERE AMONG(d.code) AND d.used <> (
                SELECT count(*) FROM payment p WHERE p.discount_code = d.code
                AND p.redemption IN ('reserved', 'committed', 'honoured_late'))
        """,
        # Counting all payments of a code costs more the more there are: it is done at night.
        by_changes=False,
    ),
    invariant_query(
        "books_differ_from_decisions",
        means="A payment in the books is not what was decided on the bank's answers and the acts of staff.",
        remedy="`shulk rebuild PAYMENT` says what differs. Find who changed the row, and put it right as the owner of"
        " the tables; the next rebuild ends the breach.",
        finds="SELECT payment_id AS subject FROM rebuild_difference",
    ),
)
