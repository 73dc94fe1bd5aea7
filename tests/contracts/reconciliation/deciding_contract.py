"""What a decision has to do to the books beside its journal, and what later runs make of it; on both storages."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from application.reconciliation import conclude_run
from contracts.reconciliation.book_reads_contract import sold
from contracts.reconciliation.reconciling_contract import PRICE, Trial, line, payout, state
from contracts.settlements.settlement_files_contract import ONE, THREE, TWO, bring
from contracts.storage import LEASE, Storage
from contracts.webhooks.endpoints_contract import save
from domain.business_day import business_day_of
from domain.errors import ChangedMeanwhile
from domain.ledger.account import Account
from domain.money import Money
from domain.payments.dispute_state import DisputeState
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.payout import CreditOutcome, CreditPart
from domain.reconciliation.resolution import ResolutionAction, ResolutionState
from domain.reconciliation.resolution_rules import ResolutionFieldRefused
from domain.reconciliation.taxonomy import Cause
from domain.settlements.reissue import ReportedAgain
from domain.settlements.settlement_line import Direction, LineType, SettlementLine
from domain.settlements.settlement_report import ReportState
from domain.webhooks.event_type import OF_DISPUTE, WebhookEventType
from fakes.hooked import ENDPOINT
from fakes.samples import payment_id

Do = ResolutionAction
IN_SUSPENSE: Final = {
    Account.TRANSIT: PRICE,
    Account.CLEARING: PRICE,
    Account.SUSPENSE: -PRICE,
    Account.RECEIVABLE: -PRICE,
}
SETTLED: Final = {Account.TRANSIT: PRICE, Account.RECEIVABLE: -PRICE}


class DecidingContract:
    @pytest.fixture
    def trial(self, storage: Storage) -> Trial:
        return Trial(storage)

    async def test_a_line_that_names_nothing_is_matched_with_a_payment(self, trial: Trial) -> None:
        """
        It settles the expectation, and its money leaves suspense; until it is undone, whatever runs.
        """
        unknown = await _unknown(trial)

        matched = await trial.decide(unknown.id, Do.MATCH_TO, payment=payment_id(1))
        await trial.run(days=1)

        assert matched.discrepancy.state is DiscrepancyState.RESOLVED
        assert await trial.balances() == SETTLED
        assert await trial.open_ids() == []
        assert await trial.open_causes() == []

        await trial.decide(unknown.id, Do.UNDO)
        await trial.run()

        assert await trial.balances() == IN_SUSPENSE
        assert await trial.open_ids() == [payment_id(1)]
        assert Cause.UNKNOWN_ORDER in await trial.open_causes()

    @pytest.mark.parametrize("named", [False, True], ids=["again without a name", "with its name"])
    async def test_a_match_holds_for_the_line_that_was_matched(
        self, trial: Trial, *, named: bool
    ) -> None:
        """
        A re-issue tells it anew: then it is for a person again, or the line says itself what it settles.
        """
        unknown = await _unknown(trial)
        await trial.decide(unknown.id, Do.MATCH_TO, payment=payment_id(1))

        again = line(1) if named else _nameless(1)
        await bring(trial.storage, TWO, again, reported=ReportedAgain.REISSUE)
        await trial.run()

        (kept,) = (each for each in await trial.found() if each.id == unknown.id)
        (decision,) = await trial.storage.discrepancies.resolutions(unknown.id)
        assert kept.state is (DiscrepancyState.EXPLAINED if named else DiscrepancyState.OPEN)
        assert decision.state is ResolutionState.OVERTAKEN
        assert await trial.balances() == (SETTLED if named else IN_SUSPENSE)
        assert await trial.open_ids() == ([] if named else [payment_id(1)])

    async def test_a_credit_that_differs_is_written_off_until_it_is_undone(
        self, trial: Trial
    ) -> None:
        """
        Whatever runs meanwhile, the settlement is paid; then it is awaited again.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1))
        await state(trial.storage, payout(1, PRICE - 9_00))
        await trial.run()
        (differs,) = await trial.found()
        assert differs.finding.cause is Cause.BANK_CREDIT_DIFFERS

        await trial.decide(differs.id, Do.WRITE_OFF)
        await trial.run()

        assert await trial.uncredited() == []
        assert await trial.open_causes() == []
        assert await trial.balances() == {
            Account.BANK: PRICE - 9_00,
            Account.WRITEOFF: 9_00,
            Account.RECEIVABLE: -PRICE,
        }

        await trial.decide(differs.id, Do.UNDO)
        await trial.run()

        assert await trial.open_causes() == [Cause.BANK_CREDIT_DIFFERS]
        assert len(await trial.uncredited()) == 1
        assert await trial.balances() == SETTLED

    async def test_a_credit_is_paid_and_written_off_by_one_only(self, trial: Trial) -> None:
        """
        Whoever closes or opens an entry that is closed or open already is told.
        """
        await state(trial.storage, payout(1, PRICE))
        (entry,) = await trial.storage.bank_statements.open_entries()
        part = CreditPart(entry=entry.credit.entry, settlement="S", amount_paise=PRICE)
        other = replace(part, amount_paise=PRICE - 1)

        for wrong in (other, part):
            with pytest.raises(ChangedMeanwhile):
                await _reopened(trial, wrong)
        async with trial.storage.unit_of_work() as work:
            work.settlements.bank_entries.close_part(part, trial.clock.at)
        assert await trial.storage.bank_statements.open_entries() == []
        with pytest.raises(ChangedMeanwhile):
            async with trial.storage.unit_of_work() as work:
                work.settlements.bank_entries.close_part(part, trial.clock.at)
        await _reopened(trial, part)

        (again,) = await trial.storage.bank_statements.open_entries()
        assert again.outcome is CreditOutcome.DIFFERS

    async def test_all_that_a_report_was_found_to_be_is_taken_back_with_it(
        self, trial: Trial, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """
        However many discrepancies there are about one report, and however few of them a page holds.
        """
        monkeypatch.setattr(conclude_run, "PAGE_MAX", 1)
        for number in (1, 2):
            await sold(trial.storage, number)
        await bring(trial.storage, ONE, line(1, PRICE - 9_00), line(2, PRICE - 7_00))
        await trial.run()
        assert (await trial.balances())[Account.SUSPENSE] == 16_00

        await bring(trial.storage, TWO, line(1), line(2), reported=ReportedAgain.REISSUE)
        await trial.run()

        assert await trial.open_causes() == []
        assert await trial.balances() == {
            Account.TRANSIT: 2 * PRICE,
            Account.RECEIVABLE: -2 * PRICE,
        }

    @pytest.mark.parametrize("accepted", [False, True])
    async def test_what_was_held_back_is_released(self, trial: Trial, *, accepted: bool) -> None:
        """
        By a later report, whether a person has accepted the reserve by then or it still waits for one.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1), _reserve(2, LineType.RESERVE_HOLD))
        await trial.run()
        (held,) = await trial.found()
        if accepted:
            await trial.decide(held.id, Do.ACCEPT_BANK)
        assert (await trial.balances())[Account.RESERVE] == 50_00

        await bring(trial.storage, TWO, _reserve(2, LineType.RESERVE_RELEASE))
        await trial.run()

        assert await trial.open_causes() == ([] if accepted else [Cause.RESERVE_HELD])
        assert await trial.balances() == SETTLED

    async def test_what_was_never_held_back_is_not_released(self, trial: Trial) -> None:
        """
        Nor twice: that money stands in suspense, and a person asks what it is.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1), _reserve(2, LineType.RESERVE_HOLD))
        await trial.run()
        for file in (TWO, THREE):
            await bring(trial.storage, file, _reserve(int(file[0]), LineType.RESERVE_RELEASE))
            await trial.run()

        assert Cause.ADJUSTMENT in await trial.open_causes()
        balances = await trial.balances()
        assert (balances[Account.SUSPENSE], balances.get(Account.RESERVE)) == (-50_00, None)

    @pytest.mark.parametrize("asked_first", [True, False])
    async def test_a_second_charge_that_the_bank_gave_back_is_done_with(
        self, trial: Trial, *, asked_first: bool
    ) -> None:
        """
        By the line that settles the refund, before or after it was recorded; the sale stays as it is.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1), _charge(2))
        if not asked_first:
            await bring(trial.storage, TWO, _given_back(3))
        await trial.run()
        (twice,) = (e for e in await trial.found() if e.finding.cause is Cause.CHARGED_TWICE)
        await trial.decide(twice.id, Do.REFUND_STUDENT)
        await trial.run(days=1)
        if asked_first:
            assert await trial.open_causes() == [Cause.CHARGED_TWICE]
            assert (await trial.balances())[Account.SUSPENSE] == -PRICE
            await bring(trial.storage, TWO, _given_back(3))
            await trial.run(days=1)

        assert await trial.open_causes() == []
        assert await trial.balances() == SETTLED
        kept = {each.id: each for each in await trial.found()}[twice.id]
        assert (kept.state, kept.closed_by) == (DiscrepancyState.EXPLAINED, Cause.CHARGED_TWICE)
        async with trial.storage.unit_of_work() as work:
            found = await work.payments.repository.get_in_context(payment_id(1))
        assert found.second_charges == (Money(PRICE),)
        assert found.payment.refunds.known == ()

    async def test_a_refund_of_a_second_charge_is_that_to_the_paisa(self, trial: Trial) -> None:
        """
        A line of another amount, or of another order, gives something else back.
        """
        for number in (1, 2):
            await sold(trial.storage, number)
        await bring(trial.storage, ONE, line(1), line(2), _charge(3))
        await trial.run()
        (twice,) = await trial.found()
        await trial.decide(twice.id, Do.REFUND_STUDENT)

        less, other = _given_back(4, PRICE - 1), _given_back(5, of=2)
        await bring(trial.storage, TWO, less, other)
        await trial.run(days=1)

        assert sorted(await trial.open_causes()) == [
            Cause.CHARGED_TWICE,
            Cause.REFUND_MADE_OUTSIDE,
            Cause.REFUND_MADE_OUTSIDE,
        ]

    async def test_a_chargeback_is_a_dispute_until_the_bank_gives_it_back(
        self, trial: Trial
    ) -> None:
        """
        The run itself puts both on record, once and as its own; what a person decides adds nothing to it.
        """
        await save(trial.storage, ENDPOINT)
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1), _dispute(2, LineType.CHARGEBACK))
        for _ in range(2):
            await trial.run()
        (taken,) = await trial.found()
        assert await _disputes(trial) == [DisputeState.RECEIVED]
        assert await _told(trial) == [WebhookEventType.DISPUTE_RECEIVED]
        until = business_day_of(trial.clock.at) + timedelta(days=9)
        await trial.decide(taken.id, Do.RECORD_CHARGEBACK, until=until)
        assert await _disputes(trial) == [DisputeState.RECEIVED]
        assert (await trial.balances())[Account.DISPUTED] == PRICE

        await bring(trial.storage, TWO, _dispute(3, LineType.CHARGEBACK_REVERSAL))
        await trial.run(days=1)
        assert await _disputes(trial) == [DisputeState.WON]
        assert await _told(trial) == [WebhookEventType.DISPUTE_WON]
        (given,) = (
            each
            for each in await trial.found()
            if each.finding.cause is Cause.CHARGEBACK_WON_UNRECORDED
        )
        await trial.decide(given.id, Do.RECORD_WON)

        assert await _disputes(trial) == [DisputeState.WON]
        assert await _told(trial) == []
        assert Account.DISPUTED not in await trial.balances()
        lines = await trial.storage.audit_lines()
        assert [each.actor for each in lines if each.action == "dispute.told"] == ["system"] * 2

    async def test_what_is_pulled_and_given_back_at_once_is_a_dispute_that_was_won(
        self, trial: Trial
    ) -> None:
        """
        Whichever line comes first in the report: the payment is saved once, as the dispute ended.
        """
        await sold(trial.storage, 1)
        given = replace(_dispute(2, LineType.CHARGEBACK_REVERSAL), settlement_id=None)
        await bring(trial.storage, ONE, line(1), given, _dispute(3, LineType.CHARGEBACK))

        await trial.run()

        assert await _disputes(trial) == [DisputeState.WON]

    async def test_a_chargeback_of_a_report_that_is_held_is_no_dispute_yet(
        self, trial: Trial
    ) -> None:
        """
        Nothing of it counts before a person has released it.
        """
        await sold(trial.storage, 1)
        pulled = _dispute(2, LineType.CHARGEBACK)
        await bring(trial.storage, ONE, line(1), pulled, state=ReportState.HELD)

        await trial.run()

        assert await _disputes(trial) == []

    async def test_what_a_line_has_settled_is_matched_with_no_other(self, trial: Trial) -> None:
        """
        Neither with a payment that was settled, nor with one whose amount is another or that was never made.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1), _nameless(2), _nameless(3, 5_00))
        await trial.run()
        found = {each.finding.difference_paise: each.id for each in await trial.found()}

        for paise, number in ((PRICE, 1), (5_00, 1), (5_00, 9)):
            with pytest.raises(ResolutionFieldRefused):
                await trial.decide(found[paise], Do.MATCH_TO, payment=payment_id(number))

    async def test_of_two_lines_one_is_matched_with_a_payment(self, trial: Trial) -> None:
        """
        Whoever is slower has read that it was open.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, _nameless(1), _nameless(2))
        await trial.run()
        one, two = await _unknowns(trial)

        with pytest.raises(ChangedMeanwhile):
            await _slowly_matched(trial, two, meanwhile=one)

        async with trial.storage.unit_of_work() as work:
            kept = await work.reconciliation.expectations.of(payment_id(1))
            assert await work.reconciliation.expectations.of(payment_id(2)) is None
        assert kept
        assert kept.settled_by == one.finding.lines[0]


def _charge(number: int) -> SettlementLine:
    """Return a second charge of the first order, at the line of that number."""
    return replace(line(1), line_no=number, attempt=2, bank_txn_id="BANK1B", rrn="631610159901")


def _given_back(number: int, paise: int = PRICE, *, of: int = 1) -> SettlementLine:
    """Return a refund from the bank's dashboard, in a settlement of its own."""
    return replace(
        line(of, paise),
        line_no=number,
        line_type=LineType.REFUND,
        direction=Direction.DR,
        attempt=2,
        bank_txn_id=f"BACK{number}",
        rrn=None,
        net=Money(-paise),
        settlement_id="SETB",
    )


