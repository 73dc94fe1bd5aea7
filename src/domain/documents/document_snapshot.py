"""The one spelling of a document: what is kept, what is hashed, and what every later copy is made from."""

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
    """What is kept is not the document whose hash is *sha256*."""

    def __init__(self, sha256: str) -> None:
        self.sha256 = sha256
        super().__init__(f"the snapshot is not the document that was issued under {sha256}")


def snapshot(document: TaxDocument) -> str:
    """Return the canonical text of *document*: JSON, amounts in paise, instants in UTC, one spelling."""
    head, tail = around_number(document.particulars)
    return f"{head}{document.number}{tail}"


def around_number(particulars: Particulars) -> tuple[str, str]:
    """
    Return what stands before and behind the number in the snapshot.

    So the register can give the number and write the text in one step.
    """
    spelt = json.dumps(
        _spelt(particulars), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return _HEAD, f'",{spelt[1:]}'


def sha256_of(text: str) -> str:
    """Return the hash of a snapshot, in lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def from_snapshot(text: str, sha256: str) -> TaxDocument:
    """Return the document kept as *text*, or raise ``SnapshotDamaged`` when *sha256* is another text's."""
    if sha256_of(text) != sha256:
        raise SnapshotDamaged(sha256)
    said = json.loads(text)
    return TaxDocument(
        number=DocumentNumber.parse(said["number"]),
        particulars=Particulars(
            kind=DocumentKind(said["kind"]),
            date=date.fromisoformat(said["date"]),
            issued_at=datetime.fromisoformat(said["issued_at"]),
            company=_to_company(said["company"]),
            buyer=_to_buyer(said["buyer"]),
            payment=_to_payment(said["payment"]),
            description=said["description"],
            sac=said["sac"],
            gst_rate=GstRate(Decimal(said["gst_rate"])),
            exempt=said["exempt"],
            rounding_policy=said["rounding_policy"],
            supply=Supply(said["supply"]),
            second_tax=SecondTax(said["second_tax"]) if said["second_tax"] else None,
            place=indian_state(said["place"]["code"]),
            heads=_to_heads(said["heads"]),
            pricing=_to_pricing(said["pricing"]) if said["pricing"] else None,
            original=_to_original(said["original"]) if said["original"] else None,
        ),
    )


def _spelt(said: Particulars) -> dict[str, object]:
    return {
        "format": FORMAT,
        "kind": said.kind,
        "date": said.date.isoformat(),
        "issued_at": _instant(said.issued_at),
        "company": _company(said.company),
        "buyer": {
            "name": said.buyer.name,
            "state": _state(said.buyer.state),
            "gstin": said.buyer.gstin.text if said.buyer.gstin else None,
            "address": said.buyer.address,
        },
        "payment": {
            "order": said.payment.order,
            "bank_txn_id": said.payment.bank_txn_id,
            "bank_reference": said.payment.bank_reference,
            "method": said.payment.method,
            "captured_at": _instant(said.payment.captured_at),
        },
        "description": said.description,
        "sac": said.sac,
        "gst_rate": f"{said.gst_rate.percent.normalize():f}",
        "exempt": said.exempt,
        "rounding_policy": said.rounding_policy,
        "reverse_charge": False,
        "supply": said.supply,
        "second_tax": said.second_tax,
        "place": _state(said.place),
        "heads": _heads(said.heads),
        "pricing": _pricing(said.pricing) if said.pricing else None,
        "original": _original(said.original) if said.original else None,
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


def _to_company(said: Mapping[str, Any]) -> Company:
    return Company(
        legal_name=said["legal_name"],
        trade_name=said["trade_name"],
        address=said["address"],
        gstin=Gstin(said["gstin"]),
        cin=said["cin"],
        support_email=said["support_email"],
        support_phone=said["support_phone"],
        grievance_officer=said["grievance_officer"],
    )


def _to_buyer(said: Mapping[str, Any]) -> Buyer:
    return Buyer(
        name=said["name"],
        state=indian_state(said["state"]["code"]),
        gstin=Gstin(said["gstin"]) if said["gstin"] else None,
        address=said["address"],
    )


def _to_payment(said: Mapping[str, Any]) -> PaymentReference:
    return PaymentReference(
        order=PaymentId(said["order"]),
        bank_txn_id=said["bank_txn_id"],
        bank_reference=said["bank_reference"],
        method=said["method"],
        captured_at=datetime.fromisoformat(said["captured_at"]),
    )


def _to_heads(said: Mapping[str, Any]) -> Heads:
    return Heads(
        taxable=Money(said["taxable_paise"]),
        cgst=Money(said["cgst_paise"]),
        sgst=Money(said["sgst_paise"]),
        igst=Money(said["igst_paise"]),
    )


def _to_pricing(said: Mapping[str, Any]) -> Pricing:
    return Pricing(
        mode=PriceMode(said["mode"]),
        list_price=Money(said["list_price_paise"]),
        discount=Money(said["discount_paise"]),
        discount_code=said["discount_code"],
    )


def _to_original(said: Mapping[str, Any]) -> Original:
    return Original(
        number=DocumentNumber.parse(said["number"]),
        date=date.fromisoformat(said["date"]),
        total=Money(said["total_paise"]),
        ordinal=said["ordinal"],
        refund=RefundReference(
            refund=said["refund"],
            arn=said["arn"],
            refunded_at=datetime.fromisoformat(said["refunded_at"]),
        ),
    )
