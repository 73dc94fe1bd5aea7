"""Clients of the demo: of the API as a student, of the simulator's page as a payer, and as staff."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import httpx
import pyotp

from entrypoints.cli.demo.seeds import DemoPerson

POLL_SECONDS: Final = 0.25


class Astray(Exception):
    """A scenario did not go as it should; the message says at which step."""


@dataclass(frozen=True, slots=True)
class Payment:
    """The answer to initiating a payment."""

    transaction_id: str
    order_id: str
    payment_url: str | None
    payable: str


@dataclass(frozen=True, slots=True)
class StudentClient:
    """Talks to the API with one student's token."""

    http: httpx.AsyncClient
    api: str
    student: DemoPerson
    token: str

    async def initiate(self, course: str, code: str | None = None) -> Payment:
        body: dict[str, object] = {
            "course_id": course,
            "billing": {"name": self.student.name, "state_code": self.student.state},
        }
        if code is not None:
            body["discount_code"] = code
        answer = await self.http.post(
            f"{self.api}/api/payment/initiate", json=body, headers=self._headers()
        )
        return _opened(expected(answer, HTTPStatus.CREATED))

    async def retry(self, payment: Payment) -> Payment:
        """Retry a payment that failed or expired."""
        answer = await self.http.post(
            f"{self.api}/api/payment/retry/{payment.transaction_id}", headers=self._headers()
        )
        return _opened(expected(answer, HTTPStatus.CREATED))

    async def refused_initiation(self, course: str, status: HTTPStatus) -> httpx.Response:
        """Return the refusal of a payment for *course*, which has to have *status*."""
        body = {
            "course_id": course,
            "billing": {"name": self.student.name, "state_code": self.student.state},
        }
        return expected(
            await self.http.post(
                f"{self.api}/api/payment/initiate", json=body, headers=self._headers()
            ),
            status,
        )

    async def in_history_once(self, payment: Payment, status: str, *, seconds: float) -> None:
        """Wait until the history, which reads nothing at the bank, shows *payment* in *status*."""
        for _ in range(round(seconds / POLL_SECONDS)):
            answer = await self.http.get(f"{self.api}/api/payment/history", headers=self._headers())
            items = expected(answer, HTTPStatus.OK).json()["items"]
            if any(
                (each["transaction_id"], each["status"]) == (payment.transaction_id, status)
                for each in items
            ):
                return
            await asyncio.sleep(POLL_SECONDS)
        raise Astray(f"nobody found out within {seconds:g} seconds that it is {status}")

    async def status(self, payment: Payment) -> Mapping[str, Any]:
        return await self.status_of(payment.transaction_id)

    async def status_of(self, transaction_id: str) -> Mapping[str, Any]:
        answer = await self.http.get(
            f"{self.api}/api/payment/status/{transaction_id}", headers=self._headers()
        )
        known: dict[str, Any] = expected(answer, HTTPStatus.OK).json()
        return known

    async def document(self, transaction_id: str, number: str) -> bytes:
        """Return the file of the payment's document with *number*."""
        answer = await self.http.get(
            f"{self.api}/api/payment/receipt/{transaction_id}",
            params={"number": number},
            headers=self._headers(),
        )
        return expected(answer, HTTPStatus.OK).content

    async def status_once(
        self, payment: Payment, reached: Callable[[Mapping[str, Any]], bool], *, seconds: float
    ) -> Mapping[str, Any]:
        """Read until *reached*, or return the last answer when *seconds* are over."""
        for _ in range(round(seconds / POLL_SECONDS)):
            if reached(known := await self.status(payment)):
                return known
            await asyncio.sleep(POLL_SECONDS)
        return await self.status(payment)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True, slots=True)
