"""Runs in rows: taken by a lease, and ended by the worker that took them last."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import Write, prepare
from domain.business_day import business_day_of
from domain.errors import NotFound
from domain.reconciliation.run import Run, RunFile, RunId, RunSummary, RunTrigger
from domain.reconciliation.run_days import RunDay
from domain.reconciliation.run_state import RunState

LIVE: Final = prepare(
    text("""
        SELECT * FROM reconciliation
        WHERE first = :first AND last = :last AND state IN ('requested', 'running')
    """)
)
CLAIM: Final = prepare(
    text("""
        UPDATE reconciliation SET state = 'running', attempts = attempts + 1, lease_until = :until
        WHERE id = (
            SELECT id FROM reconciliation
            WHERE state = 'requested' OR (state = 'running' AND lease_until < :at)
            ORDER BY requested_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING *
    """)
)
GET: Final = prepare(text("SELECT * FROM reconciliation WHERE id = :id"))
PAGE: Final = prepare(
    text("""
        SELECT * FROM reconciliation
        WHERE CAST(:at AS timestamptz) IS NULL
           OR (requested_at, id) < (CAST(:at AS timestamptz), CAST(:id AS text))
        ORDER BY requested_at DESC, id DESC LIMIT :at_most
    """)
)
ASKED: Final = prepare(
    text("""
        SELECT count(*) AS asked FROM reconciliation WHERE requested_at >= :at AND requested_by = :by
    """)
)
REQUEST: Final = prepare(
    text("""
        INSERT INTO reconciliation (id, first, last, trigger, state, requested_at, requested_by,
                                    asked_on, asked_nth, attempts, why)
        VALUES (:id, :first, :last, :trigger, 'requested', :requested_at, :requested_by,
                :asked_on, :asked_nth, 0, '')
        ON CONFLICT DO NOTHING RETURNING 1
    """)
)
SUPERSEDE: Final = prepare(
    text("""
        UPDATE reconciliation SET state = 'superseded'
        WHERE first = :first AND last = :last AND id <> :id
          AND state IN ('complete', 'incomplete', 'failed')
        RETURNING 1
    """)
)
END: Final = prepare(
    text("""
        UPDATE reconciliation SET state = :state, lease_until = NULL, as_of = :as_of,
               ended_at = :ended_at, summary = CAST(:summary AS jsonb), why = :why
        WHERE id = :id AND state = 'running' AND attempts = :attempts
        RETURNING 1
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresRunRegister:
    database: Database

    async def live(self, first: date, last: date) -> Run | None:
        rows = await self.database.fetch(LIVE, first=first, last=last)
        return to_run(rows[0]) if rows else None

    async def claim(self, at: datetime, *, lease: timedelta) -> Run | None:
        rows = await self.database.fetch(CLAIM, at=at, until=at + lease)
        return to_run(rows[0]) if rows else None

    async def get(self, run: RunId) -> Run:
        rows = await self.database.fetch(GET, id=run)
        if not rows:
            raise NotFound("reconciliation", run)
        return to_run(rows[0])

    async def page(
        self, *, before: tuple[datetime, RunId] | None = None, at_most: int
    ) -> Sequence[Run]:
        at, run = before or (None, None)
        rows = await self.database.fetch(PAGE, at=at, id=run, at_most=at_most)
        return [to_run(row) for row in rows]

    async def asked_since(self, at: datetime, by: str) -> int:
        (row,) = await self.database.fetch(ASKED, at=at, by=by)
        return int(row["asked"])


@dataclass(frozen=True, slots=True)
class PostgresRunWrites:
    writes: list[Write]

    def request(self, run: Run, nth: int | None = None) -> None:
        values = {
            "id": run.id,
            "first": run.first,
            "last": run.last,
            "trigger": run.trigger.value,
            "requested_at": run.requested_at,
            "requested_by": run.requested_by,
            "asked_on": None if nth is None else business_day_of(run.requested_at),
            "asked_nth": nth,
        }
        self.writes.append(Write(REQUEST, values, expects="a run of the range"))

    def end(self, run: Run) -> None:
        of_range = {"id": run.id, "first": run.first, "last": run.last}
        values = {
            "id": run.id,
            "attempts": run.attempts,
            "state": run.state.value,
            "as_of": run.as_of,
            "ended_at": run.ended_at,
            "summary": None if run.summary is None else json.dumps(asdict(run.summary)),
            "why": run.why,
        }
        self.writes.append(Write(END, values, expects="a run"))
        self.writes.append(Write(SUPERSEDE, of_range))


def to_run(row: Mapping[str, Any]) -> Run:
    return Run(
        id=RunId(row["id"]),
        first=row["first"],
        last=row["last"],
        trigger=RunTrigger(row["trigger"]),
        requested_at=row["requested_at"],
        requested_by=row["requested_by"],
        state=RunState(row["state"]),
        attempts=row["attempts"],
        as_of=row["as_of"],
        ended_at=row["ended_at"],
        summary=None if row["summary"] is None else _summary(row["summary"]),
        why=row["why"],
    )


def _summary(told: Mapping[str, Any]) -> RunSummary:
    """Return what was kept of a run, perhaps by another release: what this one does not know is left out."""
    files = tuple(RunFile(**_known(RunFile, each)) for each in told.get("files", ()))
    days = {day: RunDay(**_known(RunDay, each)) for day, each in told.get("days", {}).items()}
    return RunSummary(**{**_known(RunSummary, told), "files": files, "days": days})


def _known(kind: type[RunSummary | RunFile | RunDay], told: Mapping[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in told.items() if name in names}
