"""
The invariants of the books over the rows in memory, under the names that they have over PostgreSQL.

What they mean stands with the queries, in ``src/adapters/postgres/invariants``. Here each is said once more, in another
language: where the two differ, one of them is wrong.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from domain.documents.tax_document import RegisteredDocument
from domain.identifiers import PaymentId
from domain.ledger.account import Account
from domain.ledger.journal import JournalKind
from domain.money import CURRENCY
from domain.payments.discount_reservation import DiscountReservation
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from fakes.store import Store
from ports.notifications.outbox import OutboxTask

Subjects = Iterator[str]
HELD: Final = frozenset(DiscountReservation) - {DiscountReservation.RELEASED}
OF_PAYMENTS: Final = frozenset(OutboxTask) - {
    OutboxTask.RECONCILIATION_SUMMARY,
    OutboxTask.RECONCILIATION_FAILURE,
    OutboxTask.ALERT_EMAIL,
    OutboxTask.ALERT_WEBHOOK,
    OutboxTask.FILE_DOCUMENTS,
    OutboxTask.REGENERATE_FILES,
}


def broken_books(store: Store, *, at_rest: bool = True) -> list[str]:
    """
    Return each invariant that does not hold in *store*, with what it is broken by.

    Unless it is *at_rest* only those are asked that hold after every unit of work.
    """
    return [
        f"{name}: {', '.join(found)}"
        for name, subjects in INVARIANTS.items()
        if (at_rest or name not in AT_REST_ALONE) and (found := list(subjects(store)))
    ]


def _sold(store: Store) -> Iterator[Payment]:
    return (each for each in store.payments.values() if each.state.is_sold)


def _journal_unbalanced(store: Store) -> Subjects:
    for number, posted in store.journals.items():
        if len(posted.entries) < 2 or sum(each.amount.paise for each in posted.entries) != 0:
            yield str(number)


def _capture_not_posted(store: Store) -> Subjects:
    cleared: Counter[str] = Counter()
    for posted in store.journals.values():
        if posted.key.kind is JournalKind.CAPTURE:
            for entry in posted.entries:
                if entry.account is Account.CLEARING:
                    cleared[str(entry.payment)] += entry.amount.paise
    for payment in store.payments.values():
        taken = payment.capture
        captured = taken.amount.paise if taken is not None and taken.currency == CURRENCY else 0
        if captured != cleared[str(payment.id)]:
            yield str(payment.id)


def _refund_not_posted(store: Store) -> Subjects:
    paid: Counter[str] = Counter()
    for posted in store.journals.values():
        if posted.key.kind is JournalKind.REFUND_PAID:
            for entry in posted.entries:
                if entry.account is Account.CLEARING:
                    paid[posted.key.subject] -= entry.amount.paise
    for payment in store.payments.values():
        for refund in payment.refunds:
            gone = refund.amount.paise if refund.state is RefundState.SUCCESS else 0
            if gone != paid[f"{payment.id}/{refund.id}"]:
                yield str(refund.id)


def _balances(store: Store, account: Account) -> Mapping[str, int]:
    """Return what stands on *account* in paise, by payment."""
    found: Counter[str] = Counter()
    for posted in store.journals.values():
        for entry in posted.entries:
            if entry.account is account:
                found[str(entry.payment)] += entry.amount.paise
    return found


def _refund_promise_differs(store: Store) -> Subjects:
    """What is promised is what is in flight: PostgreSQL asks only whether something is left when nothing is."""
    promised = _balances(store, Account.REFUNDS_PAYABLE)
    for payment in store.payments.values():
        in_flight = sum(each.amount.paise for each in payment.refunds if each.state.is_in_flight)
        if -promised.get(str(payment.id), 0) != in_flight:
            yield str(payment.id)


def _refund_promise_open(store: Store) -> Subjects:
    for account in (Account.REFUNDS_PAYABLE, Account.REFUNDS_GRANTED):
        left = _balances(store, account)
        for payment in store.payments.values():
            open_still = any(each.state.is_in_flight for each in payment.refunds)
            closed = any(
                row.task is OutboxTask.CREDIT_NOTE and row.payment == payment.id and row.why
                for row in store.outbox.values()
            )
            if left.get(str(payment.id), 0) and not open_still and not closed:
                yield str(payment.id)


def _receivable_open(store: Store) -> Subjects:
    yield from (payment for payment, left in _balances(store, Account.RECEIVABLE).items() if left)


def _expectation_differs(store: Store) -> Subjects:
    owed: Counter[tuple[str, str]] = Counter()
    for posted in store.journals.values():
        if posted.key.kind in {JournalKind.CAPTURE, JournalKind.REFUND_PAID}:
            sign = 1 if posted.key.kind is JournalKind.CAPTURE else -1
            refund = posted.key.subject.partition("/")[2]
            for entry in posted.entries:
                if entry.account is Account.CLEARING:
                    owed[str(entry.payment), refund] += sign * entry.amount.paise
    for (payment, refund), row in store.expectations.items():
        owed[str(payment), refund] -= row.expected.amount.paise
    yield from (f"{payment}/{refund}" for (payment, refund), left in owed.items() if left)


def _enrolled_after_full_refund(store: Store) -> Subjects:
    for payment, enrolment in store.enrolments.items():
        if enrolment.until is None and store.payments[payment].state is State.REFUNDED:
            yield str(payment)


def _captured_differs_from_price(store: Store) -> Subjects:
    for payment in _sold(store):
        if payment.quote.payable.paise and payment.captured != payment.quote.payable:
            yield str(payment.id)


def _two_live_payments(store: Store) -> Subjects:
    live = Counter(
        (str(each.student.id), str(each.course))
        for each in store.payments.values()
        if each.state.is_live
    )
    yield from (f"{student} for {course}" for (student, course), times in live.items() if times > 1)


def _refunds_above_capture(store: Store) -> Subjects:
    for payment in store.payments.values():
        # Summed here and not by the payment itself, which decides by its own sum.
        taken = sum(
            each.amount.paise
            for each in payment.refunds
            if each.state.is_in_flight or each.state is RefundState.SUCCESS
        )
        if taken > payment.captured.paise:
            yield str(payment.id)


def _refund_state_disagrees(store: Store) -> Subjects:
    for payment in _sold(store):
        back, taken = payment.refunds.went_back.paise, payment.captured.paise
        full = taken > 0 and back == taken
        if (payment.state is State.REFUNDED) != full or (
            payment.state is State.PARTIALLY_REFUNDED
        ) != (0 < back < taken):
            yield str(payment.id)


def _refund_nobody_follows(store: Store) -> Subjects:
    for payment in store.payments.values():
        for refund in payment.refunds:
            if (
                refund.state in {RefundState.REQUESTED, RefundState.PENDING}
                and (payment.id, refund.id) not in store.refund_polls
            ):
                yield str(refund.id)


def _paid_twice_and_kept(store: Store) -> Subjects:
    for payment in store.payments.values():
        if (
            payment.state is State.SUCCESS
            and payment.captured.paise
            and payment.id not in store.enrolments
            and not payment.refunds
            and store.owner(payment.student.id, payment.course) is not None
        ):
            yield str(payment.id)


def _unfinished_and_unasked(store: Store) -> Subjects:
    for payment in store.payments.values():
        if payment.state.is_live and payment.id not in store.order_polls:
            yield str(payment.id)


def _state_moved_back(store: Store) -> Subjects:
    for entry in store.audit:
        if (
            entry.action == "payment.moved"
            and entry.from_state is not None
            and entry.to_state is not None
            and entry.from_state.is_sold
            and not entry.to_state.is_sold
        ):
            yield entry.subject


def _trail_has_a_gap(store: Store) -> Subjects:
    last: dict[str, State] = {}
    for entry in store.audit:
        if entry.to_state is not None:
            before = last.get(entry.subject)
            if entry.action == "payment.moved" and before not in {None, entry.from_state}:
                yield entry.subject
            last[entry.subject] = entry.to_state
    for payment in store.payments.values():
        if last.get(str(payment.id)) is not payment.state:
            yield str(payment.id)


def _two_letters_of_one_fact(store: Store) -> Subjects:
    told = Counter(
        (row.task, str(row.payment), row.subject)
        for row in store.outbox.values()
        if row.task in OF_PAYMENTS
    )
    yield from (f"{task} of {subject}" for (task, _, subject), times in told.items() if times > 1)


def _sold_without_a_word(store: Store) -> Subjects:
    told = {row.payment for row in store.outbox.values()}
    yield from (str(each) for each in store.enrolments if each not in told)


def _discount_count_disagrees(store: Store) -> Subjects:
    held = Counter(
        each.quote.discount_code
        for each in store.payments.values()
        if each.reservation is not None and each.reservation in HELD
    )
    for code in store.discounts:
        if held[code] != store.uses.get(code, 0):
            yield code


def _discount_used_too_often(store: Store) -> Subjects:
    """Beyond its limit a code is only granted to a charge that came late."""
    for code, discount in store.discounts.items():
        used = sum(
            each.quote.discount_code == code
            and each.reservation in {DiscountReservation.RESERVED, DiscountReservation.COMMITTED}
            for each in store.payments.values()
        )
        if discount.total_limit is not None and used > discount.total_limit:
            yield code


def _document_numbers_have_a_gap(store: Store) -> Subjects:
    numbers: dict[str, list[int]] = defaultdict(list)
    for each in store.documents:
        text = str(each.document.number)
        series, _, number = text.rpartition("/")
        numbers[series].append(int(number))
    for series, given in numbers.items():
        if sorted(given) != list(range(1, len(given) + 1)):
            yield series


def _fact(registered: RegisteredDocument) -> tuple[PaymentId, str | None]:
    """Return the payment that a document is about, and the refund if it is about one."""
    particulars = registered.document.particulars
    original = particulars.original
    return particulars.payment.order, original.refund.refund if original is not None else None


def _two_documents_of_one_fact(store: Store) -> Subjects:
    facts = Counter(_fact(each) for each in store.documents if each.cancelled is None)
    yield from (f"{payment}" for (payment, _), times in facts.items() if times > 1)


def _sold_without_document(store: Store) -> Subjects:
    invoiced = {payment for payment, refund in map(_fact, store.documents) if refund is None}
    for payment in store.enrolments:
        if store.payments[payment].captured.paise and payment not in invoiced:
            yield str(payment)


def _refunded_without_note(store: Store) -> Subjects:
    facts = {_fact(each) for each in store.documents}
    noted, invoiced = {refund for _, refund in facts}, {payment for payment, _ in facts}
    for payment in store.payments.values():
        for refund in payment.refunds:
            closed = any(
                row.task is OutboxTask.CREDIT_NOTE and row.subject == refund.id and row.why
                for row in store.outbox.values()
            )
            if (
                refund.state is RefundState.SUCCESS
                and payment.id in invoiced
                and refund.id not in noted
                and not closed
            ):
                yield str(refund.id)


INVARIANTS: Final[Mapping[str, Callable[[Store], Subjects]]] = {
    "journal_unbalanced": _journal_unbalanced,
    "capture_not_posted": _capture_not_posted,
    "refund_not_posted": _refund_not_posted,
    "refund_promise_differs": _refund_promise_differs,
    "refund_promise_open": _refund_promise_open,
    "receivable_open": _receivable_open,
    "expectation_differs": _expectation_differs,
    "enrolled_after_full_refund": _enrolled_after_full_refund,
    "captured_differs_from_price": _captured_differs_from_price,
    "two_live_payments": _two_live_payments,
    "refunds_above_capture": _refunds_above_capture,
    "refund_state_disagrees": _refund_state_disagrees,
    "refund_nobody_follows": _refund_nobody_follows,
    "paid_twice_and_kept": _paid_twice_and_kept,
    "unfinished_and_unasked": _unfinished_and_unasked,
    "state_moved_back": _state_moved_back,
    "trail_has_a_gap": _trail_has_a_gap,
    "two_letters_of_one_fact": _two_letters_of_one_fact,
    "sold_without_a_word": _sold_without_a_word,
    "discount_count_disagrees": _discount_count_disagrees,
    "discount_used_too_often": _discount_used_too_often,
    "document_numbers_have_a_gap": _document_numbers_have_a_gap,
    "two_documents_of_one_fact": _two_documents_of_one_fact,
    "sold_without_document": _sold_without_document,
    "refunded_without_note": _refunded_without_note,
}

AT_REST_ALONE: Final = frozenset(
    {
        "sold_without_document",
        "refunded_without_note",
        "paid_twice_and_kept",
        "refund_promise_open",
        "receivable_open",
    }
)
"""What is done by a task that follows holds only when it is done."""
