"""Giving money back in the console: fill in, check, confirm with a code; a second person decides about more."""

import re
from datetime import timedelta
from typing import Final

import pytest
import pytest_asyncio
from httpx import Response

from adapters.fake.script import Outcome
from domain.identifiers import PaymentId
from domain.payments.refund_state import RefundState
from domain.staff.access import Role
from worlds.http import FORM, Client, HttpWorld, begun_payment, into_console
from worlds.settings import settings_with

STEP: Final = timedelta(seconds=30)
REFUNDS: Final = "/console/refunds"


@pytest.fixture
def world() -> HttpWorld:
    """One person gives back up to 500 rupees of a payment alone."""
    return HttpWorld(settings_with(refund_approval_threshold_rupees="500"))


@pytest_asyncio.fixture
async def paid(world: HttpWorld, client: Client) -> str:
    """A payment of 1,180 rupees that was paid."""
    payment = await begun_payment(client, world.bearer())
    await client.post(
        "/api/payment/callback", content=world.pay(payment, Outcome.SUCCESS), headers=FORM
    )
    return payment


class Officer:
    """A member of staff at the forms of the console; each code is a new one."""

    def __init__(self, client: Client, world: HttpWorld, token: str, who: str) -> None:
        self.client, self.world, self.token, self.who = client, world, token, who

    def code(self) -> str:
        self.world.clock.move(STEP)
        return self.world.code(self.world.seeds[self.who])

    async def fills_in(self, payment: str, amount: str, **changes: str) -> dict[str, str]:
        """Return the fields as the form has them, filled in."""
        page = await self.client.get(f"/console/payments/{payment}/refund")
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        return {**hidden, "amount": amount, "reason": "Batch cancelled", **changes}

    async def checks(self, payment: str, fields: dict[str, str]) -> Response:
        return await self.client.post(f"/console/payments/{payment}/refund/check", data=fields)

    async def sends(self, payment: str, fields: dict[str, str]) -> Response:
        return await self.client.post(f"/console/payments/{payment}/refund", data=fields)

    async def gives_back(self, payment: str, amount: str, **changes: str) -> Response:
        fields = await self.fills_in(payment, amount, **changes)
        checked = await self.checks(payment, fields)
        assert checked.status_code == 200, checked.text
        assert "Check and confirm" in checked.text
        return await self.sends(payment, fields | {"code": self.code()})

    async def decides(self, refund: str, decision: str, **changes: str) -> Response:
        form = {"csrf_token": self.token, "decision": decision, "code": self.code(), **changes}
        return await self.client.post(f"{REFUNDS}/{refund}", data=form)


async def officer(client: Client, world: HttpWorld, who: str, *roles: Role) -> Officer:
    client.cookies.clear()
    return Officer(client, world, await into_console(client, world, who, *roles), who)


def states(world: HttpWorld, payment: str) -> list[RefundState]:
    return [each.state for each in world.memory.store.payments[PaymentId(payment)].refunds]


def only_refund(world: HttpWorld, payment: str) -> str:
    (refund,) = world.memory.store.payments[PaymentId(payment)].refunds
    return refund.id


async def test_money_is_given_back(client: Client, world: HttpWorld, paid: str) -> None:
    """
    After a look at what would happen, with a code; the payment shows it.
    """
    farhan = await officer(client, world, "farhan")
    assert "Give money back" in (await client.get(f"/console/payments/{paid}")).text
    answer = await farhan.gives_back(paid, "₹1,00.00", revoke="no")

    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/console/payments/{paid}#refunds",
    )
    assert states(world, paid) == [RefundState.PENDING]
    page = (await client.get(f"/console/payments/{paid}")).text
    assert "Batch cancelled" in page
    assert "by staff:farhan" in page


async def test_nothing_happens_before_the_code(client: Client, world: HttpWorld, paid: str) -> None:
    """
    The page before it says what is left and what becomes of the course.
    """
    farhan = await officer(client, world, "farhan")
    checked = await farhan.checks(paid, await farhan.fills_in(paid, "1180.00"))

    assert "<dt>Left after it</dt><dd>₹0.00</dd>" in checked.text
    assert "<dt>The course</dt><dd>ends</dd>" in checked.text
    assert states(world, paid) == []


async def test_the_same_form_twice_refunds_once(
    client: Client, world: HttpWorld, paid: str
) -> None:
    """
    A button that was pressed twice, or a page that was sent again.
    """
    farhan = await officer(client, world, "farhan")
    fields = await farhan.fills_in(paid, "100.00") | {"code": farhan.code()}
    answers = [await farhan.sends(paid, fields) for _ in range(2)]

    assert [each.status_code for each in answers] == [303, 303]
    assert len(states(world, paid)) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount": "1180.01"}, "which is what is left"),
        ({"amount": "0"}, "which is what is left"),
        ({"amount": "a lot"}, "exact amount"),
        ({"reason": "x"}, "3 to 200 characters"),
        ({"reason": "card 4111 1111 1111 1111"}, "card number"),
        ({"key": ""}, "Idempotency-Key"),
    ],
)
async def test_what_cannot_be_given_back(
    client: Client, world: HttpWorld, paid: str, changes: dict[str, str], said: str
) -> None:
    """
    The form comes again with what was typed, and says why.
    """
    farhan = await officer(client, world, "farhan")
    fields = await farhan.fills_in(paid, "100.00") | changes
    answer = await farhan.checks(paid, fields)
    if answer.status_code == 200:  # only the use case can tell
        answer = await farhan.sends(paid, fields | {"code": farhan.code()})

    assert answer.status_code == 422
    assert said in answer.text
    assert states(world, paid) == []


