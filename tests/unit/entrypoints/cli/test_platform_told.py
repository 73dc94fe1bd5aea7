"""What the demo's platform was told, compared with how the trips ended."""

from typing import Any

import pytest

from entrypoints.cli.demo.platform_told import difference
from entrypoints.cli.demo.scenario_run import Trip

PAID = Trip(name="paid", transaction_id="SKA", status="success", enrolled=True)
REFUNDED = Trip(name="given back", transaction_id="SKB", status="refunded", enrolled=False)


def event(kind: str, payment: str, status: str, sequence: int) -> dict[str, Any]:
    data = {
        "transaction_id": payment,
        "student_id": f"student of {payment}",
        "course_id": "algebra",
    }
    return {"type": kind, "data": data | {"status": status, "sequence": sequence}}


def told(*events: dict[str, Any], courses: tuple[str, ...] = ()) -> dict[str, Any]:
    opened = [{"student_id": f"student of {each}", "course_id": "algebra"} for each in courses]
    return {"events": [*events], "courses": opened}


def test_the_same_ends_differ_in_nothing() -> None:
    """
    By the newest event of each payment, in whatever order they came.
    """
    received = told(
        event("refund.succeeded", "SKB", "refunded", 4),
        event("payment.succeeded", "SKB", "success", 2),
        event("payment.succeeded", "SKA", "success", 2),
        courses=("SKA",),
    )

    assert difference(received, (PAID, REFUNDED)) is None


@pytest.mark.parametrize(
    ("received", "says"),
    [
        (told(courses=("SKA",)), "paid: pending, not open"),
        (told(event("payment.failed", "SKA", "failed", 2)), "paid: failed, not open"),
        (told(event("payment.succeeded", "SKA", "success", 2)), "paid: success, not open"),
        (told(event("enrolment.started", "SKA", "success", 2)), "paid: pending, not open"),
    ],
)
def test_another_end_is_named(received: dict[str, Any], says: str) -> None:
    assert difference(received, (PAID,)) == says


def test_what_was_not_paid_may_lapse_meanwhile() -> None:
    """
    Its trip is over; the platform may be told of more.
    """
    left = Trip(name="abandoned", transaction_id="SKC", status="pending", enrolled=False)

    assert difference(told(event("payment.expired", "SKC", "expired", 3)), (left,)) is None
