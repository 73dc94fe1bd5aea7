"""Rows that are a record, as lines, and their months. What may leave a function of the owner decides once more."""

# ruff: noqa: S608 - these texts hold only constants of this code

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, insert, literal, select, text, update

from adapters.postgres.audit.archive_register import DATED, held_in_file, refusals_told
from adapters.postgres.audit.audit_log import to_write
from adapters.postgres.audit.tables import archived_records
from adapters.postgres.engine.database import Database, Record
from adapters.postgres.engine.statements import Prepared, Write, prepare
from domain.audit.archive_month import ArchiveMonth
from domain.audit.archive_state import ArchiveState
from domain.audit.archived_month import ArchivedMonth
from domain.audit.audit_line import instant_text
from domain.audit.record_kind import RecordKind
from domain.audit.record_line import RecordLine
from domain.audit.record_manifest import RecordManifest, RecordMonth
from domain.business_day import business_day_start
from domain.identifiers import PaymentId
from ports.audit_log import AuditEntry

BEFORE_ALL: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where rows of a kind stand: they were finished at *at*, are about *about*, and *where* says which are."""

    table: str
    at: str
    about: str
    where: str
    columns: Sequence[str]

    @property
    def first(self) -> Prepared:
        return prepare(
            text(
                f"SELECT {self.at} AS at FROM {self.table} WHERE {self.at} >= :since AND ({self.where})"
                f" ORDER BY {self.at} LIMIT 1"
            )
        )

    @property
    def lines(self) -> Prepared:
        columns = ", ".join(self.columns)
        return prepare(
            text(f"""
                SELECT id, {self.at} AS place_at, {self.about} AS about, {columns} FROM {self.table}
                WHERE {self.at} >= CAST(:begins AS timestamptz) AND {self.at} < CAST(:ends AS timestamptz)
                  AND ({self.where})
                  AND ({self.at}, id) > (CAST(:after_at AS timestamptz), CAST(:after_id AS bigint))
                ORDER BY {self.at}, id LIMIT :at_most
            """)
        )


_ROWS: Final = {
    RecordKind.INBOX: _Rows(
        table="inbox",
        at="closed_at",
        about="order_id",
        where="state = 'applied' OR (state = 'refused' AND dismissed_at IS NOT NULL)",
        columns=(
            *(
                "event_id",
                "event_name",
                "status",
                "status_id",
                "only_sale",
                "body_sha256",
                "copies",
            ),
            *("received_at", "state", "attempts", "why", "dismissed_at"),
        ),
    ),
    RecordKind.OUTBOX: _Rows(
        table="outbox",
        at="closed_at",
        about="payment_id",
        where="state = 'done' AND why IS NULL",
        columns=("errand", "subject", "written_at", "attempts", "text_sha256"),
    ),
    RecordKind.DECISIONS: _Rows(
        table="decision_basis",
        at="at",
        about="payment_id",
        where="true",
        columns=("version", "kind AS basis", "told"),
    ),
}
FIRST: Final = {kind: rows.first for kind, rows in _ROWS.items()}
LINES: Final = {kind: rows.lines for kind, rows in _ROWS.items()}
DECIDED: Final = prepare(
    text("""
        SELECT id, at AS place_at, payment_id AS about, version, kind AS basis, told FROM decision_basis
        WHERE payment_id = :payment ORDER BY at, id LIMIT :at_most
    """)
)
_NAMES: Final = {
    kind: tuple(each.rpartition(" ")[2] for each in rows.columns) for kind, rows in _ROWS.items()
}
_month = archived_records.c
_VALUES: Final[dict[str, Any]] = {
    each.name: bindparam(f"to_{each.name}")
    for each in archived_records.columns
    if each.name not in DATED
}
MONTHS: Final = prepare(
    select(archived_records).where(_month.kind == bindparam("of_kind")).order_by(_month.month)
)
ABOUT: Final = prepare(
    text("""
        SELECT r.* FROM archived_payment p JOIN archived_records r ON r.kind = p.kind AND r.month = p.month
        WHERE p.payment_id = :payment ORDER BY r.month, r.kind
    """)
)
ADD: Final = prepare(insert(archived_records).values(_VALUES).returning(literal(1)))
MOVE: Final = prepare(
    update(archived_records)
    .where(
        _month.kind == bindparam("to_kind"),
        _month.month == bindparam("to_month"),
        _month.state == bindparam("was_state"),
        _month.exported_at == bindparam("was_exported_at"),
    )
    .values(_VALUES)
    .returning(literal(1))
)
NOTE: Final = prepare(
    text("""
        INSERT INTO archived_payment (payment_id, kind, month)
        SELECT payment, CAST(:kind AS varchar), CAST(:month AS date)
        FROM unnest(CAST(:payments AS varchar[])) AS p (payment)
        ON CONFLICT (payment_id, kind, month) DO NOTHING
    """)
)
KEPT: Final = prepare(
    text("SELECT kept FROM shulk_kept_payments(CAST(:payments AS text[])) AS kept ORDER BY kept")
)
DROP: Final = prepare(
    select(
        func.shulk_drop_records(bindparam("kind"), bindparam("month"), bindparam("at_most")).label(
            "dropped"
        )
    )
)


@dataclass(frozen=True, slots=True)
class PostgresRecordArchive:
    database: Database

    async def first_finished(self, kind: RecordKind, since: datetime | None) -> datetime | None:
        rows = await self.database.fetch(FIRST[kind], since=since or BEFORE_ALL)
        return rows[0]["at"] if rows else None

    async def lines(
        self,
        kind: RecordKind,
        month: ArchiveMonth,
        *,
        after: RecordLine | None = None,
        at_most: int,
    ) -> Sequence[RecordLine]:
        at, number = after.place if after is not None else (BEFORE_ALL, 0)
        rows = await self.database.fetch(
            LINES[kind],
            begins=business_day_start(month.first_day),
            ends=month.end,
            after_at=at,
            after_id=number,
            at_most=at_most,
        )
        return [_to_line(kind, row) for row in rows]

    async def lines_about(self, payment: PaymentId, *, at_most: int) -> Sequence[RecordLine]:
        rows = await self.database.fetch(DECIDED, payment=payment, at_most=at_most)
        return [_to_line(RecordKind.DECISIONS, row) for row in rows]

    async def months(self, kind: RecordKind) -> Sequence[RecordMonth]:
        return [_to_month(row) for row in await self.database.fetch(MONTHS, of_kind=kind)]

    async def record(self, month: RecordMonth, was: RecordMonth | None, audit: AuditEntry) -> None:
        values = {
            "to_kind": month.manifest.kind,
            "to_month": month.month.first_day,
            "to_state": month.state,
            "to_manifest": bytes(month.manifest),
            "to_exported_at": month.exported_at,
            "to_dropped_at": month.dropped_at,
        }
        write = Write(ADD, values)
        if was is not None:
            before = {"was_state": was.state, "was_exported_at": was.exported_at}
            write = Write(MOVE, values | before, expects="archived month")
        with refusals_told():
            async with self.database.borrow() as connection:
                await connection.apply([write, to_write(audit)])

    async def held_in_file(self, kind: RecordKind, month: ArchiveMonth) -> Sequence[PaymentId]:
        return await held_in_file(self.database, kind, month)

    async def kept(self, payments: Collection[str]) -> Sequence[PaymentId]:
        rows = await self.database.fetch(KEPT, payments=[*payments])
        return [PaymentId(row["kept"]) for row in rows]

    async def note(self, kind: RecordKind, month: ArchiveMonth, payments: Collection[str]) -> None:
        await self.database.fetch(NOTE, kind=kind, month=month.first_day, payments=sorted(payments))

    async def months_about(self, payment: PaymentId) -> Sequence[RecordMonth]:
        return [_to_month(row) for row in await self.database.fetch(ABOUT, payment=payment)]

    async def drop(self, kind: RecordKind, month: ArchiveMonth, *, at_most: int) -> int:
        with refusals_told():
            (row,) = await self.database.fetch(
                DROP, kind=kind, month=month.first_day, at_most=at_most
            )
        return int(row["dropped"])


def _to_line(kind: RecordKind, row: Record) -> RecordLine:
    return RecordLine(
        kind=kind,
        at=row["place_at"],
        number=row["id"],
        payment=row["about"],
        fields={name: _to_field(row[name]) for name in _NAMES[kind] if row[name] is not None},
    )


def _to_field(value: object) -> str | int:
    """Return *value* as a line holds it: texts and whole numbers, and all else as JSON."""
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _to_month(row: Mapping[str, Any]) -> RecordMonth:
    return ArchivedMonth(
        manifest=RecordManifest.parse(row["manifest"]),
        state=ArchiveState(row["state"]),
        exported_at=row["exported_at"],
        verified_at=row["verified_at"],
        dropped_at=row["dropped_at"],
        ended_at=row["ended_at"],
        deleted_at=row["deleted_at"],
    )
