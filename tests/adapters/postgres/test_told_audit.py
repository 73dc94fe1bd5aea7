"""What was committed to the audit log is told to whoever counts it, and what was not is not."""

import pytest

from adapters.postgres.engine.database import Database
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from domain.errors import ChangedMeanwhile
from fakes.clock import NOON
from fakes.samples import BY_STAFF
from ports.audit_log import AuditEntry


async def test_only_what_was_committed_is_told(database: Database) -> None:
    """
    By its action and its facts.
    """
    told: list[tuple[str, str]] = []
    unit_of_work = PostgresUnitOfWork(database, lambda action, facts: told.append((action, facts)))
    entry = AuditEntry(
        at=NOON,
        origin=BY_STAFF,
        action="refund.moved",
        subject="SK1",
        facts={"state": "success"},
    )

    async with unit_of_work() as work:
        work.audit.add(entry)
        assert not told

    async def in_vain() -> None:
        async with unit_of_work() as work:
            work.audit.add(entry)
            work.payments.inbox.dismiss_webhook(999, NOON)

    with pytest.raises(ChangedMeanwhile):
        await in_vain()

    assert told == [("refund.moved", '{"state": "success"}')]
