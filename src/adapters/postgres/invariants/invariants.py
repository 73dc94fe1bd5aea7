"""The money invariants on PostgreSQL: each is checked by itself, in full or from its watermark on."""

# ruff: noqa: S608 - these texts hold only constants of this code

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database, Record, TimeLimitPassed
from adapters.postgres.engine.statements import Prepared, prepare
from adapters.postgres.invariants.card_scan import (
    CANDIDATES_MAX,
    FORBIDDEN,
    GROWING,
    SCANS,
    TableScan,
)
from adapters.postgres.invariants.card_search import PATTERNS
from adapters.postgres.invariants.discrepancy_invariants import DISCREPANCY_QUERIES
from adapters.postgres.invariants.document_invariants import DOCUMENT_QUERIES
from adapters.postgres.invariants.invariant_query import FOLLOWED_MAX, InvariantQuery
from adapters.postgres.invariants.ledger_invariants import LEDGER_QUERIES
from adapters.postgres.invariants.payment_invariants import PAYMENT_QUERIES
from adapters.postgres.invariants.queue_invariants import QUEUE_QUERIES
from adapters.postgres.invariants.run_invariants import RUN_QUERIES
from adapters.postgres.invariants.settlement_days import USUAL, settlement_days
from adapters.postgres.invariants.settlement_invariants import SETTLEMENT_QUERIES
from adapters.postgres.invariants.watermark import Watermark
from domain.reconciliation.evidence import Agreement
from ports.monitoring.money_invariants import SHOWN_MAX, Breach, Invariant, Unchecked

QUERIES: Final = (
    *PAYMENT_QUERIES,
    *QUEUE_QUERIES,
    *DOCUMENT_QUERIES,
    *LEDGER_QUERIES,
    *DISCREPANCY_QUERIES,
    *SETTLEMENT_QUERIES,
    *RUN_QUERIES,
)
BY_NAME: Final = {each.invariant.name: each for each in QUERIES}

OVERDUE: Final = timedelta(minutes=60)
"""Far longer than a batch or a restart takes; an entry that waits longer is not being processed."""

FAILING: Final = timedelta(days=1)
"""An entry that has failed for so long does not come right by itself."""

TIME_LIMIT: Final = timedelta(seconds=30)
FULL_TIME_LIMIT: Final = timedelta(minutes=30)

KEYS_AT_ONCE: Final = 500
CHANGED_MAX: Final = 100_000
"""Payments that one incremental check reads at most; more have changed only after a long standstill."""

AUDIT_LOG: Final = "audit_log"
READ_WATCH: Final = prepare(
    text(
        "SELECT w.watermarks, w.followed, coalesce(w.version, 0) AS version, "
        + ", ".join(f"(SELECT coalesce(max(id), 0) FROM {name}) AS {name}" for name in GROWING)
        + " FROM (SELECT CAST(:name AS text) AS name) asked LEFT JOIN invariant_watch w USING (name)"
    )
)
CHANGED: Final = prepare(
    text(
        "SELECT DISTINCT subject FROM audit_log WHERE id > :mark AND length(subject) <= 20"
        f" LIMIT {CHANGED_MAX + 1}"
    )
)
"""Whatever changes a payment, its refunds or documents says so in the audit log, under the payment's id."""

_WATCH: Final = """
    INSERT INTO invariant_watch (name, watermarks, followed, checked_in_full_at, version)
    VALUES (:name, :watermarks, CAST(:followed AS text[]), CAST(:full_at AS timestamptz), 1)
    ON CONFLICT (name) DO UPDATE SET version = invariant_watch.version + 1,
"""
RECORD_CHANGES: Final = prepare(
    text(f"""{_WATCH} watermarks = excluded.watermarks, followed = excluded.followed
        WHERE invariant_watch.version = :version""")
)
"""Whoever was slower than another check records nothing: the other has read the same rows."""

RECORD_FULL: Final = prepare(
    text(f"""{_WATCH} checked_in_full_at = excluded.checked_in_full_at,
        watermarks = CASE WHEN invariant_watch.version = :version
                          THEN excluded.watermarks ELSE invariant_watch.watermarks END,
        followed = ARRAY(SELECT DISTINCT unnest(invariant_watch.followed || excluded.followed))""")
)
"""A full check lasts long, and incremental ones go on meanwhile: what they follow stays followed."""

