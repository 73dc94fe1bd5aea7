"""Shulk's REST API as the tests of a platform call it: students and courses of their own, payments, refunds."""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shulk_testing.calls import Answer, ShulkRefused, call, expect
from shulk_testing.tokens import Officer, signed_token, soonest
from shulk_testing.waiting import wait_for

SECONDS: Final = 30.0
CREATED: Final = 201
NO_CONTENT: Final = 204
OK: Final = 200
CONFLICT: Final = 409
TOO_MANY: Final = 429
UNAVAILABLE: Final = 503
AGAIN_SECONDS: Final = 0.25
OFFICERS: Final = frozenset({"finance", "admin"})


@dataclass(frozen=True)
class Student:
    """Somebody whom the platform has signed in; *state* is the GST code of their State."""

    id: str
    name: str
    email: str
    state: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Course:
    id: str
    title: str
    list_price: str


@dataclass(frozen=True)
class Payment:
    """A payment that was begun; *payment_url* is None where nothing is to be paid. Amounts are rupees as text."""

    transaction_id: str
    order_id: str
    payment_url: str | None
    payable: str
    student: Student
    course_id: str


class Shulk:
    """
    The API at *url*.

    ``student`` and ``course`` make new ones each time, so that no test meets what another has left.
    """

    def __init__(self, announced: Mapping[str, Any]) -> None:
        self.url: str = announced["api"]
        self.gateway: str = announced["gateway"]
        self._keys: Mapping[str, str] = announced["token"]
        staff: Sequence[Mapping[str, Any]] = announced["staff"]
        self.officers = [
            Officer(each["token"], each["totp_secret"])
            for each in staff
            if OFFICERS & set(each["roles"])
        ]
        self._admin: str = next(each["token"] for each in staff if "admin" in each["roles"])

    def student(self, name: str = "Asha Devi", *, state: str = "29") -> Student:
        """Return a student whom nobody has seen, signed in by the platform's token."""
        number = uuid.uuid4().hex[:12]
        email = f"student-{number}@example.com"
        claims = {"name": name, "email": email, "roles": ["student"]}
        return Student(
            f"student-{number}", name, email, state, self.token(f"student-{number}", **claims)
        )

    def token(self, subject: str, **claims: object) -> str:
        """Sign as the platform does: for tests that mint tokens of their own."""
        keys = self._keys
        return signed_token(
            keys["secret"], keys["issuer"], keys["audience"], subject=subject, claims=claims
        )

    def course(self, list_price: str = "1499.00", *, title: str = "A course") -> Course:
        """Put a new course on sale; *list_price* has the tax in it."""
        course = f"course-{uuid.uuid4().hex[:12]}"
        body = {
            "title": title,
            "list_price": list_price,
            "price_mode": "inclusive",
            "sac": "999293",
            "gst_rate": "18",
        }
        self.admin("PUT", f"/api/admin/courses/{course}", body, status=NO_CONTENT)
        return Course(course, title, list_price)

    def initiate(
        self,
        student: Student,
        course: Course | str,
        *,
        discount_code: str | None = None,
        seconds: float = 0,
    ) -> Payment:
        """
        Begin a payment, or raise ``ShulkRefused``.

        For so many *seconds* a refusal that passes is tried again, as a student would: the bank is away, or an
        earlier attempt has no page to continue on yet.
        """
        course_id = course.id if isinstance(course, Course) else course
        body: dict[str, object] = {
            "course_id": course_id,
            "billing": {"name": student.name, "state_code": student.state},
        }
        if discount_code is not None:
            body["discount_code"] = discount_code
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self._begun("/api/payment/initiate", body, student, course_id)
            except ShulkRefused as refused:
                if time.monotonic() > deadline or not _passes(refused):
                    raise
            time.sleep(AGAIN_SECONDS)

    def retry(self, payment: Payment) -> Payment:
        """Begin again what failed or expired."""
        path = f"/api/payment/retry/{payment.transaction_id}"
        return self._begun(path, None, payment.student, payment.course_id)

    def status(self, payment: Payment) -> dict[str, Any]:
        """Return the payment as its student reads it."""
        path = f"/api/payment/status/{payment.transaction_id}"
        read: dict[str, Any] = expect(
            OK, "GET", f"{self.url}{path}", token=payment.student.token
        ).body
        return read

    def wait_for(
        self, payment: Payment, *statuses: str, seconds: float = SECONDS
    ) -> dict[str, Any]:
        """Return the payment once it is in one of *statuses*, or raise ``NeverCame``."""

        def look() -> dict[str, Any] | None:
            read = self.status(payment)
            return read if read["status"] in statuses else None

        return wait_for(look, seconds, lambda: f"the payment is {self.status(payment)['status']}")

    def refund(
        self, payment: Payment, amount: str | None = None, *, reason: str = "Asked for by a test"
    ) -> Answer:
        """
        Refund *amount* rupees, all of it without one, as an officer of finance.

        An officer's code counts once: after six refunds within half a minute it waits for the next.
        """
        officer = soonest(self.officers)
        body = {
            "transaction_id": payment.transaction_id,
            "amount": amount or payment.payable,
            "reason": reason,
            "otp": officer.code(),
        }
        return expect(
            CREATED,
            "POST",
            f"{self.url}/api/admin/payment/refund",
            body,
            token=officer.token,
            headers={"Idempotency-Key": uuid.uuid4().hex},
        )

    def call(
        self, method: str, path: str, body: object = None, *, student: Student | None = None
    ) -> Answer:
        """Call any *path* of the API as *student*, and return whatever is answered."""
        return call(method, f"{self.url}{path}", body, token=student.token if student else None)

    def admin(self, method: str, path: str, body: object = None, *, status: int = OK) -> Answer:
        """Call any *path* of the API as an administrator, or raise ``ShulkRefused`` for another *status*."""
        return expect(status, method, f"{self.url}{path}", body, token=self._admin)

    def _begun(self, path: str, body: object, student: Student, course_id: str) -> Payment:
        made = expect(CREATED, "POST", f"{self.url}{path}", body, token=student.token).body
        return Payment(
            transaction_id=made["transaction_id"],
            order_id=made["order_id"],
            payment_url=made["payment_url"],
            payable=made["breakdown"]["payable"],
            student=student,
            course_id=course_id,
        )


def _passes(refused: ShulkRefused) -> bool:
    under_way = refused.status == CONFLICT and "payment_url" in refused.problem
    if under_way:
        return refused.problem["payment_url"] is None
    return refused.status in {TOO_MANY, UNAVAILABLE}
