"""Requests and answers about the data of people."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, Self

import msgspec
from msgspec import Meta

from domain.money import CURRENCY
from domain.privacy.erasure import FINGERPRINT_CHARS, LAWS, ErasurePlan, KeptFor, PersonalData
from entrypoints.http.api.refund_wire import Code
from entrypoints.http.api.settlement_wire import Reason
from entrypoints.http.api.wire import Currency
from ports.privacy.personal_records import ErasedCounts, PersonalRecord


class ConsentView(msgspec.Struct, frozen=True, kw_only=True):
    """What the student agreed to as they paid: the `version` of the privacy notice, where it stood, and when."""

    version: str
    notice_url: str
    at: datetime


class PaymentRecordView(msgspec.Struct, frozen=True, kw_only=True):
    """A payment with what is personal in it; what is not known is empty."""

    payment: str
    opened_at: datetime
    course: str
    state: str
    payable: str
    name: str
    email: str
    phone: str
    bill_name: str
    bill_state: str
    bill_gstin: str
    bill_address: str
    method: str
    card_tail: str
    consent: ConsentView | None = None


class PersonalFactView(msgspec.Struct, frozen=True, kw_only=True):
    """
    An `enrolment` names its course, a `document` its number, an `email` and a `webhook` its kind, a `sign_in` browser
    and IP address, an `act` what was done.
    """

    at: datetime
    kind: str
    what: str
    payment: str | None
    browser: str
    ip: str


class PersonalRecordView(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept of one student."""

    student: str
    payments: Sequence[PaymentRecordView]
    facts: Sequence[PersonalFactView]
    currency: Currency = CURRENCY

    @classmethod
    def of(cls, record: PersonalRecord) -> Self:
        return msgspec.convert(record, cls, from_attributes=True)


class KeptDataView(msgspec.Struct, frozen=True, kw_only=True):
    """Until which day of India, null for as long as the reason holds."""

    transaction_id: str
    data: PersonalData
    reason: KeptFor
    law: str
    until: date | None


class ErasurePlanView(msgspec.Struct, frozen=True, kw_only=True):
    """
    Payments whose `contact` and `names` would be erased, and what stays. IP address and browser in the audit log go
    from before `addresses_before`. `fingerprint` is what confirms this plan and no other.
    """

    student: str
    fingerprint: str
    contact: Sequence[str]
    names: Sequence[str]
    addresses_before: datetime
    kept: Sequence[KeptDataView]

    @classmethod
    def of(cls, plan: ErasurePlan) -> Self:
        return cls(
            student=plan.student,
            fingerprint=plan.fingerprint,
            contact=plan.contact,
            names=plan.names,
            addresses_before=plan.before,
            kept=[
                KeptDataView(
                    transaction_id=each.payment,
                    data=each.data,
                    reason=each.reason,
                    law=LAWS[each.reason],
                    until=each.until,
                )
                for each in plan.kept
            ],
        )


class ErasureConfirmed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The plan that was seen, and why: it stays for good and names no person. `otp` is a code of whoever asks."""

    fingerprint: Annotated[
        str,
        Meta(
            pattern=f"^[0-9a-f]{{{FINGERPRINT_CHARS}}}$",
            max_length=FINGERPRINT_CHARS,
            examples=["9f86d081884c7d65"],
        ),
    ]
    reason: Reason
    otp: Code


class ErasedView(msgspec.Struct, frozen=True, kw_only=True):
    """How many payments, browser sessions and entries of the audit log were emptied."""

    contact: int
    names: int
    sessions: int
    addresses: int

    @classmethod
    def of(cls, counts: ErasedCounts) -> Self:
        return msgspec.convert(counts, cls, from_attributes=True)


class HoldAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which case or inquiry; it names no person."""

    reason: Reason


class LegalHoldView(msgspec.Struct, frozen=True, kw_only=True):
    transaction_id: str
    is_held: bool


class LegalHoldsView(msgspec.Struct, frozen=True, kw_only=True):
    items: Sequence[str]


PAYMENT: Final = "SKABCDEFGH234567JKLM"
RECORD: Final[dict[str, Any]] = {
    "student": "asha",
    "payments": [
        {
            "payment": PAYMENT,
            "opened_at": "2026-11-30T07:00:00Z",
            "course": "Algebra",
            "state": "success",
            "payable": "1180.00",
            "name": "Asha",
            "email": "asha@example.com",
            "phone": "+919845012345",
            "bill_name": "Asha",
            "bill_state": "27",
            "bill_gstin": "",
            "bill_address": "",
            "method": "UPI",
            "card_tail": "",
            "consent": {
                "version": "5ac1" * 16,
                "notice_url": "https://learn.example.com/privacy-notice",
                "at": "2026-11-30T07:00:00Z",
            },
        }
    ],
    "facts": [
        {
            "at": "2026-11-30T07:00:00Z",
            "kind": "act",
            "what": "payment.begun",
            "payment": None,
            "browser": "Firefox",
            "ip": "192.0.2.7",
        }
    ],
    "currency": "INR",
}
PLAN: Final[dict[str, Any]] = {
    "student": "asha",
    "fingerprint": "9f86d081884c7d65",
    "contact": [PAYMENT],
    "names": [],
    "addresses_before": "2025-11-30T07:00:00Z",
    "kept": [
        {
            "transaction_id": PAYMENT,
            "data": "name",
            "reason": "tax_document",
            "law": LAWS[KeptFor.TAX_DOCUMENT],
            "until": "2035-03-31",
        }
    ],
}
CONFIRMED: Final = {"fingerprint": "9f86d081884c7d65", "reason": "Request 17", "otp": "287082"}
ERASED: Final = {"contact": 1, "names": 0, "sessions": 1, "addresses": 3}
HELD: Final = {"transaction_id": PAYMENT, "is_held": True}
