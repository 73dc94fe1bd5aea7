"""Books that were changed by hand, as the owner of the tables: the rebuild says what differs, until it has healed."""

from datetime import timedelta
from typing import Any, Final

import pytest

from adapters.postgres.engine.database import Database
from adapters.postgres.invariants.invariants import PostgresInvariants
from adapters.postgres.payments.booked_payments import PostgresBookedPayments
from adapters.postgres.payments.difference_register import PostgresDifferences
from application.rebuild.rebuild_payments import RebuildPayments, RebuildReport
from fakes.clock import StoppedClock
from worlds.damaged_books import SOON, breaches, damage, invoice
from worlds.postgres import NOON

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAY: Final = timedelta(days=1)
INVARIANT: Final = "books_differ_from_decisions"

BY_HAND: Final[dict[str, tuple[str, str]]] = {
    "state": (
        "UPDATE payment SET state = 'expired' WHERE state = 'success'",
        "UPDATE payment SET state = 'success' WHERE state = 'expired'",
    ),
    "capture": (
        (
            "UPDATE payment SET captured_paise = 500, captured_at = opened_at, bank_txn_id = 'x',"
            " bank_reference = 'x', method = 'UPI', card_brand = '', card_issuer = ''"
            " WHERE state = 'pending'"
        ),
        "UPDATE payment SET captured_paise = NULL WHERE state = 'pending'",
    ),
    "refunded": (
        "UPDATE payment SET refunded_paise = 100, state = 'partially_refunded' WHERE state = 'success'",
        "UPDATE payment SET refunded_paise = 0, state = 'success' WHERE state = 'partially_refunded'",
    ),
    "refund": (
        (
            "INSERT INTO refund (payment_id, id, number, amount_paise, state, asked_by, asked_at, reason,"
            " revokes, outside, decided_by, bank_reference, arn, error) SELECT id, 'RFX', 1, 100, 'success',"
            " 'x', opened_at, '', false, true, '', '', '', '' FROM payment WHERE state = 'success'"
        ),
        "DELETE FROM refund",
    ),
    "enrolment": (
        "UPDATE enrolment SET until = since",
        "UPDATE enrolment SET until = NULL",
    ),
    "document": (invoice(), "DELETE FROM tax_document"),
    "basis": (
        "UPDATE payment SET version = version + 1 WHERE state = 'pending'",
        "UPDATE payment SET version = version - 1 WHERE state = 'pending'",
    ),
}
"""A change by SQL past all guards, and its way back."""

LONG_KEPT: Final = """
    INSERT INTO decision_basis (payment_id, version, at, kind, told)
    SELECT 'SKOFNOBODY', 0, at - interval '9 days', kind, told FROM decision_basis LIMIT 1
"""


def rebuild_on(database: Database) -> RebuildPayments:
    return RebuildPayments(
        PostgresBookedPayments(database), PostgresDifferences(database), StoppedClock(SOON)
    )


def kinds(report: RebuildReport) -> set[str]:
    return {each.kind.value for found in report.shown for each in found.differences}


@pytest.mark.parametrize("kind", BY_HAND)
async def test_what_was_changed_by_hand_is_found_and_heals(
    invariants: PostgresInvariants, kind: str
) -> None:
    """
    Nothing is found before; then an invariant is broken, until a rebuild finds the row put right.
    """
    rebuild = rebuild_on(invariants.database)
    by_hand, back = BY_HAND[kind]
    if kind == "basis":
        # Of what was begun on the day of an upgrade a version may lack its basis: that day is long ago.
        await damage(invariants, LONG_KEPT)

    before = await rebuild.since(NOON - 10 * DAY)
    await damage(invariants, by_hand)
    damaged = await rebuild.since(NOON - 10 * DAY)
    broken = {each.invariant.name for each in await breaches(invariants)}
    await damage(invariants, back)
    healed = await rebuild.since(SOON)

    assert (before.compared, before.differing, before.not_rebuilt) == (2, 0, 0)
    assert damaged.differing == 1
    assert kind in kinds(damaged)
    assert INVARIANT in broken
    assert (healed.compared, healed.differing) == (1, 0)
    assert INVARIANT not in {each.invariant.name for each in await breaches(invariants)}


async def test_what_cannot_be_read_differs_and_hides_nothing(
    invariants: PostgresInvariants,
) -> None:
    """
    A row that is no payment, and a basis of a kind that nobody knows.
    """
    await damage(
        invariants,
        "UPDATE payment SET language = 'xx' WHERE state = 'pending'",
        "UPDATE decision_basis SET kind = 'odd' WHERE kind = 'order_status'",
    )

    report = await rebuild_on(invariants.database).since(NOON - DAY)

    assert report.differing + report.not_rebuilt == 2
    assert kinds(report) == {"basis"}


async def test_a_batch_is_few_statements(
    invariants: PostgresInvariants, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    However many payments it holds: what stands, where the changes begin, and for each batch a read and a record.
    """
    count, fetch = 0, Database.fetch

    async def counted(self: Database, *arguments: Any, **values: Any) -> Any:
        nonlocal count
        count += 1
        return await fetch(self, *arguments, **values)

    monkeypatch.setattr(Database, "fetch", counted)
    report = await rebuild_on(invariants.database).since(NOON - DAY)

    assert (report.compared, count) == (2, 5)
