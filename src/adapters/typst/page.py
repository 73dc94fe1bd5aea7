"""The texts of a document's page: every particular in the words and the order of the law."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from adapters.typst.amount_in_words import in_words
from domain.business_day import IST
from domain.documents.tax_document import DocumentKind, Particulars, RegisteredDocument
from domain.money import Money
from domain.tax.gst import PriceMode
from domain.tax.indian_states import SecondTax
from ports.documents.document_renderer import Copy

Rows = Sequence[tuple[str, str]]

TITLES: Final[Mapping[DocumentKind, str]] = MappingProxyType(
    {
        DocumentKind.TAX_INVOICE: "Tax invoice",
        DocumentKind.BILL_OF_SUPPLY: "Bill of supply",
        DocumentKind.CREDIT_NOTE: "Credit note",
        DocumentKind.COMMERCIAL_CREDIT: "Commercial credit note",
    }
)
COPIES: Final[Mapping[Copy, str]] = MappingProxyType(
    {Copy.ORIGINAL: "ORIGINAL FOR RECIPIENT", Copy.DUPLICATE: "DUPLICATE FOR SUPPLIER"}
)
METHODS: Final[Mapping[str, str]] = MappingProxyType(
    {"CARD": "Card", "NB": "Net banking", "UPI": "UPI", "WALLET": "Wallet"}
)
UNSIGNED: Final = "Electronic document under the IT Act, 2000; it needs no signature"
"""Provisos to Rule 46 and Rule 49, Notification 74/2018-Central Tax."""

MINUS: Final = "\N{MINUS SIGN}"


def sheet(registered: RegisteredDocument, copy: Copy) -> Mapping[str, object]:
    """Return all words of the page, as the template expects them; nothing in them is markup."""
    document, said = registered.document, registered.document.particulars
    title, number = TITLES[said.kind], str(document.number)
    return {
        "title": f"{title} {number}",
        "summary": f"{title} of {said.company.legal_name} for {said.payment.order}",
        "day": [said.date.year, said.date.month, said.date.day],
        "heading": title.upper(),
        "copy": COPIES[copy],
        "cancelled": "CANCELLED" if registered.cancelled else "",
        "footer": f"{number} · {UNSIGNED}.",
        "seller": _seller(said),
        "buyer": _buyer(said),
        "facts": _facts(number, said),
        "items": _items(said),
        "words": {"label": "Amount in words", "text": in_words(said.heads.total)},
        "notes": _notes(said),
        "sums": {"heading": "Credit" if said.kind.credits else "Tax", "rows": _sums(said)},
        "total": {
            "label": "Total credited" if said.kind.credits else "Total",
            "amount": str(said.heads.total),
        },
        "proof": {"heading": "Refund" if said.original else "Payment", "rows": _proof(said)},
        "declarations": _declarations(said),
    }


def _seller(said: Particulars) -> Mapping[str, object]:
    company = said.company
    contact = " · ".join(part for part in (company.support_email, company.support_phone) if part)
    lines = (
        company.address,
        f"State: {company.state}",
        f"GSTIN {company.gstin} · PAN {company.pan}",
        f"CIN {company.cin}" if company.cin else "",
        contact,
    )
    return {
        "name": company.legal_name,
        "heading": company.trade_name or company.legal_name,
        "legal": company.legal_name if company.trade_name not in {"", company.legal_name} else "",
        "lines": [line for line in lines if line],
    }


def _buyer(said: Particulars) -> Mapping[str, object]:
    buyer = said.buyer
    lines = (
        f"GSTIN {buyer.gstin}" if buyer.gstin else "",
        buyer.address or "",
        f"State: {buyer.state}",
        "" if buyer.gstin else "Not registered under GST",
    )
    return {
        "label": "Credited to" if said.kind.credits else "Billed to",
        "name": buyer.name,
        "lines": [line for line in lines if line],
    }


def _facts(number: str, said: Particulars) -> Rows:
    rows = [("Number", number), ("Date", _day(said.date))]
    if (original := said.original) is not None:
        rows += [
            ("Against", str(original.number)),
            ("Dated", _day(original.date)),
            ("Note against it", f"No. {original.ordinal}"),
        ]
    return [*rows, ("Place of supply", str(said.place)), ("Reverse charge", "No")]


def _items(said: Particulars) -> Mapping[str, object]:
    value = "Value" if said.kind in UNTAXED else "Taxable value"
    if (pricing := said.pricing) is None:
        return {
            "heading": "Taken back",
            "columns": ["Description", "SAC", f"{value} credited"],
            "cells": [said.description, said.sac, str(said.heads.taxable)],
        }
    including = " incl. GST" if pricing.mode is PriceMode.INCLUSIVE and said.heads.tax else ""
    less = f"{MINUS}{pricing.discount}" if pricing.discount else str(pricing.discount)
    net = pricing.list_price - pricing.discount
    return {
        "heading": "Supply",
        "columns": ["Description", "SAC", f"Price{including}", "Discount", "Net", value],
        "cells": [
            said.description,
            said.sac,
            str(pricing.list_price),
            less,
            str(net),
            str(said.heads.taxable),
        ],
    }


def _sums(said: Particulars) -> Rows:
    heads = said.heads
    if said.kind in UNTAXED:
        return [("Value, no tax", heads.taxable.grouped())]
    rate = said.gst_rate.percent
    half = f"{(rate / 2).normalize():f} %"
    second = said.second_tax or SecondTax.SGST
    taxes: tuple[tuple[str, Money], ...] = (
        ((f"CGST {half}", heads.cgst), (f"{second} {half}", heads.sgst))
        if said.second_tax
        else ((f"IGST {said.gst_rate}", heads.igst),)
    )
    return [
        ("Taxable value", heads.taxable.grouped()),
        *((label, tax.grouped()) for label, tax in taxes),
    ]


def _notes(said: Particulars) -> Sequence[str]:
    notes = []
    if said.pricing is not None and said.pricing.discount_code:
        notes.append(f"Discount code {said.pricing.discount_code}")
    if said.original is not None:
        notes.append(f"{said.original.number} was for {said.original.total}.")
    return notes


def _proof(said: Particulars) -> Rows:
    paid = said.payment
    method = METHODS.get(paid.method.upper(), paid.method)
    rows = [
        ("Reference", paid.order),
        ("Bank transaction", paid.bank_txn_id),
        ("Bank reference (RRN)", paid.bank_reference),
        ("Paid by", method),
        ("Paid on", _moment(paid.captured_at)),
    ]
    if said.original is not None:
        refund = said.original.refund
        rows += [
            ("Refund", refund.refund),
            ("Refund reference (ARN)", refund.arn),
            ("Refunded on", _moment(refund.refunded_at)),
        ]
    return [(label, value) for label, value in rows if value]


def _declarations(said: Particulars) -> Sequence[str]:
    officer = said.company.grievance_officer
    lines = [DECLARATIONS[said.kind], f"Grievance officer: {officer}" if officer else ""]
    return [line for line in lines if line]


UNTAXED: Final = frozenset({DocumentKind.BILL_OF_SUPPLY, DocumentKind.COMMERCIAL_CREDIT})
DECLARATIONS: Final[Mapping[DocumentKind, str]] = MappingProxyType(
    {
        DocumentKind.TAX_INVOICE: "",
        DocumentKind.BILL_OF_SUPPLY: "Exempt supply: no tax is charged (Rule 49).",
        DocumentKind.CREDIT_NOTE: "Issued under section 34 of the CGST Act and Rule 53(1A).",
        DocumentKind.COMMERCIAL_CREDIT: "No effect on tax: issued after the last day of section 34(2).",
    }
)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _moment(at: datetime) -> str:
    there = at.astimezone(IST)
    return f"{_day(there.date())}, {there:%H:%M} IST"
