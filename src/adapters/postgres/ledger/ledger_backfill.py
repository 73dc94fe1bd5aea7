"""The back-fill in SQL: one statement for each kind of journal posts what is missing of some payments."""

# ruff: noqa: S608 - these texts hold only constants of this code

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Connection, Database
from adapters.postgres.engine.statements import Prepared, prepare

CLAIM: Final = prepare(
    text("""
        SELECT b.pass, b.after,
               (SELECT array_agg(id ORDER BY id) FROM (
                   SELECT id FROM payment WHERE id > b.after ORDER BY id LIMIT :at_most) p) AS payments
        FROM ledger_backfill b WHERE b.finished_at IS NULL AND b.due_at <= :at
        ORDER BY b.pass LIMIT 1 FOR UPDATE SKIP LOCKED
    """)
)
"""The row is locked until the batch is posted: another worker finds nothing due meanwhile."""

ADVANCE: Final = prepare(
    text("""
        UPDATE ledger_backfill SET after = :after,
               finished_at = CASE WHEN CAST(:last AS boolean) THEN CAST(:at AS timestamptz) END
        WHERE pass = :number
    """)
)
BEGIN: Final = prepare(
    text("""
        WITH open AS (SELECT min(pass) AS pass FROM ledger_backfill WHERE finished_at IS NULL),
        sooner AS (
            UPDATE ledger_backfill b SET due_at = least(due_at, CAST(:at AS timestamptz))
            FROM open WHERE b.pass = open.pass RETURNING 1)
        INSERT INTO ledger_backfill (pass, due_at, after)
        SELECT coalesce((SELECT max(pass) FROM ledger_backfill), 0) + 1, CAST(:at AS timestamptz), ''
        FROM open WHERE open.pass IS NULL
        ON CONFLICT DO NOTHING
    """)
)
UNFINISHED: Final = prepare(
    text("SELECT count(*) AS open FROM ledger_backfill WHERE finished_at IS NULL")
)

SOLD: Final = "EXISTS (SELECT FROM enrolment n WHERE n.payment_id = p.id)"
"""Whether the money of a payment opened its course; other money is unapplied."""

