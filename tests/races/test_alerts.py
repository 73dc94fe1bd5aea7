"""Two workers judge the same alert at the same moment: it changes once, and people are told once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import pytest_asyncio

from adapters.postgres.audit.audit_reads import PostgresAuditReads
from adapters.postgres.audit.sealed_log import PostgresSealedLog
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.monitoring.alert_register import PostgresAlertReads
from adapters.postgres.monitoring.gateway_calls import PostgresGatewayCalls
from adapters.postgres.monitoring.payment_rollups import PostgresPaymentRollups
from adapters.postgres.monitoring.raised_alerts import PostgresRaisedAlerts
from adapters.postgres.monitoring.system_health import PostgresSystemHealth
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.system.identifiers import new_alert_id
from application.monitoring.judge_alerts import JudgeAlerts
from application.monitoring.take_measures import TakeMeasures
from application.monitoring.watch_credentials import WatchCredentials
from domain.monitoring.alert_case import AlertState
from fakes.audit.sealing import seal
from ports.alerts import Alert, AlertKind
from races.meeting import MeetingPlace, MeetingUnitOfWork
from worlds.postgres import NOON, HandClock

JUDGES: Final = 3
RAISED: Final = Alert(kind=AlertKind.SETTLEMENT_FILE_MISSING, subject="2026-08-02 mid 1")
TOLD: Final = "SELECT errand, subject FROM outbox ORDER BY errand, subject"
WRITTEN: Final = "SELECT action FROM audit_log ORDER BY id"


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database.connect(DatabaseSettings(url=database_url, pool_size=JUDGES + 2))
    yield database
    await database.close()


async def judge_at_once(database: Database, clock: HandClock) -> None:
    """Let all judges read, and then write, at the same moment."""
    place = MeetingPlace(JUDGES)
    measures = TakeMeasures(
        PostgresPaymentRollups(database),
        PostgresSystemHealth(database),
        PostgresRaisedAlerts(database),
        PostgresGatewayCalls(database),
        WatchCredentials(
            tuple, timedelta(), PostgresAuditReads(database), PostgresUnitOfWork(database), clock
        ),
        clock,
    )
    unit_of_work = MeetingUnitOfWork(database, place, only="alert_case")
    alerts = PostgresAlertReads(database)
    judges = [
        JudgeAlerts(measures, alerts, unit_of_work, clock, new_alert_id) for _ in range(JUDGES)
    ]
    await asyncio.gather(*(judge() for judge in judges))
    assert place.met


async def test_many_judges_tell_of_a_change_once(database: Database) -> None:
    """
    When it fires, though each of them drew an id of its own, and when it is resolved.
    """
    clock, alerts = HandClock(), PostgresAlertReads(database)
    await PostgresRaisedAlerts(database).keep(RAISED, NOON)
    await judge_at_once(database, clock)
    (firing,) = await alerts.all()
    assert (firing.state, firing.changes) == (AlertState.FIRING, 1)
    # The emails of the first change are sent meanwhile.
    async with database.borrow() as connection:
        await connection.driver.execute("UPDATE outbox SET state = 'done', closed_at = $1", NOON)
    # What was written is sealed, so that nothing else calls a person.
    await seal(PostgresSealedLog(database))()
    clock.at += timedelta(hours=30)
    await judge_at_once(database, clock)

    (resolved,) = await alerts.all()
    assert (resolved.id, resolved.state, resolved.changes) == (firing.id, AlertState.RESOLVED, 2)
    async with database.borrow() as connection:
        told = [tuple(row) for row in await connection.driver.fetch(TOLD)]
        written = [row["action"] for row in await connection.driver.fetch(WRITTEN)]
    assert told == [
        (task, f"{firing.id}/{change}")
        for task in ("alert_email", "alert_webhook")
        for change in ("1/firing", "2/resolved")
    ]
    assert written == ["alert.fired", "alert.resolved"]