CHECKED_SINCE: Final = prepare(
    text("SELECT name FROM invariant_watch WHERE checked_in_full_at >= :since")
)


@dataclass(frozen=True, slots=True)
class _Watch:
    """What is stored about one invariant, and the newest row of each table that grows."""

    watermarks: Mapping[str, Watermark]
    followed: frozenset[str]
    version: int
    newest: Mapping[str, int]

    @classmethod
    def of(cls, row: Record, at: datetime) -> "_Watch":
        stored: Mapping[str, Any] = row["watermarks"] or {}
        newest = {name: int(row[name]) for name in GROWING}
        return cls(
            watermarks={
                name: Watermark.read(stored[name])
                if name in stored
                else Watermark.first(newest[name], at)
                for name in GROWING
            },
            followed=frozenset(row["followed"] or ()),
            version=row["version"],
            newest=newest,
        )

    def advanced(self, at: datetime) -> str:
        """Return the watermarks to store after a check *at* that read everything above them."""
        moved = {
            name: mark.advanced(self.newest[name], at).stored()
            for name, mark in self.watermarks.items()
        }
        return json.dumps(moved)


@dataclass(slots=True)
class _Checked:
    """What was found so far of one invariant; *followed* is what the next incremental check reads again."""

    invariant: Invariant
    subjects: set[str] = field(default_factory=set)
    count: int = 0
    followed: set[str] = field(default_factory=set)
    why: str = ""

    def add(self, rows: Sequence[Record]) -> None:
        if not rows:
            return
        # Two keys may lead to one subject; what has no key is counted by its table.
        named = {str(row["subject"]) for row in rows if row["broken"] and row["key"] is not None}
        self.count += int(rows[0]["total"]) - len(named & self.subjects)
        self.subjects |= {str(row["subject"]) for row in rows if row["broken"]}
        self.followed |= {row["key"] for row in rows if row["key"] is not None}

    async def add_candidates(self, scan: TableScan, rows: Sequence[Record]) -> None:
        """Add the rows among *rows* that hold a card number."""
        if len(rows) > CANDIDATES_MAX:
            self.why = f"more than {CANDIDATES_MAX} long numbers stand in {scan.table}"
        if count := await asyncio.to_thread(scan.count, rows):
            self.count += count
            self.subjects.add(scan.table)

    @property
    def findings(self) -> Sequence[Breach | Unchecked]:
        found: list[Breach | Unchecked] = []
        if self.subjects:
            shown = tuple(sorted(self.subjects)[:SHOWN_MAX])
            found.append(Breach(invariant=self.invariant, count=self.count, subjects=shown))
        if self.why:
            found.append(Unchecked(invariant=self.invariant, why=self.why))
        return found