def _dispute(number: int, kind: LineType) -> SettlementLine:
    """Return a line by which the bank pulls the first sale, or gives it back."""
    pulls = kind is LineType.CHARGEBACK
    return replace(
        line(1),
        line_no=number,
        line_type=kind,
        direction=Direction.DR if pulls else Direction.CR,
        net=Money(-PRICE if pulls else PRICE),
        bank_txn_id=f"CB{number}",
        settlement_id=None if pulls else f"SET{number}",
    )


async def _disputes(trial: Trial) -> list[DisputeState]:
    async with trial.storage.unit_of_work() as work:
        payment = await work.payments.repository.get(payment_id(1))
    return [each.state for each in payment.disputes]


async def _told(trial: Trial) -> list[WebhookEventType]:
    """Take what the platform is told of disputes."""
    entries = await trial.storage.deliveries.claim(trial.clock.at, lease=LEASE, at_most=9)
    for each in entries:
        async with trial.storage.unit_of_work() as work:
            work.webhooks.deliveries.complete(replace(each, took_ms=12), trial.clock.at)
    return [each.event.type for each in entries if each.event.type in OF_DISPUTE.values()]


async def _reopened(trial: Trial, part: CreditPart) -> None:
    async with trial.storage.unit_of_work() as work:
        work.settlements.bank_entries.reopen_part(part)


