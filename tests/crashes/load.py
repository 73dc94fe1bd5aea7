"""Students who pay and officers who give back, all the while the deployment is being shot at."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from secrets import token_hex
from typing import Any, Final

import httpx

from adapters.totp.second_factor import code_of
from crashes.under_attack import DeploymentUnderAttack
from worlds.processes.api_clients import KARNATAKA, Person

COURSE: Final = "crash-course"
PRICE: Final = Decimal("1180.00")
STEP_SECONDS: Final = 30
AGAIN_SECONDS: Final = 0.1
PATIENCE_SECONDS: Final = 120.0
PASSING: Final = frozenset({408, 409, 425, 429})


@dataclass(slots=True)
class Officer:
    """A member of staff whose app shows a code once; three of them are good at any moment."""

    person: Person
    seed: str
    last_step: int = 0

    def code(self) -> str | None:
        """Return a code that was not used yet and is good now, None while there is none."""
        now = int(time.time()) // STEP_SECONDS
        step = max(self.last_step + 1, now - 1)
        if step > now + 1:
            return None
        self.last_step = step
        return code_of(self.seed, step)


@dataclass(slots=True)
class Promises:
    """What the deployment has acknowledged, and when a payment was: it may never lose any of it."""

    payments: set[str] = field(default_factory=set)
    told_at: dict[str, datetime] = field(default_factory=dict)
    refunds: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Load:
    attack: DeploymentUnderAttack
    http: httpx.AsyncClient
    chance: random.Random
    promises: Promises = field(default_factory=Promises)
    officers: list[Officer] = field(default_factory=list)

    async def prepare(self) -> None:
        deployment = self.attack.deployment
        self.officers = [
            Officer(
                Person(
                    id=who,
                    name="Officer",
                    email=f"{who}@example.com",
                    token=self._token(who, "finance"),
                ),
                seed,
            )
            for who, seed in self.attack.seeds.items()
        ]
        admin = deployment.person("admin")
        answer = await self.http.put(
            f"{deployment.api}/api/admin/courses/{COURSE}",
            json={
                "title": "Under Attack",
                "list_price": str(PRICE),
                "price_mode": "inclusive",
                "sac": "999293",
                "gst_rate": "18",
            },
            headers=admin.bearer,
        )
        assert answer.status_code == HTTPStatus.NO_CONTENT, answer.text

    def _token(self, who: str, role: str) -> str:
        return self.attack.deployment.token(
            sub=who, name="Officer", email=f"{who}@example.com", roles=[role]
        )

    async def student(self) -> None:
        """One student's way, whatever happens to the deployment meanwhile."""
        person = self.attack.deployment.person()
        opened = await self._insist(
            lambda: (
                self.http.post(
                    f"{self.attack.deployment.api}/api/payment/initiate",
                    json={
                        "course_id": COURSE,
                        "billing": {"name": person.name, "state_code": KARNATAKA},
                    },
                    headers=person.bearer | {"Idempotency-Key": key},
                )
                if (key := person.id)
                else None
            )
        )
        if opened is None:
            return
        transaction = opened["transaction_id"]
        self.promises.payments.add(transaction)
        self.promises.told_at[transaction] = datetime.now(UTC)
        outcome = self.chance.choices(("success", "failure", "abandon"), (8, 1, 1))[0]
        paid = await self._pay(transaction, outcome)
        if paid and paid.get("return_url") and self.chance.random() < 0.5:
            with suppress(httpx.TransportError):
                await self.http.get(paid["return_url"])
        if outcome == "success" and await self._sold(person, transaction):
            await self._give_back(transaction)

    async def _pay(self, transaction: str, outcome: str) -> dict[str, Any] | None:
        # The bank closes a connection that was idle, and a browser may meet that: the money is taken or not.
        with suppress(httpx.TransportError):
            answer = await self.http.post(
                f"{self.attack.deployment.outside_services.simulator}/_control/orders/{transaction}/pay",
                json={"method": "UPI", "outcome": outcome},
            )
            return answer.json() if answer.is_success else None
        return None

    async def _sold(self, person: Person, transaction: str) -> bool:
        """Ask as a result page does, for a while."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                answer = await self.http.get(
                    f"{self.attack.deployment.api}/api/payment/status/{transaction}",
                    headers=person.bearer,
                )
                if answer.is_success and answer.json()["status"] == "success":
                    return True
            await asyncio.sleep(AGAIN_SECONDS * 5)
        return False

    async def _give_back(self, transaction: str) -> None:
        if self.chance.random() < 0.5:
            return
        amount = self.chance.choice(("1180.00", "500.00", "300.50"))
        key = token_hex(8)
        officer = self.chance.choice(self.officers)

        async def ask() -> httpx.Response | None:
            code = officer.code()
            if code is None:
                return None
            return await self.http.post(
                f"{self.attack.deployment.api}/api/admin/payment/refund",
                json={
                    "transaction_id": transaction,
                    "amount": amount,
                    "reason": "asked under attack",
                    "otp": code,
                },
                headers=officer.person.bearer | {"Idempotency-Key": key},
            )

        given = await self._insist(ask)
        if given is not None:
            self.promises.refunds[given["refund_id"]] = transaction

    async def _insist(
        self, ask: Callable[[], Awaitable[httpx.Response | None] | None]
    ) -> dict[str, Any] | None:
        """Ask until there is an answer that stands; None for a refusal, which is kept."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                asked = ask()
                answer = None if asked is None else await asked
                if answer is not None and answer.is_success:
                    told: dict[str, Any] = answer.json()
                    return told
                if answer is not None and self._stands(answer):
                    self.promises.refused.append(answer.text)
                    return None
            await asyncio.sleep(AGAIN_SECONDS)
        self.promises.refused.append("no answer in time")
        return None

    def _stands(self, answer: httpx.Response) -> bool:
        # A code that came with a request whose answer was lost is used up; the next one is good.
        passing = answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        used = "second-factor" in answer.text
        return not passing and not used and answer.status_code not in PASSING
