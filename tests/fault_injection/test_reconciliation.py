"""A run dies, or loses an answer, at every single moment: what it comes to is the same, and is posted once."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import pytest
import pytest_asyncio

from application.discrepancies.decide_resolution import DecideResolutionCommand
from application.reconciliation import heal_books
from application.reconciliation.run_reconciliation import LEASE
from books import check_books
from conftest import ALL_TRIES
from contracts.conftest import empty
from contracts.postgres_storage import PostgresStorage
from contracts.reconciliation.book_reads_contract import CAPTURED, TODAY
from contracts.reconciliation.reconciling_contract import (
    PRICE,
    TUESDAY,
    MovedClock,
    Trial,
    line,
    payout,
)
from contracts.settlements import bank_statements_contract as statements
from contracts.settlements.settlement_files_contract import CONTENT, bring
from contracts.storage import add
from domain.identifiers import DiscrepancyId, PaymentId
from domain.ledger.account import Account
from domain.money import Money
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import ResolutionAction, ResolutionLimits
from domain.reconciliation.run import RunId, RunTrigger
from domain.reconciliation.run_state import RunState
from domain.reconciliation.taxonomy import Cause
from domain.settlements.bank_statement import BankEntry
from domain.settlements.reissue import ReportedAgain
from domain.settlements.settlement_line import Direction, LineType, SettlementLine
from fakes.clock import NOON
from fakes.samples import ASHA, a_course, a_payment, payment_id
from fault_injection.enumeration import Flow, Injected, enumerated, met_by, undisturbed
from fault_injection.interactions import Fault
from fault_injection.world import Process, World
from ports.audit_log import Origin, Source
from ports.file_store import FileHash
from ports.payments.payment_gateway import NewOrder
from ports.settlements.settlement_files import FileContent
from worlds.postgres import BY_STAFF

FIRST_WRONG, STILL_WRONG = 9_00, 7_00
PAID: Final = 2 * PRICE - STILL_WRONG
"""For three sales, of which one is pulled by a chargeback."""

PAID_TWICE: Final = 2 * PRICE
"""For a sale whose line stands twice, and was released."""

ALONE: Final = ResolutionLimits(each=Money(9 * PRICE), day=Money(9 * PRICE))
NOOR: Final = Origin(actor="staff:noor", source=Source.ADMIN)
JOURNALS: Final = "SELECT kind, count(*) FROM journal WHERE id > $1 GROUP BY kind"
POSTED: Final = {"capture": 4, "settlement": 3, "difference": 4, "reversal": 2, "bank_credit": 2}
FOUND: Final = "SELECT id, cause, state, times_found FROM discrepancy WHERE settlement = ANY($1) ORDER BY cause"
DISPUTES: Final = "SELECT action FROM audit_log WHERE subject = $1 AND action = 'dispute.told'"
ENDED: Final = (
    "SELECT state, (SELECT count(*) FROM audit_log WHERE subject = r.id AND action = 'reconciliation.ended')"
    " FROM reconciliation r WHERE id = $1"
)
SETTLED: Final = "SELECT settled_file, settled_line FROM expectation WHERE payment_id = ANY($1) ORDER BY settled_line"
CREDITED: Final = (
    "SELECT c.amount_paise, (SELECT count(*) FROM bank_entry WHERE closed_at IS NULL)"
    " FROM settlement_credit c WHERE settlement = ANY($1) ORDER BY amount_paise"
)


@dataclass(slots=True, kw_only=True)
class Book:
    """
    Three sales of one settlement: one agrees, one is told with another amount, of one no webhook came.

    A fourth is told twice in a settlement of its own, and a person has released the second line. *run* compares
    that, the re-issue of a report that was posted, with a chargeback of the first sale, and the credits that pay
    both. *before* are the balances, *posted_before* is the last journal, of what was there before all this.
    """

    number: int
    before: dict[str, int]
    posted_before: int
    run: RunId | None = None

    @property
    def settlement(self) -> str:
        return f"SET{self.number:04d}"

    @property
    def other(self) -> str:
        """The settlement of the fourth sale."""
        return f"TWO{self.number:04d}"

    def utr(self, settlement: str) -> str:
        return f"UTR{settlement}000000"

    @property
    def numbers(self) -> range:
        """The numbers of its four sales."""
        return range(4 * self.number, 4 * self.number + 4)

    def file(self, issue: int) -> FileHash:
        """Return the first issue, the second one, and the report of the fourth sale: 0, 1, 2."""
        return FileHash(f"{3 * self.number + issue:064x}")

    def line(self, place: int, paise: int = PRICE) -> SettlementLine:
        """Return what the bank tells of the sale at *place*, the first being 0."""
        known, settlement = line(self.numbers[place], paise), self.settlement
        return replace(known, line_no=place + 1, settlement_id=settlement, utr=self.utr(settlement))

    def pulled(self) -> SettlementLine:
        """Return the line by which the bank pulls the first sale."""
        return replace(
            self.line(0),
            line_no=4,
            line_type=LineType.CHARGEBACK,
            direction=Direction.DR,
            net=Money(-PRICE),
            bank_txn_id=f"CB{self.number}",
        )

    def twice(self) -> Sequence[SettlementLine]:
        """Return the two lines of the fourth sale."""
        told = replace(self.line(3), settlement_id=self.other, utr=self.utr(self.other))
        return [replace(told, line_no=number, occurrence=number) for number in (1, 2)]

    def credits(self) -> Sequence[BankEntry]:
        """Return the credits that pay both settlements."""
        paid = {self.settlement: PAID, self.other: PAID_TWICE}
        return [
            replace(
                payout(2 * self.number + place, paise),
                reference=self.utr(settlement),
                narrated=None,
            )
            for place, (settlement, paise) in enumerate(paid.items())
        ]


def _storage(world: World) -> PostgresStorage:
    return PostgresStorage.on(world.calm.container.storage.database())


async def _balances(world: World) -> dict[str, int]:
    rows = await world.rows("SELECT account, sum(amount_paise)::bigint FROM entry GROUP BY account")
    return dict(rows)


async def reported_again(world: World) -> Book:
    """What is told in ``Book``: a person has released a line, a re-issue and the credits have come since."""
    storage = _storage(world)
    world.clock.at = max(world.clock.at, NOON + timedelta(days=2))
    [(number,)] = await world.rows("SELECT 1 + count(*) FROM bank_statement")
    [(last,)] = await world.rows("SELECT coalesce(max(id), 0) FROM journal")
    before = await _balances(world)
    book = Book(number=number, before=before, posted_before=last)
    for each in book.numbers:
        await add(storage, a_payment(each, course=a_course(f"course-{each}")))
        await _charged_at_the_bank(world, payment_id(each))
    agreed, differs, _unheard, twice = map(payment_id, book.numbers)
    for payment in (agreed, differs, twice):
        apply = world.calm.use_cases.order_status().apply_order_status()
        await apply(world.bank.orders[payment].answer, BY_STAFF)
    first = (book.line(0), book.line(1, PRICE - FIRST_WRONG))
    await bring(storage, book.file(0), *first, content=_content(2))
    await bring(storage, book.file(2), *book.twice(), content=_content(2))
    await _ask(world)
    assert await world.calm.use_cases.reconciliation().run()()
    trial = Trial(storage, clock=MovedClock(world.clock.now()), limits=ALONE)
    held = await world.rows(FOUND, [book.other])
    await trial.decide(DiscrepancyId(held[0][0]), ResolutionAction.RELEASE_LINE)
    again = (book.line(0), book.line(1, PRICE - STILL_WRONG), book.line(2), book.pulled())
    await bring(storage, book.file(1), *again, content=_content(4), reported=ReportedAgain.REISSUE)
    paid = PAID + PAID_TWICE
    begins_at, ends_at = Money((number - 1) * paid), Money(number * paid)
    entries = book.credits()
    statement = replace(
        statements.a_statement(*entries, place=number, sequence=number),
        opening=begins_at, closing=ends_at, begins_at=begins_at, ends_at=ends_at,
    )  # fmt: skip
    await statements.bring(storage, statement, *entries)
    book.run = await _ask(world)
    return book


def _content(lines: int) -> FileContent:
    return replace(CONTENT, line_count=lines, skipped_count=0, declared=())


async def _charged_at_the_bank(world: World, payment: PaymentId) -> None:
    order = NewOrder(
        payment=payment,
        student=ASHA,
        amount=Money(PRICE),
        description="a course",
        lifetime=timedelta(minutes=15),
    )
    await world.bank.create_session(order)
    world.bank.pay(payment)
    facts = world.bank.orders[payment].facts
    world.bank.answer(payment, replace(facts, charged_at=CAPTURED))


async def _ask(world: World) -> RunId:
    ask = world.calm.use_cases.reconciliation().ask()
    run = await ask(TODAY, TUESDAY, RunTrigger.COMMAND, BY_STAFF)
    return RunId(run.id)


async def by_worker(process: Process, book: Book) -> None:
    await process.use_cases.reconciliation().run()()


async def go_on(process: Process, book: Book) -> int:
    """Do what was asked for, once the lease of whoever took it has run out."""
    return int(await process.use_cases.reconciliation().run()() is not None)


async def ended_once(world: World, book: Book, injected: Injected | None) -> None:
    """What is settled, posted, found and credited is the same, whichever worker ended the run."""
    del injected
    after = await _balances(world)
    moved = {account: paise - book.before.get(account, 0) for account, paise in after.items()}
    assert {account: paise for account, paise in moved.items() if paise} == {
        "bank": PAID + PAID_TWICE,
        "suspense": STILL_WRONG - PRICE,
        "disputed": PRICE,
        "receivable": -4 * PRICE,
    }
    assert dict(await world.rows(JOURNALS, book.posted_before)) == POSTED
    found = await world.rows(FOUND, [book.settlement, book.other])
    still = {cause: (each, times) for each, cause, state, times in found if state == "open"}
    assert {cause: times for cause, (_, times) in still.items()} == {
        Cause.CHARGEBACK: 1,
        Cause.CHARGED_TWICE: 1,
        Cause.GROSS_DIFFERS: 2,
    }
    # A worker that took over found the books healed: then there was nothing to be found.
    healed = {(cause, state) for _, cause, state, _ in found if state != "open"}
    assert healed - {(Cause.SETTLED_BUT_NOT_SOLD_HERE, DiscrepancyState.HEALED)} == {
        (Cause.DUPLICATE_LINE, DiscrepancyState.EXPLAINED)
    }
    assert await world.rows(ENDED, book.run) == [(RunState.COMPLETE, 1)]
    payments = [payment_id(each) for each in book.numbers]
    settled = [(book.file(1), place) for place in (1, 2, 3)]
    assert await world.rows(SETTLED, payments[:3]) == settled
    assert await world.rows(DISPUTES, payments[0]) == [("dispute.told",)]
    credited = await world.rows(CREDITED, [book.settlement, book.other])
    assert credited == [(PAID, 0), (PAID_TWICE, 0)]
    await _end(world, {cause: DiscrepancyId(each) for cause, (each, _) in still.items()})


async def _end(world: World, discrepancies: Mapping[str, DiscrepancyId]) -> None:
    """End what stays open: later runs would read it again. Whoever decides alone is counted by day."""
    trial = Trial(_storage(world), clock=MovedClock(world.clock.now()), limits=ALONE)
    await trial.write_off(discrepancies[Cause.GROSS_DIFFERS])
    twice, lost = discrepancies[Cause.CHARGED_TWICE], discrepancies[Cause.CHARGEBACK]
    await trial.decide(twice, ResolutionAction.ACCEPT_BANK, account=Account.UNAPPLIED)
    proposed = await trial.decide(lost, ResolutionAction.RECORD_LOST)
    command = DecideResolutionCommand(versions={lost: proposed.discrepancy.version}, origin=NOOR)
    (outcome,) = await world.calm.use_cases.discrepancies().decide_resolution().approve(command)
    assert outcome.refusal is None
    world.clock.forward(timedelta(days=1))


READ: Final = "gateway.read_order"
FIRST_PASS: Final = [
    *["long read settlement_line"] * 3,
    *["long write compared_line"] * 2,
    *("long read nothing", "long read nothing", "long write told_again", "long read nothing"),
    *("long write judged", "long read nothing", "long read left_line", "long read payment"),
]
"""One transaction, which writes nothing that outlives it: all but one of its moments are tried with all tries."""

COMPARED: Final = [
    "read discrepancy",
    *("read settlement", "read settlement", "read unnest"),
    *FIRST_PASS,
    *("read shulk_settled_in", "read unnest", "read refund", "read shulk_settled_in"),
    *("read settlement_file", "read settlement", "read report_answer", "read settlement_line"),
    *("read settlement", "read bank_entry"),
]
CONCLUDED: Final = (
    "apply journal, entry, settlement, expectation, expectations11, settlement_credit, credits17, bank_entry, "
    "discrepancy, discrepancies23, payment, decision_basis, audit_log, webhook_delivery, reconciliation"
)
"""One write: what was posted without the run's end would be posted again by the next worker."""

