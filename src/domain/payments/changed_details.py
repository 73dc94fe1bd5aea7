"""In what a payment under way is another one than what its student asks for now."""

from dataclasses import dataclass
from enum import StrEnum

from domain.money import Money
from domain.payments.payment import Payment
from domain.tax.gst import Buyer


class PaymentDetail(StrEnum):
    NAME = "name"
    STATE = "state"
    GSTIN = "gstin"
    ADDRESS = "address"
    DISCOUNT_CODE = "discount_code"
    PAYABLE = "payable"


@dataclass(frozen=True, slots=True)
class ChangedDetail:
    """What *detail* is in the payment under way, and as it was asked for; None where there is none."""

    detail: PaymentDetail
    under_way: str | None
    asked: str | None


@dataclass(frozen=True, slots=True)
class AskedDetails:
    """What a student asks for; *payable* is None where it has no price now."""

    buyer: Buyer
    code: str | None
    payable: Money | None


def changed_details(live: Payment, asked: AskedDetails) -> tuple[ChangedDetail, ...]:
    """
    Return in what *live* differs from *asked*, in the order of a form; States by their code.

    What has no price is compared without it.
    """
    there = AskedDetails(live.buyer, live.quote.discount_code, live.quote.payable)
    pairs = zip(PaymentDetail, _texts(there), _texts(asked), strict=True)
    unpriced = {PaymentDetail.PAYABLE} if asked.payable is None else set()
    return tuple(
        ChangedDetail(detail, under_way, wanted)
        for detail, under_way, wanted in pairs
        if under_way != wanted and detail not in unpriced
    )


def _texts(said: AskedDetails) -> tuple[str | None, ...]:
    """Return *said* as texts, in the order of ``PaymentDetail``."""
    buyer, payable = said.buyer, said.payable
    return (
        buyer.name,
        buyer.state.code,
        buyer.gstin.text if buyer.gstin else None,
        buyer.address,
        said.code,
        payable.plain() if payable is not None else None,
    )
