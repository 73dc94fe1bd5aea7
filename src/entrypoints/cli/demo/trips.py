"""The ways a payment can go, gone one after the other against a running whole."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import httpx

from entrypoints.cli.demo.announcement import token_for
from entrypoints.cli.demo.clients import (
    LOOK_AGAIN_SECONDS,
    Astray,
    Payer,
    Payment,
    StudentClient,
    expected,
)
from entrypoints.cli.demo.seeds import STUDENTS
from entrypoints.cli.demo.stack import Stack

SETTLES_WITHIN_SECONDS: Final = 30.0
EXPIRES_WITHIN_SECONDS: Final = 150.0
MAIL_WITHIN_SECONDS: Final = 60.0
COPIES: Final = 5
FINAL: Final = frozenset({"success", "failed", "expired"})

Known = Mapping[str, Any]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """How one trip ended; *problem* says what was not as it should be."""

    name: str
    transaction_id: str | None = None
    order_id: str | None = None
    status: str | None = None
    payable: str | None = None
    enrolled: bool | None = None
    problem: str | None = None

    def as_json(self) -> dict[str, object]:
        shown = asdict(self)
        if self.problem is None:
            del shown["problem"]
        return shown


@dataclass(frozen=True, slots=True)
class Traveller:
    """One student at the API and at the bank."""

    client: StudentClient
    payer: Payer

    async def paid_by_upi(self) -> tuple[Payment, Known]:
        payment = await self.client.initiate("sanskrit-basics")
        await self.payer.come_back(await self.payer.pay(payment, "UPI", "success"))
        return payment, await self._settled(payment)

    async def paid_by_card_with_a_discount(self) -> tuple[Payment, Known]:
        payment = await self.client.initiate("data-structures", "TENTH")
        await self.payer.come_back(await self.payer.pay(payment, "CARD", "success"))
        return payment, await self._settled(payment)

    async def free_by_discount(self) -> tuple[Payment, Known]:
        payment = await self.client.initiate("watercolours", "SCHOLAR100")
        if payment.payment_url is not None:
            raise Astray("there is nothing to pay, and yet a way to the bank")
        return payment, await self._settled(payment)

    async def declined(self) -> tuple[Payment, Known]:
        payment = await self.client.initiate("tabla-weekend")
        await self.payer.come_back(await self.payer.pay(payment, "CARD", "failure"))
        return payment, await self._settled(payment)

    async def abandoned(self) -> tuple[Payment, Known]:
        payment = await self.client.initiate("health-briefing")
        await self.payer.pay(payment, "UPI", "abandon")
        known = await self.client.status_once(
            payment, lambda known: known["status"] in FINAL, seconds=EXPIRES_WITHIN_SECONDS
        )
        return payment, known

    async def recovered_by_a_status_read(self) -> tuple[Payment, Known]:
        payment = await self.client.initiate("diploma-physics")
        await self.payer.pay(payment, "NB", "success", webhooks=False)
        return payment, await self._settled(payment)

    async def callback_and_webhook_at_once(self) -> tuple[Payment, Known]:
        payment = await self.client.initiate("sanskrit-basics")
        back = await self.payer.pay(payment, "UPI", "success", webhooks=False)
        await asyncio.gather(
            self.payer.come_back(back), self.payer.resend_webhooks(payment, COPIES)
        )
        return payment, await self._settled(payment)

    async def forged_callback(self) -> tuple[Payment, Known]:
        payment = await self.client.initiate("watercolours")
        await self.payer.forge_callback(payment)
        return payment, await self.client.status(payment)

    async def _settled(self, payment: Payment) -> Known:
        return await self.client.status_once(
            payment, lambda known: known["status"] in FINAL, seconds=SETTLES_WITHIN_SECONDS
        )


Go = Callable[[Traveller], Awaitable[tuple[Payment, Known]]]


@dataclass(frozen=True, slots=True)
class Plan:
    """A trip and how it has to end; who pays gets one email, and nobody else any."""

    name: str
    go: Go
    ends: frozenset[str]

    @property
    def pays(self) -> bool:
        return self.ends == PAID


PAID: Final = frozenset({"success"})
PLANS: Final = (
    Plan("paid by UPI", Traveller.paid_by_upi, PAID),
    Plan("paid by card with a discount", Traveller.paid_by_card_with_a_discount, PAID),
    Plan("free by discount", Traveller.free_by_discount, PAID),
    Plan("declined", Traveller.declined, frozenset({"failed"})),
    Plan("abandoned", Traveller.abandoned, frozenset({"expired"})),
    Plan("webhooks lost, recovered by a status read", Traveller.recovered_by_a_status_read, PAID),
    Plan("callback and webhook at once", Traveller.callback_and_webhook_at_once, PAID),
    # Without the forgery's help the payment is where it was, until its session lapses.
    Plan("forged callback", Traveller.forged_callback, frozenset({"pending", "expired"})),
)


async def run_trips(stack: Stack, progress: Progress) -> tuple[list[Trip], int]:
    """Go every trip, each with a student of its own; return how they ended, and the emails."""
    timeout = httpx.Timeout(30)
    async with httpx.AsyncClient(trust_env=False, timeout=timeout) as http:
        payer = Payer(http, stack.simulator, stack.api)
        travellers = [
            Traveller(StudentClient(http, stack.api, each, token_for(stack.settings, each)), payer)
            for each in STUDENTS[: len(PLANS)]
        ]
        going = [
            _gone(plan, traveller, progress)
            for plan, traveller in zip(PLANS, travellers, strict=True)
        ]
        # All but the abandoned one take moments; side by side they are a small crowd.
        trips = list(await asyncio.gather(*going))
        progress("waiting for the emails")
        return await _with_mail(http, stack, trips)


async def _gone(plan: Plan, traveller: Traveller, progress: Progress) -> Trip:
    try:
        payment, known = await plan.go(traveller)
    except (Astray, httpx.HTTPError, KeyError, ValueError) as error:
        progress(f"[red]✗[/] {plan.name}")
        return Trip(name=plan.name, problem=f"{type(error).__name__}: {error}")
    status, enrolled = str(known["status"]), bool(known["enrolled"])
    problem = None
    if status not in plan.ends:
        problem = f"ended as {status}, not {' or '.join(sorted(plan.ends))}"
    elif enrolled is not plan.pays:
        problem = "enrolled without paying" if enrolled else "paid, and yet not enrolled"
    progress(f"[{'red' if problem else 'green'}]{'✗' if problem else '✓'}[/] {plan.name}")
    return Trip(
        name=plan.name,
        transaction_id=payment.transaction_id,
        order_id=payment.order_id,
        status=status,
        payable=payment.payable,
        enrolled=enrolled,
        problem=problem,
    )


async def _with_mail(
    http: httpx.AsyncClient, stack: Stack, trips: list[Trip]
) -> tuple[list[Trip], int]:
    """Wait for a mail to each who paid, then look whether anyone has one too many."""
    wanted = {
        student.email: 1 if trip.status == "success" else 0
        for trip, student in zip(trips, STUDENTS, strict=False)
    }
    loop = asyncio.get_running_loop()
    deadline = loop.time() + MAIL_WITHIN_SECONDS
    while True:
        answer = await http.get(f"{stack.mailbox}/messages")
        letters = expected(answer, httpx.codes.OK).json()  # type: ignore[arg-type]  # the same numbers
        got = {email: sum(each["to"] == email for each in letters) for email in wanted}
        arrived = all(got[email] >= count for email, count in wanted.items())
        if arrived or loop.time() > deadline:
            break
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    judged = []
    for trip, (email, count) in zip(trips, wanted.items(), strict=True):
        wrong = count and got[email] != count and trip.problem is None
        judged.append(_with_problem(trip, f"{got[email]} emails instead of one") if wrong else trip)
    return judged, len(letters)


def _with_problem(trip: Trip, problem: str) -> Trip:
    return Trip(**{**asdict(trip), "problem": problem})
