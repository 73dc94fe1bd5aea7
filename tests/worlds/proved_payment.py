"""A payment with everything that a pack can hold: a refund, documents, a settled line, and what was found about it."""

from dataclasses import replace

from contracts.reconciliation.discrepancies_contract import a_discrepancy
from contracts.settlements.settlement_files_contract import a_line
from domain.money import Money
from domain.payments.order_facts import RefundVerdict
from domain.payments.payment import Payment
from domain.reconciliation.resolution import (
    DiscrepancyResolution,
    ResolutionAction,
    ResolutionState,
)
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_key import line_key
from domain.settlements.settlement_line import LineState
from fakes.audit.sealing import seal
from fakes.hooked import ENDPOINT
from fakes.samples import BY_STAFF
from fakes.settlements.stored import LineRow
from ports.file_store import FileHash
from worlds.memory import MemoryWorld
from worlds.refund_requests import request_refund

FILE = FileHash("f" * 64)


async def proved_payment(world: MemoryWorld) -> Payment:
    """Return the payment; what was written of it is sealed, but for one entry."""
    store = world.memory.store
    store.webhook_endpoints[ENDPOINT.id] = ENDPOINT
    payment = await world.paid_payment()
    world.gateway.refunds_end(RefundVerdict.PAID)
    await request_refund(world, payment.id, 100_00)
    while await world.relay_outbox():
        pass
    told = replace(a_line(1), payment_id=payment.id)
    line = KeyedLine.of(told, line_key(told))
    row = LineRow(file=FILE, told=line, state=LineState.LIVE)
    store.settlement_lines[row.place] = row
    found = a_discrepancy()
    found = replace(found, finding=replace(found.finding, entries=(payment.id,)))
    store.discrepancies[found.id] = found
    store.resolutions[found.id, 1] = DiscrepancyResolution(
        discrepancy=found.id,
        sequence=1,
        action=ResolutionAction.CLAIM,
        state=ResolutionState.IN_FORCE,
        note="asked the bank",
        amount=Money(1_00),
        difference_paise=1_00,
        posted_paise=0,
        decided_by="staff:mira",
        decided_at=world.clock.now(),
    )
    await seal(world.memory.sealed_log)()
    await world.use_cases.staff().show_student()(payment.id, BY_STAFF)
    return world.payment(payment.id)
