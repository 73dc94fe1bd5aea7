"""The process dies, or loses an answer, at every single moment of giving money back: it goes back, and once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

import pytest

from adapters.fake.script import Fault as BankFault
from adapters.totp.second_factor import code_of, step_at
from application.refunds.authorise_refund import AuthoriseRefund
from application.refunds.decide_refund import DecideRefundCommand
from application.refunds.request_refund import RequestRefundCommand
from application.staff.verify_totp import TotpAttempt
from domain.catalogue.course import Course, CourseId
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.order_facts import RefundVerdict
from domain.payments.refund import RequestKey
from domain.payments.refund_state import IllegalRefundStep
from domain.staff.access import Permission
from domain.staff.staff_member import StaffId
from fakes.samples import a_member
from fault_injection.emails import FILE, LETTER_WITH_FILE, SEND, may_go_out_again
from fault_injection.enumeration import Flow, Injected, enumerated, met_by, undisturbed
from fault_injection.interactions import Fault
from fault_injection.world import Process, World
from ports.audit_log import Origin, Source
from ports.payments.payment_gateway import GatewayOperation
from worlds.postgres import BY_CALLBACK, BY_STAFF, COURSE, student, wanted

SURGERY: Final = replace(COURSE, id=CourseId("surgery"), list_price=Money(1_18_000_00))
"""So dear that nobody gives it back alone."""

PART, ALL, NEARLY_ALL = Money(7_080_00), COURSE.list_price, Money(1_00_000_00)
ARN: Final = "74537604221"

STANDING: Final = (
    "SELECT p.state, p.refunded_paise, p.refunding_paise,"
    " (SELECT string_agg(state, ' ') FROM refund WHERE payment_id = p.id),"
    " (SELECT count(*) FROM refund_watch WHERE payment_id = p.id),"
    " (SELECT count(*) FROM enrolment WHERE payment_id = p.id AND until IS NULL),"
    " (SELECT count(*) FROM tax_document WHERE payment_id = p.id AND refund_id IS NOT NULL),"
    " (SELECT string_agg(errand || ' ' || state, ', ' ORDER BY errand) FROM outbox"
    "  WHERE payment_id = p.id AND subject <> payment_id)"
    " FROM payment p WHERE id = $1"
)
TOLD: Final = "credit_note done, refund_confirmation done, refund_requested done"
TRAIL: Final = (
    "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_log"
    " WHERE subject = $1 AND action IN ('refund.requested', 'refund.approved')"
)
CODES: Final = (
    "SELECT r.asked_at, r.decided_at, s.last_step, s.attempts FROM refund r, staff s"
    " WHERE r.payment_id = $1 AND s.id = $2"
)


@dataclass(frozen=True, slots=True)
class Officer:
    """A member of staff, and the app on their phone."""

    name: str
    seed: str

    @property
    def origin(self) -> Origin:
        return Origin(actor=f"staff:{self.name}", source=Source.ADMIN)

    def shows(self, world: World, permission: Permission, subject: str) -> TotpAttempt:
        """Return the code of this half minute, shown for an act on *subject*."""
        code = code_of(self.seed, step_at(world.clock.now()))
        return TotpAttempt(
            staff=StaffId(self.name), permission=permission, subject=subject, code=code
        )


MIRA, NOOR = Officer("mira", "MIRA" * 8), Officer("noor", "NOOR" * 8)


@dataclass(slots=True, kw_only=True)
class GivingBack:
    """A sale of which *wanted* goes back. *refund* is its id once its asker knows it, *decided* by whom."""

    world: World
    wanted: RequestRefundCommand
    refund: RefundId | None = None
    decided: Officer | None = None
    heard: bool = False

    @property
    def payment(self) -> PaymentId:
        return self.wanted.payment

    async def is_asked(self, process: Process) -> None:
        shown = MIRA.shows(self.world, Permission.CREATE_REFUNDS, self.payment)
        standing = await _counter(process).request(self.wanted, shown)
        self.refund = standing.refund.id

    async def is_approved(self, process: Process) -> None:
        assert self.refund is not None
        decided = DecideRefundCommand(payment=self.payment, refund=self.refund, origin=NOOR.origin)
        shown = NOOR.shows(self.world, Permission.APPROVE_REFUNDS, self.refund)
        await _counter(process).approve(decided, shown)

    async def is_paid_once_known(self) -> None:
        """Act as the bank's back office, which is never faster than our books here."""
        known = await self.world.rows(
            "SELECT id FROM refund WHERE payment_id = $1 AND state = 'pending'", self.payment
        )
        for (refund,) in known:
            self.world.bank.move_refund(self.payment, refund, RefundVerdict.PAID, arn=ARN)


