"""The process dies, or loses an answer, while it gives back by itself what was paid twice: it goes back, and once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pytest

from domain.identifiers import PaymentId, system_refund_of
from domain.payments.order_facts import RefundVerdict
from fault_injection.emails import SEND, may_go_out_again
from fault_injection.enumeration import Flow, Injected, enumerated, met_by, undisturbed
from fault_injection.interactions import Fault
from fault_injection.world import Process, World
from worlds.postgres import BY_CALLBACK, BY_STAFF, COURSE, LAPSE, student, wanted

REFUND, READ, LOOK_UP = "gateway.refund", "gateway.read_order", "read payment"
CLAIM: Final = "claim refund_watch"
MOMENTS: Final = [
    *("claim question", READ, LOOK_UP),
    (
        "apply payment, refund, decision_basis, journal, entry, expectation, audit_log,"
        " webhook_delivery, refund_watch, question"
    ),
    *(CLAIM, READ, LOOK_UP, "apply refund_watch"),
    *(
        REFUND,
        LOOK_UP,
        "apply payment, refund, decision_basis, outbox, audit_log, webhook_delivery",
    ),
    *("claim outbox", LOOK_UP, SEND, "apply outbox"),
]
STANDING: Final = (
    "SELECT p.state, p.refunded_paise = p.captured_paise, p.refunding_paise, p.attention,"
    " (SELECT string_agg(asked_by || ' ' || state, ' ') FROM refund WHERE payment_id = p.id),"
    " (SELECT count(*) FROM refund_watch WHERE payment_id = p.id),"
    " (SELECT count(*) FROM question WHERE id = p.id),"
    " (SELECT count(*) FROM tax_document WHERE payment_id = p.id),"
    " (SELECT string_agg(errand || ' ' || state, ', ' ORDER BY errand) FROM outbox"
    "  WHERE payment_id = p.id)"
    " FROM payment p WHERE id = $1"
)
GIVEN_BACK: Final = (
    *("refunded", True, 0, None, "system success", 0, 0, 0),
    "credit_note done, refund_confirmation done, refund_requested done",
)
PENDING: Final = "SELECT 1 FROM refund WHERE payment_id = $1 AND state = 'pending'"
OWNER: Final = "SELECT payment_id FROM enrolment WHERE student_id = $1 AND until IS NULL"


@dataclass(frozen=True, slots=True)
class PaidTwice:
    """One student's two payments for one course: *kept* opened it, *late* was paid after all."""

    world: World
    late: PaymentId
    kept: PaymentId
    student: str

    async def is_paid_back_once_known(self) -> None:
        """Act as the bank's back office, which is never faster than our books here."""
        if await self.world.rows(PENDING, self.late):
            refund = system_refund_of(self.late)
            self.world.bank.move_refund(self.late, refund, RefundVerdict.PAID)


async def paid_twice(world: World) -> PaidTwice:
    """The first page lapsed and a second one was paid; then the first one was, and nobody told us."""
    number = len(world.bank.orders)
    who = student(f"Asha-{number}")
    process = world.calm
    if not number:
        await process.use_cases.catalogue().replace_courses()([COURSE], BY_STAFF)
    late = await process.use_cases.checkout().initiate_payment()(wanted(who))
    world.clock.forward(LAPSE)
    await process.use_cases.evidence().poll_orders()()
    kept = await process.use_cases.checkout().initiate_payment()(wanted(who))
    world.bank.pay(kept.id)
    await process.use_cases.evidence().receive_callback()(
        world.bank.return_fields(kept.id), BY_CALLBACK
    )
    for _ in ("invoice", "files", "email"):
        await process.use_cases.notifications().relay_outbox()()
    world.bank.pay(late.id)
    world.clock.forward(timedelta(minutes=1))
    return PaidTwice(world, late.id, kept.id, who.id)


async def by_worker(process: Process, _twice: PaidTwice) -> None:
    """Find out, send it back, and have the student told."""
    await process.use_cases.evidence().poll_orders()()
    await process.use_cases.refunds().poll_refunds()()
    await process.use_cases.notifications().relay_outbox()()


async def go_on(process: Process, twice: PaidTwice) -> int:
    await twice.is_paid_back_once_known()
    tasks = (
        process.use_cases.evidence().poll_orders(),
        process.use_cases.refunds().poll_refunds(),
        process.use_cases.notifications().relay_outbox(),
    )
    handled: int = sum([await task() for task in tasks])
    return handled


async def back_once(world: World, twice: PaidTwice, injected: Injected | None) -> None:
    """All of the second payment is back under the one id made for it, and the first is untouched."""
    assert await world.rows(STANDING, twice.late) == [GIVEN_BACK]
    assert await world.rows(OWNER, twice.student) == [(twice.kept,)]
    order = world.bank.orders[twice.late]
    assert [(each.id, each.amount) for each in order.refunds.told] == [
        (system_refund_of(twice.late), order.asked.amount)
    ]
    assert not world.bank.orders[twice.kept].refunds.told
    emails = [
        each for each in world.mail.letters if system_refund_of(twice.late) in each.message_id
    ]
    assert len({each.message_id for each in emails}) == 2
    assert len(emails) == 2 + may_go_out_again(injected)


FLOW: Final = Flow(prepare=paid_twice, act=by_worker, go_on=go_on, check=back_once)


async def test_these_are_the_moments(world: World) -> None:
    """
    Found out and asked back in one write; then sent, and told: in this order and no other.
    """
    assert await undisturbed(FLOW, world) == MOMENTS


@pytest.mark.parametrize("fault", Fault)
async def test_whatever_fails_at_whatever_moment_it_goes_back_once(
    world: World, fault: Fault
) -> None:
    """
    Whoever sends it again sends it under the same id.
    """
    injected = await enumerated(FLOW, world, fault)

    assert injected == met_by(fault, MOMENTS, world)
