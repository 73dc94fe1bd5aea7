"""Resolutions in rows, inside a unit of work."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, insert, literal, select, text, update

from adapters.postgres.engine.database import Connection, Record
from adapters.postgres.engine.statements import Write, prepare
from adapters.postgres.reconciliation.tables import discrepancy, resolution
from domain.business_day import business_day_of
from domain.identifiers import DiscrepancyId, PaymentId
from domain.ledger.account import Account
from domain.ledger.journal import JournalKind
from domain.money import Money
from domain.payments.refund import RequestKey
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import (
    DiscrepancyResolution,
    ResolutionAction,
    ResolutionLimits,
    ResolutionState,
)
from domain.reconciliation.resolution_context import DecidedAlone

ENDINGS: Final = ("state", "approved_by", "approved_at", "ended_by", "ended_at")
ABOUT: Final = prepare(
    select(resolution)
    .where(resolution.c.discrepancy_id == bindparam("ids", type_=discrepancy.c.ids.type).any_())
    .order_by(resolution.c.discrepancy_id, resolution.c.sequence)
)
RELEASES: Final = prepare(
    select(resolution)
    .join(discrepancy, discrepancy.c.id == resolution.c.discrepancy_id)
    .where(
        resolution.c.action == ResolutionAction.RELEASE_LINE.value,
        resolution.c.state == ResolutionState.IN_FORCE.value,
        discrepancy.c.state == DiscrepancyState.RESOLVED.value,
    )
    .order_by(resolution.c.discrepancy_id, resolution.c.sequence)
)
ALONE: Final = prepare(
    text("""
        SELECT count(*) AS count, coalesce(sum(amount_paise) FILTER (
            WHERE state = 'in_force'), 0)::bigint AS total
        FROM resolution
        WHERE decided_by = :person AND decided_on = :day AND alone IS NOT NULL
    """)
)
BODY: Final = prepare(
    text("""
        SELECT request_sha256 FROM resolution
        WHERE decided_by = :person AND request_key = :key ORDER BY decided_at LIMIT 1
    """)
)
ADD: Final = prepare(insert(resolution).returning(literal(1)))
SAVE: Final = prepare(
    update(resolution)
    .where(
        resolution.c.discrepancy_id == bindparam("of_discrepancy"),
        resolution.c.sequence == bindparam("of_sequence"),
    )
    .values({name: bindparam(name) for name in ENDINGS})
    .returning(literal(1))
)


@dataclass(frozen=True, slots=True)
class PostgresResolutions:
    connection: Connection
    writes: list[Write]

    async def about(
        self, discrepancies: Collection[DiscrepancyId]
    ) -> Mapping[DiscrepancyId, Sequence[DiscrepancyResolution]]:
        return by_discrepancy(await self.connection.fetch(ABOUT, ids=list(discrepancies)))

    async def releases(self) -> Sequence[DiscrepancyResolution]:
        return [to_resolution(row) for row in await self.connection.fetch(RELEASES)]

    async def alone_on(self, person: str, day: date) -> DecidedAlone:
        (row,) = await self.connection.fetch(ALONE, person=person, day=day)
        return DecidedAlone(row["count"], Money(row["total"]))

    async def body_of(self, person: str, key: str) -> str | None:
        for row in await self.connection.fetch(BODY, person=person, key=key):
            return str(row["request_sha256"])
        return None

    def add(self, resolution: DiscrepancyResolution) -> None:
        self.writes.append(Write(ADD, _columns(resolution), expects="a resolution"))

    def save(self, resolution: DiscrepancyResolution) -> None:
        columns = _columns(resolution)
        values = {name: columns[name] for name in ENDINGS}
        values |= {"of_discrepancy": resolution.discrepancy, "of_sequence": resolution.sequence}
        self.writes.append(Write(SAVE, values, expects="a resolution"))


def by_discrepancy(
    rows: Sequence[Record],
) -> Mapping[DiscrepancyId, Sequence[DiscrepancyResolution]]:
    """Return the resolutions in *rows* by their discrepancy, in the order of the rows."""
    found: dict[DiscrepancyId, list[DiscrepancyResolution]] = {}
    for row in rows:
        each = to_resolution(row)
        found.setdefault(each.discrepancy, []).append(each)
    return found


def _columns(resolution: DiscrepancyResolution) -> dict[str, object]:
    key = resolution.key
    return {
        "discrepancy_id": resolution.discrepancy,
        "sequence": resolution.sequence,
        "action": resolution.action.value,
        "state": resolution.state.value,
        "note": resolution.note,
        "amount_paise": resolution.amount.paise,
        "difference_paise": resolution.difference_paise,
        "posted_paise": resolution.posted_paise,
        "decided_by": resolution.decided_by,
        "decided_at": resolution.decided_at,
        "decided_on": business_day_of(resolution.decided_at),
        "limit_each_paise": resolution.limits.each.paise,
        "limit_day_paise": resolution.limits.day.paise,
        "account": resolution.account.value if resolution.account else None,
        "payment_id": resolution.payment,
        "until": resolution.until,
        "undoes": resolution.undoes,
        "alone": resolution.alone,
        "posts": resolution.posts.value if resolution.posts else None,
        "request_key": key.key if key else None,
        "request_sha256": key.body_sha256 if key else None,
        "approved_by": resolution.approved_by,
        "approved_at": resolution.approved_at,
        "ended_by": resolution.ended_by,
        "ended_at": resolution.ended_at,
    }


def to_resolution(row: Mapping[str, Any]) -> DiscrepancyResolution:
    key = row["request_key"]
    return DiscrepancyResolution(
        discrepancy=DiscrepancyId(row["discrepancy_id"]),
        sequence=row["sequence"],
        action=ResolutionAction(row["action"]),
        state=ResolutionState(row["state"]),
        note=row["note"],
        amount=Money(row["amount_paise"]),
        difference_paise=row["difference_paise"],
        posted_paise=row["posted_paise"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        limits=ResolutionLimits(
            each=Money(row["limit_each_paise"]), day=Money(row["limit_day_paise"])
        ),
        account=Account(row["account"]) if row["account"] else None,
        payment=PaymentId(row["payment_id"]) if row["payment_id"] else None,
        until=row["until"],
        undoes=row["undoes"],
        alone=row["alone"],
        posts=JournalKind(row["posts"]) if row["posts"] else None,
        key=RequestKey(key=key, body_sha256=row["request_sha256"]) if key else None,
        approved_by=row["approved_by"],
        approved_at=row["approved_at"],
        ended_by=row["ended_by"],
        ended_at=row["ended_at"],
    )