def _counter(process: Process) -> AuthoriseRefund:
    counter: AuthoriseRefund = process.container.use_cases().refunds().authorise_refund()
    return counter


async def _open_shop(world: World, process: Process) -> None:
    await process.use_cases.catalogue().replace_courses()([COURSE, SURGERY], BY_STAFF)
    staff = process.use_cases.staff()
    for officer in (MIRA, NOOR):
        member = a_member(officer.name)
        await staff.add_staff()(member, BY_STAFF)
        before = code_of(officer.seed, step_at(world.clock.now()) - 1)
        await staff.enrol_second_factor().confirm(member.id, officer.seed, before, BY_STAFF)


async def sold(
    world: World, process: Process, amount: Money, course: Course = COURSE
) -> GivingBack:
    """A new student bought *course*, has their invoice, and is to get *amount* back."""
    number = len(world.bank.orders)
    if not number:
        await _open_shop(world, process)
    wish = wanted(student(f"Asha-{number}"), course=course.id)
    buyer = replace(wish.buyer, address="12, Lake Road, Mysuru 570001")
    payment = await process.use_cases.checkout().initiate_payment()(replace(wish, buyer=buyer))
    world.bank.pay(payment.id)
    await process.use_cases.evidence().receive_callback()(
        world.bank.return_fields(payment.id), BY_CALLBACK
    )
    for _ in ("invoice", "files", "email"):
        await process.use_cases.notifications().relay_outbox()()
    return GivingBack(
        world=world,
        wanted=RequestRefundCommand(
            payment=payment.id,
            amount=amount,
            reason="course cancelled",
            origin=MIRA.origin,
            key=RequestKey(key=f"refund-{number}", body_sha256="ab" * 32),
        ),
    )


async def wanted_back(world: World) -> GivingBack:
    return await sold(world, world.calm, PART)


async def waiting_for_a_second_person(world: World) -> GivingBack:
    process = world.calm
    back = await sold(world, process, NEARLY_ALL, SURGERY)
    await back.is_asked(process)
    back.decided = NOOR
    return back


async def never_sent(world: World) -> GivingBack:
    """Whoever asked found the bank away: the intent is all there is."""
    async with world.process() as process:
        back = await sold(world, process, PART)
        world.bank.fail_next(GatewayOperation.REFUND, BankFault.DOWN)
        await back.is_asked(process)
    world.clock.forward(world.settings.refund_poll_delay)
    return back


async def paid_unheard(world: World) -> GivingBack:
    """The bank has given all of it back, and no news of it came."""
    process = world.calm
    back = await sold(world, process, ALL)
    await back.is_asked(process)
    await process.use_cases.notifications().relay_outbox()()
    await back.is_paid_once_known()
    world.clock.forward(world.settings.refund_poll_delay)
    return back


async def by_officer(process: Process, back: GivingBack) -> None:
    await back.is_asked(process)
    back.heard = True


async def by_second_officer(process: Process, back: GivingBack) -> None:
    await back.is_approved(process)
    back.heard = True


async def by_follower(process: Process, back: GivingBack) -> None:
    """Ask the bank how it stands, send it where that is missing, and have the student told."""
    back.heard = True
    await process.use_cases.refunds().poll_refunds()()
    await process.use_cases.notifications().relay_outbox()()


async def to_its_end(process: Process, back: GivingBack) -> None:
    """Hear that it is paid, write the note, file it, and send the email that follows from it."""
    await by_follower(process, back)
    for _ in ("files", "email"):
        await process.use_cases.notifications().relay_outbox()()


async def go_on(process: Process, back: GivingBack) -> int:
    """Whoever heard nothing repeats what they did, by a new code; the bank pays, and the worker works."""
    repeated = not back.heard
    if repeated and back.decided:
        try:
            await back.is_approved(process)
        except IllegalRefundStep:
            assert back.refund, "that it is decided already is an answer as good"
    elif repeated:
        await back.is_asked(process)
    back.heard = True
    await back.is_paid_once_known()
    tasks = (
        process.use_cases.refunds().poll_refunds(),
        process.use_cases.notifications().relay_outbox(),
    )
    handled: int = sum([await task() for task in tasks])
    return handled + repeated