async def test_a_wrong_code_gives_nothing_back(client: Client, world: HttpWorld, paid: str) -> None:
    """
    The page before it comes again, the code's field is empty, and the next code works.
    """
    farhan = await officer(client, world, "farhan")
    fields = await farhan.fills_in(paid, "100.00")
    answer = await farhan.sends(paid, fields | {"code": "000000"})
    assert answer.status_code == 422
    assert "wrong or too old" in answer.text
    assert states(world, paid) == []

    assert (await farhan.sends(paid, fields | {"code": farhan.code()})).status_code == 303


async def test_somebody_was_faster(client: Client, world: HttpWorld, paid: str) -> None:
    """
    The figures are shown as they are now; nothing that was typed is lost.
    """
    farhan = await officer(client, world, "farhan")
    fields = await farhan.fills_in(paid, "1000.00")
    await farhan.gives_back(paid, "200.00")
    answer = await farhan.sends(paid, fields | {"code": farhan.code()})

    assert answer.status_code == 422
    assert "₹980.00 can be given back" in answer.text
    assert 'value="1000.00"' in answer.text
    assert len(states(world, paid)) == 1


async def test_a_second_person_approves(client: Client, world: HttpWorld, paid: str) -> None:
    """
    Never the one who asked; after it the refund is on its way.
    """
    farhan = await officer(client, world, "farhan")
    await farhan.gives_back(paid, "600.00")
    refund = only_refund(world, paid)
    assert states(world, paid) == [RefundState.AWAITING_APPROVAL]
    own = (await client.get(f"{REFUNDS}/{refund}")).text
    assert "You asked for it yourself" in own
    assert 'value="approve"' not in own
    refused = await farhan.decides(refund, "approve")
    assert refused.status_code == 422
    assert states(world, paid) == [RefundState.AWAITING_APPROVAL]

    zoya = await officer(client, world, "zoya")
    waiting = (await client.get(REFUNDS, params={"status": "awaiting_approval"})).text
    assert f"{REFUNDS}/{refund}" in waiting
    answer = await zoya.decides(refund, "approve")
    assert answer.headers["location"] == f"/console/payments/{paid}#refunds"
    assert states(world, paid) == [RefundState.PENDING]
    page = (await client.get(f"{REFUNDS}/{refund}")).text
    assert "nothing to decide" in page
    assert "staff:zoya" in page


@pytest.mark.parametrize(
    ("who", "expected"),
    [("zoya", RefundState.REJECTED), ("farhan", RefundState.WITHDRAWN)],
)
async def test_a_refund_is_rejected_or_taken_back(
    client: Client, world: HttpWorld, paid: str, who: str, expected: RefundState
) -> None:
    """
    By a second person or by who asked; the amount is free again.
    """
    farhan = await officer(client, world, "farhan")
    await farhan.gives_back(paid, "600.00")
    refund = only_refund(world, paid)
    decider = farhan if who == "farhan" else await officer(client, world, who)
    assert (await decider.decides(refund, "reject")).status_code == 303

    assert states(world, paid) == [expected]
    again = await decider.decides(refund, "reject")
    assert again.status_code == 422
    assert "Nothing was decided" in again.text


async def test_a_wrong_code_decides_nothing(client: Client, world: HttpWorld, paid: str) -> None:
    """
    Neither does a decision that is none.
    """
    farhan = await officer(client, world, "farhan")
    await farhan.gives_back(paid, "600.00")
    refund = only_refund(world, paid)
    zoya = await officer(client, world, "zoya")

    assert "wrong or too old" in (await zoya.decides(refund, "approve", code="000000")).text
    assert (await zoya.decides(refund, "burn")).status_code == 422
    assert states(world, paid) == [RefundState.AWAITING_APPROVAL]


async def test_support_gives_nothing_back(client: Client, world: HttpWorld, paid: str) -> None:
    """
    No button, no form, no decision; the list of refunds is theirs to read.
    """
    await officer(client, world, "sunita", Role.SUPPORT)

    assert "Give money back" not in (await client.get(f"/console/payments/{paid}")).text
    assert (await client.get(f"/console/payments/{paid}/refund")).status_code == 403
    assert (await client.get(f"{REFUNDS}/RF{'A' * 18}")).status_code == 403
    assert "No refund waits here" in (await client.get(REFUNDS)).text


async def test_what_is_not_there(client: Client, world: HttpWorld) -> None:
    """
    An unknown refund, and a state that is none.
    """
    await officer(client, world, "farhan")

    assert (await client.get(f"{REFUNDS}/RF{'A' * 18}")).status_code == 404
    assert (await client.get(f"{REFUNDS}/nonsense")).status_code == 404
    assert (await client.get(REFUNDS, params={"status": "lost"})).status_code == 422
