"""What one payment is made of, for the page of its student."""

from typing import Final

from sqlalchemy import bindparam, select

from adapters.postgres.engine.database import Record
from adapters.postgres.engine.statements import prepare
from adapters.postgres.payments.tables import payment
from domain.money import Money
from domain.payments.order_facts import Instrument
from domain.payments.payment_method import paid_by
from domain.tax.indian_states import SecondTax, indian_state
from domain.text.card_number import CardTail
from ports.payments.payment_queries import PaymentView, PriceView

PRICE_COLUMNS: Final = (
    payment.c.list_price_paise,
    payment.c.discount_paise,
    payment.c.discount_code,
    payment.c.taxable_paise,
    payment.c.cgst_paise,
    payment.c.sgst_paise,
    payment.c.igst_paise,
    payment.c.second_tax,
    payment.c.gst_rate,
)
"""What ``to_price`` reads beside the payable sum."""

DETAILS = prepare(
    select(
        payment.c.opened_at,
        payment.c.payable_paise,
        *PRICE_COLUMNS,
        payment.c.exempt,
        payment.c.buyer_name,
        payment.c.buyer_state,
        payment.c.buyer_gstin,
        payment.c.buyer_address,
        payment.c.method,
        payment.c.card_tail,
        payment.c.card_brand,
        payment.c.bank_reference,
        payment.c.asked_at,
    ).where(payment.c.id == bindparam("wanted"), payment.c.student_id == bindparam("student"))
)


def to_price(row: Record) -> PriceView:
    """Return how the price in *row* is made up, in rupees."""
    return PriceView(
        list_price=Money(row["list_price_paise"]).plain(),
        discount=Money(row["discount_paise"]).plain(),
        discount_code=row["discount_code"],
        taxable=Money(row["taxable_paise"]).plain(),
        cgst=Money(row["cgst_paise"]).plain(),
        sgst=Money(row["sgst_paise"]).plain(),
        igst=Money(row["igst_paise"]).plain(),
        payable=Money(row["payable_paise"]).plain(),
        second_tax=SecondTax(row["second_tax"]) if row["second_tax"] else None,
        gst_rate=f"{row['gst_rate'].normalize():f}",
    )


def to_details(row: Record) -> PaymentView:
    """Return what *row* says, its amounts in rupees."""
    used = Instrument(
        method=row["method"] or "",
        card_tail=CardTail(row["card_tail"]) if row["card_tail"] else None,
        card_brand=row["card_brand"] or "",
    )
    return PaymentView(
        opened_at=row["opened_at"],
        list_price=Money(row["list_price_paise"]).plain(),
        discount=Money(row["discount_paise"]).plain(),
        discount_code=row["discount_code"],
        taxable=Money(row["taxable_paise"]).plain(),
        cgst=Money(row["cgst_paise"]).plain(),
        sgst=Money(row["sgst_paise"]).plain(),
        igst=Money(row["igst_paise"]).plain(),
        payable=Money(row["payable_paise"]).plain(),
        second_tax=SecondTax(row["second_tax"]) if row["second_tax"] else None,
        gst_rate=f"{row['gst_rate'].normalize():f}",
        exempt=row["exempt"],
        buyer_name=row["buyer_name"],
        buyer_state=indian_state(row["buyer_state"]).name,
        buyer_gstin=row["buyer_gstin"],
        buyer_address=row["buyer_address"],
        method=paid_by(used),
        bank_reference=row["bank_reference"] or "",
        asked_at=row["asked_at"],
    )
