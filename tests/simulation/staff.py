"""Officers of finance, an administrator, and the bank's own staff at work, as the plan has it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from adapters.aesgcm.cipher import AesGcmCipher
from adapters.totp.second_factor import STEP_SECONDS, code_of, step_at
from domain.identifiers import PaymentId
from domain.payments.payment import Payment
from domain.payments.refund_state import RefundState
from domain.staff.access import Role
from domain.staff.staff_member import StaffId
from entrypoints.settings.settings import Settings
from fakes.samples import a_member
from fakes.store import Store
from ports.staff.staff_register import seed_location
from simulation.bank import BANK_URL
from simulation.loop import begin
from simulation.network import Answer
from simulation.people import CREATED, People
from simulation.plan import Errand

SEEDS: Final = {
    "farhan": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "zoya": "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU",
}
ADMIN: Final = "noor"
ADMINS: Final = {
    ADMIN: "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK",
    "anita": "NRXXEZLNNRXXEZLNNRXXEZLNNRXXEZLN",
}
PAISE: Final = 100
TRIES_MAX: Final = 3
UNCLEAR_FROM: Final = 500
TOO_LARGE: Final = b"/refund-too-large"


def hire(store: Store, settings: Settings) -> None:
    """Give each officer an account and an app."""
    cipher = AesGcmCipher.under(settings.keys_at_rest)
    for role, seeds in ((Role.FINANCE, SEEDS), (Role.ADMIN, ADMINS)):
        for who, seed in seeds.items():
            encrypted = cipher.encrypt(seed, seed_location(StaffId(who)))
            member = a_member(who, role, seed=encrypted)
            store.staff[member.id] = member


@dataclass(slots=True)
class Staff:
    """They see what stands in *store*, as the console would show it, and act over the API alone."""

    people: People
    store: Store
    now: Callable[[], datetime]
    rotate: Callable[[Errand], Awaitable[None]]
    _used: dict[str, int] = field(default_factory=dict)

    async def live(self, errand: Errand) -> None:
        """Do *errand*, unless there is nothing to do it to."""
        await asyncio.sleep(errand.at)
        self.people.tell(errand.officer, str(errand))
        match errand.kind:
            case "refund":
                await self._refund(errand)
            case "approve" | "reject":
                await self._decide(errand)
            case "review":
                await self._review(errand)
            case "price":
                await self._change_price(errand)
            case "bank_refund":
                await self._at_bank(errand, "refunds", {})
            case "dispute":
                await self._dispute(errand)
            case "rotate":
                await self.rotate(errand)
            case _:
                raise AssertionError(errand.kind)

    async def _refund(self, errand: Errand) -> None:
        payment = self._picked(errand, [each for each in self._payments() if each.state.is_sold])
        if payment is None:
            return
        paise = int(payment.quote.payable.paise * errand.share)
        wish = {
            "transaction_id": str(payment.id),
            "amount": str(Decimal(paise) / PAISE),
            "reason": "Batch cancelled",
        }
        for nth in range(1, errand.requests + 1):
            key = f"refund-{errand.number}-key" + (f"-{nth}" if nth > 1 else "")
            presses = [
                asyncio.ensure_future(self._pressed(errand, wish, key))
                for _ in range(errand.clicks)
            ]
            asked = [await press for press in presses]
            for refund in sorted({each for each in asked if each is not None}):
                begin(self._answered(errand, refund))

    async def _pressed(self, errand: Errand, wish: dict[str, str], key: str) -> str | None:
        """Return the id of the refund that was asked for."""
        for _ in range(TRIES_MAX):
            asked = {**wish, "otp": await self.code(errand.officer)}
            disputed = self._open_disputes(wish["transaction_id"])
            answer = await self.ask(
                errand.officer, "/api/admin/payment/refund", asked, idempotency_key=key
            )
            disputed &= self._open_disputes(wish["transaction_id"])
            if answer is not None and disputed and TOO_LARGE in answer.body:
                # Nothing is left while a dispute is open: to ask for less would not help.
                self.people.promises.failures.append(
                    f"{key} is too large, and {sorted(disputed)} are open"
                )
            if answer is not None and answer.status < UNCLEAR_FROM:
                if answer.status != CREATED:
                    return None
                self.people.promises.refunds.add(key)
                return str(json.loads(answer.body)["refund_id"])
            await asyncio.sleep(40)
        return None

    async def _answered(self, errand: Errand, refund: str) -> None:
        """Let the other officer decide about *refund*, where that is to be done at all."""
        if errand.answer == "none":
            return
        await asyncio.sleep(errand.answered_after)
        other = next(each for each in SEEDS if each != errand.officer)
        other, how = (
            (errand.officer, "approve") if errand.answer == "own" else (other, errand.answer)
        )
        path = f"/api/admin/payment/refund/{refund}/{how}"
        await self.ask(other, path, {"otp": await self.code(other)})

    async def _decide(self, errand: Errand) -> None:
        waiting = [
            refund
            for payment in self._payments()
            for refund in payment.refunds
            if refund.state is RefundState.AWAITING_APPROVAL
        ]
        if waiting:
            refund = waiting[errand.pick % len(waiting)]
            path = f"/api/admin/payment/refund/{refund.id}/{errand.kind}"
            await self.ask(errand.officer, path, {"otp": await self.code(errand.officer)})

    async def _review(self, errand: Errand) -> None:
        payment = self._picked(errand, [each for each in self._payments() if each.review.reasons])
        if payment is not None:
            asked = {
                "review_reason": str(next(iter(payment.review.reasons))),
                "action": errand.action,
                "reason": "Looked into it",
                "otp": await self.code(errand.officer),
            }
            await self.ask(errand.officer, f"/api/admin/payments/{payment.id}/resolve", asked)

    async def _change_price(self, errand: Errand) -> None:
        course = sorted(self.store.courses)[errand.pick % len(self.store.courses)]
        asked = {
            "title": f"All about {course}",
            "list_price": str(1000 + errand.pick % 500),
            "price_mode": "inclusive",
            "sac": "999293",
            "gst_rate": "18",
            "active": True,
        }
        await self.people.ask(
            ADMIN,
            "PUT",
            f"/api/admin/courses/{course}",
            body=asked,
            authorization=self.people.token(ADMIN, Role.ADMIN),
        )

    async def _at_bank(self, errand: Errand, what: str, asked: dict[str, object]) -> None:
        payment = self._picked(errand, [each for each in self._payments() if each.state.is_sold])
        if payment is not None and payment.quote.payable.paise:
            url = f"{BANK_URL}/_control/orders/{payment.id}/{what}"
            await self.people.ask("the bank's staff", "POST", url, body=asked)

    async def _dispute(self, errand: Errand) -> None:
        payment = self._picked(errand, [each for each in self._payments() if each.state.is_sold])
        if payment is not None and payment.quote.payable.paise:
            begin(self.people.dispute("the bank's staff", str(payment.id), errand.dispute))

    async def code(self, officer: str) -> str:
        """Wait until the app shows a code that was not used yet, and return it."""
        step = max(step_at(self.now()), self._used.get(officer, 0) + 1)
        self._used[officer] = step
        begins = step * STEP_SECONDS - self.now().timestamp()
        await asyncio.sleep(max(begins, 0))
        return code_of({**SEEDS, **ADMINS}[officer], step)

    async def ask(
        self,
        officer: str,
        path: str,
        asked: Mapping[str, object] | bytes,
        method: str = "POST",
        **headers: str,
    ) -> Answer | None:
        """Return the service's answer to *officer*, who has signed in; None when none came."""
        token = self.people.token(officer, Role.ADMIN if officer in ADMINS else Role.FINANCE)
        return await self.people.ask(
            officer, method, path, body=asked, authorization=token, **headers
        )

    def _open_disputes(self, payment: str) -> set[str]:
        known = self.store.payments[PaymentId(payment)].disputes
        return {each.id for each in known if each.state.is_open}

    def _payments(self) -> list[Payment]:
        return list(self.store.payments.values())

    @staticmethod
    def _picked(errand: Errand, among: list[Payment]) -> Payment | None:
        return among[errand.pick % len(among)] if among else None
