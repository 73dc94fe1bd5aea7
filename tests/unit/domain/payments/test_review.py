"""A person has to look first where the bank may still hold money for a payment."""

from dataclasses import replace

import pytest

from domain.payments.order_facts import FINAL_WITHOUT_SALE, ReviewReason
from fakes.samples import a_payment


@pytest.mark.parametrize("reason", ReviewReason)
def test_a_payment_is_under_review_while_the_bank_may_hold_its_money(reason: ReviewReason) -> None:
    """
    An order that is over at the bank holds none.
    """
    payment = replace(a_payment(), review_reason=reason)

    assert payment.is_under_review is (reason not in FINAL_WITHOUT_SALE)
    assert not a_payment().is_under_review
