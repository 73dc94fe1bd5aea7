"""What is measured of a payment: an event accepted, a sale settled, a payment begun; and its statements."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from application.checkout.initiate_payment import InitiatePaymentCommand
from application.evidence.process_inbox import BATCH_MAX
from benchmarks.bare import Trip
from benchmarks.client import Request
from benchmarks.deployment import COURSE, MeasuredDeployment
from benchmarks.statements import Statement
from domain.identifiers import StudentId
from domain.payments.payment import Student
from domain.tax.gst import Buyer
from domain.tax.indian_states import indian_state
from ports.audit_log import Origin, Source
from ports.idempotency import IdempotencyKey

TEMPLATE: Final = "template"
DIGITS: Final = str.maketrans("0123456789", "ABCDEFGHIJ")
SQL_PAYMENT: Final = (
    "('SK' || translate(lpad((:n)::text, 18, '0'), '0123456789', 'ABCDEFGHIJ'))::varchar"
)
SQL_STUDENT: Final = "('bench-' || (:n)::text)::varchar"
STEPS: Final = (r"\set i :i + 1", r"\set n :first + :client_id * :each + :i")
CLAIMED: Final = r"\aset claimed_"
"""Leaves the variables as they are where nothing was claimed."""

INBOX_NUMBER: Final = 987_654_321
"""Where inbox numbers begin while statements are taken down, so that one is known when it is seen."""

COPY_OF_TEMPLATE: Final = """
INSERT INTO payment SELECT (jsonb_populate_record(template, jsonb_build_object(
    'id', 'SK' || translate(lpad(n::text, 18, '0'), '0123456789', 'ABCDEFGHIJ'),
    'student_id', 'bench-' || n, 'gateway_order_id', 'bench-' || n))).*
FROM payment AS template, generate_series($2::bigint, $3::bigint) AS n WHERE template.id = $1
"""


def payment_of(number: int) -> str:
    return "SK" + f"{number:018d}".translate(DIGITS)


def event_body(number: int) -> bytes:
    """Return the bank's news that payment *number* is charged."""
    order = {"order_id": payment_of(number), "status": "CHARGED", "status_id": 21, "amount": 11800}
    event = {
        "id": f"evt_bench_{number}",
        "event_name": "ORDER_SUCCEEDED",
        "content": {"order": order},
    }
    return json.dumps(event).encode()


def news(measured: MeasuredDeployment, numbers: Sequence[int], path: str) -> list[Request]:
    """Return the bank's events about *numbers*, for our own API or for the bare handler."""
    settings = measured.settings
    pair = f"{settings.webhook_user}:{settings.webhook_password}".encode()
    headers = (("Authorization", f"Basic {base64.b64encode(pair).decode()}"),)
    return [Request(path, event_body(number), headers) for number in numbers]


def student_of(number: int) -> str:
    return f"bench-{number}"


def checkout_facts(measured: MeasuredDeployment, numbers: Sequence[int]) -> list[Request]:
    """Return a request for each of *numbers* to begin to pay, each from a student of their own."""
    body = {"course_id": COURSE.id, "billing": {"name": "Asha", "state_code": "27"}}
    return [
        Request(
            "/api/payment/initiate",
            json.dumps(body).encode(),
            (
                ("Authorization", f"Bearer {measured.deployment.token(sub=student_of(n))}"),
                ("Idempotency-Key", f"bench-key-{n}"),
            ),
        )
        for n in numbers
    ]


def bare_initiations(measured: MeasuredDeployment, numbers: Sequence[int]) -> list[Request]:
    return [
        Request(
            "/initiate",
            json.dumps(
                {"payment": payment_of(n), "student": student_of(n), "key": f"bench-key-{n}"}
            ).encode(),
            (("Authorization", f"Bearer {measured.deployment.token(sub=student_of(n))}"),),
        )
        for n in numbers
    ]


async def open_payments(measured: MeasuredDeployment, numbers: Sequence[int]) -> None:
    """Put a pending payment for each of *numbers* (without a gap) into the database."""
    await measured.watcher.execute(COPY_OF_TEMPLATE, TEMPLATE, numbers[0], numbers[-1])


