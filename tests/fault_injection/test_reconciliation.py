"""A run dies, or loses an answer, at every single moment: what it comes to is the same, and is posted once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import pytest
import pytest_asyncio

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
from domain.identifiers import PaymentId
from domain.money import Money
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.run import RunId, RunTrigger
from domain.reconciliation.run_state import RunState
from domain.reconciliation.taxonomy import Cause
from domain.settlements.reissue import ReportedAgain
from domain.settlements.settlement_line import SettlementLine
from fakes.clock import NOON
from fakes.samples import ASHA, a_course, a_payment, payment_id
from fault_injection.enumeration import Flow, Injected, enumerated, met_by, undisturbed
from fault_injection.interactions import Fault
from fault_injection.world import Process, World
from ports.file_store import FileHash
from ports.payments.payment_gateway import NewOrder
from ports.settlements.settlement_files import FileContent
from worlds.postgres import BY_STAFF

FIRST_WRONG, STILL_WRONG = 9_00, 7_00
PAID: Final = 3 * PRICE - STILL_WRONG
JOURNALS: Final = "SELECT kind, count(*) FROM journal WHERE id > $1 GROUP BY kind"
POSTED: Final = {"capture": 3, "settlement": 2, "difference": 2, "reversal": 2, "bank_credit": 1}
FOUND: Final = "SELECT id, cause, state, times_found FROM discrepancy WHERE settlement = $1"
ENDED: Final = (
    "SELECT state, (SELECT count(*) FROM audit_log WHERE subject = r.id AND action = 'reconciliation.ended')"
    " FROM reconciliation r WHERE id = $1"
)
SETTLED: Final = "SELECT settled_file, settled_line FROM expectation WHERE payment_id = ANY($1) ORDER BY settled_line"
CREDITED: Final = (
    "SELECT c.amount_paise, (SELECT count(*) FROM bank_entry WHERE closed_at IS NULL)"
    " FROM settlement_credit c WHERE settlement = $1"
)


@dataclass(slots=True, kw_only=True)
class Book:
    """
    Three sales of one settlement: one agrees, one is told with another amount, of one no webhook came.

    *run* compares the re-issue of a report that was posted, and the credit that pays it. *before* are the
    balances, *posted_before* is the last journal, of what was there before all this.
    """

    number: int
    before: dict[str, int]
    posted_before: int
    run: RunId | None = None

    @property
    def settlement(self) -> str:
        return f"SET{self.number:04d}"

    @property
    def utr(self) -> str:
        return f"UTR{self.number:012d}"

    @property
    def numbers(self) -> range:
        """The numbers of its three sales."""
        return range(3 * self.number, 3 * self.number + 3)

    def file(self, issue: int) -> FileHash:
        return FileHash(f"{2 * self.number + issue:064x}")

    def line(self, place: int, paise: int = PRICE) -> SettlementLine:
        """Return what the bank tells of the sale at *place*, the first being 0."""
        known = line(self.numbers[place], paise)
        return replace(known, line_no=place + 1, settlement_id=self.settlement, utr=self.utr)


def _storage(world: World) -> PostgresStorage:
    return PostgresStorage.on(world.calm.container.storage.database())


async def _balances(world: World) -> dict[str, int]:
    rows = await world.rows("SELECT account, sum(amount_paise)::bigint FROM entry GROUP BY account")
    return dict(rows)


async def reported_again(world: World) -> Book:
    """Two sales are known here and settled with one amount wrong; a re-issue and the credit have come since."""
    storage = _storage(world)
    world.clock.at = max(world.clock.at, NOON + timedelta(days=2))
    [(number,)] = await world.rows("SELECT 1 + count(*) FROM bank_statement")
    [(last,)] = await world.rows("SELECT coalesce(max(id), 0) FROM journal")
    before = await _balances(world)
    book = Book(number=number, before=before, posted_before=last)
    for each in book.numbers:
        await add(storage, a_payment(each, course=a_course(f"course-{each}")))
        await _charged_at_the_bank(world, payment_id(each))
    agreed, differs, _unheard = map(payment_id, book.numbers)
    for payment in (agreed, differs):
        apply = world.calm.use_cases.order_status().apply_order_status()
        await apply(world.bank.orders[payment].answer, BY_STAFF)
    first = (book.line(0), book.line(1, PRICE - FIRST_WRONG))
    await bring(storage, book.file(0), *first, content=_content(2))
    await _ask(world)
    assert await world.calm.use_cases.reconciliation().run()()
    again = (book.line(0), book.line(1, PRICE - STILL_WRONG), book.line(2))
    await bring(storage, book.file(1), *again, content=_content(3), reported=ReportedAgain.REISSUE)
    entry = replace(payout(number, PAID), reference=book.utr, narrated=None)
    begins_at, ends_at = Money((number - 1) * PAID), Money(number * PAID)
    statement = replace(
        statements.a_statement(entry, place=number, sequence=number),
        opening=begins_at, closing=ends_at, begins_at=begins_at, ends_at=ends_at,
    )  # fmt: skip
    await statements.bring(storage, statement, entry)
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
        "bank": PAID,
        "suspense": STILL_WRONG,
        "receivable": -3 * PRICE,
    }
    assert dict(await world.rows(JOURNALS, book.posted_before)) == POSTED
    found = await world.rows(FOUND, book.settlement)
    [(discrepancy, times)] = [(each, times) for each, _, state, times in found if state == "open"]
    assert times == 2
    # A worker that took over found the books healed: then there was nothing to be found.
    healed = {(cause, state) for _, cause, state, _ in found if state != "open"}
    assert healed <= {(Cause.SETTLED_BUT_NOT_SOLD_HERE, DiscrepancyState.HEALED)}
    assert await world.rows(ENDED, book.run) == [(RunState.COMPLETE, 1)]
    payments = [payment_id(each) for each in book.numbers]
    assert await world.rows(SETTLED, payments) == [(book.file(1), place) for place in (1, 2, 3)]
    assert await world.rows(CREDITED, book.settlement) == [(PAID, 0)]
    # What stays open would be read again by every later run. Whoever decides alone is counted by day.
    trial = Trial(_storage(world), clock=MovedClock(world.clock.now()))
    await trial.write_off(discrepancy)
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
    *("read payment", "read unnest", "read refund", "read payment"),
    *("read settlement_file", "read settlement", "read report_answer", "read settlement_line"),
    *("read settlement", "read bank_entry"),
]
CONCLUDED: Final = (
    "apply journal, entry, settlement, expectation, expectations9, settlement_credit, credits13, bank_entry, "
    "discrepancy, discrepancies17, reconciliation, audit_log"
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
HEALED: Final = "apply payment, question, journal, entry, expectation, enrolment, outbox, audit_log, webhook_delivery"
MOMENTS: Final = [
    *("claim reconciliation", "read resolution"),
    *COMPARED,
    *("read payment", READ, "read payment", HEALED),
    *("read payment", READ, "read payment"),
    *COMPARED,
    *("read discrepancy", "read discrepancy", "read settlement_credit", "read bank_entry"),
    *("read discrepancy", "read resolution", CONCLUDED),
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
    A match, a difference, a sale without a webhook, a re-issue and a credit: the books end the same.
    """
    injected = await enumerated(FLOW, office, fault)

    assert injected == met_by(fault, MOMENTS, office, spared=FLOW.spared)
