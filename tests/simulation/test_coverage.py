"""What lives come by, and what none of them did."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.reconciliation.discrepancies_contract import a_discrepancy
from domain.payments.dispute import Dispute
from domain.payments.dispute_state import DisputeState
from domain.payments.payment_state import State
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.run import Run, RunId, RunTrigger
from domain.reconciliation.run_state import IllegalRunStep
from fakes.samples import a_payment
from fakes.store import Store
from ports.audit_log import AuditEntry, Origin, Source
from simulation.coverage import KNOWN, StepsTaken, never_reached, reached

AT = datetime(2026, 8, 3, 10, tzinfo=UTC)
CALENDAR = BankCalendar(version="none", holidays=frozenset())
A_RUN = Run(
    id=RunId("RCABCDEFGH234567JKLM"),
    first=AT.date(),
    last=AT.date(),
    trigger=RunTrigger.JOB,
    requested_at=AT,
    requested_by="system",
)


def entry(
    action: str,
    facts: Mapping[str, str] | None = None,
    moved: tuple[State | None, State | None] = (None, None),
) -> AuditEntry:
    """Return what the audit log says of a payment that *moved*."""
    return AuditEntry(
        at=AT,
        origin=Origin(actor="bank", source=Source.POLL),
        action=action,
        subject="SK1",
        from_state=moved[0],
        to_state=moved[1],
        facts=facts or {},
    )


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        (
            {"payment pending", "payment pending -> success"},
            entry("payment.moved", moved=(State.PENDING, State.SUCCESS)),
        ),
        (
            {"refund requested", "refund requested -> pending"},
            entry("refund.moved", {"from": "requested", "state": "pending"}),
        ),
        (
            {"refund success"},
            entry("refund.detailed", {"from": "success", "state": "success"}),
        ),
        ({"dispute lost"}, entry("dispute.told", {"state": "lost"})),
        (set(), entry("payment.opened")),
    ],
)
def test_steps_are_read_from_the_audit_log(expected: set[str], told: AuditEntry) -> None:
    """
    What a payment went through counts, not only where it ended; and it has a name that is known.
    """
    found = reached(Store(audit=[told]), ())

    assert set(found) == expected
    assert expected <= KNOWN


def test_a_thing_counts_once_in_a_life() -> None:
    """
    The report says in how many lives something was reached.
    """
    moved = entry("payment.moved", moved=(State.PENDING, State.SUCCESS))

    assert reached(Store(audit=[moved, moved]), ["not-found", "not-found"]) == {
        "payment pending": 1,
        "payment pending -> success": 1,
        "problem not-found": 1,
    }


def test_what_no_life_came_by_is_named() -> None:
    """
    All that is known is either reached or named, and nothing else is.
    """
    found = ["problem not-found", "fault late", "payment success"]

    assert sorted({*never_reached(found), "problem not-found", "payment success"}) == sorted(KNOWN)


def test_steps_of_runs_and_discrepancies_are_noted_while_they_are_taken() -> None:
    """
    Those that are refused, and those that lead nowhere, are none; afterwards nothing is noted any more.
    """
    steps = StepsTaken()
    with steps.noted():
        found = a_discrepancy()
        found.found(found.finding, AT, CALENDAR).explained("a later file")
        with pytest.raises(IllegalRunStep):
            A_RUN.failed("it was never taken", AT)
    a_discrepancy().explained("a later file")

    assert steps.names == {"discrepancy open -> explained"}
    assert steps.names <= KNOWN


def test_steps_of_a_dispute_are_seen_in_its_payment() -> None:
    """
    What it is at first is no step.
    """
    steps, payment = StepsTaken(), a_payment()
    for state in (DisputeState.RECEIVED, DisputeState.RECEIVED, DisputeState.LOST):
        dispute = Dispute(
            id="cb_1", amount=payment.quote.payable, state=state, opened_at=AT, respond_by=AT
        )
        steps.look([replace(payment, disputes=(dispute,))])

    assert steps.names == {"dispute received -> lost"}
    assert steps.names <= KNOWN