def _nameless(number: int, paise: int = PRICE) -> SettlementLine:
    """Return a line whose order column was lost."""
    return replace(line(number, paise), payment_id=None, attempt=None)


def _reserve(number: int, kind: LineType) -> SettlementLine:
    """Return 50.00 that the bank holds back of the payout of Tuesday, or releases with one of its own."""
    holds = kind is LineType.RESERVE_HOLD
    return replace(
        line(number, 50_00),
        line_type=kind,
        direction=Direction.DR if holds else Direction.CR,
        payment_id=None,
        attempt=None,
        net=Money(-50_00 if holds else 50_00),
        settlement_id=None if holds else f"SET{number}",
    )


async def _slowly_matched(trial: Trial, slow: Discrepancy, *, meanwhile: Discrepancy) -> None:
    async with trial.storage.unit_of_work() as work:
        standing = await work.reconciliation.expectations.of(payment_id(1))
        assert standing
        await trial.decide(meanwhile.id, Do.MATCH_TO, payment=payment_id(1))
        work.reconciliation.expectations.move([standing.settled(slow.finding.lines[0])])


async def _unknowns(trial: Trial) -> list[Discrepancy]:
    return [each for each in await trial.found() if each.finding.cause is Cause.UNKNOWN_ORDER]


async def _unknown(trial: Trial) -> Discrepancy:
    """Sell, and let the bank settle it by a line without its name."""
    await sold(trial.storage, 1)
    await bring(trial.storage, ONE, _nameless(1))
    await trial.run()
    (unknown,) = await _unknowns(trial)
    assert await trial.balances() == IN_SUSPENSE
    return unknown