_IN_RUPEES: Final = (
    "(p.captured_currency IS NULL OR p.captured_currency = 'INR'"
    " OR p.state IN ('success', 'partially_refunded', 'refunded'))"
)
# What is missing of the captures is a difference: one that was corrected has several journals.
CAPTURES: Final = f"""
    SELECT 'capture' AS kind, p.id AS subject, c.next AS sequence,
           (p.captured_at AT TIME ZONE 'Asia/Kolkata')::date AS fact_date,
           coalesce(p.bank_txn_id, '') AS reference, NULL::bigint AS reverses,
           p.id AS payment_id,
           ARRAY['clearing', 'receivable', 'unapplied'] AS accounts,
           ARRAY[c.clearing, c.receivable, -c.clearing - c.receivable] AS amounts
    FROM payment p, LATERAL (
        SELECT CASE WHEN {_IN_RUPEES} THEN p.captured_paise ELSE 0 END
                   - coalesce(sum(e.amount_paise) FILTER (WHERE e.account = 'clearing'), 0) AS clearing,
               CASE WHEN {_IN_RUPEES} AND {SOLD} THEN -p.captured_paise ELSE 0 END
                   - coalesce(sum(e.amount_paise) FILTER (WHERE e.account = 'receivable'), 0) AS receivable,
               coalesce(max(j.sequence), 0) + 1 AS next
        FROM entry e JOIN journal j ON j.id = e.journal_id AND j.kind = 'capture'
        WHERE e.payment_id = p.id
    ) c
    WHERE p.id = ANY(CAST(:payments AS text[])) AND p.captured_paise > 0
      AND (c.clearing <> 0 OR c.receivable <> 0)
"""
DOCUMENTS: Final = """
    SELECT CASE WHEN d.refund_id IS NULL THEN 'invoice' ELSE 'credit_note' END AS kind,
           concat_ws('/', d.payment_id, d.refund_id) AS subject, d.nth AS sequence,
           d.document_date AS fact_date, d.number AS reference, NULL::bigint AS reverses,
           d.payment_id,
           ARRAY['receivable', 'revenue', 'gst_cgst', 'gst_sgst', 'gst_igst', 'refunds_granted'] AS accounts,
           ARRAY[
               CASE WHEN d.refund_id IS NULL THEN d.total ELSE 0 END,
               d.sign * d.taxable_paise, d.sign * d.cgst_paise, d.sign * d.sgst_paise,
               d.sign * d.igst_paise,
               CASE WHEN d.refund_id IS NULL THEN 0 ELSE -d.total END
           ] AS amounts
    FROM (
        SELECT *, row_number() OVER (PARTITION BY payment_id, refund_id ORDER BY id) AS nth,
               CASE WHEN refund_id IS NULL THEN -1 ELSE 1 END AS sign,
               taxable_paise + cgst_paise + sgst_paise + igst_paise AS total
        FROM tax_document WHERE payment_id = ANY(CAST(:payments AS text[]))
    ) d
"""
REFUNDS: Final = f"""
    FROM refund r JOIN payment p ON p.id = r.payment_id AND {_IN_RUPEES}
    WHERE r.payment_id = ANY(CAST(:payments AS text[]))
"""
# A refund that was asked for a second time had failed before: both promises, and what took the first
# one back, are there or none.
ASKED: Final = f"""
    SELECT 'refund_asked' AS kind, r.payment_id || '/' || r.id AS subject, 1 AS sequence,
           (r.asked_at AT TIME ZONE 'Asia/Kolkata')::date AS fact_date,
           '' AS reference, NULL::bigint AS reverses, r.payment_id,
           ARRAY[CASE WHEN {SOLD} THEN 'refunds_granted' ELSE 'unapplied' END, 'refunds_payable'] AS accounts,
           ARRAY[r.amount_paise, -r.amount_paise] AS amounts
    {REFUNDS}
      AND r.state NOT IN ('failed', 'rejected', 'withdrawn') AND NOT EXISTS (
        SELECT FROM journal j WHERE j.kind = 'refund_asked'
        AND j.subject = r.payment_id || '/' || r.id AND j.sequence IN (1, 2))
"""
PAID: Final = f"""
    SELECT 'refund_paid' AS kind, r.payment_id || '/' || r.id AS subject, 1 AS sequence,
           (coalesce(r.closed_at, r.accepted_at, r.asked_at) AT TIME ZONE 'Asia/Kolkata')::date AS fact_date,
           coalesce(nullif(r.arn, ''), r.bank_reference) AS reference, NULL::bigint AS reverses,
           r.payment_id,
           ARRAY['refunds_payable', 'clearing'] AS accounts,
           ARRAY[r.amount_paise, -r.amount_paise] AS amounts
    {REFUNDS} AND r.state = 'success'
"""
TAKEN_BACK: Final = """
    SELECT 'reversal' AS kind, o.kind || '/' || o.subject || '/' || o.sequence AS subject,
           1 AS sequence, o.taken_back AS fact_date, o.reference, o.id AS reverses,
           NULL::text AS payment_id, NULL::text[] AS accounts, NULL::bigint[] AS amounts
    FROM (
        SELECT j.*, (coalesce(r.closed_at, r.decided_at, r.asked_at) AT TIME ZONE 'Asia/Kolkata')::date
               AS taken_back
        FROM refund r JOIN journal j ON j.kind = 'refund_asked' AND j.sequence = 1
                                     AND j.subject = r.payment_id || '/' || r.id
        WHERE r.payment_id = ANY(CAST(:payments AS text[]))
          AND (r.state IN ('failed', 'rejected', 'withdrawn') OR EXISTS (
               SELECT FROM journal again WHERE again.kind = 'refund_asked' AND again.sequence = 2
               AND again.subject = j.subject))
        UNION ALL
        SELECT j.*, (d.cancelled_at AT TIME ZONE 'Asia/Kolkata')::date
        FROM (
            SELECT payment_id, refund_id, cancelled_at,
                   row_number() OVER (PARTITION BY payment_id, refund_id ORDER BY id) AS nth
            FROM tax_document WHERE payment_id = ANY(CAST(:payments AS text[]))
        ) d JOIN journal j ON j.kind = CASE WHEN d.refund_id IS NULL THEN 'invoice' ELSE 'credit_note' END
                          AND j.subject = concat_ws('/', d.payment_id, d.refund_id) AND j.sequence = d.nth
        WHERE d.cancelled_at IS NOT NULL
    ) o
"""
# What was posted before there were expectations, or by a process of the release before. The rows are
# locked first: the sums are read afterwards, so that a correction in between is not lost.
LOCK_EXPECTED: Final = prepare(
    text("""
        SELECT 1 FROM expectation WHERE payment_id = ANY(CAST(:payments AS text[]))
        ORDER BY payment_id, refund_id FOR UPDATE
    """)
)
EXPECTED: Final = prepare(
    text("""
        INSERT INTO expectation (payment_id, refund_id, amount_paise, business_date)
        SELECT e.payment_id, substr(j.subject, length(e.payment_id) + 2),
               sum(CASE WHEN j.kind = 'capture' THEN e.amount_paise ELSE -e.amount_paise END),
               min(j.fact_date)
        FROM entry e JOIN journal j ON j.id = e.journal_id AND j.kind IN ('capture', 'refund_paid')
        WHERE e.payment_id = ANY(CAST(:payments AS text[])) AND e.account = 'clearing'
        GROUP BY 1, 2 HAVING sum(e.amount_paise) <> 0
        ON CONFLICT (payment_id, refund_id) DO UPDATE SET amount_paise = excluded.amount_paise
        WHERE expectation.amount_paise <> excluded.amount_paise
    """)
)


