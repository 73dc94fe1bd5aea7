"""The invariants of the ledger: each query returns what breaks one. L1 to L26 are their numbers in the docs."""

# ruff: noqa: S608 - these texts hold only constants of this code

from typing import Final

from adapters.postgres.invariants.invariant_query import invariant_query

IN_RUPEES: Final = (
    "(p.captured_currency IS NULL OR p.captured_currency = 'INR'"
    " OR p.state IN ('success', 'partially_refunded', 'refunded'))"
)
"""A charge in another currency is not posted: the ledger keeps rupees."""

NOT_POSTED_YET: Final = (
    "EXISTS (SELECT FROM ledger_backfill b WHERE b.pass = 1 AND b.finished_at IS NULL"
    " AND b.after < {payment})"
)
"""What was stored before the ledger existed waits for the first pass of the back-fill."""

NOT_EXPECTED_YET: Final = (
    "EXISTS (SELECT FROM ledger_backfill b WHERE b.finished_at IS NULL AND b.due_at <= :at"
    " AND b.after < {payment})"
)
"""What was posted before there were expectations waits for a pass that is due."""

LEDGER_QUERIES: Final = (
    invariant_query(
        "journal_unbalanced",
        means="L1: a journal of the ledger does not sum to zero, or has fewer than two entries.",
        remedy="Nothing but the service may write to the ledger. Find the write; reverse the journal.",
        finds="""
            SELECT j.id::text AS subject, min(e.payment_id) AS key
            FROM journal j LEFT JOIN entry e ON e.journal_id = j.id
            GROUP BY j.id HAVING count(e.line) < 2 OR sum(e.amount_paise) <> 0
        """,
        finds_among="""
            SELECT e.journal_id::text AS subject, min(e.payment_id) AS key
            FROM entry e WHERE e.journal_id IN (
                SELECT journal_id FROM entry WHERE AMONG(payment_id))
            GROUP BY e.journal_id HAVING count(*) < 2 OR sum(e.amount_paise) <> 0
        """,
    ),
    invariant_query(
        "ledger_unbalanced",
        means="L2: the sum of all entries of the ledger is not zero.",
        remedy="See journal_unbalanced, which names the journal.",
        finds="""
            SELECT 'ledger' AS subject, NULL::text AS key FROM entry HAVING sum(amount_paise) <> 0
        """,
        finds_among="""
            SELECT 'ledger' AS subject, min(e.payment_id) AS key
            FROM entry e WHERE e.journal_id IN (
                SELECT journal_id FROM entry WHERE AMONG(payment_id))
            HAVING sum(e.amount_paise) <> 0
        """,
    ),
    invariant_query(
        "capture_not_posted",
        means="L3: what the bank took for a payment is not what the ledger says that it took.",
        remedy="`shulk ledger backfill` posts what is missing; compare with `shulk ledger journal PAYMENT`.",
        finds=f"""
            SELECT p.id AS subject, p.id AS key,
                   NOT {NOT_POSTED_YET.format(payment="p.id")} AS broken
            FROM payment p WHERE AMONG(p.id) AND
                CASE WHEN {IN_RUPEES} THEN coalesce(p.captured_paise, 0) ELSE 0 END <> coalesce((
                    SELECT sum(e.amount_paise) FROM entry e JOIN journal j ON j.id = e.journal_id
                    WHERE e.payment_id = p.id AND e.account = 'clearing' AND j.kind = 'capture'), 0)
        """,
    ),
    invariant_query(
        "refund_not_posted",
        means="L4: what the bank paid of a refund is not what the ledger says that it paid.",
        remedy="`shulk ledger backfill` posts what is missing; compare with `shulk ledger journal PAYMENT`.",
        finds=f"""
            SELECT r.id AS subject, r.payment_id AS key,
                   NOT {NOT_POSTED_YET.format(payment="r.payment_id")} AS broken
            FROM refund r JOIN payment p ON p.id = r.payment_id
            WHERE AMONG(r.payment_id) AND
                CASE WHEN {IN_RUPEES} AND r.state = 'success' THEN r.amount_paise ELSE 0 END
                <> coalesce((
                    SELECT -sum(e.amount_paise) FROM journal j JOIN entry e ON e.journal_id = j.id
                    WHERE j.kind = 'refund_paid' AND j.subject = r.payment_id || '/' || r.id
                      AND e.account = 'clearing'), 0)
        """,
    ),
    invariant_query(
        "expectation_differs",
        means="L5: what the bank is expected to settle of a payment is not what the ledger says it took.",
        remedy="`shulk ledger backfill` expects what is missing; compare with `shulk ledger journal PAYMENT`.",
        finds=f"""
            SELECT owed.payment_id AS subject, owed.payment_id AS key,
                   NOT {NOT_EXPECTED_YET.format(payment="owed.payment_id")} AS broken
            FROM (
                SELECT e.payment_id, split_part(j.subject, '/', 2) AS refund_id,
                       CASE WHEN j.kind = 'capture' THEN e.amount_paise ELSE -e.amount_paise END AS paise
                FROM entry e JOIN journal j ON j.id = e.journal_id
                WHERE AMONG(e.payment_id) AND e.account = 'clearing'
                  AND j.kind IN ('capture', 'refund_paid')
                UNION ALL
                SELECT x.payment_id, x.refund_id, -x.amount_paise FROM expectation x
                WHERE AMONG(x.payment_id)
            ) owed
            GROUP BY owed.payment_id, owed.refund_id HAVING sum(owed.paise) <> 0
        """,
    ),
    invariant_query(
        "clearing_not_open",
        means="L5: the balance of clearing is not the sum of what the bank has still to settle.",
        remedy="See expectation_differs, which names a payment; else compare the last run's journals.",
        finds=f"""
            SELECT account AS subject, account AS key,
                   NOT {NOT_EXPECTED_YET.format(payment="'~'")} AS broken
            FROM (SELECT 'clearing' AS account) of
            WHERE AMONG(account)
              AND coalesce((SELECT sum(e.amount_paise) FROM entry e WHERE e.account = 'clearing'), 0)
               <> coalesce((
                    SELECT sum(CASE WHEN x.refund_id = '' THEN x.amount_paise - x.settled_paise
                                    ELSE x.settled_paise - x.amount_paise END)
                    FROM expectation x), 0)
        """,
        # The sum of all entries of an account costs more the more there are: it is done at night.
        by_changes=False,
    ),
    invariant_query(
        "receivable_open",
        means="L13: an hour ago money opened a course without a document in the ledger, or the reverse.",
        remedy="See sold_without_document. A document that was cancelled needs a new one or a refund.",
        finds=f"""
            SELECT e.payment_id AS subject, e.payment_id AS key,
                   max(j.posted_at) < :overdue
                   AND NOT {NOT_POSTED_YET.format(payment="e.payment_id")} AS broken
            FROM entry e JOIN journal j ON j.id = e.journal_id
            WHERE AMONG(e.payment_id) AND e.account = 'receivable'
            GROUP BY e.payment_id HAVING sum(e.amount_paise) <> 0
        """,
    ),
    invariant_query(
        "output_tax_differs",
        means="L14: the output tax in the ledger is not that of the issued documents, in some month.",
        remedy="Compare `shulk ledger journal PAYMENT` with the payment's documents; the back-fill posts"
        " what is missing.",
        finds=f"""
            SELECT coalesce(booked.payment_id, 'no payment') AS subject,
                   coalesce(booked.payment_id, 'no payment') AS key,
                   NOT {NOT_POSTED_YET.format(payment="coalesce(booked.payment_id, '')")} AS broken
            FROM (
                SELECT e.payment_id, j.month, -sum(e.amount_paise) FILTER (WHERE e.account = 'gst_cgst') AS cgst,
                       -sum(e.amount_paise) FILTER (WHERE e.account = 'gst_sgst') AS sgst,
                       -sum(e.amount_paise) FILTER (WHERE e.account = 'gst_igst') AS igst
                FROM entry e JOIN (
                    -- What takes a document back belongs to the month of that document.
                    SELECT j.id, date_trunc('month', coalesce(o.fact_date, j.fact_date)) AS month
                    FROM journal j LEFT JOIN journal o ON o.id = j.reverses
                ) j ON j.id = e.journal_id
                WHERE e.account IN ('gst_cgst', 'gst_sgst', 'gst_igst') AND AMONG(e.payment_id)
                GROUP BY e.payment_id, j.month
                UNION ALL
                SELECT d.payment_id, date_trunc('month', d.document_date),
                       -sum(d.sign * d.cgst_paise), -sum(d.sign * d.sgst_paise), -sum(d.sign * d.igst_paise)
                FROM (SELECT *, CASE WHEN refund_id IS NULL THEN 1 ELSE -1 END AS sign
                      FROM tax_document WHERE state = 'issued') d
                WHERE AMONG(d.payment_id)
                GROUP BY 1, 2
            ) booked
            GROUP BY booked.payment_id, booked.month
            HAVING coalesce(sum(cgst), 0) <> 0 OR coalesce(sum(sgst), 0) <> 0 OR coalesce(sum(igst), 0) <> 0
        """,
    ),
    invariant_query(
        "refund_promise_open",
        means="L15: the ledger keeps a refund as promised, or as granted, and no refund is under way.",
        remedy="See refunded_without_note; a note that cannot be issued is for finance to book.",
        finds=f"""
            SELECT e.payment_id AS subject, e.payment_id AS key,
                   max(j.posted_at) < :overdue
                   AND NOT {NOT_POSTED_YET.format(payment="e.payment_id")} AS broken
            FROM entry e JOIN journal j ON j.id = e.journal_id
            WHERE AMONG(e.payment_id) AND e.account IN ('refunds_payable', 'refunds_granted')
              AND NOT EXISTS (
                SELECT FROM refund r WHERE r.payment_id = e.payment_id
                AND r.state IN ('awaiting_approval', 'requested', 'pending', 'manual_review'))
              AND NOT EXISTS (
                -- A note that cannot be issued was closed by a person, with a reason.
                SELECT FROM outbox o WHERE o.payment_id = e.payment_id
                AND o.errand = 'credit_note' AND o.state = 'done' AND o.why IS NOT NULL)
            GROUP BY e.payment_id, e.account HAVING sum(e.amount_paise) <> 0
        """,
    ),
    invariant_query(
        "reversal_no_mirror",
        means="L18: a reversal is not the mirror of the journal that it takes back.",
        remedy="Nothing but the service may write to the ledger. Find the write, and tell finance.",
        finds="""
            SELECT r.id::text AS subject, min(e.payment_id) AS key
            FROM journal r JOIN entry e ON e.journal_id IN (r.id, r.reverses)
            WHERE r.reverses IS NOT NULL
            GROUP BY r.id, e.account, e.payment_id, e.settlement, e.discrepancy
            HAVING sum(e.amount_paise) <> 0
        """,
        finds_among="""
            SELECT r.id::text AS subject, min(e.payment_id) AS key
            FROM journal r JOIN entry e ON e.journal_id IN (r.id, r.reverses)
            WHERE r.reverses IS NOT NULL
              AND r.id IN (SELECT journal_id FROM entry WHERE AMONG(payment_id))
            GROUP BY r.id, e.account, e.payment_id, e.settlement, e.discrepancy
            HAVING sum(e.amount_paise) <> 0
        """,
    ),
    invariant_query(
        "posted_into_closed_period",
        means="L20: a journal was posted into a period that was closed before.",
        remedy="Nothing but the service may write to the ledger. Find the write, and tell finance.",
        finds="""
            SELECT j.id::text AS subject, NULL::text AS key
            FROM journal j JOIN closed_period c ON j.business_date <= c.last AND j.posted_at > c.closed_at
        """,
        finds_among="""
            SELECT j.id::text AS subject, min(e.payment_id) AS key
            FROM journal j JOIN closed_period c ON j.business_date <= c.last AND j.posted_at > c.closed_at
            JOIN entry e ON e.journal_id = j.id
            WHERE AMONG(e.payment_id) GROUP BY j.id
        """,
    ),
    invariant_query(
        "disputed_below_zero",
        means="L24: a chargeback was given back, or lost, that the ledger never saw being taken.",
        remedy="Look for the settlement in which the bank took it; import that file.",
        finds="""
            SELECT e.payment_id AS subject, e.payment_id AS key FROM entry e
            WHERE AMONG(e.payment_id) AND e.account = 'disputed' AND e.payment_id IS NOT NULL
            GROUP BY e.payment_id HAVING sum(e.amount_paise) < 0
        """,
    ),
    invariant_query(
        "unapplied_money_stays",
        means="L26: money that opened no course was not refunded, and nothing about it is open.",
        remedy="See the payment's reviews and refunds; finance refunds it or books it elsewhere.",
        finds=f"""
            SELECT e.payment_id AS subject, e.payment_id AS key,
                   max(j.posted_at) < :overdue
                   AND NOT {NOT_POSTED_YET.format(payment="e.payment_id")} AS broken
            FROM entry e JOIN journal j ON j.id = e.journal_id JOIN payment p ON p.id = e.payment_id
            WHERE AMONG(e.payment_id) AND e.account = 'unapplied'
              -- Under review, or what staff accepted.
              AND p.review IS NULL AND p.review_accepted IS NULL
              AND p.disputes IS NULL
            GROUP BY e.payment_id HAVING sum(e.amount_paise) <> 0
        """,
    ),
)