class Payer:
    """Pays on the simulator's page and returns, as a browser would."""

    http: httpx.AsyncClient
    simulator: str
    api: str

    async def pay(
        self,
        payment: Payment,
        method: str,
        outcome: str,
        *,
        webhooks: bool = True,
        late: bool = False,
    ) -> str | None:
        """Act on the hosted page; return the signed return address, None when there is none."""
        answer = await self.http.post(
            f"{self.simulator}/_control/orders/{payment.order_id}/pay",
            json={"method": method, "outcome": outcome, "webhooks": webhooks, "late": late},
        )
        back: str | None = expected(answer, HTTPStatus.OK).json()["return_url"]
        return back

    async def come_back(self, return_url: str | None) -> None:
        """Follow the bank's redirect; it has to end at a result page."""
        if return_url is None:
            raise Astray("the bank showed no way back")
        expected(await self.http.get(return_url), HTTPStatus.SEE_OTHER)

    async def resend_webhooks(self, payment: Payment, copies: int) -> None:
        answer = await self.http.post(
            f"{self.simulator}/_control/webhooks/{payment.order_id}/resend",
            json={"copies": copies},
        )
        expected(answer, HTTPStatus.OK)

    async def take_the_bank_away(self, calls: int) -> None:
        """Let the next *calls* that create a session fail at the bank."""
        answer = await self.http.post(
            f"{self.simulator}/_control/next",
            json={"operation": "session", "fault": "http_500", "times": calls},
        )
        expected(answer, HTTPStatus.OK)

    async def bring_the_bank_back(self) -> None:
        expected(await self.http.delete(f"{self.simulator}/_control/next"), HTTPStatus.OK)

    async def forge_callback(self, payment: Payment) -> None:
        """Send a callback with a forged signature; it has to be refused."""
        claim = {
            "order_id": payment.order_id,
            "status": "CHARGED",
            "status_id": "21",
            "signature": "Zm9yZ2VkLWJ5LW5vYm9keS1pbi1wYXJ0aWN1bGFyISE=",
            "signature_algorithm": "HMAC-SHA256",
        }
        answer = await self.http.post(f"{self.api}/api/payment/callback", data=claim)
        expected(answer, HTTPStatus.UNAUTHORIZED)


@dataclass(slots=True)
class OfficerClient:
    """A member of staff who refunds; *seed* is of the app that makes the TOTPs, each valid once."""

    http: httpx.AsyncClient
    api: str
    token: str
    seed: str = field(repr=False)
    _last_step: int = 0

    async def refund(self, payment: Payment, amount: str) -> None:
        """Refund *amount* rupees, or raise ``Astray``."""
        expected(await self.ask(payment, amount), HTTPStatus.CREATED)

    async def ask(self, payment: Payment, amount: str) -> httpx.Response:
        return await self.http.post(
            f"{self.api}/api/admin/payment/refund",
            json={
                "transaction_id": payment.transaction_id,
                "amount": amount,
                "reason": "shown in the demo",
                "otp": await self._code(),
            },
            headers={
                "Authorization": f"Bearer {self.token}",
                "Idempotency-Key": f"{payment.transaction_id}-{amount}",
            },
        )

    async def _code(self) -> str:
        app = pyotp.TOTP(self.seed)
        while True:
            now = int(time.time()) // app.interval
            step = max(self._last_step + 1, now)
            # The TOTP of the next time step is valid already; for a later one it has to wait.
            if step <= now + 1:
                self._last_step = step
                return app.at(step * app.interval)
            await asyncio.sleep(POLL_SECONDS)


def _opened(answer: httpx.Response) -> Payment:
    made = answer.json()
    return Payment(
        transaction_id=made["transaction_id"],
        order_id=made["order_id"],
        payment_url=made["payment_url"],
        payable=made["breakdown"]["payable"],
    )


def expected(answer: httpx.Response, status: HTTPStatus) -> httpx.Response:
    """Return *answer* if it has *status*, or raise ``Astray``."""
    if answer.status_code != status:
        where = f"{answer.request.method} {answer.request.url.path}"
        raise Astray(f"{where} answered {answer.status_code}: {answer.text[:300]}")
    return answer