async def back_once(world: World, back: GivingBack, injected: Injected | None) -> None:
    """One refund at the bank under one id, one note, one email of each kind, one code used up."""
    amount = back.wanted.amount
    part = amount != world.bank.orders[back.payment].asked.amount
    state = "partially_refunded" if part else "refunded"
    assert await world.rows(STANDING, back.payment) == [
        (state, amount.paise, 0, "success", 0, int(part), 1, TOLD)
    ]
    at_the_bank = world.bank.orders[back.payment].refunds.told
    assert [(each.id, each.amount, each.verdict) for each in at_the_bank] == [
        (back.refund, amount, RefundVerdict.PAID)
    ]
    acts = "refund.requested refund.approved" if back.decided else "refund.requested"
    assert await world.rows(TRAIL, back.payment) == [(acts,)]
    actor = back.decided or MIRA
    [(asked_at, decided_at, last_step, attempts)] = await world.rows(
        CODES, back.payment, actor.name
    )
    assert (last_step, attempts) == (step_at(decided_at or asked_at), 0)
    emails = [each for each in world.mail.letters if (back.refund or "") in each.message_id]
    assert len({each.message_id for each in emails}) == 2
    assert len(emails) == 2 + may_go_out_again(injected)


def _flow(
    prepare: Callable[[World], Awaitable[GivingBack]],
    act: Callable[[Process, GivingBack], Awaitable[None]],
) -> Flow[GivingBack]:
    return Flow(prepare=prepare, act=act, go_on=go_on, check=back_once)


FLOWS: Final = {
    "asked": _flow(wanted_back, by_officer),
    "approved": _flow(waiting_for_a_second_person, by_second_officer),
    "sent by the follower": _flow(never_sent, by_follower),
    "followed to its end": _flow(paid_unheard, to_its_end),
}
REFUND, READ, LOOK_UP = "gateway.refund", "gateway.read_order", "read payment"
ACCOUNT, KEY, CLAIM = "read staff", "read refund", "claim refund_watch"
COUNTED: Final = [ACCOUNT, "apply staff"]
INTENT: Final = (
    "apply payment, refund, decision_basis, journal, entry, refund_watch, audit_log,"
    " webhook_delivery, staff"
)
"""The refund, its posting, the list of those to be followed, and the code that is used up: one write."""

APPROVAL: Final = (
    "apply payment, refund, decision_basis, refund_watch, audit_log, webhook_delivery, staff"
)
"""The same of a refund that was promised, and posted, when it was asked for."""

SENT: Final = [
    REFUND,
    LOOK_UP,
    "apply payment, refund, decision_basis, outbox, audit_log, webhook_delivery",
]
EMAIL: Final = ["claim outbox", LOOK_UP, SEND, "apply outbox"]
MOMENTS: Final = {
    "asked": [ACCOUNT, KEY, *COUNTED, LOOK_UP, KEY, ACCOUNT, INTENT, *SENT],
    "approved": [*COUNTED, LOOK_UP, ACCOUNT, APPROVAL, *SENT],
    "sent by the follower": [CLAIM, READ, LOOK_UP, "apply refund_watch", *SENT, *EMAIL],
    "followed to its end": [
        *(CLAIM, READ, LOOK_UP),
        (
            "apply payment, refund, decision_basis, journal, entry, expectation, enrolment, outbox, audit_log,"
            " webhook_delivery, refund_watch"
        ),
        *("claim outbox", "read tax_document", "read tax_document", LOOK_UP),
        "apply document_number, tax_document, journal, entry, audit_log, webhook_delivery, outbox",
        "apply outbox",
        *FILE,
        *LETTER_WITH_FILE,
    ],
}


@pytest.mark.parametrize("flow", FLOWS)
async def test_the_intent_is_written_before_the_bank_is_asked(world: World, flow: str) -> None:
    """
    Code counted, intent with the code used up, bank, answer: in this order and no other.
    """
    assert await undisturbed(FLOWS[flow], world) == MOMENTS[flow]


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("flow", FLOWS)
async def test_whatever_fails_at_whatever_moment_the_money_goes_back_once(
    world: World, flow: str, fault: Fault
) -> None:
    """
    Under the one id that was written down first, however often anybody asks.
    """
    injected = await enumerated(FLOWS[flow], world, fault)

    assert injected == met_by(fault, MOMENTS[flow], world)
