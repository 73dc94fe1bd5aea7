"""Which data of a student may be erased, and which a law keeps, and until when (DPDP Act 2023, s.8(7) and s.12(3))."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.business_day import business_day_of
from domain.identifiers import PaymentId, StudentId

KEPT_AT_LEAST: Final = timedelta(days=365)
"""Personal data and the logs of its use are kept a year from the processing (DPDP Rules 2025, r.8(3))."""

BOOKS_KEPT_YEARS: Final = 8
"""Books are kept for eight financial years after their own (Companies Act 2013, s.128(5))."""

APRIL: Final = 4
FINGERPRINT_CHARS: Final = 16


class PersonalData(StrEnum):
    """Which data of a payment."""

    CONTACT = "contact"
    """Email and telephone."""

    NAME = "name"
    """The student's name, and name and address of the bill."""


class KeptFor(StrEnum):
    UNFINISHED = "unfinished"
    LEGAL_HOLD = "legal_hold"
    ONE_YEAR = "one_year"
    TAX_DOCUMENT = "tax_document"


LAWS: Final[Mapping[KeptFor, str]] = {
    KeptFor.UNFINISHED: "The payment, a refund, a dispute or a review is not at its end: DPDP Act s.8(7), purpose.",
    KeptFor.LEGAL_HOLD: "Staff placed a legal hold: CGST Act s.36, proviso, or another pending case.",
    KeptFor.ONE_YEAR: "At least a year from the processing: DPDP Rules r.8(3).",
    KeptFor.TAX_DOCUMENT: "It stands on a tax document: CGST Act s.36, Companies Act s.128(5).",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalPayment:
    """What decides about the data of one payment; *is_documented* when a tax document was issued for it."""

    id: PaymentId
    opened_at: datetime
    is_unfinished: bool
    is_held: bool
    is_documented: bool
    is_contact_erased: bool = False
    are_names_erased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptData:
    """Data of a payment that stays, for which reason, and until which day (IST); None for as long as it holds."""

    payment: PaymentId
    data: PersonalData
    reason: KeptFor
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasurePlan:
    """What would be erased of *student* now, and what stays; addresses in the audit log from *before* then go."""

    student: StudentId
    contact: Sequence[PaymentId]
    names: Sequence[PaymentId]
    kept: Sequence[KeptData]
    before: datetime

    @property
    def fingerprint(self) -> str:
        """What stands for this plan, so that whoever confirms it has seen it as it is."""
        told = [self.student, *self.contact, "", *self.names, "", *map(repr, self.kept)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:FINGERPRINT_CHARS]


def plan_erasure(
    student: StudentId, payments: Iterable[PersonalPayment], at: datetime
) -> ErasurePlan:
    """Return what may be erased of *student* at this instant."""
    contact: list[PaymentId] = []
    names: list[PaymentId] = []
    kept: list[KeptData] = []
    for payment in sorted(payments, key=lambda each: (each.opened_at, each.id)):
        standing = _standing(payment, at)
        for data, erased, chosen in (
            (PersonalData.CONTACT, payment.is_contact_erased, contact),
            (PersonalData.NAME, payment.are_names_erased, names),
        ):
            reasons = [*standing, *_of_document(payment, data, at)]
            if erased:
                continue
            if not reasons:
                chosen.append(payment.id)
            kept += [
                KeptData(payment=payment.id, data=data, reason=reason, until=until)
                for reason, until in reasons
            ]
    return ErasurePlan(
        student=student, contact=contact, names=names, kept=kept, before=at - KEPT_AT_LEAST
    )


def books_kept_until(day: date) -> date:
    """Return the last day on which books of the financial year of *day* have to be there."""
    ends = day.year + (1 if day.month >= APRIL else 0)
    return date(ends + BOOKS_KEPT_YEARS, 3, 31)


def _standing(payment: PersonalPayment, at: datetime) -> Sequence[tuple[KeptFor, date | None]]:
    """Return why nothing of *payment* may be erased yet."""
    reasons: list[tuple[KeptFor, date | None]] = []
    if payment.is_unfinished:
        reasons.append((KeptFor.UNFINISHED, None))
    if payment.is_held:
        reasons.append((KeptFor.LEGAL_HOLD, None))
    free_from = payment.opened_at + KEPT_AT_LEAST
    if at < free_from:
        reasons.append((KeptFor.ONE_YEAR, business_day_of(free_from)))
    return reasons


def _of_document(
    payment: PersonalPayment, data: PersonalData, at: datetime
) -> Iterator[tuple[KeptFor, date | None]]:
    until = books_kept_until(business_day_of(payment.opened_at))
    if data is PersonalData.NAME and payment.is_documented and business_day_of(at) <= until:
        yield KeptFor.TAX_DOCUMENT, until
