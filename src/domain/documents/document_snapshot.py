"""The canonical text of a document: stored, hashed, and the source of every later copy."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from domain.documents.document_number import DocumentNumber
from domain.documents.tax_document import (
    Company,
    DocumentKind,
    Heads,
    Original,
    Particulars,
    PaymentReference,
    Pricing,
    RefundReference,
    TaxDocument,
)
from domain.errors import DomainError
from domain.identifiers import PaymentId
from domain.money import Money
from domain.tax.gst import Buyer, GstRate, PriceMode, Supply
from domain.tax.gstin import Gstin
from domain.tax.indian_states import IndianState, SecondTax, indian_state

FORMAT: Final = "shulk-document-1"

_HEAD: Final = '{"number":"'


class SnapshotDamaged(DomainError):
    """The stored text is not the document whose hash is *sha256*."""

    def __init__(self, sha256: str) -> None:
        self.sha256 = sha256
        super().__init__(f"the snapshot is not the document that was issued under {sha256}")


def snapshot(document: TaxDocument) -> str:
    """Return the canonical text of *document*: JSON with sorted keys, amounts in paise, instants in UTC."""
    head, tail = around_number(document.particulars)
    return f"{head}{document.number}{tail}"


def around_number(particulars: Particulars) -> tuple[str, str]:
    """
    Return the snapshot's text before and after the number.

    With it the register can assign the number and write the text in one statement.
    """
    text = json.dumps(
        _fields(particulars), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return _HEAD, f'",{text[1:]}'


def sha256_of(text: str) -> str:
    """Return the hash of a snapshot, in lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def from_snapshot(text: str, sha256: str) -> TaxDocument:
    """Return the document of *text*, or raise ``SnapshotDamaged`` when *sha256* is not its hash."""
    if sha256_of(text) != sha256:
        raise SnapshotDamaged(sha256)
    stored = json.loads(text)
    return TaxDocument(
        number=DocumentNumber.parse(stored["number"]),
        particulars=Particulars(
            kind=DocumentKind(stored["kind"]),
            date=date.fromisoformat(stored["date"]),
            issued_at=datetime.fromisoformat(stored["issued_at"]),
            company=_to_company(stored["company"]),
            buyer=_to_buyer(stored["buyer"]),
            payment=_to_payment(stored["payment"]),
            description=stored["description"],
            sac=stored["sac"],
            gst_rate=GstRate(Decimal(stored["gst_rate"])),
            exempt=stored["exempt"],
            rounding_policy=stored["rounding_policy"],
            supply=Supply(stored["supply"]),
            second_tax=SecondTax(stored["second_tax"]) if stored["second_tax"] else None,
            place=indian_state(stored["place"]["code"]),
            heads=_to_heads(stored["heads"]),
            pricing=_to_pricing(stored["pricing"]) if stored["pricing"] else None,
            original=_to_original(stored["original"]) if stored["original"] else None,
        ),
    )


def _fields(particulars: Particulars) -> dict[str, object]:
    return {
        "format": FORMAT,
        "kind": particulars.kind,
        "date": particulars.date.isoformat(),
        "issued_at": _instant(particulars.issued_at),
        "company": _company(particulars.company),
        "buyer": {
            "name": particulars.buyer.name,
            "state": _state(particulars.buyer.state),
            "gstin": particulars.buyer.gstin.text if particulars.buyer.gstin else None,
            "address": particulars.buyer.address,
        },
        "payment": {
            "order": particulars.payment.order,
            "bank_txn_id": particulars.payment.bank_txn_id,
            "bank_reference": particulars.payment.bank_reference,
            "method": particulars.payment.method,
            "captured_at": _instant(particulars.payment.captured_at),
        },
        "description": particulars.description,
        "sac": particulars.sac,
        "gst_rate": f"{particulars.gst_rate.percent.normalize():f}",
        "exempt": particulars.exempt,
        "rounding_policy": particulars.rounding_policy,
        "reverse_charge": False,
        "supply": particulars.supply,
        "second_tax": particulars.second_tax,
        "place": _state(particulars.place),
        "heads": _heads(particulars.heads),
        "pricing": _pricing(particulars.pricing) if particulars.pricing else None,
        "original": _original(particulars.original) if particulars.original else None,
    }


