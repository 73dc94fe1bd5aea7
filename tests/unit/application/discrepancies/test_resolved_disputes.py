"""A decision about a chargeback moves the payment's dispute with it, forward only."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.identifiers import DiscrepancyId
from domain.money import Money
from domain.payments.dispute import RECORDED
from domain.payments.dispute_state import DisputeState
from domain.payments.order_facts import ReviewReason
from domain.payments.payment import Payment
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import ResolutionAction, ResolutionState
from domain.reconciliation.taxonomy import Cause, DiscrepancyType
from domain.reconciliation.undo_resolution import UndoRefused
from fakes.samples import ASHA, BY_SECOND, payment_id
from unit.application.discrepancies.test_resolve_discrepancies import (
    TOMORROW,
    FinanceDesk,
    only,
    refusal,
)
from worlds.memory import MemoryWorld

Do = ResolutionAction
PRICE = 1180_00


@pytest.fixture
async def paid(world: MemoryWorld) -> Payment:
    payment = await world.begin_payment(ASHA)
    world.gateway.pay(payment.id)
    await world.deliver_webhook(payment.id)
    return world.memory.store.payments[payment.id]


@pytest.fixture
def desk(world: MemoryWorld) -> FinanceDesk:
    return FinanceDesk(world)


def pulled(desk: FinanceDesk, payment: str, cause: Cause = Cause.CHARGEBACK) -> DiscrepancyId:
    """Keep what a run has found of a chargeback of the whole payment, or of what it gave back."""
    sign = -1 if cause is Cause.CHARGEBACK else 1
    found = desk.found(paise=sign * PRICE, cause=Cause.GROSS_DIFFERS, ref=payment)
    known = desk.world.memory.store.discrepancies.pop(found)
    kind = replace(known.finding, type=DiscrepancyType.STATUS_MISMATCH, cause=cause)
    told: Discrepancy = replace(known, finding=kind)
    desk.world.memory.store.discrepancies[told.id] = told
    return told.id


def disputes(desk: FinanceDesk, payment: Payment) -> list[tuple[str, DisputeState]]:
    kept = desk.world.memory.store.payments[payment.id].disputes
    return [(each.id, each.state) for each in kept]


async def test_a_chargeback_that_is_recorded_is_a_dispute_of_the_payment(
    desk: FinanceDesk, paid: Payment
) -> None:
    """
    With its own entry in the audit log; what was decided about it may be undone, and the dispute stays.
    """
    found = pulled(desk, paid.id)

    standing = only(await desk.resolves(found, action=Do.RECORD_CHARGEBACK, until=TOMORROW))

    assert standing.resolution.payment == paid.id
    assert disputes(desk, paid) == [(f"{RECORDED}{found}", DisputeState.RECEIVED)]
    assert ReviewReason.DISPUTED in desk.world.memory.store.payments[paid.id].review.reasons
    assert "dispute.told" in [each.action for each in desk.world.memory.store.audit]
    only(await desk.resolves(found, action=Do.UNDO))
    assert disputes(desk, paid) == [(f"{RECORDED}{found}", DisputeState.RECEIVED)]


async def test_a_lost_dispute_moves_when_the_second_person_approves(
    desk: FinanceDesk, paid: Payment
) -> None:
    """
    Then it is lost for good: the decision cannot be undone, neither alone nor by two.
    """
    found = pulled(desk, paid.id)
    only(await desk.resolves(found, action=Do.RECORD_LOST))
    assert disputes(desk, paid) == []

    only(await desk.approves(found))

    assert [state for _, state in disputes(desk, paid)] == [DisputeState.LOST]
    assert desk.kept(found).state is DiscrepancyState.RESOLVED
    payment = desk.world.memory.store.payments[paid.id]
    assert ReviewReason.DISPUTE_LOST in payment.review.reasons
    assert payment.refundable == Money(0)
    assert refusal(await desk.resolves(found, action=Do.UNDO)) is UndoRefused


async def test_what_the_bank_gives_back_is_a_dispute_that_was_won(
    desk: FinanceDesk, paid: Payment
) -> None:
    """
    The one that was recorded about the same amount.
    """
    taken = pulled(desk, paid.id)
    only(await desk.resolves(taken, action=Do.RECORD_CHARGEBACK, until=TOMORROW))
    given = pulled(desk, paid.id, Cause.CHARGEBACK_WON_UNRECORDED)

    only(await desk.resolves(given, action=Do.RECORD_WON))

    assert disputes(desk, paid) == [(f"{RECORDED}{taken}", DisputeState.WON)]
    assert refusal(await desk.resolves(given, action=Do.UNDO)) is UndoRefused


async def test_an_undo_that_waits_is_refused_once_the_dispute_has_ended(
    desk: FinanceDesk, paid: Payment
) -> None:
    """
    It was proposed while the dispute said something else; whoever approves it is told.
    """
    found = pulled(desk, paid.id)
    only(await desk.resolves(found, action=Do.RECORD_LOST))
    only(await desk.approves(found))
    store = desk.world.memory.store
    lost = store.payments[paid.id]
    store.payments[paid.id] = replace(lost, disputes=())
    undo = only(await desk.resolves(found, action=Do.UNDO))
    assert undo.resolution.state is ResolutionState.PROPOSED
    store.payments[paid.id] = lost

    assert refusal(await desk.approves(found, origin=BY_SECOND)) is UndoRefused


@pytest.mark.parametrize("told", [{"until": TOMORROW}, {}])
async def test_a_payment_that_nobody_knows_has_no_dispute(
    desk: FinanceDesk, told: dict[str, Any]
) -> None:
    """
    The decision is about the money alone.
    """
    found = pulled(desk, payment_id(9) if told else "CB-1")

    standing = only(await desk.resolves(found, action=Do.RECORD_WON, **told))

    assert standing.resolution.state is ResolutionState.IN_FORCE
    assert not any(each.disputes for each in desk.world.memory.store.payments.values())
    desk.world.clock.move(timedelta(minutes=1))
    only(await desk.resolves(found, action=Do.UNDO))
