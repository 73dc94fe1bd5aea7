"""The business figures in SQL: one statement takes steps off the list and adds them to the counts."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import prepare
from domain.money import Money
from domain.monitoring.payment_figures import OutcomeCount, PaymentFigures, spans_between
from domain.monitoring.payment_outcome import FAILURES, PaymentOutcome
from domain.monitoring.time_histogram import GROWTH, STEP_MAX
from domain.payments.payment_state import Event

_FAILED_AS: Final = " ".join(
    f"WHEN '{event}' THEN '{outcome}'" for event, outcome in FAILURES.items()
)
_OUTCOME: Final = f"""
    CASE WHEN a.from_state IS NULL THEN '{PaymentOutcome.BEGUN}'
         WHEN a.to_state = 'expired' THEN '{PaymentOutcome.ABANDONED}'
         WHEN a.to_state = 'failed'
         THEN CASE a.facts->>'event' {_FAILED_AS} ELSE '{PaymentOutcome.FAILED}' END
         WHEN a.facts->>'event' = '{Event.NOTHING_TO_PAY}' THEN '{PaymentOutcome.FREE}'
         WHEN a.from_state IN ('failed', 'expired') THEN '{PaymentOutcome.RECOVERED}'
         ELSE '{PaymentOutcome.PAID}' END
"""
"""``outcome_of``, of the entries that ``_COUNTED`` lets through."""

_COUNTED: Final = """
    (a.to_state IN ('success', 'failed', 'expired') OR a.from_state IS NULL AND a.to_state IS NOT NULL)
"""
# In one order, so that two who count at the same time wait for each other and never in a circle.
_ADD: Final = f"""
    steps AS (
        SELECT date_bin('15 minutes', a.at, 'epoch'::timestamptz) AS bucket, {_OUTCOME} AS outcome,
               CASE WHEN a.to_state = 'success' THEN coalesce(p.method, '') ELSE '' END AS method,
               CASE WHEN a.to_state IN ('failed', 'expired') THEN coalesce(a.facts->>'failure', '')
                    ELSE '' END AS reason,
               p.payable_paise AS amount,
               greatest(0, floor(extract(epoch FROM a.at - p.opened_at)))::bigint AS seconds
        FROM taken a JOIN payment p ON p.id = a.subject
    ), counted AS (
        INSERT INTO payment_rollup AS r (bucket, outcome, method, reason, payments, amount_paise, seconds)
        SELECT bucket, outcome, method, reason, count(*), sum(amount), sum(seconds)
        FROM steps GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ON CONFLICT (bucket, outcome, method, reason) DO UPDATE
        SET payments = r.payments + excluded.payments, amount_paise = r.amount_paise + excluded.amount_paise,
            seconds = r.seconds + excluded.seconds
        RETURNING 1
    ), timed AS (
        INSERT INTO payment_time_rollup AS r (bucket, step, payments)
        SELECT bucket, least({STEP_MAX}, CASE WHEN seconds > 1
               THEN ceil(ln(seconds::float8) / ln({GROWTH}::float8)) ELSE 0 END)::smallint, count(*)
        FROM steps WHERE outcome = '{PaymentOutcome.PAID}' GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (bucket, step) DO UPDATE SET payments = r.payments + excluded.payments
        RETURNING 1
    )
"""
COUNT: Final = prepare(
    text(f"""
        WITH listed AS (
            DELETE FROM uncounted_step WHERE audit_id = ANY (ARRAY(
                SELECT audit_id FROM uncounted_step ORDER BY audit_id LIMIT :at_most
                FOR UPDATE SKIP LOCKED))
            RETURNING audit_id
        ), taken AS (SELECT a.* FROM listed JOIN audit_log a ON a.id = listed.audit_id),
        {_ADD}
        SELECT (SELECT count(*) FROM listed) AS handled, (SELECT count(*) FROM counted),
               (SELECT count(*) FROM timed)
    """)
)
COUNT_EARLIER: Final = prepare(
    text(f"""
        WITH pass AS (
            SELECT until, after, least(after + CAST(:at_most AS bigint), until) AS reached
            FROM rollup_backfill WHERE after < until ORDER BY until LIMIT 1 FOR UPDATE SKIP LOCKED
        ), taken AS (
            SELECT a.* FROM pass JOIN audit_log a ON a.id > pass.after AND a.id <= pass.reached
            WHERE {_COUNTED}
        ), moved AS (
            UPDATE rollup_backfill b SET after = pass.reached FROM pass WHERE b.until = pass.until
            RETURNING pass.reached - pass.after AS entries
        ), {_ADD}
        SELECT coalesce((SELECT sum(entries) FROM moved), 0)::bigint AS handled,
               (SELECT count(*) FROM counted), (SELECT count(*) FROM timed)
    """)
)
FIGURES: Final = prepare(
    text("""
        SELECT date_bin(CAST(:span AS interval), bucket, CAST(:since AS timestamptz)) AS since,
               outcome, method, reason, NULL::smallint AS step, sum(payments)::bigint AS payments,
               sum(amount_paise)::bigint AS amount_paise, sum(seconds)::bigint AS seconds
        FROM payment_rollup WHERE bucket >= :since AND bucket < :until GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT NULL, NULL, NULL, NULL, step, sum(payments)::bigint, NULL, NULL
        FROM payment_time_rollup WHERE bucket >= :since AND bucket < :until GROUP BY step
        UNION ALL
        SELECT a.at, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM audit_log a
        WHERE a.id = (SELECT min(audit_id) FROM uncounted_step)
        ORDER BY 1, 2, 3, 4, 5
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresPaymentRollups:
    database: Database

    async def count(self, *, at_most: int) -> int:
        (row,) = await self.database.fetch(COUNT, at_most=at_most)
        return int(row["handled"])

    async def count_earlier(self, *, at_most: int) -> int:
        (row,) = await self.database.fetch(COUNT_EARLIER, at_most=at_most)
        return int(row["handled"])

    async def figures(
        self, since: datetime, until: datetime, *, span: timedelta, at: datetime
    ) -> PaymentFigures:
        rows = await self.database.fetch(FIGURES, since=since, until=until, span=span)
        waiting = [row["since"] for row in rows if row["payments"] is None]
        return PaymentFigures(
            since=since,
            until=until,
            complete_until=min([at, *waiting]),
            spans=spans_between(since, until, span),
            counts=_counts(rows),
            times={row["step"]: row["payments"] for row in rows if row["step"] is not None},
        )


def _counts(rows: Sequence[Record]) -> Sequence[OutcomeCount]:
    return [
        OutcomeCount(
            since=row["since"],
            outcome=PaymentOutcome(row["outcome"]),
            method=row["method"],
            reason=row["reason"],
            count=row["payments"],
            amount=Money(row["amount_paise"]),
            seconds=row["seconds"],
        )
        for row in rows
        if row["outcome"] is not None
    ]
