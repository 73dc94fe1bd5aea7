"""What waits for staff, counted in one statement: each part reads an index that holds no others."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from adapters.postgres.payments.tables import REVIEWED
from adapters.postgres.reconciliation.tables import OPEN
from adapters.postgres.refunds.tables import OPEN as IN_FLIGHT
from domain.gateway_config.configuration_version import PROPOSAL_LAPSES_AFTER
from ports.staff.waiting_work import COUNTED_MAX, WaitingWork, WorkKind

_DUE: Final = "CAST(:at AS timestamptz) > due_at"
LAPSES_AFTER_HOURS: Final = int(PROPOSAL_LAPSES_AFTER.total_seconds()) // 3600
EACH: Final = {
    WorkKind.OVERDUE_DISCREPANCY: (
        f"SELECT first_found_at AS since FROM discrepancy WHERE {OPEN} AND {_DUE}"
    ),
    WorkKind.DISCREPANCY: (
        f"SELECT first_found_at AS since FROM discrepancy WHERE {OPEN} AND NOT {_DUE}"
    ),
    WorkKind.REFUND_APPROVAL: (
        f"SELECT asked_at AS since FROM refund WHERE {IN_FLIGHT.text}"
        " AND state = 'awaiting_approval' AND asked_by <> CAST(:member AS text)"
    ),
    WorkKind.RESOLUTION_APPROVAL: (
        "SELECT decided_at AS since FROM resolution"
        " WHERE state = 'proposed' AND decided_by <> CAST(:member AS text)"
    ),
    WorkKind.CONFIGURATION_APPROVAL: (
        "SELECT proposed_at AS since FROM gateway_config WHERE state = 'proposed'"
        " AND 'staff:' || proposed_by <> CAST(:member AS text)"
        f" AND proposed_at > CAST(:at AS timestamptz) - interval '{LAPSES_AFTER_HOURS} hours'"
    ),
    WorkKind.REVIEW: f"SELECT review_since AS since FROM payment WHERE {REVIEWED.text}",
    WorkKind.DEAD_LETTER: (
        f"(SELECT closed_at AS since FROM outbox WHERE state = 'dead' ORDER BY closed_at LIMIT {COUNTED_MAX})"
        " UNION ALL (SELECT closed_at FROM inbox WHERE state = 'refused' AND dismissed_at IS NULL"
        f" ORDER BY closed_at LIMIT {COUNTED_MAX})"
    ),
    WorkKind.HELD_FILE: "SELECT received_at AS since FROM settlement_file WHERE state = 'held'",
    WorkKind.WAITING_REISSUE: (
        "SELECT received_at AS since FROM settlement JOIN settlement_file ON id = file_id"
        " WHERE posted_at IS NULL AND settlement.state = 'waiting'"
    ),
}
WAITING: Final = prepare(
    text(
        " UNION ALL ".join(
            f"SELECT '{kind}' AS kind, count(*) AS count, min(since) AS since"
            f" FROM ({one} ORDER BY since LIMIT {COUNTED_MAX}) AS {kind}"
            for kind, one in EACH.items()
        )
    )
)


@dataclass(frozen=True, slots=True)
class PostgresWaitingWork:
    database: Database

    async def waiting(self, member: str, at: datetime) -> Sequence[WaitingWork]:
        rows = await self.database.fetch(WAITING, member=member, at=at)
        found = {
            WorkKind(row["kind"]): WaitingWork(
                kind=WorkKind(row["kind"]), count=row["count"], since=row["since"]
            )
            for row in rows
            if row["count"]
        }
        return [found[kind] for kind in WorkKind if kind in found]
