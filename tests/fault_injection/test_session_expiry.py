"""The process dies, or loses an answer, at every moment of finding out by itself what became of a page."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pytest

from domain.identifiers import StudentId
from domain.payments.payment import Payment
from fault_injection.created_session import opened_by_code
from fault_injection.enumeration import Flow, Injected, enumerated, met_by, undisturbed
from fault_injection.interactions import Fault
from fault_injection.world import Process, World
from worlds.postgres import LAPSE

A_THIRD_OF_A_DAY: Final = timedelta(hours=8)
"""A few of these, and nobody asks about what came to nothing any more."""

CLAIM, READ, LOOK_UP = "claim question", "gateway.read_order", "read payment"
MOMENTS: Final = {
    "nobody paid": [
        *(CLAIM, READ, LOOK_UP),
        "apply payment, decision_basis, discount, discount_use, audit_log, webhook_delivery, question",
    ],
    "paid too late": [
        *(CLAIM, READ, LOOK_UP),
        (
            "apply payment, decision_basis, journal, entry, expectation, enrolment, outbox, discount,"
            " discount_use, audit_log,"
            " webhook_delivery, question"
        ),
    ],
}
BOOKS: Final = (
    "SELECT p.state, p.redemption,"
    " (SELECT count(*) FROM enrolment WHERE payment_id = p.id AND until IS NULL),"
    " (SELECT string_agg(to_state, ' ' ORDER BY id) FROM audit_log"
    "  WHERE subject = p.id AND action = 'payment.moved'),"
    " (SELECT count(*) FROM question WHERE id = p.id),"
    " (SELECT string_agg(errand || ' ' || state, ', ' ORDER BY errand) FROM outbox"
    "  WHERE payment_id = p.id)"
    " FROM payment p WHERE id = $1"
)
NOTHING: Final = ("expired", "released", 0, "expired", 0, None)
LATE: Final = (
    *("success", "honoured_late", 1, "expired success", 0),
    "file_documents done, payment_confirmation done, tax_document done",
)
HELD: Final = (
    "SELECT used, (SELECT coalesce(sum(used), 0) FROM discount_use WHERE student_id = $1)"
    " FROM discount"
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A payment by a code, and how many times the code was used before it."""

    payment: Payment
    used_before: int

    @property
    def student(self) -> StudentId:
        return self.payment.student.id


async def unpaid(world: World) -> Visit:
    """A new student opened a page by a discount code, and the session is over."""
    payment, used = await opened_by_code(world)
    world.clock.forward(LAPSE)
    return Visit(payment, used)


async def paid_after_all(world: World) -> Visit:
    """We gave it up by then, and the bank took the money without telling anybody."""
    visit = await unpaid(world)
    process = world.calm
    await process.use_cases.evidence().poll_orders()()
    world.bank.pay(visit.payment.id)
    world.clock.forward(timedelta(minutes=1))
    return visit


async def by_poller(process: Process, _visit: Visit) -> None:
    await process.use_cases.evidence().poll_orders()()


async def work(process: Process, _visit: Visit) -> int:
    tasks = (
        process.use_cases.evidence().poll_orders(),
        process.use_cases.notifications().relay_outbox(),
    )
    handled: int = sum([await task() for task in tasks])
    return handled


async def expired_once(world: World, visit: Visit, _inject: Injected | None) -> None:
    """One move, the slot given back once, and nobody asks any more."""
    assert await world.rows(BOOKS, visit.payment.id) == [NOTHING]
    assert await world.rows(HELD, visit.student) == [(visit.used_before, 0)]


async def sold_late_once(world: World, visit: Visit, _inject: Injected | None) -> None:
    """One sale by the price it was opened for, though its slot was given back."""
    assert await world.rows(BOOKS, visit.payment.id) == [LATE]
    assert await world.rows(HELD, visit.student) == [(visit.used_before + 1, 1)]


FLOWS: Final = {
    "nobody paid": Flow(
        prepare=unpaid, act=by_poller, go_on=work, check=expired_once, pause=A_THIRD_OF_A_DAY
    ),
    "paid too late": Flow(prepare=paid_after_all, act=by_poller, go_on=work, check=sold_late_once),
}


@pytest.mark.parametrize("flow", FLOWS)
async def test_these_are_the_moments(world: World, flow: str) -> None:
    """
    Claim, read, apply: every call that leaves the process, in this order and no other.
    """
    assert await undisturbed(FLOWS[flow], world) == MOMENTS[flow]


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("flow", FLOWS)
async def test_whatever_fails_at_whatever_moment_it_is_found_out_once(
    world: World, flow: str, fault: Fault
) -> None:
    """
    After a restart, or another try, all is as if nothing had happened.
    """
    injected = await enumerated(FLOWS[flow], world, fault)

    assert injected == met_by(fault, MOMENTS[flow], world)