def _posting(missing: str) -> Prepared:
    """Return the statement that posts what *missing* selects; what has a journal is left as it is."""
    return prepare(
        text(f"""
            WITH missing AS ({missing}), posted AS (
                INSERT INTO journal (kind, subject, sequence, fact_date, business_date, posted_at,
                                     reference, reverses)
                SELECT kind, subject, sequence, fact_date,
                       greatest(fact_date, (SELECT max(last) + 1 FROM closed_period)),
                       CAST(:at AS timestamptz), reference, reverses
                FROM missing
                ORDER BY kind, subject, sequence
                ON CONFLICT DO NOTHING
                RETURNING id, kind, subject, sequence, business_date, reverses
            ), entries AS (
                SELECT p.id, e.line, p.business_date, e.account, e.amount_paise, m.payment_id,
                       NULL::text AS settlement, NULL::text AS discrepancy
                FROM posted p JOIN missing m USING (kind, subject, sequence),
                     unnest(m.accounts, m.amounts) WITH ORDINALITY AS e (account, amount_paise, line)
                WHERE e.amount_paise <> 0
                UNION ALL
                SELECT p.id, e.line, p.business_date, e.account, -e.amount_paise, e.payment_id,
                       e.settlement, e.discrepancy
                FROM posted p JOIN entry e ON e.journal_id = p.reverses
            )
            INSERT INTO entry (journal_id, line, business_date, account, amount_paise, payment_id,
                               settlement, discrepancy)
            SELECT * FROM entries
        """)
    )


STATEMENTS: Final = tuple(
    _posting(missing) for missing in (CAPTURES, DOCUMENTS, ASKED, PAID, TAKEN_BACK)
)
"""In this order: what takes a posting back comes after it, and expectations after all of them."""


@dataclass(frozen=True, slots=True)
class PostgresLedgerBackfill:
    database: Database

    async def batch(self, at: datetime, *, at_most: int) -> int:
        async with self.database.borrow() as connection, connection.transaction():
            return await _batch(connection, at, at_most)

    async def begin(self, at: datetime) -> None:
        await self.database.fetch(BEGIN, at=at)

    async def unfinished(self) -> int:
        (row,) = await self.database.fetch(UNFINISHED)
        return int(row["open"])


async def _batch(connection: Connection, at: datetime, at_most: int) -> int:
    rows = await connection.fetch(CLAIM, at=at, at_most=at_most)
    if not rows:
        return 0
    payments: list[str] = rows[0]["payments"] or []
    for statement in STATEMENTS if payments else ():
        await connection.fetch(statement, payments=payments, at=at)
    for statement in (LOCK_EXPECTED, EXPECTED) if payments else ():
        await connection.fetch(statement, payments=payments)
    await connection.fetch(
        ADVANCE,
        number=rows[0]["pass"],
        after=payments[-1] if payments else rows[0]["after"],
        last=len(payments) < at_most,
        at=at,
    )
    return len(payments)
