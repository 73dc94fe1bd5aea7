"""What a run posts: transit is what the bank pays out, clearing what is open, suspense what is unexplained."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ledger.account import Account
from domain.ledger.journal import Journal, JournalKey, JournalKind
from domain.money import Money
from domain.payments.payment_state import State
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.conclusion import (
    IN_SUSPENSE,
    Conclusion,
    NewReport,
    Posted,
    taken_back,
)
from domain.reconciliation.discrepancy import Discrepancy, Judged, follow_up
from domain.reconciliation.evidence import Evidence
from domain.reconciliation.finding import DiscrepancyKey
from domain.reconciliation.outcome import Outcome
from domain.reconciliation.plain_case import left_by, plain_matches
from domain.reconciliation.reconcile import reconcile
from domain.reconciliation.reported import LineRef, ReportedLine
from domain.reconciliation.taxonomy import Action, Cause
from domain.settlements.settlement_line import Direction, LineType
from unit.domain.reconciliation.samples import NAMES, agreement_of, evidence_of, expected_of
from unit.domain.reconciliation.trade import (
    AGREEMENT,
    CHARGED,
    FRIDAY,
    SATURDAY_2AM,
    credit,
    debit,
    disturbed,
    evidence,
    payment_id,
    refunded,
    sold,
)

CALENDAR = BankCalendar(version="trade")
EXAMPLES = 60
SAMPLES = [name for name in NAMES if "books" in expected_of(name)["reconcile"]]


@dataclass(slots=True)
class Books:
    """A ledger and the discrepancies of some runs, one after another, over the same files."""

    journals: list[Journal] = field(default_factory=list)
    known: dict[DiscrepancyKey, Discrepancy] = field(default_factory=dict)
    counted: dict[LineRef, ReportedLine] = field(default_factory=dict)
    settled: dict[str, BookEntry] = field(default_factory=dict)
    agreement: object = AGREEMENT

    def run(self, told: Evidence) -> tuple[Outcome, Posted]:
        """Compare *told* with what is known, and keep what the run concludes."""
        outcome = reconcile(told, self.agreement)  # type: ignore[arg-type]
        counted = _counted(told.lines, outcome)
        new = sorted(
            {
                (line.file, line.settlement, line.line.settled_on)
                for ref, line in counted.items()
                if ref not in self.counted
            }
        )
        open_ = {key: each for key, each in self.known.items() if each.state.is_open}
        posted = Conclusion(
            outcome=outcome,
            counted=counted,
            new=[
                NewReport(file=file, settlement=settlement, settled_on=day, sequence=number)
                for number, (file, settlement, day) in enumerate(new, len(self.journals) + 1)
            ],
            known=open_,
            payments={each.id: each.payment_id for each in told.books},
            today=FRIDAY,
        ).posted()
        self.journals += posted.journals
        self.counted |= counted
        books = {each.id: each for each in told.books}
        closed = [match.entry.id for match in outcome.matches if match.line.ref in counted]
        closed += [
            entry for each in outcome.findings for entry in each.closed if each.lines[0] in counted
        ]
        self.settled |= {each: books[each] for each in closed}
        judged = Judged(lines=frozenset(line.ref for line in told.lines))
        for each in follow_up(
            self.known, posted.findings, judged, at=told.as_of, calendar=CALENDAR, by="run"
        ):
            self.known[each.key] = replace(each, version=each.version + 1)
        return outcome, posted

    def check(self) -> None:
        """The four control accounts are what the lines, the books and the discrepancies say."""
        held = {
            ref
            for each in self.known.values()
            if each.finding.cause is Cause.HELD_BY_BANK
            for ref in each.finding.lines
        }
        paying = [line.line for ref, line in self.counted.items() if ref not in held]
        balance = balances(self.journals)
        assert balance[Account.TRANSIT] == sum(line.net.paise for line in paying)
        assert balance[Account.CLEARING] == -sum(
            each.signed_paise for each in self.settled.values()
        )
        assert balance[Account.SUSPENSE] == -sum(
            each.finding.posted_paise
            for each in self.known.values()
            if each.state.is_open and each.finding.rule.posting in IN_SUSPENSE
        )
        fees = (Account.MDR, Account.CB_FEE, Account.ITC_CGST, Account.ITC_SGST, Account.ITC_IGST)
        assert sum(balance[each] for each in fees) == sum(
            line.fee.paise + line.tax.paise for line in paying
        )


def balances(journals: Iterable[Journal]) -> Counter[Account]:
    found: Counter[Account] = Counter()
    for journal in journals:
        for entry in journal.entries:
            found[entry.account] += entry.amount.paise
    return found


def by_account(journal: Journal) -> dict[Account, int]:
    return {each: paise for each, paise in balances([journal]).items() if paise}


def _counted(lines: Sequence[ReportedLine], outcome: Outcome) -> dict[LineRef, ReportedLine]:
    """Return the lines that an import lets count: none that repeats, or that comes with other amounts."""
    aside = {
        ref for each in outcome.findings if each.action is Action.HOLD_LINE for ref in each.lines
    }
    return {line.ref: line for line in lines if line.ref not in aside | {*outcome.silent}}


def after(told: Evidence, books: Books, **changes: object) -> Evidence:
    """Return what the next run knows: the lines of what is open, and no expectation that is closed otherwise."""
    again = {
        ref
        for each in books.known.values()
        if each.state.is_open and each.finding.action is not Action.HOLD_LINE
        for ref in each.finding.lines
    }
    lines = [line for line in told.lines if line.ref in again]
    closed_by = {
        entry
        for each in books.known.values()
        if each.state.is_open
        for entry in each.finding.closed
    }
    entries = [
        replace(
            each,
            settled_earlier=each.settled_earlier
            or (each.id in books.settled and each.id not in closed_by),
        )
        for each in told.books
    ]
    return replace(told, lines=lines, books=entries, rejected=(), **changes)  # type: ignore[arg-type]


@settings(max_examples=EXAMPLES)
@given(disturbed())
def test_the_control_accounts_follow_the_lines(told: Evidence) -> None:
    """
    Whatever the bank got wrong: each paisa is in transit, cleared, a fee, or named by a discrepancy.
    """
    books = Books()
    books.run(told)

    books.check()


@settings(max_examples=EXAMPLES)
@given(disturbed(), st.data())
def test_what_is_found_otherwise_later_moves(told: Evidence, data: st.DataObject) -> None:
    """
    Payments turn out to be sold, and reads tell more: a later run moves the money, and a third one nothing.
    """
    books = Books()
    books.run(told)
    healed = [
        replace(each, state=State.SUCCESS)
        if isinstance(each.state, State) and data.draw(st.booleans())
        else each
        for each in told.books
    ]
    told = replace(told, books=healed)

    books.run(after(told, books))
    books.check()
    posted = len(books.journals)
    books.run(after(told, books))
    books.check()

    assert len(books.journals) == posted


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_posted(name: str) -> None:
    """
    The control accounts are those of each sample file.
    """
    books = Books(agreement=agreement_of(expected_of(name)["reconcile"]))
    books.run(evidence_of(name))

    books.check()


def test_a_difference_is_posted_as_worked() -> None:
    """
    Case K: 4,999.00 captured, 4,990.00 settled; the nine rupees stand in suspense with the discrepancy.
    """
    books = Books()
    told = evidence(sold(1, 4_999_00), lines=(credit(1, 4_990_00),))
    _, posted = books.run(told)

    settlement, difference = posted.journals
    assert by_account(settlement) == {Account.TRANSIT: 4_990_00, Account.CLEARING: -4_990_00}
    assert by_account(difference) == {Account.SUSPENSE: 9_00, Account.CLEARING: -9_00}
    (finding,) = posted.findings
    assert difference.key == JournalKey(JournalKind.DIFFERENCE, finding.key.id)
    assert {each.payment for each in difference.entries} == {payment_id(1)}
    assert posted.nets == {(settlement_file(told), settlement.key.subject): Money(4_990_00)}


def settlement_file(told: Evidence) -> str:
    return told.lines[0].file


def test_an_unknown_line_that_is_found_to_be_ours_is_cleared() -> None:
    """
    Case M: in suspense first; when a read has told of the sale, out of suspense and into clearing.
    """
    books = Books()
    pending = sold(1, 649_00, state=State.PENDING)
    told = evidence(pending, lines=(credit(1, 649_00),))
    _, posted = books.run(told)
    (settlement,) = posted.journals
    assert by_account(settlement) == {Account.TRANSIT: 649_00, Account.SUSPENSE: -649_00}

    told = replace(told, books=[sold(1, 649_00)], reads={payment_id(1): CHARGED})
    _, later = books.run(after(told, books))

    (match,) = later.journals
    assert by_account(match) == {Account.SUSPENSE: 649_00, Account.CLEARING: -649_00}
    books.check()


def test_a_netted_refund_and_a_negative_settlement_clear_both_sides() -> None:
    """
    Cases D and E: the line that lacks a refund closes both; a day of refunds owes the bank.
    """
    books = Books()
    books.run(evidence(sold(1, 2_360_00), refunded(1, 500_00), lines=(credit(1, 1_860_00),)))
    books.check()

    refunds = Books()
    _, posted = refunds.run(
        evidence(refunded(2, 5_900_00, of=2), lines=(debit(2, 5_900_00, of=2),))
    )
    refunds.check()
    assert by_account(posted.journals[0]) == {
        Account.CLEARING: 5_900_00,
        Account.TRANSIT: -5_900_00,
    }


def test_a_chargeback_with_its_fee_and_a_reserve_stand_in_their_accounts() -> None:
    """
    Cases G and N; tax withheld and a fee of the payout likewise.
    """
    pulled = {"direction": Direction.DR, "payment_id": None, "rrn": None}
    lines = (
        credit(
            1,
            11_800_00,
            2,
            line_type=LineType.CHARGEBACK,
            direction=Direction.DR,
            fee=Money(500_00),
            igst=Money(90_00),
            bank_txn_id="CB1",
        ),
        credit(1, 500_00, 3, line_type=LineType.RESERVE_HOLD, bank_txn_id="R1", **pulled),
        credit(1, 20_00, 4, line_type=LineType.TDS, bank_txn_id="T1", **pulled),
        credit(
            1, 0, 5, line_type=LineType.FEE, bank_txn_id="F1", fee=Money(10_00), igst=Money(1_80),
            **pulled,
        ),
    )  # fmt: skip
    books = Books()
    _, posted = books.run(evidence(lines=lines))

    books.check()
    assert by_account(posted.journals[0]) == {
        Account.TRANSIT: -(12_390_00 + 500_00 + 20_00 + 11_80),
        Account.DISPUTED: 11_800_00,
        Account.CB_FEE: 500_00,
        Account.ITC_IGST: 91_80,
        Account.RESERVE: 500_00,
        Account.TDS: 20_00,
        Account.MDR: 10_00,
    }


def test_a_reserve_by_contract_is_held_without_a_discrepancy() -> None:
    """
    It stands in its account.
    """
    books = Books(agreement=replace(AGREEMENT, reserve_mids=frozenset({"SIM0001"})))
    held = credit(
        1, 500_00, 2, line_type=LineType.RESERVE_HOLD, direction=Direction.DR, payment_id=None
    )
    outcome, posted = books.run(evidence(lines=(held,)))

    assert outcome.findings == ()
    assert by_account(posted.journals[0]) == {Account.RESERVE: 500_00, Account.TRANSIT: -500_00}


def test_what_the_bank_holds_back_pays_nothing() -> None:
    """
    Its line is named by a discrepancy, and no account has it.
    """
    books = Books()
    outcome, posted = books.run(evidence(sold(1), lines=(credit(1, status_word="HOLD"),)))

    assert [each.cause for each in outcome.findings] == [Cause.HELD_BY_BANK]
    assert posted.journals == ()
    books.check()


@settings(max_examples=EXAMPLES)
@given(disturbed())
def test_plain_sums_post_what_their_lines_would(told: Evidence) -> None:
    """
    The same journals, to the paisa, whether the plain case is compared line by line or only counted.
    """
    whole = reconcile(told, AGREEMENT)
    counted = _counted(told.lines, whole)
    plain = plain_matches(told, AGREEMENT, counting=counted)
    left = left_by(told, plain)
    new = [
        NewReport(file=file, settlement=settlement, settled_on=day, sequence=1)
        for file, settlement, day in sorted(
            {(line.file, line.settlement, line.line.settled_on) for line in counted.values()}
        )
    ]
    posted = [
        Conclusion(
            outcome=outcome,
            counted={line.ref: line for line in lines if line.ref in counted},
            new=new,
            known={},
            payments={each.id: each.payment_id for each in told.books},
            today=FRIDAY,
        ).posted()
        for outcome, lines in ((whole, told.lines), (reconcile(left, AGREEMENT), left.lines))
    ]

    assert posted[0] == posted[1]


def test_what_does_not_count_posts_nothing() -> None:
    """
    Of a held file nothing is posted, whatever its lines would say; a dispute in it neither.
    """
    dispute = credit(
        2, 700_00, 3, line_type=LineType.CHARGEBACK, direction=Direction.DR, bank_txn_id="CB1"
    )
    told = evidence(sold(1, 4_999_00), lines=(credit(1, 4_990_00), dispute), complete=False)
    posted = Conclusion(
        outcome=reconcile(told, AGREEMENT),
        counted={},
        new=[],
        known={},
        payments={},
        today=FRIDAY,
    ).posted()

    assert posted.journals == ()
    assert [each.posted_paise for each in posted.findings] == [0, 0]


def test_what_is_superseded_is_taken_back_with_its_differences() -> None:
    """
    The journal of the report, and everything that any version of a discrepancy has moved.
    """
    books = Books()
    told = evidence(sold(1, 4_999_00), lines=(credit(1, 4_990_00),))
    _, posted = books.run(told)
    (discrepancy,) = books.known.values()

    reversals = taken_back("SIM0001/2026-11-13", 1, [replace(discrepancy, version=2)], FRIDAY)

    assert [str(each.of) for each in reversals] == [
        "settlement/SIM0001/2026-11-13/1",
        f"difference/{discrepancy.id}/1",
        f"difference/{discrepancy.id}/2",
    ]
    assert {posted.journals[0].key.kind, posted.journals[1].key} == {
        JournalKind.SETTLEMENT,
        reversals[1].of,
    }
    assert {each.day for each in reversals} == {FRIDAY}


def test_what_a_superseded_line_left_is_not_moved_once_more() -> None:
    """
    A discrepancy whose line does not count any more posts nothing of its own.
    """
    books = Books()
    told = evidence(sold(1, 4_999_00), lines=(credit(1, 4_990_00),), as_of=SATURDAY_2AM)
    books.run(told)
    gone = replace(told, lines=())

    posted = Conclusion(
        outcome=reconcile(gone, AGREEMENT),
        counted={},
        new=[],
        known=books.known,
        payments={},
        today=date(2026, 11, 16),
    ).posted()

    assert posted.journals == ()


def test_an_open_dispute_keeps_its_account() -> None:
    """
    A dispute that is open keeps its account, found again or not.
    """
    dispute = credit(
        1, 700_00, 2, line_type=LineType.CHARGEBACK, direction=Direction.DR, bank_txn_id="CB1"
    )
    books = Books()
    told = evidence(sold(1, 700_00, settled_earlier=True), lines=(dispute,))
    books.run(told)
    _, again = books.run(after(told, books))

    assert len(books.known) == 1
    assert again.journals == ()
