"""What has to be true when a life is over: the money, the courses, the emails, and that nothing is left undone."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from domain.gateway_config.configuration_version import VersionState
from domain.money import Money
from domain.payments.dispute import lost_in
from domain.payments.payment import Payment
from domain.payments.refund_state import RefundState
from entrypoints.simulator.orders.order import Order, Status
from entrypoints.simulator.orders.refunds import RefundStatus
from entrypoints.simulator.simulated_bank import SimulatedBank
from fakes.store import Store
from ports.notifications.email_sender import Email
from ports.payments.inbox import EntryState
from simulation.books import broken_books
from simulation.disputes import DisputeWatch
from simulation.people import Promises
from simulation.truth import untrue

PAISE: Final = 100
ALONE: Final = Money(2_000 * PAISE)
"""So much of a payment may one person give back in a life; the settings have it as well."""

SENT: Final = frozenset({RefundState.REQUESTED, RefundState.PENDING, RefundState.SUCCESS})
UNFINISHED: Final = frozenset({RefundState.REQUESTED, RefundState.PENDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """
    What is left of a life; *quiet* means that no process ended and no unit of work failed.

    *closed_on* is the day up to which everything was brought and reconciled, None where it was not.
    """

    store: Store
    bank: SimulatedBank
    emails: Sequence[Email]
    promises: Promises
    disputes: DisputeWatch
    quiet: bool
    closed_on: date | None = None


def at_rest(store: Store) -> bool:
    """Whether nobody has anything left to do, but people who know of it."""
    return not (
        any(each.state.is_live and not each.review.reasons for each in store.payments.values())
        or any(row.state == "new" for row in store.outbox.values())
        or any(
            row.state == EntryState.NEW
            or (row.state == "deferred" and row.event.order in store.payments)
            for row in store.inbox.values()
        )
        or any(
            refund.state in UNFINISHED
            for payment in store.payments.values()
            for refund in payment.refunds
        )
    )


def wrong_with(life: Remains) -> list[str]:
    """Return what is wrong at the end of *life*, in words; nothing of it may be."""
    return [
        *broken_books(life.store),
        *_money(life),
        *_courses(life.store),
        *_emails(life),
        *_undone(life),
        *_promises(life),
        *_seconded(life.store),
        *(untrue(life.store, life.bank, life.closed_on) if life.closed_on is not None else ()),
    ]


def _money(life: Remains) -> Iterator[str]:
    """Our books and the bank's say the same about every order."""
    charged: Counter[tuple[str, str]] = Counter()
    for payment in life.store.payments.values():
        order = life.bank.orders.by_order_id(str(payment.id))
        yield from _compare(payment, order)
        if order is not None:
            yield from life.disputes.wrong_with(payment, order)
        # A refund that the bank refused is under review: a person knows of it.
        known = bool(payment.review.reasons and payment.refunds)
        if order is not None and order.status is Status.CHARGED and not known:
            back = sum((each.amount for each in order.refunds if each.counts), Decimal())
            # What the payer got by a dispute went back as well.
            back += Decimal(lost_in(payment.disputes).paise) / PAISE
            if back < order.request.amount:
                charged[str(payment.student.id), str(payment.course)] += 1
    for (student, course), times in charged.items():
        if times > 1:
            yield f"{student} is charged {times} times for {course}, and nothing goes back"
    ours = {str(each).casefold() for each in life.store.payments}
    for order in life.bank.orders:
        if order.request.order_id.casefold() not in ours:
            yield f"the bank knows {order.request.order_id}, and we do not"


def _compare(payment: Payment, order: Order | None) -> Iterator[str]:
    if order is None:
        if payment.state.is_sold and payment.quote.payable.paise:
            yield f"{payment.id} is sold, and the bank never heard of it"
        return
    if (order.status is Status.CHARGED) != payment.state.is_sold:
        yield f"{payment.id}: the bank says {order.status}, we say {payment.state}"
    if payment.state.is_sold and order.request.amount * PAISE != payment.quote.payable.paise:
        yield f"{payment.id}: the bank took {order.request.amount}, we sold for {payment.quote.payable}"
    theirs = sum(
        (each.amount for each in order.refunds if each.status is RefundStatus.SUCCESS), Decimal()
    )
    ours = sum(each.amount.paise for each in payment.refunds if each.state is RefundState.SUCCESS)
    if theirs * PAISE != ours and not payment.review.reasons:
        yield f"{payment.id}: the bank gave back {theirs}, our books have {ours} paise"


