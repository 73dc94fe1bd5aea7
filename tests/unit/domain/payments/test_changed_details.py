"""In what a payment under way differs from what its student asks for now."""

from dataclasses import replace

import pytest

from domain.money import Money
from domain.payments.changed_details import (
    AskedDetails,
    ChangedDetail,
    PaymentDetail,
    changed_details,
)
from domain.tax.gst import Buyer
from domain.tax.gstin import Gstin
from domain.tax.indian_states import indian_state
from fakes.samples import ASHAS_BILL, a_code, a_payment

SAME = AskedDetails(ASHAS_BILL, None, Money(1180_00))


def test_each_detail_is_compared() -> None:
    """
    In the order of a form; what one of the two does not have is none.
    """
    gstin = Gstin("27AAPFU0939F1ZV")
    live = replace(
        a_payment(discount=a_code()),
        buyer=Buyer(name="Asha", state=indian_state("27"), gstin=gstin, address="1 Fee Street"),
    )
    asked = AskedDetails(Buyer(name="Asha R", state=indian_state("29")), None, Money(1180_00))

    assert changed_details(live, asked) == (
        ChangedDetail(PaymentDetail.NAME, "Asha", "Asha R"),
        ChangedDetail(PaymentDetail.STATE, "27", "29"),
        ChangedDetail(PaymentDetail.GSTIN, gstin.text, None),
        ChangedDetail(PaymentDetail.ADDRESS, "1 Fee Street", None),
        ChangedDetail(PaymentDetail.DISCOUNT_CODE, "TEN", None),
        ChangedDetail(PaymentDetail.PAYABLE, "1062.00", "1180.00"),
    )


@pytest.mark.parametrize("asked", [SAME, replace(SAME, payable=None)])
def test_the_same_again_differs_in_nothing(asked: AskedDetails) -> None:
    """
    Also where it has no price now, because the payment under way has taken the last use of a code.
    """
    assert changed_details(a_payment(), asked) == ()
