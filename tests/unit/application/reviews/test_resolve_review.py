"""Staff end a review by name, with a reason and their code; what they do is done once."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

import pytest

from adapters.fake.gateway import unclear
from adapters.fake.script import Fault
from application.reviews.resolve_review import Resolved, ResolveReview, ResolveReviewCommand
from application.staff.verify_totp import VerifyTotp
from domain.identifiers import PaymentId
from domain.money import ZERO
from domain.payments.order_facts import ReviewReason
from domain.payments.payment_state import State
from domain.payments.refund import ReasonRefused
from domain.payments.refund_state import RefundState
from domain.payments.resolution import NotUnderReview, Resolution, ResolutionUnlawful
from domain.staff.access import NotAllowed, Role
from domain.staff.second_factor import TotpLimit, TotpUsed, TotpWrong
from domain.staff.staff_member import StaffId
from domain.text.card_number import CardNumberRefused
from fakes.cipher import MemoryCipher
from fakes.samples import BY_STAFF, a_member, under_review
from fakes.staff.second_factor import CountingFactor, code_now
from ports.payments.payment_gateway import GatewayDown, GatewayOperation
from ports.staff.staff_register import seed_location
from worlds.memory import MemoryWorld

MIRA: Final = StaffId("mira")
SEED: Final = "SEED1"
TWICE, ALONE = ReviewReason.PAID_TWICE, ReviewReason.AUTHORISED_ONLY


@dataclass
class Desk:
    """A member of staff with an authenticator app, who resolves reviews in *world*."""

    world: MemoryWorld
    cipher: MemoryCipher = field(default_factory=MemoryCipher)
    use_case: ResolveReview = field(init=False)

    def __post_init__(self) -> None:
        encrypted = self.cipher.encrypt(SEED, seed_location(MIRA))
        self.world.memory.store.staff[MIRA] = a_member("mira", seed=encrypted)
        verify = VerifyTotp(
            unit_of_work=self.world.memory.unit_of_work,
            second_factor=CountingFactor(),
            cipher=self.cipher,
            clock=self.world.clock,
            limit=TotpLimit(attempts=5, lock=timedelta(minutes=15)),
        )
        self.use_case = replace(self.world.resolve_review, verify_totp=verify)

    def flag(self, payment: PaymentId, *reasons: ReviewReason) -> None:
        store = self.world.memory.store
        store.payments[payment] = under_review(store.payments[payment], *reasons)

    async def resolves(
        self,
        payment: PaymentId,
        reason: ReviewReason,
        resolution: Resolution,
        *,
        why: str = "asked the bank",
        code: str | None = None,
    ) -> Resolved:
        return await self.use_case(
            ResolveReviewCommand(
                payment=payment,
                review_reason=reason,
                resolution=resolution,
                reason=why,
                staff=MIRA,
                origin=BY_STAFF,
                code=code_now(SEED, self.world.clock.now()) if code is None else code,
            )
        )


@pytest.fixture
def desk(world: MemoryWorld) -> Desk:
    return Desk(world)


async def test_the_order_is_read_again_without_a_code(desk: Desk, world: MemoryWorld) -> None:
    """
    The bank's clear answer ends the reason; who asked and why stands in the audit log.
    """
    payment = await world.begin_payment()
    desk.flag(payment.id, ALONE)
    world.gateway.pay(payment.id)

    resolved = await desk.resolves(payment.id, ALONE, Resolution.READ_AGAIN, code="")

    assert (resolved.payment.state, resolved.refund) == (State.SUCCESS, None)
    assert not world.payment(payment.id).review
    (line,) = world.audited("payment.review_resolved")
    assert (line.origin, line.subject) == (BY_STAFF, payment.id)
    assert line.facts == {
        "review_reason": "authorised_only",
        "resolution": "read_again",
        "reason": "asked the bank",
    }


async def test_a_bank_that_does_not_answer_ends_nothing(desk: Desk, world: MemoryWorld) -> None:
    """
    The failure is told; the reason stays.
    """
    payment = await world.begin_payment()
    desk.flag(payment.id, ALONE)
    world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)

    with pytest.raises(GatewayDown):
        await desk.resolves(payment.id, ALONE, Resolution.READ_AGAIN)

    assert ALONE in world.payment(payment.id).review


async def test_a_session_is_closed(desk: Desk, world: MemoryWorld) -> None:
    """
    Another payment for the course may begin, and the closed one is polled on for a day.
    """
    payment = await world.begin_payment()
    world.gateway.answer(payment.id, unclear(payment.id, ALONE))
    desk.flag(payment.id, ALONE)

    resolved = await desk.resolves(payment.id, ALONE, Resolution.CLOSE)

    assert resolved.payment.state is State.FAILED
    assert not world.payment(payment.id).review
    assert payment.id in world.memory.store.order_polls
    (moved,) = [line for line in world.audited("payment.moved") if line.to_state is State.FAILED]
    assert (moved.facts["event"], moved.facts["review_ended"]) == (
        "closed_by_staff",
        "authorised_only",
    )
    assert (await world.begin_payment()).state is State.PENDING


async def test_all_that_is_left_is_given_back(desk: Desk, world: MemoryWorld) -> None:
    """
    By the ordinary refund: the reason ends when the money has gone back; a repeat finds nothing left.
    """
    sold = await world.paid_payment()
    desk.flag(sold.id, TWICE)

    resolved = await desk.resolves(sold.id, TWICE, Resolution.GIVE_BACK, why=" paid by two cards ")

    assert resolved.refund is not None
    assert (resolved.refund.amount, resolved.refund.reason, resolved.refund.asked_by) == (
        sold.captured,
        "paid by two cards",
        "staff:mira",
    )
    assert resolved.refund.state is RefundState.PENDING
    assert TWICE in world.payment(sold.id).review
    assert world.payment(sold.id).refundable == ZERO
    with pytest.raises(ResolutionUnlawful):
        await desk.resolves(sold.id, TWICE, Resolution.GIVE_BACK)
    assert len(world.payment(sold.id).refunds.known) == 1
    assert len(world.audited("payment.review_resolved")) == 1


async def test_above_the_limit_a_second_person_approves(desk: Desk, world: MemoryWorld) -> None:
    """
    Nothing is sent to the bank before.
    """
    sold = await world.paid_payment()
    desk.flag(sold.id, TWICE)
    limited = replace(world.request_refund, approval_threshold=ZERO)
    desk.use_case = replace(desk.use_case, request_refund=limited)

    resolved = await desk.resolves(sold.id, TWICE, Resolution.GIVE_BACK)

    assert resolved.refund is not None
    assert resolved.refund.state is RefundState.AWAITING_APPROVAL
    assert world.gateway.calls[GatewayOperation.REFUND] == 0


async def test_what_the_bank_did_is_accepted(desk: Desk, world: MemoryWorld) -> None:
    """
    Only this reason ends.
    """
    sold = await world.paid_payment()
    desk.flag(sold.id, ReviewReason.REFUND_OUTSIDE, TWICE)

    resolved = await desk.resolves(sold.id, ReviewReason.REFUND_OUTSIDE, Resolution.ACCEPT)

    assert resolved.payment.review.reasons == {TWICE}
    assert world.payment(sold.id).review.reasons == {TWICE}
    (ended,) = world.audited("payment.review_ended")
    assert ended.facts == {"review_ended": "refund_outside"}


@pytest.mark.parametrize(
    "resolution", [each for each in Resolution if each is not Resolution.READ_AGAIN]
)
async def test_an_act_without_a_right_code_does_nothing(
    desk: Desk, world: MemoryWorld, resolution: Resolution
) -> None:
    """
    Neither a wrong one, nor one that was used; nor without the permission.
    """
    sold = await world.paid_payment()
    desk.flag(sold.id, TWICE, ReviewReason.UNRESOLVED, ReviewReason.REFUND_OUTSIDE)
    reason = TWICE
    if resolution is Resolution.CLOSE:
        reason = ReviewReason.UNRESOLVED
        store = world.memory.store
        store.payments[sold.id] = replace(store.payments[sold.id], state=State.PROCESSING)
    before = world.payment(sold.id)
    with pytest.raises(TotpWrong):
        await desk.resolves(sold.id, reason, resolution, code="000000")
    store = world.memory.store
    store.staff[MIRA] = replace(store.staff[MIRA], roles=frozenset({Role.SUPPORT}))
    with pytest.raises(NotAllowed):
        await desk.resolves(sold.id, reason, resolution)

    assert world.payment(sold.id) == before
    assert world.audited("payment.review_resolved") == []


async def test_one_code_ends_one_review(desk: Desk, world: MemoryWorld) -> None:
    """
    The second act needs the next code.
    """
    sold = await world.paid_payment()
    desk.flag(sold.id, ReviewReason.REFUND_OUTSIDE, TWICE)
    await desk.resolves(sold.id, ReviewReason.REFUND_OUTSIDE, Resolution.ACCEPT)

    with pytest.raises(TotpUsed):
        await desk.resolves(sold.id, TWICE, Resolution.ACCEPT)

    assert world.payment(sold.id).review.reasons == {TWICE}


@pytest.mark.parametrize("resolution", Resolution)
async def test_what_is_not_open_is_refused(
    desk: Desk, world: MemoryWorld, resolution: Resolution
) -> None:
    """
    And a reason has to be given that can be written down.
    """
    sold = await world.paid_payment()

    with pytest.raises(NotUnderReview):
        await desk.resolves(sold.id, TWICE, resolution)
    with pytest.raises(ReasonRefused):
        await desk.resolves(sold.id, TWICE, resolution, why="no")
    with pytest.raises(CardNumberRefused):
        await desk.resolves(sold.id, TWICE, resolution, why="card 4111111111111111")
    assert world.audited("payment.review_resolved") == []
