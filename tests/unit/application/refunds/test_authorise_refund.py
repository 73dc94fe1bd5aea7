"""A TOTP code authorises one refund, and so does an idempotency key."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Final

import pytest

from application.refunds.authorise_refund import AuthoriseRefund
from application.refunds.decide_refund import ApproveRefund, DecideRefundCommand, RejectRefund
from application.refunds.request_refund import RefundStanding, RequestRefund, RequestRefundCommand
from application.refunds.send_refund import SendRefund
from application.staff.verify_totp import Confirm, TotpAttempt, VerifyTotp
from domain.identifiers import PaymentId
from domain.money import Money
from domain.payments.refund import RefundTooLarge, RequestKey, StaleAvailable
from domain.payments.refund_approval import SecondPersonNeeded
from domain.payments.refund_state import RefundState
from domain.staff.access import NotAllowed, Permission
from domain.staff.second_factor import TotpLimit, TotpUsed, TotpWrong
from domain.staff.staff_member import StaffId, StaffMember
from fakes.cipher import MemoryCipher
from fakes.samples import BY_STAFF, a_member, refund_id
from fakes.staff.second_factor import CountingFactor, code_now
from ports.idempotency import IdempotencyKeyMissing, IdempotencyKeyReused
from ports.staff.staff_register import seed_location
from ports.unit_of_work import Work
from worlds.memory import MemoryWorld

MIRA: Final = "mira"
ZOYA: Final = "zoya"
SEEDS: Final = {MIRA: "SEED1", ZOYA: "SEED2"}
STEP: Final = timedelta(seconds=30)
KEYS: Final = count(1)
KEY: Final = RequestKey(key="k-1", body_sha256="a" * 64)


@dataclass
class Counter:
    """Two members of staff with authenticator apps, and one payment that was charged."""

    world: MemoryWorld
    cipher: MemoryCipher = field(default_factory=MemoryCipher)
    payment: PaymentId = PaymentId("")  # noqa: RUF009 - only a name for a text
    authorised: AuthoriseRefund = field(init=False)

    def __post_init__(self) -> None:
        for name, seed in SEEDS.items():
            encrypted = self.cipher.encrypt(seed, seed_location(StaffId(name)))
            self.world.memory.store.staff[StaffId(name)] = a_member(name, seed=encrypted)
        unit, clock, numbers = self.world.memory.unit_of_work, self.world.clock, count(1)
        send = SendRefund(unit, self.world.gateway, self.world.read_order, self.world.apply, clock)
        self.authorised = AuthoriseRefund(
            unit_of_work=unit,
            verify_totp=VerifyTotp(
                unit_of_work=unit,
                second_factor=CountingFactor(),
                cipher=self.cipher,
                clock=clock,
                limit=TotpLimit(attempts=5, lock=timedelta(minutes=15)),
            ),
            request_refund=RequestRefund(
                unit_of_work=unit,
                send=send,
                clock=clock,
                new_id=lambda: refund_id(next(numbers)),
                approval_threshold=Money(500_00),
            ),
            approve_refund=ApproveRefund(unit_of_work=unit, send=send, clock=clock),
            reject_refund=RejectRefund(unit_of_work=unit, clock=clock),
        )

    def member(self, name: str = MIRA) -> StaffMember:
        return self.world.memory.store.staff[StaffId(name)]

    def attempt(self, name: str = MIRA, code: str | None = None) -> TotpAttempt:
        return TotpAttempt(
            staff=StaffId(name),
            permission=Permission.CREATE_REFUNDS,
            subject=self.payment,
            code=code or code_now(SEEDS[name], self.world.clock.now()),
        )

    async def asks(
        self, rupees: int = 100, *, key: RequestKey | None = None, code: str | None = None
    ) -> RefundStanding:
        return await self.authorised.request(self.command(rupees, key=key), self.attempt(code=code))

    def command(self, rupees: int = 100, *, key: RequestKey | None = None) -> RequestRefundCommand:
        return RequestRefundCommand(
            payment=self.payment,
            amount=Money(rupees * 100),
            reason="course cancelled",
            origin=BY_STAFF,
            key=key or RequestKey(key=f"key-{next(KEYS)}", body_sha256="a" * 64),
        )

    def decision(self, standing: RefundStanding, name: str = ZOYA) -> DecideRefundCommand:
        return DecideRefundCommand(
            payment=self.payment,
            refund=standing.refund.id,
            origin=replace(BY_STAFF, actor=f"staff:{name}"),
        )

    @property
    def refunds(self) -> list[RefundState]:
        return [each.state for each in self.world.payment(self.payment).refunds]


async def test_without_a_key_the_amount_shows_a_repeat(counter: "Counter") -> None:
    """
    The second of two equal requests is for an amount that is not left any more, whatever its code.
    """
    seen = counter.world.payment(counter.payment).refundable
    wanted = replace(counter.command(), key=None, available=seen)
    await counter.authorised.request(wanted, counter.attempt())
    counter.world.clock.move(STEP)

    with pytest.raises(StaleAvailable):
        await counter.authorised.request(wanted, counter.attempt())

    assert len(counter.refunds) == 1


async def test_a_repeat_that_nothing_shows_is_refused(counter: "Counter") -> None:
    """
    Nothing is written, and the code is still good for a request that can be repeated safely.
    """
    bare = replace(counter.command(), key=None)
    with pytest.raises(IdempotencyKeyMissing):
        await counter.authorised.request(bare, counter.attempt())

    assert counter.refunds == []
    (line,) = counter.world.audited("refund.refused")
    assert line.facts["refusal"] == "IdempotencyKeyMissing"
    await counter.asks()
    assert len(counter.refunds) == 1


@pytest.fixture
async def counter(world: MemoryWorld) -> Counter:
    paid = await world.begin_payment()
    world.gateway.pay(paid.id)
    await world.deliver_webhook(paid.id)
    return Counter(world, payment=paid.id)


async def test_a_refund_uses_its_code_up(counter: Counter) -> None:
    """
    The next one needs the next code.
    """
    first = await counter.asks()

    with pytest.raises(TotpUsed):
        await counter.asks()
    counter.world.clock.move(STEP)
    second = await counter.asks()

    assert (first.refund.id, second.refund.id) == (refund_id(1), refund_id(3))
    assert len(counter.refunds) == 2
    assert first.refund.asked_by == "staff:mira"


async def test_a_wrong_code_gives_nothing_back(counter: Counter) -> None:
    """
    Neither the payment nor the bank is changed.
    """
    with pytest.raises(TotpWrong):
        await counter.asks(code="000000")

    assert counter.refunds == []
    assert counter.member().attempts == 1


async def test_a_refused_refund_leaves_the_code(counter: Counter) -> None:
    """
    Too much was asked for: the same code serves the request that asks for less.
    """
    with pytest.raises(RefundTooLarge):
        await counter.asks(rupees=5000)

    assert counter.member().attempts == 0
    await counter.asks()


async def test_the_same_key_is_repeat_without_a_code(counter: Counter) -> None:
    """
    One refund, one code, whatever code the repetition carries; no attempt is counted for it.
    """
    first = await counter.asks(key=KEY)
    after = counter.member()

    again = await counter.asks(key=KEY, code="000000")

    assert again.refund.id == first.refund.id
    assert len(counter.refunds) == 1
    assert counter.member() == after


async def test_a_key_with_another_body_is_refused(counter: Counter) -> None:
    """
    Before any code is checked.
    """
    await counter.asks(key=KEY)
    after = counter.member()

    with pytest.raises(IdempotencyKeyReused):
        await counter.asks(key=replace(KEY, body_sha256="b" * 64), code="000000")
    assert counter.member() == after


async def test_of_two_with_one_key_the_slower_one_uses_no_code(counter: Counter) -> None:
    """
    Found answered only in the unit itself, it gives its attempt back and is answered alike.
    """
    await counter.asks(key=KEY)
    counter.world.clock.move(STEP)
    authorised = counter.authorised

    class Overtaken(AuthoriseRefund):
        async def _is_repeat(self, *_: object) -> bool:
            return False

    counter.authorised = Overtaken(
        unit_of_work=authorised.unit_of_work,
        verify_totp=authorised.verify_totp,
        request_refund=authorised.request_refund,
        approve_refund=authorised.approve_refund,
        reject_refund=authorised.reject_refund,
    )
    before = counter.member()

    again = await counter.asks(key=KEY)

    assert again.refund.id == refund_id(1)
    assert (counter.member().attempts, counter.member().last_step) == (0, before.last_step)


@dataclass
class Overtaken:
    """Requests of which the first lets *rival* go before its code is checked."""

    request: RequestRefund
    rival: Callable[[], Coroutine[None, None, object]] | None

    async def __call__(self, command: RequestRefundCommand, confirm: Confirm) -> RefundStanding:
        async def late(work: Work) -> None:
            if self.rival is not None:
                rival, self.rival = self.rival(), None
                await asyncio.create_task(rival, context=Context())
            await confirm(work)

        return await self.request(command, late)


async def test_a_code_used_by_the_same_request_is_no_refusal(counter: Counter) -> None:
    """
    Sent twice at once, the slower one finds its code used by the faster one, and is answered alike.
    """
    authorised = counter.authorised
    request = Overtaken(authorised.request_refund, lambda: counter.asks(key=KEY))
    slow = replace(authorised, request_refund=request)  # type: ignore[arg-type]  # it is called like one

    answered = await slow.request(counter.command(key=KEY), counter.attempt())

    assert request.rival is None
    assert answered.refund.id == counter.world.payment(counter.payment).refunds.known[0].id
    assert len(counter.refunds) == 1


async def test_a_suspended_member_gets_no_earlier_answer(counter: Counter) -> None:
    """
    Nor a new one.
    """
    await counter.asks(key=KEY)
    staff = counter.world.memory.store.staff
    staff[StaffId(MIRA)] = counter.member().activated(active=False)

    with pytest.raises(NotAllowed):
        await counter.asks(key=KEY)


async def test_an_answer_that_is_gone_is_not_given_without_a_code(counter: Counter) -> None:
    """
    A repeat whose first request is gone does not pass without a TOTP code.
    """
    await counter.asks(key=KEY)
    unit = counter.world.memory.unit_of_work
    store = counter.world.memory.store
    kept = dict(store.payments)

    def forget() -> None:
        store.payments[counter.payment] = replace(
            kept[counter.payment], refunds=type(kept[counter.payment].refunds)()
        )

    unit.afterwards.append(forget)
    with pytest.raises(TotpWrong):
        await counter.asks(key=KEY)
    assert counter.refunds == []


async def test_a_second_person_approves_with_their_own_code(counter: Counter) -> None:
    """
    Above the approval threshold; the code of who requested it does not help.
    """
    waiting = await counter.asks(rupees=600)
    assert waiting.refund.state is RefundState.AWAITING_APPROVAL
    counter.world.clock.move(STEP)
    mira = code_now(SEEDS[MIRA], counter.world.clock.now())

    with pytest.raises(SecondPersonNeeded):
        await counter.authorised.approve(counter.decision(waiting, MIRA), counter.attempt(MIRA))
    with pytest.raises(TotpWrong):
        await counter.authorised.approve(counter.decision(waiting), counter.attempt(ZOYA, mira))
    approved = await counter.authorised.approve(counter.decision(waiting), counter.attempt(ZOYA))

    assert approved.refund.decided_by == "staff:zoya"
    assert approved.refund.state.was_sent
    assert counter.member(ZOYA).last_step is not None


async def test_a_second_person_rejects_with_their_own_code(counter: Counter) -> None:
    """
    The amount is free again; a wrong code decides nothing.
    """
    waiting = await counter.asks(rupees=600)

    with pytest.raises(TotpWrong):
        await counter.authorised.reject(counter.decision(waiting), counter.attempt(ZOYA, "000000"))
    assert counter.refunds == [RefundState.AWAITING_APPROVAL]
    rejected = await counter.authorised.reject(counter.decision(waiting), counter.attempt(ZOYA))

    assert rejected.refund.state is RefundState.REJECTED
    assert counter.refunds == [RefundState.REJECTED]
