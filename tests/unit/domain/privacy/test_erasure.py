"""What may be erased of a student, and which law keeps the rest until when."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import pytest

from domain.identifiers import StudentId
from domain.privacy.erasure import (
    KEPT_AT_LEAST,
    LAWS,
    ErasurePlan,
    KeptFor,
    PersonalData,
    PersonalPayment,
    books_kept_until,
    plan_erasure,
)
from fakes.clock import NOON
from fakes.samples import payment_id

ASHA: Final = StudentId("asha")
OLD: Final = PersonalPayment(
    id=payment_id(1),
    opened_at=NOON - KEPT_AT_LEAST,
    is_unfinished=False,
    is_held=False,
    is_documented=False,
)


def planned(*payments: PersonalPayment, years: int = 0) -> ErasurePlan:
    return plan_erasure(ASHA, payments, NOON + timedelta(days=366 * years))


def test_what_no_law_keeps_goes() -> None:
    """
    A year after the payment, to the second.
    """
    plan = planned(OLD)

    assert (plan.contact, plan.names, plan.kept) == ([OLD.id], [OLD.id], [])
    assert plan.before == NOON - KEPT_AT_LEAST


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_unfinished": True}, KeptFor.UNFINISHED),
        ({"is_held": True}, KeptFor.LEGAL_HOLD),
        ({"opened_at": OLD.opened_at + timedelta(seconds=1)}, KeptFor.ONE_YEAR),
    ],
)
def test_all_of_a_payment_stays(change: dict[str, object], reason: KeptFor) -> None:
    """
    While it goes on, while a case needs it, and for a year; the reason is a law.
    """
    plan = planned(replace(OLD, **change))  # type: ignore[arg-type]

    assert (plan.contact, plan.names) == ([], [])
    assert [(each.data, each.reason) for each in plan.kept] == [
        (PersonalData.CONTACT, reason),
        (PersonalData.NAME, reason),
    ]
    assert {each.until is None for each in plan.kept} == {reason is not KeptFor.ONE_YEAR}


def test_names_stay_as_long_as_their_document() -> None:
    """
    The contact goes; the names go when the books may.
    """
    documented = replace(OLD, is_documented=True)
    plan = planned(documented)

    assert (plan.contact, plan.names) == ([OLD.id], [])
    (kept,) = plan.kept
    assert (kept.data, kept.reason) == (PersonalData.NAME, KeptFor.TAX_DOCUMENT)
    assert planned(documented, years=10).names == [OLD.id]


def test_what_was_erased_is_not_erased_again() -> None:
    """
    And is not listed as kept.
    """
    plan = planned(replace(OLD, is_contact_erased=True, are_names_erased=True, is_held=True))

    assert (plan.contact, plan.names, plan.kept) == ([], [], [])


@pytest.mark.parametrize(
    ("day", "until"),
    [
        (date(2026, 4, 1), date(2035, 3, 31)),
        (date(2027, 3, 31), date(2035, 3, 31)),
        (date(2027, 4, 1), date(2036, 3, 31)),
    ],
)
def test_books_are_kept_for_eight_financial_years(day: date, until: date) -> None:
    """
    After the one of the payment, which ends with March.
    """
    assert books_kept_until(day) == until


def test_a_plan_is_known_by_its_fingerprint() -> None:
    """
    By what goes and what stays, and not by the second in which it was made.
    """
    plan = planned(OLD)

    assert plan.fingerprint == planned(OLD, years=1).fingerprint
    assert plan.fingerprint != planned(replace(OLD, is_documented=True)).fingerprint
    assert plan.fingerprint != planned(OLD, replace(OLD, id=payment_id(2))).fingerprint
    assert plan.fingerprint != replace(plan, student=StudentId("ravi")).fingerprint


def test_each_reason_names_its_law() -> None:
    """
    What is told to the person.
    """
    assert set(LAWS) == set(KeptFor)
