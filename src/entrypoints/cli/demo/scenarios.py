"""The scenarios of the demo: what a student, the payer at the bank and staff do, step by step."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from entrypoints.cli.demo.clients import Astray, OfficerClient, Payer, Payment, StudentClient

FINAL_WITHIN_SECONDS: Final = 30.0
EXPIRES_WITHIN_SECONDS: Final = 150.0
REFUNDS_WITHIN_SECONDS: Final = 60.0
POLLED_WITHIN_SECONDS: Final = 90.0
COPIES: Final = 5
FINAL: Final = frozenset({"success", "failed", "expired"})

Known = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ScenarioClient:
    """One student at the API and at the bank, and a member of staff who refunds."""

    client: StudentClient
    payer: Payer
    officer: OfficerClient

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
            payment, lambda known: known["status"] in FINAL, seconds=FINAL_WITHIN_SECONDS
        )

    async def refunded_in_full(self) -> tuple[Payment, Known]:
        payment = await self._paid("sanskrit-basics")
        await self.officer.refund(payment, payment.payable)
        return payment, await self._given_back(payment, "refunded")

    async def refunded_in_two_parts(self) -> tuple[Payment, Known]:
        payment = await self._paid("sanskrit-basics")
        await self.officer.refund(payment, "499.00")
        half = await self._given_back(payment, "partially_refunded")
        if half["status"] != "partially_refunded" or not half["enrolled"]:
            raise Astray(f"after the first part it is {half['status']}")
        await self.officer.refund(payment, "1000.00")
        return payment, await self._given_back(payment, "refunded")

    async def over_refund_refused(self) -> tuple[Payment, Known]:
        payment = await self._paid("health-briefing")
        answer = await self.officer.ask(payment, "525.01")
        if answer.status_code != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise Astray(f"more than was paid was answered {answer.status_code}")
        return payment, await self.client.status(payment)

    async def retried_after_a_decline(self) -> tuple[Payment, Known]:
        first, known = await self.declined()
        if known["status"] != "failed":
            raise Astray(f"the first attempt ended as {known['status']}")
        payment = await self.client.retry(first)
        await self.payer.come_back(await self.payer.pay(payment, "CARD", "success"))
        return payment, await self._settled(payment)

    async def webhook_never_came(self) -> tuple[Payment, Known]:
        payment = await self.client.initiate("watercolours")
        await self.payer.pay(payment, "UPI", "success", webhooks=False)
        # There is no callback and no status read: the poller finds out.
        await self.client.in_history_once(payment, "success", seconds=POLLED_WITHIN_SECONDS)
        return payment, await self.client.status(payment)

    async def gateway_down_then_back(self) -> tuple[Payment, Known]:
        await self.payer.take_the_bank_away(calls=1)
        refusal = await self.client.refused_initiation(
            "watercolours", HTTPStatus.SERVICE_UNAVAILABLE
        )
        if "retry-after" not in refusal.headers:
            raise Astray("a bank that is away was not said to come back")
        await self.payer.bring_the_bank_back()
        return await self._paid_and_known("watercolours")

    async def late_success_after_expiry(self) -> tuple[Payment, Known]:
        payment, known = await self.abandoned()
        if known["status"] != "expired":
            raise Astray(f"before the money came it was {known['status']}")
        await self.payer.pay(payment, "UPI", "success", late=True)
        known = await self.client.status_once(
            payment, lambda seen: seen["status"] == "success", seconds=FINAL_WITHIN_SECONDS
        )
        return payment, known

    async def paid_twice(self) -> tuple[Payment, Known]:
        first, _ = await self.declined()
        again = await self.client.retry(first)
        await self.payer.come_back(await self.payer.pay(again, "CARD", "success"))
        if (await self._settled(again))["status"] != "success":
            raise Astray("the retry was not paid")
        # The page of the first attempt was still open, and its money comes as well.
        await self.payer.pay(first, "UPI", "success", late=True)
        return first, await self._given_back(first, "refunded")

    async def _paid(self, course: str) -> Payment:
        payment, known = await self._paid_and_known(course)
        if known["status"] != "success":
            raise Astray(f"the payment ended as {known['status']}")
        return payment

    async def _paid_and_known(self, course: str) -> tuple[Payment, Known]:
        payment = await self.client.initiate(course)
        await self.payer.come_back(await self.payer.pay(payment, "UPI", "success"))
        return payment, await self._settled(payment)

    async def _given_back(self, payment: Payment, status: str) -> Known:
        return await self.client.status_once(
            payment, lambda known: known["status"] == status, seconds=REFUNDS_WITHIN_SECONDS
        )
