"""Translate what the bank reports beside an order's amount: effective amount, surcharge with its tax, and offer."""

from adapters.hdfc.outbound.amounts import told_amount
from adapters.hdfc.outbound.wire import OrderAnswer, TxnDetail
from adapters.hdfc.sanitise import reference
from domain.money import Money
from domain.payments.adjustment import Adjustment


def adjustment_of(answer: OrderAnswer, detail: TxnDetail) -> Adjustment:
    """Return the adjustment in *answer* and in the *detail* of its transaction (SmartGateway's order-status API)."""
    written = (
        answer.effective_amount,
        detail.surcharge_amount,
        detail.tax_amount,
        detail.offer_deduction_amount,
    )
    effective, surcharge, tax, offer = map(told_amount, written)
    return Adjustment(
        effective=effective,
        surcharge=_sum(surcharge, tax),
        offer=offer,
        unreadable=any(_says_something(each) and told_amount(each) is None for each in written),
    )


def _says_something(value: object) -> bool:
    return value is not None and (not isinstance(value, str) or bool(reference(value)))


def _sum(surcharge: Money | None, tax: Money | None) -> Money | None:
    if surcharge is None or tax is None:
        return surcharge or tax
    return surcharge + tax
