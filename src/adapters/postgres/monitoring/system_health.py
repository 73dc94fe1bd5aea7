"""The queues and the jobs in SQL: each by the index of what is due, so that it costs little at any size."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from ports.monitoring.system_health import COUNTED_MAX, QueueHealth, SystemReading


def _queue(name: str, table: str, waiting: str, dead: str) -> str:
    return f"""
        SELECT '{name}' AS name, d.due, d.oldest AS at, x.dead FROM (
            SELECT count(*)::int AS due, min(due_at) AS oldest FROM (
                SELECT due_at FROM {table} WHERE state IN ({waiting}) AND due_at <= :at
                AND (lease_until IS NULL OR lease_until < :at) ORDER BY due_at LIMIT {COUNTED_MAX}) w
        ) d, (SELECT count(*)::int AS dead FROM (
            SELECT FROM {table} WHERE {dead} LIMIT {COUNTED_MAX}) g) x
    """


# An endpoint that fails, or is out of use, holds up nobody else, and has an alert of its own: what waits for it is
# not due. So are deliveries that were given up: they stand in the endpoint's log until they are replayed or forgotten.
DELIVERIES: Final = f"""
    SELECT 'webhook_deliveries', d.due, d.oldest, 0 FROM (
        SELECT count(*)::int AS due, min(due_at) AS oldest FROM (
            SELECT w.due_at FROM webhook_endpoint p CROSS JOIN LATERAL (
                SELECT due_at FROM webhook_delivery
                WHERE endpoint_id = p.id AND state = 'new' AND due_at <= :at
                AND (lease_until IS NULL OR lease_until < :at) ORDER BY due_at LIMIT {COUNTED_MAX}) w
            WHERE p.state = 'enabled' AND (p.paused_until IS NULL OR p.paused_until <= :at)
            ORDER BY due_at LIMIT {COUNTED_MAX}) w
    ) d
"""

UNSEALED: Final = """
    SELECT 'audit_log', NULL, coalesce(
        -- Entries from before transactions were noted have the smallest numbers, and are sealed first.
        (SELECT f.at FROM (SELECT a.at, a.tx FROM audit_log a WHERE a.id > coalesce(c.entry, 0)
                           ORDER BY a.id LIMIT 1) f WHERE f.tx IS NULL AND c.tx IS NULL),
        (SELECT a.at FROM audit_log a
         WHERE a.tx IS NOT NULL AND a.id > coalesce(c.moved, 0)
           AND (a.tx, a.id) > (coalesce(c.tx, 0), CASE WHEN c.tx IS NULL THEN 0 ELSE c.entry END)
         ORDER BY a.tx, a.id LIMIT 1)
    ), 0
    FROM (SELECT 1) one LEFT JOIN (
        SELECT tx, entry, moved FROM audit_checkpoint ORDER BY size DESC LIMIT 1) c ON true
"""
DIFFERING: Final = f"""
    SELECT 'rebuild_difference', NULL, NULL, (
        SELECT count(*)::int FROM (SELECT FROM rebuild_difference LIMIT {COUNTED_MAX}) d)
"""
# Polls that were given up are found by no index; they are invariants' affair, and none in good order.
READ: Final = prepare(
    text(
        " UNION ALL ".join(
            (
                _queue(
                    "inbox",
                    "inbox",
                    "'new', 'deferred'",
                    "state = 'refused' AND dismissed_at IS NULL",
                ),
                _queue("outbox", "outbox", "'new'", "state = 'dead'"),
                _queue("order_polls", "question", "'open'", "false"),
                _queue("refund_polls", "refund_watch", "'open'", "false"),
                DELIVERIES,
                """
                SELECT j, NULL, (SELECT max(slot) FROM job_run WHERE job = j), NULL
                FROM unnest(CAST(:jobs AS text[])) j
                """,
                UNSEALED,
                DIFFERING,
            )
        )
    )
)


@dataclass(frozen=True, slots=True)
class PostgresSystemHealth:
    database: Database

    async def read(self, at: datetime, jobs: Sequence[str]) -> SystemReading:
        rows = await self.database.fetch(READ, at=at, jobs=list(jobs))
        return SystemReading(
            queues=[
                QueueHealth(
                    name=row["name"], due=row["due"], oldest_due_at=row["at"], dead=row["dead"]
                )
                for row in rows
                if row["due"] is not None
            ],
            last_runs={
                row["name"]: row["at"]
                for row in rows
                if row["dead"] is None and row["at"] is not None and row["due"] is None
            },
            unsealed_since=next(
                row["at"] for row in rows if row["due"] is None and row["name"] == "audit_log"
            ),
            differing=next(row["dead"] for row in rows if row["name"] == "rebuild_difference"),
        )
