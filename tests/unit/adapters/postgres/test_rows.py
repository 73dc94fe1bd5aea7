"""What is written into a row is what is read out of it, for every shape the domain allows."""

import json
from dataclasses import asdict
from typing import Any

from hypothesis import given

from adapters.postgres.catalogue import courses as course_rows
from adapters.postgres.catalogue import discounts as discount_rows
from adapters.postgres.payments import payments as payment_rows
from adapters.postgres.reconciliation import run_register as run_rows
from adapters.postgres.refunds import refunds as refund_rows
from adapters.postgres.staff import staff_register as staff_rows
from adapters.postgres.staff.tables import staff
from domain.catalogue.course import Course
from domain.catalogue.discount import DiscountCode
from domain.payments.payment import Payment
from domain.reconciliation.run import RunFile, RunSummary
from domain.staff.staff_member import StaffMember
from fakes import strategies


@given(strategies.payments())
def test_a_payment_survives_its_row(payment: Payment) -> None:
    """
    A field forgotten by either mapper is found here, not in production.
    """
    columns = payment_rows.to_columns(payment)
    children = refund_rows.all_columns(payment.id, payment.refunds)
    review, refused, disputes = (
        columns[name] for name in ("review", "refused_refunds", "disputes")
    )
    row = {
        **columns,
        "refunds": as_json(children),
        "review": json.loads(str(review)) if review else None,
        "refused_refunds": json.loads(str(refused)) if refused else None,
        "disputes": json.loads(str(disputes)) if disputes else None,
    }

    assert payment == payment_rows.to_payment(row)
    assert payment == payment_rows.to_payment({f"l_{name}": row[name] for name in row}, "l_")
    assert {column.name for column in payment_rows.COLUMNS} == set(columns)
    assert all({column.name for column in refund_rows.COLUMNS} == set(each) for each in children)


def as_json(rows: list[dict[str, object]]) -> Any:
    """Return *rows* as the driver hands children over with their parent: JSON, read."""
    return json.loads(json.dumps(rows, default=str)) if rows else None


@given(strategies.courses())
def test_a_course_survives_its_row(course: Course) -> None:
    """
    Staff read back what they put in.
    """
    assert course == course_rows.to_course(course_rows.to_columns(course))


@given(strategies.discounts())
def test_a_discount_survives_its_row(discount: DiscountCode) -> None:
    """
    A percentage stays one, a flat amount stays one, and no limit stays no limit.
    """
    assert discount == discount_rows.to_discount(discount_rows.to_columns(discount))


@given(strategies.members())
def test_a_member_of_staff_survives_their_row(member: StaffMember) -> None:
    """
    Roles come back as the set they were, and what was never set stays so.
    """
    row = staff_rows.to_columns(member)

    assert member == staff_rows.to_member(row)
    assert {column.name for column in staff.columns} == set(row)


def test_what_another_release_kept_of_a_run_is_read() -> None:
    """
    What this one does not know is left out, what was not kept then is as without it.
    """
    row = {
        **dict.fromkeys(("first", "last", "requested_at", "as_of", "ended_at")),
        "id": "RCABCDEFGH234567JKLM",
        "requested_by": "system",
        "attempts": 1,
        "why": "",
        "trigger": "job",
        "state": "complete",
    }
    file = RunFile(sha256="ab", settlement="S1", posted=True)
    told = {"matched": 3, "of_later": {"2026-08-03": 3}, "files": [{**asdict(file), "size": 7}]}

    later, earlier = (run_rows.to_run({**row, "summary": each}) for each in (told, {"matched": 3}))

    assert later.summary == RunSummary(matched=3, files=(file,))
    assert earlier.summary == RunSummary(matched=3)
