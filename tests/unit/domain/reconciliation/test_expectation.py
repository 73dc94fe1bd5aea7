"""What a journal lets the bank owe, in the sub-ledger of clearing."""

from datetime import date

from domain.ledger.postings import (
    post_capture,
    post_corrected_capture,
    post_refund_asked,
    post_refund_paid,
)
from domain.money import Money
from domain.reconciliation.expectation import Expectation, expected_by
from fakes.samples import payment_id, refund_id

DAY = date(2026, 11, 26)
PAYMENT, REFUND = payment_id(1), refund_id(1)


def test_a_capture_and_a_paid_refund_are_expected() -> None:
    """
    Both with a positive amount; a refund by its own id.
    """
    capture = post_capture(PAYMENT, Money(1180_00), DAY, applied=True)
    paid = post_refund_paid(PAYMENT, REFUND, Money(500_00), DAY)
    assert capture
    assert paid

    assert expected_by(capture) == Expectation(PAYMENT, "", Money(1180_00), DAY)
    assert expected_by(paid) == Expectation(PAYMENT, REFUND, Money(500_00), DAY)


def test_a_correction_is_what_the_expectation_changes_by() -> None:
    """
    One that only opens the course changes no amount.
    """
    less = post_corrected_capture(
        PAYMENT, DAY, before=Money(999_00), now=Money(990_00), applied=False, sequence=2
    )
    opened = post_corrected_capture(
        PAYMENT, DAY, before=Money(999_00), now=Money(999_00), applied=True, sequence=2
    )
    assert less
    assert opened

    assert expected_by(less) == Expectation(PAYMENT, "", Money(-9_00), DAY)
    assert expected_by(opened) is None


def test_a_promise_is_nothing_that_the_bank_settles() -> None:
    """
    Only a refund that it paid is netted.
    """
    asked = post_refund_asked(PAYMENT, REFUND, Money(500_00), DAY, applied=True)
    assert asked

    assert expected_by(asked) is None