@dataclass(frozen=True, slots=True)
class PostgresInvariants:
    """
    *full_time_limit* is for each statement of a full check, of which most invariants have one.

    *agreement* says when the bank has to settle.
    """

    database: Database
    full_time_limit: timedelta = FULL_TIME_LIMIT
    agreement: Agreement = USUAL

    @property
    def known(self) -> Sequence[Invariant]:
        return (*(each.invariant for each in QUERIES), FORBIDDEN)

    async def check(
        self, invariant: Invariant, at: datetime, *, full: bool
    ) -> Sequence[Breach | Unchecked]:
        checked = _Checked(invariant)
        values = {
            "at": at,
            "overdue": at - OVERDUE,
            "failing": at - FAILING,
            "settlement_days": settlement_days(self.agreement, at),
            **PATTERNS,
        }
        query = BY_NAME.get(invariant.name)
        if query is not None and query.among is None:
            await self._read(checked, query.full, values, self._limit(full=full))
            return checked.findings
        (row,) = await self.database.fetch(READ_WATCH, name=invariant.name)
        watch = _Watch.of(row, at)
        if full:
            if query is not None:
                await self._read(checked, query.full, values, self.full_time_limit)
            for scan in SCANS if query is None else ():
                await self._read(checked, scan.full, values, self.full_time_limit, scan)
        elif query is None:
            await self._scan_changes(checked, watch, values)
        else:
            await self._check_changes(checked, query, watch, values)
        await self._record(checked, watch, at, full=full)
        return checked.findings

    async def not_checked_in_full(self, since: datetime) -> Sequence[Invariant]:
        done = {row["name"] for row in await self.database.fetch(CHECKED_SINCE, since=since)}
        wanted = [*(each.invariant for each in QUERIES if each.among is not None), FORBIDDEN]
        return [each for each in wanted if each.name not in done]

    def _limit(self, *, full: bool) -> timedelta:
        return self.full_time_limit if full else TIME_LIMIT

    async def _check_changes(
        self,
        checked: _Checked,
        query: InvariantQuery,
        watch: _Watch,
        values: Mapping[str, object],
    ) -> None:
        assert query.among is not None  # noqa: S101 - the others are checked in full each time
        changed = await self._changed(checked, watch, values) if query.by_changes else ()
        await self._among(checked, query.among, watch.followed.union(changed), values)

    async def _scan_changes(
        self, checked: _Checked, watch: _Watch, values: Mapping[str, object]
    ) -> None:
        changed = frozenset(await self._changed(checked, watch, values))
        for scan in SCANS:
            if scan.by_payment:
                await self._among(checked, scan.new, changed, values, scan)
                continue
            above = {"mark": watch.watermarks[scan.table].mark} if scan.grows else {}
            await self._read(checked, scan.new, {**values, **above}, TIME_LIMIT, scan)

    async def _changed(
        self, checked: _Checked, watch: _Watch, values: Mapping[str, object]
    ) -> Sequence[str]:
        """Return the payments that have changed since the watermark."""
        marked = {**values, "mark": watch.watermarks[AUDIT_LOG].mark}
        rows = await self._rows(checked, CHANGED, marked, TIME_LIMIT)
        if len(rows) > CHANGED_MAX:
            checked.why = (
                f"more than {CHANGED_MAX} payments have changed; the full check reads them"
            )
            return ()
        return [row["subject"] for row in rows]

    async def _among(
        self,
        checked: _Checked,
        statement: Prepared,
        keys: frozenset[str],
        values: Mapping[str, object],
        scan: TableScan | None = None,
    ) -> None:
        ordered = sorted(keys)
        for first in range(0, len(ordered), KEYS_AT_ONCE):
            some = {**values, "keys": ordered[first : first + KEYS_AT_ONCE]}
            if not await self._read(checked, statement, some, TIME_LIMIT, scan):
                break

    async def _read(
        self,
        checked: _Checked,
        statement: Prepared,
        values: Mapping[str, object],
        limit: timedelta,
        scan: TableScan | None = None,
    ) -> bool:
        """Add what *statement* finds, by itself or as the *scan* it is of; return whether that was all."""
        before = checked.why
        rows = await self._rows(checked, statement, values, limit)
        if scan is None:
            checked.add(rows)
        else:
            await checked.add_candidates(scan, rows)
        return checked.why == before

    async def _rows(
        self,
        checked: _Checked,
        statement: Prepared,
        values: Mapping[str, object],
        limit: timedelta,
    ) -> Sequence[Record]:
        wanted = {name: values[name] for name in statement.names}
        try:
            return await self.database.read_within(limit, statement, **wanted)
        except TimeLimitPassed as passed:
            checked.why = str(passed)
            return ()

    async def _record(self, checked: _Checked, watch: _Watch, at: datetime, *, full: bool) -> None:
        """
        Store what the next incremental check begins from.

        Nothing is stored while something could not be read, or more was found than can be followed,
        or something forbidden was found, which has no key: the next one then reads the same again.
        """
        too_many = len(checked.followed) > FOLLOWED_MAX and not full
        found_without_key = bool(checked.subjects) and not checked.followed and not full
        if checked.why or too_many or found_without_key:
            return
        await self.database.fetch(
            RECORD_FULL if full else RECORD_CHANGES,
            name=checked.invariant.name,
            watermarks=watch.advanced(at),
            followed=sorted(checked.followed)[:FOLLOWED_MAX],
            full_at=at if full else None,
            version=watch.version,
        )
