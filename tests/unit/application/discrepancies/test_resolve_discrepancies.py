"""Finance resolves discrepancies one by one: posted and audited with it, once, and above limits by two people."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

import pytest

from application.discrepancies.decide_resolution import DecideResolution, DecideResolutionCommand
from application.discrepancies.resolve_discrepancies import (
    DISCREPANCIES_MAX,
    ResolutionOutcome,
    ResolveDiscrepancies,
    ResolveDiscrepanciesCommand,
    TooManyDiscrepancies,
)
from application.reconciliation.end_overtaken import end_overtaken
from application.reconciliation.write_decision import ResolutionStanding
from application.staff.verify_totp import VerifyTotp
from domain.business_day import business_day_of
from domain.errors import ChangedMeanwhile, DomainError, NotFound
from domain.identifiers import DiscrepancyId, PaymentId, RefundId
from domain.ledger.account import Account
from domain.ledger.journal import JournalKind
from domain.money import Money
from domain.payments.order_facts import RefundVerdict
from domain.payments.payment_state import State
from domain.payments.refund import RequestKey
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState, IllegalDiscrepancyStep
from domain.reconciliation.finding import Finding
from domain.reconciliation.resolution import (
    ResolutionAction,
    ResolutionSecondPersonNeeded,
    ResolutionState,
)
from domain.reconciliation.resolution_context import StaleDiscrepancy
from domain.reconciliation.resolution_rules import ResolutionFieldRefused
from domain.reconciliation.taxonomy import Action, Cause, DiscrepancyType, Owner, Subject
from domain.staff.second_factor import TotpLimit, TotpWrong
from domain.staff.staff_member import StaffId
from fakes.cipher import MemoryCipher
from fakes.clock import NOON
from fakes.samples import BY_SECOND, BY_STAFF, a_member
from fakes.staff.second_factor import CountingFactor, code_now
from ports.audit_log import Origin, Source
from ports.idempotency import IdempotencyKeyReused
from ports.staff.staff_register import seed_location
from ports.unit_of_work import StorageUnavailable
from worlds.memory import MemoryWorld

Do = ResolutionAction
MIRA: Final = StaffId("mira")
SEED: Final = "SEED1"
CALENDAR: Final = BankCalendar(version="finance")
TOMORROW: Final = business_day_of(NOON) + timedelta(days=1)
BY_RUN: Final = Origin(actor="system", source=Source.POLL)


@dataclass
class FinanceDesk:
    """Two members of finance, and discrepancies of *world* that they look at."""

    world: MemoryWorld
    cipher: MemoryCipher = field(default_factory=MemoryCipher)
    use_case: ResolveDiscrepancies = field(init=False)
    decides: DecideResolution = field(init=False)

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
        self.use_case = replace(self.world.resolve_discrepancies, verify_totp=verify)
        self.decides = self.world.decide_resolution

    def found(
        self,
        number: int = 1,
        *,
        paise: int = -9_00,
        cause: Cause = Cause.GROSS_DIFFERS,
        ref: str = "",
    ) -> DiscrepancyId:
        """Keep the discrepancy of a number as a run has found it, and return its id."""
        finding = Finding(
            type=DiscrepancyType.AMOUNT_MISMATCH,
            cause=cause,
            subject=Subject.PAYMENT,
            ref=ref or f"ref-{number}",
            settlement="SIM0001/2026-08-01",
            difference_paise=paise,
            posted_paise=paise,
            action=Action.PERSON,
        )
        new = replace(Discrepancy.of(finding, self.world.clock.now(), CALENDAR), version=1)
        self.world.memory.store.discrepancies[new.id] = new
        return new.id

    def kept(self, discrepancy: DiscrepancyId) -> Discrepancy:
        return self.world.memory.store.discrepancies[discrepancy]

    def versions(self, *ids: DiscrepancyId) -> dict[DiscrepancyId, int]:
        return {each: self.kept(each).version for each in ids}

    async def resolves(
        self,
        *ids: DiscrepancyId,
        action: ResolutionAction = Do.WRITE_OFF,
        origin: Origin = BY_STAFF,
        versions: dict[DiscrepancyId, int] | None = None,
        **told: Any,
    ) -> Sequence[ResolutionOutcome]:
        return await self.use_case(
            ResolveDiscrepanciesCommand(
                versions=versions or self.versions(*ids),
                action=action,
                note="asked the bank",
                staff=MIRA,
                origin=origin,
                **{"code": code_now(SEED, self.world.clock.now()), **told},
            )
        )

    async def approves(
        self, *ids: DiscrepancyId, origin: Origin = BY_SECOND
    ) -> Sequence[ResolutionOutcome]:
        command = DecideResolutionCommand(versions=self.versions(*ids), origin=origin)
        return await self.decides.approve(command)

    def posted(self) -> list[tuple[JournalKind, str, int]]:
        return [
            (each.key.kind, each.key.subject, each.key.sequence)
            for each in self.world.memory.store.journals.values()
            if each.key.kind is JournalKind.ACCEPTED or each.reverses is not None
        ]

    def audited(self) -> list[str]:
        trail = self.world.memory.store.audit
        return [each.action for each in trail if each.action.startswith("resolution.")]


@pytest.fixture
def desk(world: MemoryWorld) -> FinanceDesk:
    return FinanceDesk(world)


def only(outcomes: Sequence[ResolutionOutcome]) -> ResolutionStanding:
    (outcome,) = outcomes
    assert outcome.standing is not None, outcome.refusal
    return outcome.standing


def refusal(outcomes: Sequence[ResolutionOutcome]) -> type[DomainError]:
    (outcome,) = outcomes
    assert outcome.refusal is not None
    return type(outcome.refusal)


async def test_a_write_off_is_posted_stored_and_audited_together(desk: FinanceDesk) -> None:
    """
    The answer holds the journal, the audit log the note and the key of the journal.
    """
    small = desk.found()

    standing = only(await desk.resolves(small))

    assert standing.discrepancy.state is DiscrepancyState.RESOLVED
    assert desk.kept(small) == standing.discrepancy
    assert desk.posted() == [(JournalKind.ACCEPTED, small, 1)]
    assert standing.journal is not None
    entry = desk.world.memory.store.audit[-1]
    assert (entry.action, entry.subject) == ("resolution.in_force", small)
    assert entry.facts["note"] == "asked the bank"
    assert entry.facts["journals"] == f"accepted/{small}/1"


async def test_a_dry_run_shows_the_journal_and_writes_nothing(desk: FinanceDesk) -> None:
    """
    Neither is anything posted, nor is a TOTP code used.
    """
    large = desk.found(paise=-900_00)
    twice = desk.found(2, cause=Cause.CHARGED_TWICE)

    standing = only(await desk.resolves(large, dry_run=True))
    refund = only(
        await desk.resolves(twice, action=Do.REFUND_STUDENT, dry_run=True, payment=PaymentId("SKA"))
    )

    assert standing.resolution.state is ResolutionState.PROPOSED
    assert standing.journal is not None
    assert [(each.account, each.amount) for each in standing.journal.entries] == [
        (Account.WRITEOFF, Money(900_00)),
        (Account.SUSPENSE, Money(-900_00)),
    ]
    assert refund.journal is None
    assert desk.kept(large).state is DiscrepancyState.OPEN
    assert not desk.posted()
    assert not desk.audited()


async def test_each_of_several_has_its_own_outcome(desk: FinanceDesk) -> None:
    """
    One is refused because it is gone, one because it has moved, and the others are resolved.
    """
    first, second, third = (desk.found(number) for number in (1, 2, 3))
    versions = {**desk.versions(first, second, third), DiscrepancyId("DCA"): 1}
    versions[second] = 7

    outcomes = await desk.resolves(versions=versions)

    assert [each.discrepancy for each in outcomes] == [first, second, third, "DCA"]
    assert [type(each.refusal) for each in outcomes if each.refusal] == [
        StaleDiscrepancy,
        NotFound,
    ]


async def test_one_person_alone_stays_within_the_limit_of_a_day(desk: FinanceDesk) -> None:
    """
    Five of 100.00 each, and the sixth needs a second person; the next day begins anew.
    """
    six = [desk.found(number, paise=-100_00) for number in range(6)]

    outcomes = await desk.resolves(*six)
    desk.world.clock.move(timedelta(days=1))
    next_day = only(await desk.resolves(desk.found(9, paise=-100_00)))

    states = [each.standing.resolution.state for each in outcomes if each.standing]
    assert states == [ResolutionState.IN_FORCE] * 5 + [ResolutionState.PROPOSED]
    assert next_day.resolution.state is ResolutionState.IN_FORCE


async def test_a_second_person_approves_what_the_first_one_proposed(desk: FinanceDesk) -> None:
    """
    The first one is refused; after that it is posted, with both names.
    """
    large = desk.found(paise=-900_00)
    proposed = only(await desk.resolves(large))

    by_the_first = refusal(await desk.approves(large, origin=BY_STAFF))
    posted_before = desk.posted()
    approved = only(await desk.approves(large))

    assert proposed.discrepancy.state is DiscrepancyState.AWAITING_APPROVAL
    assert by_the_first is ResolutionSecondPersonNeeded
    assert posted_before == []
    assert approved.discrepancy.state is DiscrepancyState.RESOLVED
    assert (approved.resolution.decided_by, approved.resolution.approved_by) == (
        BY_STAFF.actor,
        BY_SECOND.actor,
    )
    assert desk.posted() == [(JournalKind.ACCEPTED, large, 1)]
    assert desk.audited() == ["resolution.proposed", "resolution.in_force"]


async def test_a_second_person_rejects_it(desk: FinanceDesk) -> None:
    """
    It is open again, in the version that was seen alone, and may be decided anew.
    """
    large = desk.found(paise=-900_00)
    await desk.resolves(large)
    stale = DecideResolutionCommand(versions={large: 1}, origin=BY_SECOND)
    command = DecideResolutionCommand(versions=desk.versions(large), origin=BY_SECOND)

    assert refusal(await desk.decides.reject(stale)) is StaleDiscrepancy
    rejected = only(await desk.decides.reject(command))
    again = only(await desk.resolves(large))

    assert rejected.resolution.state is ResolutionState.REJECTED
    assert rejected.discrepancy.state is DiscrepancyState.OPEN
    assert again.resolution.sequence == 2


async def test_undoing_takes_the_journal_back_by_its_mirror(desk: FinanceDesk) -> None:
    """
    The answer shows the mirror; a claim has none. What is decided after it has a journal of its own.
    """
    small = desk.found()
    await desk.resolves(small)

    undone = only(await desk.resolves(small, action=Do.UNDO))
    again = only(await desk.resolves(small))
    other = desk.found(2)
    await desk.resolves(other, action=Do.CLAIM, until=TOMORROW)
    claim = only(await desk.resolves(other, action=Do.UNDO))

    assert undone.discrepancy.state is DiscrepancyState.OPEN
    assert undone.journal is not None
    assert [each.amount.paise for each in undone.journal.entries] == [-9_00, 9_00]
    assert again.resolution.sequence == 3
    assert claim.journal is None
    assert desk.posted() == [
        (JournalKind.ACCEPTED, small, 1),
        (JournalKind.REVERSAL, f"accepted/{small}/1", 1),
        (JournalKind.ACCEPTED, small, 3),
    ]
    states = [each.state for each in await desk.world.memory.discrepancies.resolutions(small)]
    assert states == [ResolutionState.UNDONE, ResolutionState.IN_FORCE, ResolutionState.IN_FORCE]


async def test_a_repeat_under_the_same_key_changes_nothing(desk: FinanceDesk) -> None:
    """
    It is answered with the resolution as it stands; the same key with another body is refused.
    """
    small, other = desk.found(), desk.found(2)
    key = RequestKey(key="k-1", body_sha256="a" * 64)
    first = only(await desk.resolves(small, key=key))

    repeat = only(await desk.resolves(versions={small: 1}, key=key))
    beside = only(await desk.resolves(other, key=key))
    reused = await desk.resolves(other, key=replace(key, body_sha256="b" * 64))
    by_noor = await desk.resolves(versions={small: 1}, key=key, origin=BY_SECOND)

    assert repeat.resolution == first.resolution
    assert repeat.journal == first.journal
    assert beside.resolution.sequence == 1
    assert refusal(reused) is IdempotencyKeyReused
    assert refusal(by_noor) is StaleDiscrepancy
    assert len(desk.posted()) == 2


async def test_a_second_charge_is_asked_for_at_the_bank_and_leaves_the_sale(
    desk: FinanceDesk,
) -> None:
    """
    With the person's code, and once: a repeat finds the decision. Nothing is sent to the bank.
    """
    payment = (await desk.world.paid_payment()).id
    twice = desk.found(paise=118_00, cause=Cause.CHARGED_TWICE, ref=payment)
    key = RequestKey(key="k-2", body_sha256="a" * 64)

    standing = only(await desk.resolves(twice, action=Do.REFUND_STUDENT, key=key))
    repeat = only(
        await desk.resolves(versions={twice: 1}, action=Do.REFUND_STUDENT, key=key, code="")
    )
    desk.world.clock.move(timedelta(minutes=1))
    again = await desk.resolves(twice, action=Do.REFUND_STUDENT)

    assert (standing.resolution.payment, standing.resolution.amount) == (payment, Money(118_00))
    assert standing.discrepancy.state is DiscrepancyState.OPEN
    assert standing.discrepancy.owner is Owner.BANK
    assert repeat.resolution == standing.resolution
    assert refusal(again) is ResolutionFieldRefused
    assert desk.world.memory.store.payments[payment].refunds.known == ()


async def test_a_refund_of_a_second_charge_is_none_of_the_sale(desk: FinanceDesk) -> None:
    """
    What the bank tells of it, as often as it does, opens no refund; the second one of that amount is one.
    """
    payment = await desk.world.paid_payment()
    price = payment.captured
    twice = desk.found(paise=price.paise, cause=Cause.CHARGED_TWICE, ref=payment.id)
    only(await desk.resolves(twice, action=Do.REFUND_STUDENT))

    bank, tells = desk.world.gateway, desk.world.deliver_webhook
    bank.refund_outside(payment.id, RefundId("DB0"), price, RefundVerdict.FAILED)
    bank.refund_outside(payment.id, RefundId("DB1"), price, RefundVerdict.PAID)
    for _ in range(2):
        told = await tells(payment.id, "ORDER_REFUNDED")
        assert (told.state, told.refunds, told.review) == (
            payment.state,
            payment.refunds,
            payment.review,
        )

    bank.refund_outside(payment.id, RefundId("DB2"), price, RefundVerdict.PAID)
    told = await tells(payment.id, "ORDER_REFUNDED")
    assert [each.id for each in told.refunds.known] == ["DB2"]
    assert told.state is State.REFUNDED


async def test_a_wrong_code_asks_for_nothing(desk: FinanceDesk) -> None:
    """
    The discrepancy is as it was.
    """
    payment = (await desk.world.paid_payment()).id
    twice = desk.found(paise=118_00, cause=Cause.CHARGED_TWICE, ref=payment)

    wrong = await desk.resolves(twice, action=Do.REFUND_STUDENT, code="000000")

    assert refusal(wrong) is TotpWrong
    assert desk.kept(twice).version == 1
    assert not desk.audited()


async def test_a_slower_person_is_told(desk: FinanceDesk) -> None:
    """
    What changed between reading and writing is read again, and then it is not what was seen.
    """
    small = desk.found()
    command = {small: 1}
    await desk.resolves(versions=command, origin=BY_SECOND)
    after_it = dict(desk.versions(small))

    late = await desk.resolves(versions=command)
    closed = await desk.resolves(versions=after_it)

    assert refusal(late) is StaleDiscrepancy
    assert refusal(closed) is IllegalDiscrepancyStep


async def test_a_conflict_is_decided_again_on_fresh_state(desk: FinanceDesk) -> None:
    """
    The unit is repeated, and the person does not notice.
    """
    small = desk.found()
    desk.world.memory.unit_of_work.gateway_failure.append(ChangedMeanwhile("a discrepancy"))

    assert only(await desk.resolves(small)).resolution.sequence == 1


async def test_a_database_that_is_away_ends_the_request(desk: FinanceDesk) -> None:
    """
    It is no refusal of one discrepancy: whether it was written is not known.
    """
    small = desk.found()
    desk.world.memory.unit_of_work.gateway_failure.append(StorageUnavailable("away"))

    with pytest.raises(StorageUnavailable):
        await desk.resolves(small)


async def test_a_request_has_a_limit(desk: FinanceDesk) -> None:
    """
    Nothing of it is done.
    """
    versions = {DiscrepancyId(f"DC{number}"): 1 for number in range(DISCREPANCIES_MAX + 1)}

    with pytest.raises(TooManyDiscrepancies):
        await desk.resolves(versions=versions)


@pytest.mark.parametrize("state", [DiscrepancyState.OPEN, DiscrepancyState.RESOLVED])
async def test_a_run_takes_back_what_it_has_overtaken(
    desk: FinanceDesk, state: DiscrepancyState
) -> None:
    """
    In its own unit: the journal of the decision goes back when the discrepancy is open again.
    """
    small, new = desk.found(), desk.found(2)
    await desk.resolves(small)
    moved = [replace(desk.kept(small), state=state), replace(desk.kept(new), version=0)]

    async with desk.world.memory.unit_of_work() as work:
        await end_overtaken(work, moved, calendar=CALENDAR, origin=BY_RUN, at=NOON)
    async with desk.world.memory.unit_of_work() as work:
        await end_overtaken(work, moved[1:], calendar=CALENDAR, origin=BY_RUN, at=NOON)

    (resolution,) = await desk.world.memory.discrepancies.resolutions(small)
    overtaken = state is DiscrepancyState.OPEN
    assert resolution.state is (
        ResolutionState.OVERTAKEN if overtaken else ResolutionState.IN_FORCE
    )
    assert len(desk.posted()) == (2 if overtaken else 1)
