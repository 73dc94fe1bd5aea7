"""The invariants over the rows in memory: they hold where a life went well, and each damage is found."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.ledger.journal import JournalKind
from domain.money import Money
from domain.payments.payment_state import State
from domain.payments.refund import Refund
from domain.payments.refund_state import RefundState
from domain.payments.refunds import Refunds
from fakes.samples import a_payment, refund_id
from fakes.store import Enrolment, Store
from simulation.books import broken_books

PAYMENT = a_payment()
SOLD = replace(PAYMENT, state=State.SUCCESS)


def sold() -> Store:
    """Return a store that holds a sale, and nothing of what belongs to it."""
    enrolment = Enrolment(student=SOLD.student.id, course=SOLD.course, since=SOLD.opened_at)
    return Store(payments={SOLD.id: SOLD}, enrolments={SOLD.id: enrolment})


def live_twice() -> Store:
    """Return a store with two payments that the same student could make for the same course."""
    other = a_payment(2)
    return Store(payments={PAYMENT.id: PAYMENT, other.id: other})


def asked_and_not_posted() -> Store:
    """Return a store with a refund that waits for approval, of which the ledger knows nothing."""
    asked = Refund(
        id=refund_id(1),
        amount=Money(100),
        state=RefundState.AWAITING_APPROVAL,
        reason="Batch cancelled",
        asked_by="farhan",
        asked_at=PAYMENT.opened_at,
    )
    failed = replace(PAYMENT, state=State.FAILED, refunds=Refunds((asked,)))
    return Store(payments={failed.id: failed})


def test_empty_books_are_in_order() -> None:
    """
    Nothing is missed where nothing happened.
    """
    assert broken_books(Store()) == []


@pytest.mark.parametrize(
    ("store", "broken"),
    [
        (sold, {"captured_differs_from_price", "sold_without_a_word", "trail_has_a_gap"}),
        (
            asked_and_not_posted,
            {"refund_promise_differs", "refunds_above_capture", "trail_has_a_gap"},
        ),
        (live_twice, {"two_live_payments", "unfinished_and_unasked", "trail_has_a_gap"}),
    ],
    ids=["a sale alone", "a refund that is not posted", "two live payments"],
)
def test_what_is_missing_is_named(store: Callable[[], Store], broken: set[str]) -> None:
    """
    Each of them by the name that it has over PostgreSQL.
    """
    assert {each.partition(":")[0] for each in broken_books(store())} == broken


def test_the_kinds_of_journals_that_are_summed_exist() -> None:
    """
    A kind that had another name would leave nothing to be compared.
    """
    assert {JournalKind.CAPTURE, JournalKind.REFUND_PAID} <= set(JournalKind)
