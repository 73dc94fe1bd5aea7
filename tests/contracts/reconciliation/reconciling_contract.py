"""What a run has to lead to, whatever keeps the books: in memory and on PostgreSQL."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import pytest

from application.discrepancies.write_resolution import write_resolution
from application.order_status.apply_order_status import ApplyOrderStatus
from application.order_status.write_effects import write_effects
from application.reconciliation import run_reconciliation
from application.reconciliation.ask_reconciliation import AskReconciliation
from application.reconciliation.conclude_run import ConcludeRun
from application.reconciliation.count_released_lines import CountReleasedLines
from application.reconciliation.heal_books import READ_INTERVAL, HealBooks
from application.reconciliation.read_evidence import ReadEvidence
from application.reconciliation.run_credits import MatchPayouts
from application.reconciliation.run_reconciliation import LEASE, TRIES_MAX, RunReconciliation
from application.reconciliation.write_decision import (
    ResolutionStanding,
    read_context,
    with_expectation,
    with_payment,
)
from contracts.reconciliation.book_reads_contract import TODAY, sold
from contracts.settlements import bank_statements_contract as statements
from contracts.settlements.settlement_files_contract import CONTENT, ONE, THREE, TWO, a_line, bring
from contracts.storage import Storage, add
from domain.business_day import business_day_of
from domain.errors import ChangedMeanwhile
from domain.identifiers import DiscrepancyId, PaymentId, StudentId
from domain.ledger.account import Account
from domain.money import Money
from domain.payments.order_facts import OrderFacts, Verdict
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.payout import CreditOutcome, PayoutOutcome
from domain.reconciliation.resolution import (
    DEFAULT_LIMITS,
    ResolutionAction,
    ResolutionLimits,
    ResolutionState,
)
from domain.reconciliation.resolution_rules import ResolutionRequest
from domain.reconciliation.resolve import matched_payment, resolve
from domain.reconciliation.resolved_dispute import disputed_payment
from domain.reconciliation.run import RangeRefused, Run, RunId, RunTrigger
from domain.reconciliation.run_state import RunState
from domain.reconciliation.settlement_terms import SettlementTerms
from domain.reconciliation.taxonomy import Cause
from domain.settlements.bank_statement import BankEntry, NarratedDay, Narration
from domain.settlements.reissue import ReportedAgain
from domain.settlements.settlement_line import Direction, LineType, SettlementLine
from domain.settlements.settlement_report import FileOrigin, ReportAnswer, ReportState
from domain.settlements.settlement_totals import DeclaredTotals
from fakes.clock import NOON
from fakes.samples import BY_STAFF, a_course, a_payment, payment_id
from ports.audit_log import Origin, Source
from ports.notifications.outbox import OutboxTask
from ports.payments.payment_gateway import GatewayDown, GatewayFailure, GatewaySuspended
from ports.reconciliation.discrepancy_queries import NO_FILTER, DiscrepancyOrder
from ports.settlements.report_answers import KeptAnswer
from ports.settlements.settlement_file_reader import HoldReason
from ports.settlements.settlement_files import FileContent

DAY: Final = timedelta(days=1)
TUESDAY: Final = TODAY + DAY
PRICE: Final = 1180_00
AGREEMENT: Final = Agreement(
    terms=SettlementTerms(calendar=BankCalendar(version="trade")),
    mids=frozenset({"SIM0001"}),
    merchant_codes={"ABC123": "SIM0001"},
)
BY_SYSTEM: Final = Origin(actor="system", source=Source.POLL)


@dataclass(slots=True)
class MovedClock:
    at: datetime = NOON + 2 * DAY

    def now(self) -> datetime:
        return self.at


@dataclass(slots=True)
class Bank:
    """What the bank says of the orders; *trouble* is raised instead, as often as it is there."""

    said: dict[PaymentId, Verdict] = field(default_factory=dict)
    trouble: list[GatewayFailure] = field(default_factory=list)
    read: list[PaymentId] = field(default_factory=list)
    paused: list[timedelta] = field(default_factory=list)

    async def read_order(self, payment: PaymentId, student: StudentId) -> OrderFacts:
        del student
        self.read.append(payment)
        if self.trouble:
            raise self.trouble.pop(0)
        verdict = self.said.get(payment, Verdict.IN_PROGRESS)
        return OrderFacts(
            payment=payment,
            verdict=verdict,
            amount=Money(PRICE),
            currency="INR",
            bank_txn_id="txn-1",
            charged_at=NOON + timedelta(minutes=1) if verdict is Verdict.CHARGED else None,
        )

    async def pause(self, time: timedelta) -> None:
        self.paused.append(time)


@dataclass(slots=True)
class Trial:
    storage: Storage
    agreement: Agreement = AGREEMENT
    bank: Bank = field(default_factory=Bank)
    clock: MovedClock = field(default_factory=MovedClock)
    limits: ResolutionLimits = DEFAULT_LIMITS
    asked: int = 0

    def worker(self) -> RunReconciliation:
        storage = self.storage
        return RunReconciliation(
            runs=storage.runs,
            unit_of_work=storage.unit_of_work,
            count_released_lines=CountReleasedLines(
                storage.unit_of_work,
                storage.settlement_reads,
                self.agreement,
                self.clock,
                BY_SYSTEM,
            ),
            read_evidence=ReadEvidence(
                storage.unit_of_work,
                storage.books,
                storage.settlement_reads,
                storage.bank_statements,
                storage.report_answers,
                storage.first_pass,
                self.agreement,
            ),
            heal=HealBooks(
                storage.unit_of_work,
                self.bank.read_order,
                ApplyOrderStatus(storage.unit_of_work, self.clock),
                self.bank.pause,
                BY_SYSTEM,
            ),
            conclude=ConcludeRun(
                storage.unit_of_work,
                storage.discrepancies,
                MatchPayouts(storage.credits, storage.bank_statements, self.agreement),
                self.agreement,
                BY_SYSTEM,
                write_effects,
            ),
            agreement=self.agreement,
            clock=self.clock,
        )

    async def ask(self, first: date = TODAY, last: date = TUESDAY) -> Run:
        def new_id() -> RunId:
            self.asked += 1
            return RunId(f"RC{self.asked}")

        ask = AskReconciliation(self.storage.runs, self.storage.unit_of_work, self.clock, new_id)
        return await ask(first, last, RunTrigger.COMMAND, BY_STAFF)

    async def run(self, *, days: int = 0) -> Run:
        """Ask for a run, *days* later, and do it."""
        self.clock.at += timedelta(days=days)
        return await self.run_over(TODAY, TUESDAY)

    async def run_over(self, first: date, last: date) -> Run:
        await self.ask(first, last)
        ended = await self.worker()()
        assert ended
        assert await self.storage.runs.get(ended.id) == ended
        return ended

    async def failures_to_tell(self) -> list[str]:
        """Take what the outbox holds to be told to operators."""
        tasks = await self.storage.outbox.claim(self.clock.at, lease=LEASE, at_most=10)
        return [each.subject for each in tasks if each.task is OutboxTask.RECONCILIATION_FAILURE]

    async def found(self) -> list[Discrepancy]:
        page = await self.storage.discrepancies.page(
            NO_FILTER, order=DiscrepancyOrder.FOUND, at=self.clock.at, at_most=99
        )
        return sorted(page.items, key=lambda each: each.key)

    async def write_off(self, discrepancy: DiscrepancyId) -> None:
        """Let one person write *discrepancy* off, within limits."""
        await self.decide(discrepancy, ResolutionAction.WRITE_OFF)

    async def decide(
        self, discrepancy: DiscrepancyId, action: ResolutionAction, **told: Any
    ) -> ResolutionStanding:
        """Let one person decide about *discrepancy* as it stands; what is *told* are fields of the request."""
        calendar = self.agreement.terms.calendar
        async with self.storage.unit_of_work() as work:
            context = await read_context(work, discrepancy, calendar, self.clock.at)
            request = ResolutionRequest(
                action=action,
                note="as agreed",
                by=BY_STAFF.actor,
                version=context.discrepancy.version,
                **told,
            )
            context = await with_expectation(work, context, matched_payment(context, request))
            context = await with_payment(work, context, disputed_payment(context, request))
            today = business_day_of(self.clock.now())
            alone = await work.reconciliation.resolutions.alone_on(BY_STAFF.actor, today)
            decision = resolve(context, request, alone, self.limits)
            return write_resolution(work, context, decision, BY_STAFF)

    async def open_causes(self) -> list[Cause]:
        return [each.finding.cause for each in await self.found() if each.state.is_open]

    async def balances(self) -> dict[Account, int]:
        sums: Counter[Account] = Counter()
        for each in await self.storage.ledger.trial_balance(date.max):
            sums[each.account] += each.balance.paise
        return {account: paise for account, paise in sums.items() if paise}

    async def uncredited(self) -> list[str]:
        return [each.settlement for each in await self.storage.settlement_reads.uncredited()]

    async def open_ids(self) -> list[str]:
        return [each.id for each in await self.storage.books.unsettled(date.max)]


def line(number: int, paise: int = PRICE, **changes: object) -> SettlementLine:
    return a_line(number, paise, settled_on=TUESDAY, **changes)


def payout(number: int, paise: int, day: date = TUESDAY) -> BankEntry:
    return replace(
        statements.an_entry(1, paise),
        entry_no=number,
        booked_on=TUESDAY + DAY,
        narrated=Narration(
            merchant_code="ABC123", method="UPI", day=day, day_is=NarratedDay.SETTLED_ON
        ),
    )


def says(lines: int, *declared: DeclaredTotals) -> FileContent:
    """Return the content of a file of so many lines that says *declared* of its own sums."""
    return replace(CONTENT, line_count=lines, skipped_count=0, declared=declared)


async def state(storage: Storage, *entries: BankEntry) -> None:
    await statements.bring(storage, statements.a_statement(*entries), *entries)


class ReconcilingContract:
    @pytest.fixture
    def trial(self, storage: Storage) -> Trial:
        return Trial(storage)

    async def test_what_agrees_is_settled_and_posted(self, trial: Trial) -> None:
        """
        The expectation is closed by its line, the money is in transit, and nothing is left to say.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1))

        ended = await trial.run()

        assert ended.state is RunState.COMPLETE
        assert ended.summary
        assert (ended.summary.matched, ended.summary.net_paise) == (1, PRICE)
        assert [each.posted for each in ended.summary.files] == [True]
        assert await trial.balances() == {
            Account.TRANSIT: PRICE,
            Account.RECEIVABLE: -PRICE,
        }
        assert await trial.open_ids() == []
        assert await trial.found() == []
        assert await trial.storage.settlement_reads.unposted() == []

    async def test_a_second_run_posts_nothing(self, trial: Trial) -> None:
        """
        It compares what is open, and takes the place of the first.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1))
        first = await trial.run()
        before = await trial.balances()

        await trial.run()

        assert await trial.balances() == before
        assert (await trial.storage.runs.get(first.id)).state is RunState.SUPERSEDED
        assert await trial.worker()() is None

    async def test_a_difference_stands_in_suspense(self, trial: Trial) -> None:
        """
        The expectation is closed; nine rupees are named by a discrepancy, run after run.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1, PRICE - 9_00))

        for times in (1, 2):
            await trial.run()

            (found,) = await trial.found()
            assert (found.finding.cause, found.times_found) == (Cause.GROSS_DIFFERS, times)
            assert found.finding.posted_paise == -9_00
            assert await trial.balances() == {
                Account.TRANSIT: PRICE - 9_00,
                Account.SUSPENSE: 9_00,
                Account.RECEIVABLE: -PRICE,
            }
            assert await trial.open_ids() == []

    async def test_what_the_bank_holds_back_is_not_awaited_on_the_account(
        self, trial: Trial
    ) -> None:
        """
        The settlement is credited without it, by a later run as well; the sale stays open.
        """
        for number in (1, 2):
            await sold(trial.storage, number)
        await bring(trial.storage, ONE, line(1), line(2, on_hold=True))
        await trial.run()
        await state(trial.storage, payout(1, PRICE))

        await trial.run(days=1)

        assert await trial.open_causes() == [Cause.HELD_BY_BANK]
        assert await trial.uncredited() == []
        assert (await trial.balances())[Account.BANK] == PRICE
        assert await trial.open_ids() == [payment_id(2)]

    async def test_a_lost_webhook_is_healed_by_a_read(self, trial: Trial) -> None:
        """
        The read tells of the sale; in the same run its line matches, and what was healed is kept.
        """
        await add(trial.storage, a_payment(1, course=a_course("course-1")))
        trial.bank.said[payment_id(1)] = Verdict.CHARGED
        await bring(trial.storage, ONE, line(1))

        ended = await trial.run()

        (found,) = await trial.found()
        assert found.state is DiscrepancyState.HEALED
        assert found.closed_by == f"run {ended.id}"
        assert ended.summary
        assert (ended.summary.matched, ended.summary.healed, ended.summary.reads) == (1, 1, 1)
        assert trial.bank.paused == [READ_INTERVAL]
        assert (await trial.balances())[Account.TRANSIT] == PRICE
        assert Account.SUSPENSE not in await trial.balances()
        assert Account.CLEARING not in await trial.balances()

    async def test_what_could_not_be_read_is_healed_by_a_later_run(self, trial: Trial) -> None:
        """
        An open circuit ends the reading at once; until then the money is in suspense.
        """
        for number in (1, 2):
            await add(trial.storage, a_payment(number, course=a_course(f"course-{number}")))
            trial.bank.said[payment_id(number)] = Verdict.CHARGED
        await bring(trial.storage, ONE, line(1), line(2))
        trial.bank.trouble.append(GatewaySuspended(DAY))

        await trial.run()
        assert len(trial.bank.read) == 1
        assert await trial.open_causes() == [Cause.SETTLED_BUT_NOT_SOLD_HERE] * 2
        assert await trial.balances() == {
            Account.TRANSIT: 2 * PRICE,
            Account.SUSPENSE: -2 * PRICE,
        }

        trial.bank.trouble.append(GatewayDown("gone"))
        await trial.run()
        assert await trial.open_causes() == [Cause.SETTLED_BUT_NOT_SOLD_HERE]
        await trial.run()
        assert {each.state for each in await trial.found()} == {DiscrepancyState.HEALED}
        balances = await trial.balances()
        assert Account.SUSPENSE not in balances
        assert Account.CLEARING not in balances
        assert await trial.open_ids() == []

    async def test_a_refund_made_at_the_bank_is_read(self, trial: Trial) -> None:
        """
        Its line names the order; what the read does not tell of stays in suspense.
        """
        await sold(trial.storage, 1)
        trial.bank.said[payment_id(1)] = Verdict.CHARGED
        outside = line(
            1, 100_00, line_type=LineType.REFUND, direction=Direction.DR, net=Money(-100_00),
            bank_txn_id="BACK1", rrn=None, line_no=3,
        )  # fmt: skip
        await bring(trial.storage, ONE, line(1), outside)

        await trial.run()

        assert trial.bank.read == [payment_id(1)]
        assert await trial.open_causes() == [Cause.REFUND_MADE_OUTSIDE]
        assert (await trial.balances())[Account.SUSPENSE] == 100_00

    async def test_a_held_file_posts_nothing(self, trial: Trial) -> None:
        """
        Its lines are compared, and the run is incomplete.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1), state=ReportState.HELD)

        ended = await trial.run()

        assert ended.state is RunState.INCOMPLETE
        assert ended.summary
        assert ended.summary.missing == {"SIM0001": TUESDAY.isoformat()}
        assert await trial.open_ids() == [payment_id(1)]
        assert Account.TRANSIT not in await trial.balances()

    @pytest.mark.parametrize("settlement", [None, "S1"])
    async def test_a_sum_that_its_lines_do_not_have_is_found(
        self, trial: Trial, settlement: str | None
    ) -> None:
        """
        Of the whole file or of one settlement; what states no net amount, or states the right one, is not.
        """
        await sold(trial.storage, 1)
        told = line(1, settlement_id=settlement)
        wrong = DeclaredTotals(settlement_id=settlement, lines=1, net=Money(PRICE + 5_00))
        content = replace(says(1, wrong), held_for=(HoldReason.TOTALS_DIFFER,))
        await bring(trial.storage, ONE, told, state=ReportState.HELD, content=content)
        await trial.run()

        (found,) = await trial.found()
        assert found.finding.cause is Cause.SETTLEMENT_TOTAL_DIFFERS
        assert found.finding.difference_paise == 5_00

    async def test_a_sum_is_not_compared_with_a_part_of_its_lines(self, trial: Trial) -> None:
        """
        What another file has told before is in the sums, and counts there.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1, settlement_id="S1"))
        await trial.run()
        await sold(trial.storage, 2)
        again = (line(1, settlement_id="S1"), line(2, settlement_id="S1"))
        sums = [
            DeclaredTotals(settlement_id=each, lines=2, net=Money(2 * PRICE))
            for each in (None, "S1")
        ]
        content = says(2, *sums, DeclaredTotals(lines=2))
        await bring(trial.storage, TWO, *again, reported=ReportedAgain.SUPPLEMENT, content=content)

        ended = await trial.run()

        assert ended.summary
        assert ended.summary.matched == 1
        assert await trial.found() == []

    async def test_without_a_file_nothing_is_missing_but_the_file(self, trial: Trial) -> None:
        """
        What was due is still expected, and the run says that it is incomplete.
        """
        await sold(trial.storage, 1)

        ended = await trial.run()

        assert ended.state is RunState.INCOMPLETE
        assert ended.summary
        assert (ended.summary.expected, ended.summary.missing) == (
            1,
            {"*": TUESDAY.isoformat()},
        )
        assert await trial.found() == []

    async def test_what_is_missing_comes_later(self, trial: Trial) -> None:
        """
        A complete file without it makes it missing; a later settlement explains it.
        """
        await sold(trial.storage, 1)
        await sold(trial.storage, 2)
        trial.bank.said[payment_id(2)] = Verdict.CHARGED
        await bring(trial.storage, ONE, line(1))
        await trial.run()
        assert await trial.open_causes() == [Cause.NOT_SETTLED_WHEN_DUE]

        late = a_line(2, PRICE, settled_on=TUESDAY + DAY)
        await bring(trial.storage, TWO, late)
        ended = await trial.run(days=1)

        (found,) = await trial.found()
        assert (found.state, found.closed_by) == (DiscrepancyState.EXPLAINED, f"run {ended.id}")
        assert ended.summary
        assert ended.summary.late == 1
        assert await trial.open_ids() == []

    async def test_a_reissue_takes_back_and_posts_anew(self, trial: Trial) -> None:
        """
        What it removes is expected again; differences of the old lines are taken back with them.
        """
        for number in (1, 2, 3):
            await sold(trial.storage, number)
        trial.bank.said[payment_id(3)] = Verdict.CHARGED
        await bring(trial.storage, ONE, line(1), line(2, PRICE - 9_00), line(3))
        await trial.run()
        assert (await trial.balances())[Account.SUSPENSE] == 9_00

        await bring(trial.storage, TWO, line(1), line(2), reported=ReportedAgain.REISSUE)
        await trial.run()

        assert await trial.balances() == {
            Account.TRANSIT: 2 * PRICE,
            Account.CLEARING: PRICE,
            Account.RECEIVABLE: -3 * PRICE,
        }
        assert await trial.open_ids() == [payment_id(3)]
        states = {each.finding.cause: each.state for each in await trial.found()}
        assert states[Cause.GROSS_DIFFERS] is DiscrepancyState.EXPLAINED
        assert states[Cause.NOT_SETTLED_WHEN_DUE] is DiscrepancyState.OPEN
        assert await trial.storage.settlement_reads.unreversed() == []

    @pytest.mark.parametrize(
        ("again", "state", "suspense"),
        [
            (PRICE - 9_00, DiscrepancyState.RESOLVED, 0),
            (PRICE - 7_00, DiscrepancyState.OPEN, 7_00),
            (PRICE, DiscrepancyState.EXPLAINED, 0),
        ],
        ids=["the same", "another", "right"],
    )
    async def test_a_reissue_takes_a_decision_back_that_was_about_something_else(
        self, trial: Trial, again: int, state: DiscrepancyState, suspense: int
    ) -> None:
        """
        What was written off stays so for the same difference alone; otherwise its journal goes back as well.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1, PRICE - 9_00))
        await trial.run()
        (found,) = await trial.found()
        await trial.write_off(found.id)
        assert (await trial.balances())[Account.WRITEOFF] == 9_00

        await bring(trial.storage, TWO, line(1, again), reported=ReportedAgain.REISSUE)
        await trial.run()

        (kept,) = await trial.found()
        (decision,) = await trial.storage.discrepancies.resolutions(found.id)
        stays = state is DiscrepancyState.RESOLVED
        assert kept.state is state
        assert decision.state is (ResolutionState.IN_FORCE if stays else ResolutionState.OVERTAKEN)
        balances = await trial.balances()
        assert balances.get(Account.WRITEOFF, 0) == (9_00 if stays else 0)
        assert balances.get(Account.SUSPENSE, 0) == suspense
        assert balances.get(Account.CLEARING, 0) == 0

    async def test_a_credit_pays_a_settlement(self, trial: Trial) -> None:
        """
        A paisa less is rounding; an entry that is not ours is left alone.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1))
        other = replace(payout(2, 5_00), narrated=None, narration="RENT")
        await state(trial.storage, payout(1, PRICE - 1), other)

        ended = await trial.run()

        assert ended.summary
        assert ended.summary.credits == {
            CreditOutcome.MATCHED_WITH_ROUNDING: 1,
            CreditOutcome.NOT_OURS: 1,
        }
        assert ended.summary.payouts == {PayoutOutcome.CREDITED: 1}
        assert await trial.balances() == {
            Account.BANK: PRICE - 1,
            Account.ROUNDING: 1,
            Account.RECEIVABLE: -PRICE,
        }
        assert await trial.storage.settlement_reads.uncredited() == []
        (rest,) = await trial.storage.bank_statements.open_entries()
        assert rest.outcome is CreditOutcome.NOT_OURS
        await trial.run()
        assert (await trial.balances())[Account.BANK] == PRICE - 1

    async def test_a_credit_comes_after_its_settlement(self, trial: Trial) -> None:
        """
        It is awaited until then.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1))
        ended = await trial.run()
        assert ended.summary
        assert ended.summary.payouts == {PayoutOutcome.AWAITED: 1}

        await state(trial.storage, payout(1, PRICE))
        await trial.run()

        assert await trial.storage.settlement_reads.uncredited() == []
        assert (await trial.balances())[Account.BANK] == PRICE

    async def test_a_credit_that_differs_is_found(self, trial: Trial) -> None:
        """
        Nothing is posted; the money stays in transit.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1))
        await state(trial.storage, payout(1, PRICE - 50_00))

        ended = await trial.run()

        assert ended.summary
        assert ended.summary.types == {"amount_mismatch": 1}
        assert ended.summary.causes == {"bank_credit_differs": 1}
        assert await trial.open_causes() == [Cause.BANK_CREDIT_DIFFERS]
        assert (await trial.balances())[Account.TRANSIT] == PRICE

    async def test_what_is_paid_for_a_settlement_stays_paid_when_it_comes_again(
        self, trial: Trial
    ) -> None:
        """
        Of a re-issue only the rest is awaited; of one with the same net nothing is.
        """
        for number in (1, 2):
            await sold(trial.storage, number)
        await bring(trial.storage, ONE, line(1))
        await state(trial.storage, payout(1, PRICE))
        await trial.run()

        await bring(trial.storage, TWO, line(1), line(2), reported=ReportedAgain.REISSUE)
        ended = await trial.run()
        assert ended.summary
        assert ended.summary.payouts == {PayoutOutcome.AWAITED: 1}
        assert (await trial.balances())[Account.TRANSIT] == PRICE

        await bring(trial.storage, THREE, line(1), reported=ReportedAgain.REISSUE)
        ended = await trial.run()
        assert ended.summary
        assert ended.summary.payouts == {PayoutOutcome.CREDITED: 1}
        assert Account.TRANSIT not in await trial.balances()

    async def test_a_range_that_is_asked_for_twice_is_one_run(self, trial: Trial) -> None:
        """
        Until it has ended; a range in the future is refused.
        """
        run = await trial.ask()
        assert await trial.ask() == run
        await trial.worker()()

        assert (await trial.ask()).id != run.id
        with pytest.raises(RangeRefused):
            await trial.ask(TODAY, TODAY + 9 * DAY)

    async def test_nothing_is_missing_behind_a_file_that_is_awaited(self, trial: Trial) -> None:
        """
        The file of a later day proves nothing while a source has not brought an earlier one, and somebody else neither.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, replace(line(9), settled_on=TUESDAY + DAY))
        awaited = KeptAnswer(
            mid="SIM0001",
            day=TUESDAY,
            origin=FileOrigin.REPORT,
            answer=ReportAnswer.NOT_READY,
            asked_at=trial.clock.at,
        )
        await trial.storage.report_answers.keep([awaited])
        unknown = Cause.UNKNOWN_ORDER

        await trial.run(days=1)
        assert await trial.open_causes() == [unknown]
        await bring(trial.storage, TWO, line(8))
        await trial.run(days=1)

        assert Cause.SOLD_HERE_UNKNOWN_THERE in await trial.open_causes()

    async def test_an_outcome_that_is_no_partition_posts_nothing(
        self, trial: Trial, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """
        The run has failed, and says why; that operators are called is written with it, once.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1))
        monkeypatch.setattr(run_reconciliation, "partition_faults", lambda *_: ("line lost",))

        ended = await trial.run()

        assert ended.state is RunState.FAILED
        assert "line lost" in ended.why
        assert await trial.open_ids() == [payment_id(1)]
        assert await trial.worker()() is None
        assert await trial.failures_to_tell() == [ended.id]

    async def test_what_goes_wrong_in_every_worker_fails_the_run(
        self, trial: Trial, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """
        The first ones leave it to the next, whoever takes it when their lease has ended; the last one ends it.
        """
        asked = await trial.ask()
        monkeypatch.setattr(run_reconciliation, "partition_faults", lambda *_: 1 / 0)

        for _ in range(TRIES_MAX - 1):
            with pytest.raises(ZeroDivisionError):
                await trial.worker()()
            assert await trial.worker()() is None
            assert await trial.failures_to_tell() == []
            trial.clock.at += 2 * LEASE
        ended = await trial.worker()()

        assert ended
        assert (ended.id, ended.state) == (asked.id, RunState.FAILED)
        assert ended.why == f"ZeroDivisionError in the last of {TRIES_MAX} workers that took it"
        assert await trial.failures_to_tell() == [asked.id]

    async def test_a_run_that_no_worker_survives_fails(self, trial: Trial) -> None:
        """
        A worker that dies says nothing: the one that comes after the last of them does not try again.
        """
        asked = await trial.ask()
        for _ in range(TRIES_MAX):
            assert await trial.storage.runs.claim(trial.clock.at, lease=LEASE)
            trial.clock.at += 2 * LEASE

        ended = await trial.worker()()

        assert ended
        assert (ended.id, ended.state) == (asked.id, RunState.FAILED)
        assert ended.why == f"{TRIES_MAX} workers took it, and none has ended it"
        assert await trial.failures_to_tell() == [asked.id]

    async def test_who_was_faster_is_taken_into_account(self, trial: Trial) -> None:
        """
        A discrepancy that somebody moves after the run has read it is read again.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1, PRICE - 9_00))
        await trial.run()
        worker = trial.worker()
        conclude: Callable[..., object] = worker.conclude
        tries = 0

        async def after_somebody(*given: object) -> object:
            nonlocal tries
            tries += 1
            if tries == 1:
                (found,) = await trial.found()
                async with trial.storage.unit_of_work() as work:
                    work.reconciliation.discrepancies.save([replace(found, owner=found.owner)])
            return await conclude(*given)  # type: ignore[misc]

        await trial.ask()
        ended = await replace(worker, conclude=after_somebody)()  # type: ignore[arg-type]

        assert ended
        assert (tries, ended.state) == (2, RunState.COMPLETE)
        (found,) = await trial.found()
        assert (found.version, found.times_found) == (3, 2)

    async def test_what_needs_no_read_is_known_once(self, trial: Trial) -> None:
        """
        Where there is no order to read, a run concludes from what it has compared; after a conflict it knows anew.
        """
        await sold(trial.storage, 1)
        await bring(trial.storage, ONE, line(1))
        worker = trial.worker()
        known: Callable[..., Any] = worker.read_evidence
        conclude: Callable[..., Any] = worker.conclude
        told: list[str] = []

        async def read(*given: object) -> object:
            told.append("known")
            return await known(*given)

        async def beaten_once(*given: object) -> object:
            told.append("concluded")
            if told.count("concluded") == 1:
                raise ChangedMeanwhile("an expectation")
            return await conclude(*given)

        await trial.ask()
        ended = await replace(worker, read_evidence=read, conclude=beaten_once)()  # type: ignore[arg-type]

        assert ended
        assert ended.state is RunState.COMPLETE
        assert told == ["known", "concluded", "known", "concluded"]

    async def test_a_lost_worker_cannot_end_a_run(self, trial: Trial) -> None:
        """
        Another one has taken it, and what the first concludes is not kept.
        """
        await trial.ask()
        worker = trial.worker()
        conclude: Callable[..., object] = worker.conclude

        async def too_late(*given: object) -> object:
            trial.clock.at += 2 * LEASE
            await trial.storage.runs.claim(trial.clock.at, lease=LEASE)
            return await conclude(*given)  # type: ignore[misc]

        with pytest.raises(ChangedMeanwhile):
            await replace(worker, conclude=too_late)()  # type: ignore[arg-type]