def _courses(store: Store) -> Iterator[str]:
    """Whoever paid has the course, once; nobody else has it."""
    open_courses: Counter[tuple[str, str]] = Counter()
    for enrolment in store.enrolments.values():
        if enrolment.until is None:
            open_courses[str(enrolment.student), str(enrolment.course)] += 1
    for (student, course), times in open_courses.items():
        if times > 1:
            yield f"{student} is enrolled {times} times for {course}"
    for payment in store.payments.values():
        whose = str(payment.student.id), str(payment.course)
        if payment.state == "success" and whose not in open_courses:
            yield f"{payment.id} is paid, and its student has no course"
    for payment_id in store.enrolments:
        if not store.payments[payment_id].state.is_sold:
            yield f"{payment_id} opened a course, and is not paid"


def _emails(life: Remains) -> Iterator[str]:
    """Every sale has its confirmation, and no email is sent as two different ones."""
    sent = Counter(email.message_id for email in life.emails)
    texts: dict[str, set[str]] = {}
    for email in life.emails:
        texts.setdefault(email.message_id, set()).add(email.text)
    for message, said in texts.items():
        if len(said) > 1:
            yield f"the email {message} was sent with {len(said)} texts"
    confirmed = {str(row.payment) for row in life.store.outbox.values() if row.state == "dead"}
    for payment in life.store.payments.values():
        owns = payment.id in life.store.enrolments
        if owns and f"<{payment.id}@example.com>" not in sent and str(payment.id) not in confirmed:
            yield f"{payment.id} is a sale, and no email said so"
    for message, times in sent.items():
        if times > 1 and life.quiet:
            yield f"the email {message} was sent {times} times, and no process had ended"


def _undone(life: Remains) -> Iterator[str]:
    """Everything is final, or named for a person."""
    store = life.store
    for payment in store.payments.values():
        if payment.state.is_live and not payment.review.reasons:
            yield f"{payment.id} is {payment.state} for ever, and nobody is told"
        for refund in payment.refunds:
            # While a dispute is open nothing goes back, and the dispute is named for a person day by day.
            withheld = payment.withheld_for(refund) is not None and payment.review.reasons
            if refund.state in UNFINISHED and not withheld:
                yield f"the refund {refund.id} is {refund.state} for ever"
    for row in store.outbox.values():
        if row.state == "new":
            yield f"{row.task} of {row.payment} is never done: {row.why}"
        elif row.state == "dead":
            yield f"{row.task} of {row.payment} was given up: {row.why}"
    for entry in store.inbox.values():
        if entry.state == EntryState.NEW:
            yield f"the webhook {entry.event.id} is never processed"


def _promises(life: Remains) -> Iterator[str]:
    """Whatever was acknowledged is kept."""
    kept = {str(each) for each in life.store.payments}
    for payment in sorted(life.promises.begun - kept):
        yield f"{payment} was begun, and is lost"
    for payment in sorted(life.promises.told_success):
        if (
            payment in kept
            and not next(
                each for each in life.store.payments.values() if str(each.id) == payment
            ).state.is_sold
        ):
            yield f"{payment} was called a success, and is none"
    received = {str(row.event.id) for row in life.store.inbox.values()}
    for order in life.bank.orders:
        for record in order.records:
            if record.acknowledged and record.id not in received:
                yield f"the webhook {record.id} was acknowledged, and is lost"
    yield from (f"a request failed: {each}" for each in life.promises.failures)


def _seconded(store: Store) -> Iterator[str]:
    """What needs a second person had one."""
    for payment in store.payments.values():
        for refund in payment.refunds:
            by_staff, gone = refund.asked_by.startswith("staff:"), refund.state in SENT
            if by_staff and gone and refund.decided_by == refund.asked_by:
                yield f"the refund {refund.id} was approved by {refund.asked_by}, who had asked for it"
            if by_staff and gone and not refund.decided_by and refund.amount > ALONE:
                yield f"the refund {refund.id} of {refund.amount} was approved by nobody"
    for resolution in store.resolutions.values():
        if resolution.approved_by == resolution.decided_by:
            yield f"{resolution.decided_by} approved their own decision about {resolution.discrepancy}"
    for version in store.configurations.values():
        approved = version.state is VersionState.APPROVED and not version.alone
        if approved and version.decided_by == version.proposed_by:
            yield f"{version.decided_by} approved their own version {version.number} of the configuration"
