"""The process dies, or loses an answer, at every single moment of settling: the sale is made, and made once."""

from dataclasses import dataclass

import pytest

from domain.payments.payment import Payment
from fault_injection.created_session import opened_by_code
from fault_injection.emails import FILE, LETTER_WITH_FILE, may_go_out_again
from fault_injection.enumeration import PAUSE, Flow, Injected, enumerated, met_by, undisturbed
from fault_injection.interactions import Fault
from fault_injection.world import Process, World
from worlds.postgres import BY_CALLBACK, LAPSE, origin

ACCEPT, CLAIM, READ = "write inbox", "claim inbox", "gateway.read_order"
LOOK_UP, APPLY = (
    "read payment",
    (
        "apply payment, decision_basis, question, journal, entry, expectation, enrolment, outbox,"
        " audit_log, webhook_delivery"
    ),
)
INVOICE = [
    "claim outbox",
    "read tax_document",
    "read enrolment",
    LOOK_UP,
    "apply document_number, tax_document, journal, entry, audit_log, webhook_delivery, outbox",
    "apply outbox",
]
EMAIL = [*INVOICE, *FILE, *LETTER_WITH_FILE]
SOLD = (
    "SELECT p.state, p.redemption, p.captured_paise = p.payable_paise,"
    " (SELECT count(*) FROM enrolment WHERE payment_id = p.id AND until IS NULL),"
    " (SELECT string_agg(state, ' ') FROM outbox WHERE payment_id = p.id),"
    " (SELECT count(*) FROM document_file f JOIN tax_document d USING (gstin, number)"
    "  WHERE d.payment_id = p.id),"
    " (SELECT count(*) FROM audit_log WHERE subject = p.id AND action = 'payment.moved')"
    " FROM payment p WHERE id = $1"
)
ONCE = [("success", "committed", True, 1, "done done done", 2, 1)]
ORIGINAL = (
    "SELECT f.sha256 FROM document_file f JOIN tax_document d USING (gstin, number)"
    " WHERE d.payment_id = $1 AND f.copy = 'original'"
)
OPEN_NEWS = "SELECT count(*) FROM inbox WHERE order_id = $1 AND state <> 'applied'"


@dataclass(slots=True, kw_only=True)
class Sale:
    """A payment that the bank has charged, and what is known of it outside."""

    payment: Payment
    used_before: int
    event: tuple[dict[str, str], bytes]
    returned: list[tuple[str, str]]
    acknowledged: bool = False


async def charged(world: World) -> Sale:
    """A new student opened a page by a discount code and paid; nobody has told us yet."""
    payment, used = await opened_by_code(world)
    world.bank.pay(payment.id)
    return Sale(
        payment=payment,
        used_before=used,
        event=world.bank.event(payment.id),
        returned=world.bank.return_fields(payment.id),
    )


async def tell(process: Process, sale: Sale) -> None:
    """Act as the bank, which sends an event again until it is thanked for it."""
    if not sale.acknowledged:
        await process.use_cases.evidence().receive_webhook()(*sale.event)
        sale.acknowledged = True


async def work(process: Process, _sale: Sale) -> int:
    """Do what a worker does over and over."""
    tasks = (
        process.use_cases.evidence().process_inbox(),
        process.use_cases.evidence().poll_orders(),
        process.use_cases.notifications().relay_outbox(),
    )
    return sum([await task() for task in tasks])


async def deliver(process: Process) -> None:
    """Issue the invoice, file it, then send the email that follows from it."""
    for _ in range(3):
        await process.use_cases.notifications().relay_outbox()()


async def by_webhook(process: Process, sale: Sale) -> None:
    await tell(process, sale)
    await process.use_cases.evidence().process_inbox()()
    await deliver(process)


async def after_the_webhook(process: Process, sale: Sale) -> int:
    await tell(process, sale)
    return await work(process, sale)


async def by_callback(process: Process, sale: Sale) -> None:
    await process.use_cases.evidence().receive_callback()(sale.returned, BY_CALLBACK)


async def by_status_page(process: Process, sale: Sale) -> None:
    who = sale.payment.student
    await process.use_cases.evidence().check_status()(sale.payment.id, who.id, origin(who))


async def by_poller(process: Process, _sale: Sale) -> None:
    await process.use_cases.evidence().poll_orders()()


async def charged_and_overdue(world: World) -> Sale:
    sale = await charged(world)
    world.clock.forward(LAPSE)
    return sale


async def sold_once(world: World, sale: Sale, injected: Injected | None) -> None:
    """One move, enrolment, slot and email; the news dealt with; nothing left to do."""
    payment = sale.payment.id
    assert await world.rows(SOLD, payment) == ONCE
    assert await world.rows("SELECT used FROM discount") == [(sale.used_before + 1,)]
    assert await world.rows(OPEN_NEWS, payment) == [(0,)]
    emails = [each for each in world.mail.letters if payment in each.message_id]
    assert len({each.message_id for each in emails}) == 1
    assert len(emails) == 1 + may_go_out_again(injected)
    [[filed]] = await world.rows(ORIGINAL, payment)
    assert {file.content for each in emails for file in each.attachments} == {
        world.shelf.files[filed]
    }


FLOWS = {
    "webhook": Flow(prepare=charged, act=by_webhook, go_on=after_the_webhook, check=sold_once),
    # Nobody tells us anything more: what these could not finish is the sweeper's.
    "callback": Flow(
        prepare=charged, act=by_callback, go_on=work, check=sold_once, pause=LAPSE + PAUSE
    ),
    "status page": Flow(
        prepare=charged, act=by_status_page, go_on=work, check=sold_once, pause=LAPSE + PAUSE
    ),
    "poller": Flow(prepare=charged_and_overdue, act=by_poller, go_on=work, check=sold_once),
}
# What a sale leads to is the same whoever found it out: one of the four meets faults to its end.
MOMENTS = {
    "webhook": [ACCEPT, CLAIM, READ, LOOK_UP, f"{APPLY}, inbox", *EMAIL],
    "callback": ["write payment", READ, LOOK_UP, APPLY],
    "status page": ["read payment", "write payment", READ, LOOK_UP, APPLY, "read payment"],
    # Its own question is closed last, by its holder's generation.
    "poller": [
        "claim question",
        READ,
        LOOK_UP,
        (
            "apply payment, decision_basis, journal, entry, expectation, enrolment, outbox, audit_log,"
            " webhook_delivery, question"
        ),
    ],
}


@pytest.mark.parametrize("flow", FLOWS)
async def test_these_are_the_moments(world: World, flow: str) -> None:
    """
    Accept, read, apply, email: every call that leaves the process, in this order and no other.
    """
    assert await undisturbed(FLOWS[flow], world) == MOMENTS[flow]


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("flow", FLOWS)
async def test_whatever_fails_at_whatever_moment_the_sale_is_made_once(
    world: World, flow: str, fault: Fault
) -> None:
    """
    After a restart, or another try, all is as if nothing had happened.
    """
    injected = await enumerated(FLOWS[flow], world, fault)

    assert injected == met_by(fault, MOMENTS[flow], world)
