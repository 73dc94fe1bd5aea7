"""Staff give money back, seen from outside: by the code their app shows, once, and not without a colleague."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pyotp
import pytest

from worlds.processes.api_clients import Api, ProcessWorld, problem
from worlds.processes.process_world import known
from worlds.processes.waiting import eventually

STEP_SECONDS = 30


@dataclass
class Officer:
    """A member of staff with the app that the demo gave them; its codes are shown in their order."""

    api: Api
    secret: str
    last_step: int = 0

    async def code(self) -> str:
        """Return a code that was not shown before, waiting for its time when need be."""
        now = int(time.time()) // STEP_SECONDS
        self.last_step = max(self.last_step + 1, now)

        async def present() -> int:
            return int(time.time()) // STEP_SECONDS

        await eventually(
            present, lambda step: step + 1 >= self.last_step, within_seconds=3 * STEP_SECONDS
        )
        return pyotp.TOTP(self.secret).generate_otp(self.last_step)

    async def refund(
        self, transaction: str, amount: str, *, key: str = "", otp: str = "", **more: object
    ) -> httpx.Response:
        body = {
            "transaction_id": transaction,
            "amount": amount,
            "reason": "Batch cancelled",
            "otp": otp or await self.code(),
            **more,
        }
        headers = {"Idempotency-Key": key or secrets.token_hex(16)}
        return await self.api.ask("POST", "/api/admin/payment/refund", json=body, headers=headers)

    async def decide(self, refund: str, what: str, *, otp: str = "") -> httpx.Response:
        address = f"/api/admin/payment/refund/{refund}/{what}"
        return await self.api.ask("POST", address, json={"otp": otp or await self.code()})


@pytest.fixture(scope="module")
def officers(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in told["staff"]}


_known: dict[str, Officer] = {}


def officer(world: ProcessWorld, officers: dict[str, dict[str, Any]], name: str) -> Officer:
    """Return the officer, who remembers from test to test which codes were shown."""
    said = officers[name]
    known_one = _known.setdefault(name, Officer(world.of(known(said)), said["totp_secret"]))
    known_one.api = world.of(known(said))
    return known_one


async def paid(world: ProcessWorld, rupees: str = "1180.00") -> str:
    asha, course = world.student(), await world.course(list_price=rupees)
    billing = {"address": "1 Lake Road, Mysuru"}
    transaction = str((await asha.opened(course, billing=billing))["transaction_id"])
    await world.bank.pay(transaction)
    await world.records.reaches(transaction, "success")
    return transaction


async def test_money_goes_back_once(
    world: ProcessWorld, officers: dict[str, dict[str, Any]]
) -> None:
    """
    Asked for again under the same key it is the same answer, byte for byte; the bank heard of it once.
    """
    farhan, transaction = officer(world, officers, "farhan"), await paid(world)

    first = await farhan.refund(transaction, "500.00", key=transaction, available_amount="1180.00")
    again = await farhan.refund(
        transaction, "500.00", key=transaction, otp="000000", available_amount="1180.00"
    )

    assert first.status_code == 201, first.text
    assert (again.status_code, again.content) == (201, first.content)
    rows = await world.records.rows("SELECT * FROM refund WHERE payment_id = $1", transaction)
    assert [(row["amount_paise"], row["asked_by"]) for row in rows] == [(500_00, "staff:farhan")]
    assert len((await world.bank.knows(transaction))["refunds"]) == 1
    # A rule that refuses comes before the code is looked at.
    stale = await farhan.refund(transaction, "100.00", otp="000000", available_amount="1180.00")
    assert problem(stale, 409, "stale-available-amount")["available_amount"] == "680.00"


async def test_a_code_is_shown_once(
    world: ProcessWorld, officers: dict[str, dict[str, Any]]
) -> None:
    """
    Of another officer's too: whose it is matters, and when.
    """
    farhan, zoya = (officer(world, officers, name) for name in ("farhan", "zoya"))
    transaction = await paid(world)
    code = await farhan.code()

    stolen = await zoya.refund(transaction, "100.00", otp=code)
    used = await farhan.refund(transaction, "100.00", otp=code)
    again = await farhan.refund(transaction, "100.00", otp=code)

    assert problem(stolen, 403, "second-factor-refused")["reason"] == "wrong"
    assert used.status_code == 201, used.text
    assert problem(again, 403, "second-factor-refused")["reason"] == "used"


async def test_students_and_support_give_nothing_back(
    world: ProcessWorld, officers: dict[str, dict[str, Any]]
) -> None:
    """
    Not with a code either.
    """
    transaction = await paid(world)
    support = officer(world, officers, "sunita")
    student = Officer(world.student(), support.secret)

    for asker in (support, student):
        problem(await asker.refund(transaction, "100.00"), 403, "not-allowed")


async def test_a_large_refund_takes_two(
    world: ProcessWorld, officers: dict[str, dict[str, Any]]
) -> None:
    """
    It waits on the list, its asker cannot approve it, a colleague can, and then it is sent to the bank.
    """
    anita, zoya = (officer(world, officers, name) for name in ("anita", "zoya"))
    transaction = await paid(world, "90000.00")

    asked = (await anita.refund(transaction, "60000.00")).json()
    waiting = await zoya.api.ask(
        "GET", "/api/admin/payment/refunds", params={"status": "awaiting_approval", "limit": 100}
    )
    assert asked["refund_id"] in {each["refund_id"] for each in waiting.json()["items"]}
    assert (await world.bank.knows(transaction))["refunds"] == []
    problem(
        await anita.decide(asked["refund_id"], "approve", otp="000000"), 403, "second-person-needed"
    )
    approved = await zoya.decide(asked["refund_id"], "approve")

    assert asked["status"] == "awaiting_approval"
    assert approved.status_code == 200, approved.text
    assert approved.json()["decided_by"] == "staff:zoya"
    assert len((await world.bank.knows(transaction))["refunds"]) == 1


async def test_a_disputed_charge_is_known_and_not_refunded_until_it_is_won(
    world: ProcessWorld, officers: dict[str, dict[str, Any]]
) -> None:
    """
    The webhook of a chargeback leads to the order, the order to the dispute, and staff see what is left.
    """
    farhan, transaction = officer(world, officers, "farhan"), await paid(world)

    told = await world.bank.control(f"orders/{transaction}/dispute", amount="500.00", reason="10.4")
    listed = await disputes_of(farhan, transaction, bool)
    refused = await farhan.refund(transaction, "100.00", otp="000000")

    name = told["dispute"]["id"]
    assert [
        (each["dispute_id"], each["amount"], each["status"]) for each in listed["disputes"]
    ] == [(name, "500.00", "received")]
    assert (listed["refundable"], listed["review_reasons"]) == ("0.00", ["disputed"])
    problem(refused, 409, "refund-disputed")

    await world.bank.control(f"orders/{transaction}/dispute/{name}/decide", outcome="won")
    ended = await disputes_of(farhan, transaction, lambda each: each[0]["status"] == "won")

    assert (ended["refundable"], ended["review_reasons"]) == ("1180.00", [])


async def disputes_of(
    staff: Officer, transaction: str, met: Callable[[list[dict[str, Any]]], bool]
) -> dict[str, Any]:
    """Return the payment as staff see it, once its disputes are as *met* wants them."""

    async def look() -> dict[str, Any]:
        answer = await staff.api.ask("GET", f"/api/admin/payment/status/{transaction}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    return await eventually(look, lambda view: met(view["disputes"]))