def _company(company: Company) -> dict[str, object]:
    return {
        "legal_name": company.legal_name,
        "trade_name": company.trade_name,
        "address": company.address,
        "state": _state(company.state),
        "gstin": company.gstin.text,
        "pan": company.pan,
        "cin": company.cin,
        "support_email": company.support_email,
        "support_phone": company.support_phone,
        "grievance_officer": company.grievance_officer,
    }


def _heads(heads: Heads) -> dict[str, object]:
    return {
        "taxable_paise": heads.taxable.paise,
        "cgst_paise": heads.cgst.paise,
        "sgst_paise": heads.sgst.paise,
        "igst_paise": heads.igst.paise,
        "total_paise": heads.total.paise,
    }


def _pricing(pricing: Pricing) -> dict[str, object]:
    return {
        "mode": pricing.mode,
        "list_price_paise": pricing.list_price.paise,
        "discount_paise": pricing.discount.paise,
        "discount_code": pricing.discount_code,
    }


def _original(original: Original) -> dict[str, object]:
    return {
        "number": str(original.number),
        "date": original.date.isoformat(),
        "total_paise": original.total.paise,
        "ordinal": original.ordinal,
        "refund": original.refund.refund,
        "arn": original.refund.arn,
        "refunded_at": _instant(original.refund.refunded_at),
    }


def _state(of: IndianState) -> dict[str, object]:
    return {"code": of.code, "name": of.name}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _to_company(stored: Mapping[str, Any]) -> Company:
    return Company(
        legal_name=stored["legal_name"],
        trade_name=stored["trade_name"],
        address=stored["address"],
        gstin=Gstin(stored["gstin"]),
        cin=stored["cin"],
        support_email=stored["support_email"],
        support_phone=stored["support_phone"],
        grievance_officer=stored["grievance_officer"],
    )


def _to_buyer(stored: Mapping[str, Any]) -> Buyer:
    return Buyer(
        name=stored["name"],
        state=indian_state(stored["state"]["code"]),
        gstin=Gstin(stored["gstin"]) if stored["gstin"] else None,
        address=stored["address"],
    )


def _to_payment(stored: Mapping[str, Any]) -> PaymentReference:
    return PaymentReference(
        order=PaymentId(stored["order"]),
        bank_txn_id=stored["bank_txn_id"],
        bank_reference=stored["bank_reference"],
        method=stored["method"],
        captured_at=datetime.fromisoformat(stored["captured_at"]),
    )


def _to_heads(stored: Mapping[str, Any]) -> Heads:
    return Heads(
        taxable=Money(stored["taxable_paise"]),
        cgst=Money(stored["cgst_paise"]),
        sgst=Money(stored["sgst_paise"]),
        igst=Money(stored["igst_paise"]),
    )


def _to_pricing(stored: Mapping[str, Any]) -> Pricing:
    return Pricing(
        mode=PriceMode(stored["mode"]),
        list_price=Money(stored["list_price_paise"]),
        discount=Money(stored["discount_paise"]),
        discount_code=stored["discount_code"],
    )


def _to_original(stored: Mapping[str, Any]) -> Original:
    return Original(
        number=DocumentNumber.parse(stored["number"]),
        date=date.fromisoformat(stored["date"]),
        total=Money(stored["total_paise"]),
        ordinal=stored["ordinal"],
        refund=RefundReference(
            refund=stored["refund"],
            arn=stored["arn"],
            refunded_at=datetime.fromisoformat(stored["refunded_at"]),
        ),
    )