async def take_down(measured: MeasuredDeployment) -> dict[str, Trip]:
    """Run each trip once by its real use cases and return the statements that PostgreSQL got."""
    begun = await _begun(measured)
    await measured.watcher.execute(f"ALTER SEQUENCE inbox_id_seq RESTART {INBOX_NUMBER}")
    number = next(measured.numbers)
    await open_payments(measured, [number, number])
    body = event_body(number)
    use_cases = measured.container.use_cases()
    request = news(measured, [number], "")[0]
    await use_cases.evidence().receive_webhook()({"authorization": request.headers[0][1]}, body)
    sentinels: dict[str, str | int] = {
        "event": f"evt_bench_{number}",
        "payment": payment_of(number),
        "student": f"bench-{number}",
        "digest": hashlib.sha256(body).hexdigest(),
        "inbox": INBOX_NUMBER,
    }
    accepted = measured.recording.told_of(sentinels)
    await use_cases.evidence().process_inbox()()
    settled = measured.recording.told_of(sentinels)
    await measured.watcher.execute("ALTER SEQUENCE inbox_id_seq RESTART 1")
    assert len(accepted) == 1
    assert len(settled) == 3, [each.sql for each in settled]
    return {
        "accept": accepted,
        "settle": [*accepted, _one_at_a_time(settled[0]), *settled[1:]],
        "initiate": begun,
    }


async def _begun(measured: MeasuredDeployment) -> Trip:
    student = Student(id=StudentId("bench-first"), name="Asha", email="asha@example.com")
    payment = (
        await measured.container.use_cases()
        .checkout()
        .initiate_payment()(
            InitiatePaymentCommand(
                student=student,
                course=COURSE.id,
                buyer=Buyer(name="Asha", state=indian_state("27")),
                code=None,
                key=IdempotencyKey(student=student.id, route="initiate", key="bench-key-first"),
                body_sha256=hashlib.sha256(b"bench").hexdigest(),
                origin=Origin(actor="student:bench-first", source=Source.INITIATE),
            )
        )
    )
    await measured.watcher.execute(
        "INSERT INTO payment SELECT (jsonb_populate_record(opened, jsonb_build_object("
        "'id', $1::text, 'student_id', $1::text))).* FROM payment AS opened WHERE id = $2",
        TEMPLATE,
        payment.id,
    )
    return measured.recording.told_of(
        {"payment": payment.id, "student": student.id, "key": "bench-key-first"}
    )


def _one_at_a_time(claim: Statement) -> Statement:
    """Return *claim* for one entry: whoever has no batches claims what it has just accepted."""
    assert BATCH_MAX in claim.arguments
    return replace(
        claim, arguments=tuple(1 if each == BATCH_MAX else each for each in claim.arguments)
    )


def scripts(trips: dict[str, Trip]) -> dict[str, list[str]]:
    """Return each trip as pgbench runs it."""
    by_number = {
        "payment": SQL_PAYMENT,
        "student": SQL_STUDENT,
        "event": "('evt_bench_' || (:n)::text)::varchar",
        "digest": "md5((:n)::text)::varchar",
        "key": "('bench-key-' || (:n)::text)::varchar",
    }
    claimed = by_number | {
        "payment": "(:claimed_order_id)::varchar",
        "student": "(:claimed_payment_student_id)::varchar",
        "inbox": "(:claimed_id)::bigint",
    }
    accepting, claiming, *rest = trips["settle"]
    return {
        "accept": [*STEPS, f"{trips['accept'][0].in_sql(by_number)};"],
        "settle": [
            *STEPS,
            f"{accepting.in_sql(by_number)};",
            r"\set claimed_id 0",
            f"{claiming.in_sql(by_number)} {CLAIMED}",
            # Somebody else may have claimed in the same moment what this one had seen as free.
            r"\if :claimed_id = 0",
            f"{claiming.in_sql(by_number)} {CLAIMED}",
            r"\endif",
            r"\if :claimed_id > 0",
            *(f"{each.in_sql(claimed)};" for each in rest),
            r"\endif",
        ],
        "initiate": [*STEPS, *(f"{each.in_sql(by_number)};" for each in trips["initiate"])],
    }