FLOW: Final = Flow(
    prepare=reported_again,
    act=by_worker,
    go_on=go_on,
    check=ended_once,
    pause=LEASE + timedelta(minutes=1),
    spared=("read ", *(each for each in FIRST_PASS if each != "long write judged")),
)
HEALED: Final = (
    "apply payment, decision_basis, question, journal, entry, expectation, enrolment, outbox,"
    " audit_log, webhook_delivery"
)
RELEASED: Final = "apply settlement_line, settlement, released0, discrepancy, discrepancies3, journal, entry, audit_log"
"""A released line counts, and stands in suspense, by one write of its own."""

MOMENTS: Final = [
    *("claim reconciliation", "read resolution"),
    *("read settlement", "read resolution", "read discrepancy", "read unnest", RELEASED),
    *COMPARED,
    *("read payment", READ, "read payment", HEALED),
    *("read payment", READ, "read payment"),
    *COMPARED,
    *("read discrepancy", "read discrepancy", "read settlement_credit", "read bank_entry"),
    *("read discrepancy", "read payment", "read resolution", CONCLUDED),
]


class Office(World):
    """A world whose students are told nothing: what waits there for the worker is no part of a run."""

    __slots__ = ()

    async def in_order(self) -> None:
        await check_books(self.watcher)


@pytest_asyncio.fixture
async def office(enumeration_url: str, pytestconfig: pytest.Config) -> AsyncIterator[Office]:
    await empty(enumeration_url)
    all_tries = pytestconfig.getoption(ALL_TRIES)
    async with Office.around(enumeration_url, all_tries=all_tries) as office:
        yield office


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the bank as fast as it answers."""
    monkeypatch.setattr(heal_books, "READ_INTERVAL", timedelta())


async def test_a_run_is_concluded_by_one_write(office: Office) -> None:
    """
    All is read and healed before; whatever fails until then leaves the books as they were.
    """
    assert await undisturbed(FLOW, office) == MOMENTS


@pytest.mark.parametrize("fault", Fault)
async def test_whatever_fails_at_whatever_moment_a_run_posts_once(
    office: Office, fault: Fault
) -> None:
    """
    A match, a difference, a sale without a webhook, a released line, a chargeback, a re-issue, credits: one end.
    """
    injected = await enumerated(FLOW, office, fault)

    assert injected == met_by(fault, MOMENTS, office, spared=FLOW.spared)
