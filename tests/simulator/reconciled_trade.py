"""
Trade of some days at the simulated bank, reconciled every night with what was sold, in this process alone.

Orders and refunds stand in the simulator's own books; its reports and statements are read by the readers of the
service, from the API or as CSV, and compared by the service's rules. Nothing here knows what the faults do.
"""

import hashlib
import io
import random
import string
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

import httpx

from adapters.hdfc.settlement.reports import HdfcReports
from adapters.settlement_files.presets import Presets
from adapters.settlement_files.reader import PresetFileReader
from adapters.settlement_files.statement_reader import PresetStatementReader
from domain.identifiers import PaymentId
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.bank_credits import CreditsOutcome, match_credits
from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.discrepancy import Discrepancy, Judged, follow_up
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.evidence import Agreement, Evidence
from domain.reconciliation.fee_contract import CARD_EXEMPT_UP_TO_PAISE, FeeContract, FeeRate
from domain.reconciliation.finding import DiscrepancyKey, Finding
from domain.reconciliation.outcome import Outcome
from domain.reconciliation.partition import partition_faults
from domain.reconciliation.payout import (
    AccountCredit,
    CreditOutcome,
    CreditRules,
    PayoutOutcome,
    payouts_of,
)
from domain.reconciliation.reconcile import reconcile
from domain.reconciliation.reported import DeclaredTotal, ReportedLine, UnreadableRow
from domain.reconciliation.settlement_terms import SettlementTerm, SettlementTerms
from domain.reconciliation.taxonomy import Action
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_warning import RejectedRow
from entrypoints.simulator.faults.fault_schedule import AnyFault, FaultRates, FaultSchedule
from entrypoints.simulator.faults.settlement_faults import FILE_OUTCOMES, SettlementFault
from entrypoints.simulator.faults.settlement_faults import Discrepancy as TrueDiscrepancy
from entrypoints.simulator.orders.disputes import UNDECIDED, DisputeStatus
from entrypoints.simulator.orders.instruments import DEFAULT_INSTRUMENTS, Method
from entrypoints.simulator.orders.order import Order, Status
from entrypoints.simulator.orders.order_book import OrderBook
from entrypoints.simulator.orders.refunds import Refund, RefundStatus
from entrypoints.simulator.orders.session_request import SessionRequest
from entrypoints.simulator.refund_script import RefundScript
from entrypoints.simulator.settlement.bank_calendar import ist_instant
from entrypoints.simulator.settlement.fee_contract import FeeHeads
from entrypoints.simulator.settlement.published import Publisher, ReportQuery
from entrypoints.simulator.settlement.reports import Rail, ReportFormat
from entrypoints.simulator.settlement.settlement_config import SettlementConfig
from entrypoints.simulator.settlement.settlement_terms import SettlementTerms as BankTerms
from entrypoints.simulator.settlement.settlements import SettlementBook
from entrypoints.simulator.settlement.statement import StatementFormat, statement_of
from entrypoints.simulator.settlement.truth import to_find
from ports.settlements.settlement_file_reader import SettlementFileRefused
from ports.settlements.settlement_source import NothingSettled, ReportsReady, ReportUnavailable

Kind = SettlementFault
MERCHANT: Final = "SIMMERCHANT"
NO_WORD_IN_CSV: Final = {Kind.LINE_HOLD}
"""A hold stands in a free column of the CSV reports, which no preset reads."""

READER: Final = PresetFileReader(Presets.shipped())
STATEMENTS: Final = PresetStatementReader(Presets.shipped())
CODES: Final = SettlementConfig().codes
MIDS: Final = {method: each.mid for method, each in CODES.items()}
NARRATIONS: Final = {each.narration_code: each.mid for each in CODES.values()}
STATEMENT_ENDINGS: Final = {
    StatementFormat.CSV: "csv",
    StatementFormat.MT940: "mt940",
    StatementFormat.CAMT053: "xml",
}
ID_CHARS: Final = string.ascii_uppercase + "234567"
TRADE_DAYS: Final = 4
EVENINGS: Final = 11
TAKEN: Final = {
    CreditOutcome.MATCHED,
    CreditOutcome.MATCHED_WITH_ROUNDING,
    CreditOutcome.DIFFERS,
}
PLACED: Final = {PayoutOutcome.CREDITED, PayoutOutcome.DIFFERS}

Told = tuple[str, str, str, str, str, int]
"""A discrepancy: type, cause, subject, ref, settlement, difference; without names that only one side has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """A report as it was read; *whole* means that it was not held."""

    name: str
    version: int
    whole: bool
    lines: tuple[ReportedLine, ...]
    rejected: tuple[UnreadableRow, ...]
    declared: tuple[DeclaredTotal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What was found and what was to be found at the end of *day*, before and after orders were read."""

    day: date
    found: Counter[Told]
    to_find: Counter[Told]
    found_after_reads: Counter[Told]
    to_find_after_reads: Counter[Told]
    faults: tuple[str, ...]
    is_followed: bool
    digest: bytes


@dataclass(slots=True)
class ReconciledTrade:
    """The whole of one seed: the bank, the merchant's books, and the nights."""

    seed: int
    chance: random.Random = field(init=False)
    form: ReportFormat = field(init=False)
    statement_form: StatementFormat = field(init=False)
    book: SettlementBook = field(init=False)
    agreement: Agreement = field(init=False)
    publisher: Publisher = field(init=False)
    healed: set[str] = field(default_factory=set)
    files: dict[tuple[date, str], ReadFile] = field(default_factory=dict)
    complete: dict[str, set[date]] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    known: dict[DiscrepancyKey, Discrepancy] = field(default_factory=dict)
    reached: set[SettlementFault] = field(default_factory=set)
    first: date = field(init=False)
    _asked: dict[tuple[date, str], int] = field(default_factory=dict)
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        chance = self.chance = random.Random(self.seed)  # noqa: S311 - trade, no secrets
        self.form = ReportFormat.CSV if chance.random() < 0.4 else ReportFormat.JSON
        self.statement_form = chance.choice(list(StatementFormat))
        self.first = date(2026, 11, 2) + timedelta(days=chance.randrange(28))
        holidays = frozenset(
            self.first + timedelta(days=chance.randrange(8)) for _ in range(chance.randrange(3))
        )
        config = SettlementConfig(
            holidays=holidays,
            after_working_days=chance.choice([1, 1, 1, 2]),
            fee_heads=chance.choice(list(FeeHeads)),
            page_lines=chance.choice([2, 1000, 1000]) if self.form is ReportFormat.JSON else 1000,
        )
        terms = BankTerms.of(config)
        has_reserve = self.form is ReportFormat.JSON and chance.random() < 0.15
        if has_reserve:
            terms.reserve_percent, terms.reserve_days = Decimal(5), chance.randrange(1, 6)
        schedule = FaultSchedule(FaultRates(seed=self.seed, rates=self._rates()))
        self.book = SettlementBook(config, terms, OrderBook(), schedule)
        self.publisher = Publisher(
            book=self.book,
            codes=config.codes,
            merchant_id=MERCHANT,
            merchant_name="Sim Merchant",
            page_lines=config.page_lines,
        )
        calendar = BankCalendar(version="trade", holidays=holidays)
        self.agreement = Agreement(
            terms=SettlementTerms(
                calendar=calendar,
                terms={(None, None): SettlementTerm(working_days=config.after_working_days)},
            ),
            fees=FeeContract(
                [
                    FeeRate(method="UPI", rate=0),
                    FeeRate(method="NB", rate=0),
                    FeeRate(method="CARD", rate=180, exempt_up_to_paise=CARD_EXEMPT_UP_TO_PAISE),
                ]
            ),
            mids=frozenset(MIDS.values()),
            reserve_mids=frozenset(MIDS.values()) if has_reserve else frozenset(),
            merchant_codes=NARRATIONS,
        )
        self.complete = {mid: set() for mid in MIDS.values()}

    def _rates(self) -> dict[AnyFault, float]:
        kinds = [
            kind for kind in Kind if self.form is ReportFormat.JSON or kind not in NO_WORD_IN_CSV
        ]
        return {
            kind: self.chance.choice([0.1, 0.3])
            for kind in kinds
            if self.chance.random() < (0.2 if kind in FILE_OUTCOMES else 0.35)
        }

    async def nights(self) -> AsyncIterator[Night]:
        """Trade on the first days, and reconcile every night."""
        async with _reports(self) as reports:
            for number in range(EVENINGS):
                day = self.first + timedelta(days=number)
                if number < TRADE_DAYS:
                    self._trade(day)
                self._decide_disputes(day)
                self.book.run(day)
                await self._read(day, reports)
                yield self._reconcile(day)
        injected = self.book.schedule.injected
        self.reached |= {kind for kind in Kind if injected[kind]}
        for settlement in self.book.settlements:
            self.reached |= self.book.file_faults(settlement.settled_on)

    def _trade(self, day: date) -> None:
        methods = [m for m in Method if self.form is ReportFormat.JSON or m is not Method.NB]
        for _ in range(self.chance.randrange(6)):
            self._sell(day, self.chance.choice([*methods, *methods[:2]]))
        for order in list(self.book.orders):
            if self.chance.random() < 0.3 and not self._is_unsold(order):
                self._refund(day, order)

    def _sell(self, day: date, method: Method) -> None:
        name = "SK" + "".join(self.chance.choices(ID_CHARS, k=18))
        amount = Decimal(self.chance.randrange(500_00, 30_000_00)) / 100
        at = self._at(day)
        request = SessionRequest(
            order_id=name,
            amount=amount,
            amount_as_sent=str(amount),
            client_id="hdfcmaster",
            action="paymentPage",
            return_url="",
            webhook_url=None,
            lifetime=timedelta(minutes=15),
            methods=frozenset(Method),
            texts={},
        )
        order = Order(
            request=request, created_at=at, expires_at=at + timedelta(minutes=15), id=f"o{name}"
        )
        attempt = order.begin(DEFAULT_INSTRUMENTS[method], MERCHANT, at)
        order.end(attempt, Status.CHARGED, at)
        self.book.orders.add(order)

    def _refund(self, day: date, order: Order) -> None:
        at = max(self._at(day), order.created_at + timedelta(minutes=1))
        left = int(order.refundable * 100)
        if left < 2_00:
            return
        paise = left if self.chance.random() < 0.3 else self.chance.randrange(1_00, left)
        refund = Refund(
            unique_request_id="RF" + "".join(self.chance.choices(ID_CHARS, k=18)),
            amount=Decimal(paise) / 100,
            created_at=at,
            script=RefundScript(),
        )
        order.refunds.append(refund)
        refund.decide(RefundStatus.SUCCESS, at)

    def _decide_disputes(self, day: date) -> None:
        for order in self.book.orders:
            for dispute in order.disputes:
                at = ist_instant(day, time(18))
                if dispute.status in UNDECIDED and at > dispute.created_at:
                    won = self.chance.random() < 0.5
                    dispute.move(
                        DisputeStatus.RESOLVED_IN_MERCHANT_FAVOUR
                        if won
                        else DisputeStatus.RESOLVED_IN_CUSTOMER_FAVOUR,
                        at,
                    )

    def _at(self, day: date) -> datetime:
        return ist_instant(day, time(0)) + timedelta(seconds=self.chance.randrange(86_000))

    def _is_unsold(self, order: Order) -> bool:
        name = order.request.order_id
        return (
            self.book.schedule.draws(Kind.LINE_UNSOLD, name, "payment") and name not in self.healed
        )

    def _books(self) -> list[BookEntry]:
        found = []
        for order in self.book.orders:
            attempt = order.attempts[-1]
            method = attempt.instrument.method
            name = PaymentId(order.request.order_id)
            at = attempt.ended_at or order.created_at
            entry = BookEntry(
                id=name,
                payment_id=name,
                amount_paise=int(order.request.amount * 100),
                at=at,
                state=State.PENDING if self._is_unsold(order) else State.SUCCESS,
                due_on=self.agreement.terms.due_on(at, MIDS[method], method),
                mid=MIDS[method],
                method=method,
                rrn=attempt.rrn,
            )
            found.append(entry)
            found += [self._refund_entry(entry, each) for each in order.refunds]
        return found

    def _refund_entry(self, payment: BookEntry, refund: Refund) -> BookEntry:
        at = refund.ended_at or refund.created_at
        return replace(
            payment,
            id=refund.unique_request_id,
            amount_paise=int(refund.amount * 100),
            at=at,
            state=RefundState.SUCCESS,
            due_on=self.agreement.terms.due_on(at, payment.mid, payment.method),
            rrn=refund.ref,
            arn=refund.arn,
        )

    async def _read(self, evening: date, reports: HdfcReports) -> None:
        """Fetch what is not there yet, and what was corrected."""
        for number in range((evening - self.first).days + 1):
            day = self.first + timedelta(days=number)
            version = max((each.version for each in self.book.of(day)), default=0)
            rails: list[Rail | None] = [None] if self.form is ReportFormat.JSON else [*Rail]
            for rail in rails:
                if self._asked.get((day, rail or "")) == version and version:
                    continue
                self._asked[day, rail or ""] = version
                mids = [MIDS[Method(rail.upper())]] if rail else list(MIDS.values())
                if rail is None:
                    told = await _downloaded(reports, day)
                else:
                    told = self._csv(ReportQuery(day=day, form=ReportFormat.CSV, rail=rail))
                if told is None:
                    continue
                if not told:
                    for mid in mids:
                        self.complete[mid].add(day)
                    continue
                self._digest.update(told)
                self._take((day, rail or ""), told, version, mids)

    def _csv(self, query: ReportQuery) -> bytes | None:
        """Return the report, empty without one; None when a page of it comes twice."""
        if not self.publisher.settlements(query):
            return b""
        body, page = self.publisher.page(query)
        return None if page.pages > 1 else body

    def _take(self, place: tuple[date, str], told: bytes, version: int, mids: list[str]) -> None:
        name = hashlib.sha256(told).hexdigest()
        ending = "csv" if place[1] else "json"
        lines: list[ReportedLine] = []
        rejected: list[UnreadableRow] = []
        try:
            with READER.read(io.BytesIO(told), f"report.{ending}") as reading:
                for item in reading.items():
                    if isinstance(item, KeyedLine):
                        lines.append(ReportedLine(file=name, line=item.line))
                    elif isinstance(item, RejectedRow):
                        rejected.append(
                            UnreadableRow(file=name, line_no=item.line_no, reason=item.reason)
                        )
                summary = reading.summary()
        except SettlementFileRefused:
            return
        whole, before = not summary.held_for, self.files.get(place)
        if before is not None and before.whole and not whole:
            return
        if before is not None:
            self.replaced.add(before.name)
        self.files[place] = ReadFile(
            name=name,
            version=version,
            whole=whole,
            lines=tuple(lines),
            rejected=tuple(rejected),
            declared=tuple(
                DeclaredTotal(
                    file=name,
                    settlement=each.settlement_id,
                    net_paise=each.net.paise,
                    lines=each.lines,
                )
                for each in {e.settlement_id: e for e in summary.declared}.values()
                if each.net is not None
            ),
        )
        if whole:
            for mid in mids:
                self.complete[mid].add(place[0])

    def _complete_until(self) -> dict[str, date]:
        """Return the last day of each MID up to which every report was whole."""
        found = {}
        for mid, days in self.complete.items():
            day = self.first
            while day in days:
                found[mid] = day
                day += timedelta(days=1)
        return found

    def _reconcile(self, day: date) -> Night:
        truth = to_find(self.book, day, self.form)
        due = [each for each in truth if not each.heals or each.discrepancy.ref not in self.healed]
        outcome, credits_ = self._compare(day)
        findings = [*outcome.findings, *credits_.findings]
        found = self._told(findings)
        healing = {f.ref for f in findings if f.action is Action.HEAL_BY_STATUS_READ}
        faults = self._faults(day, outcome)
        self._follow(day, findings, outcome, credits_)
        for key, each in self.known.items():
            if each.state.is_open and key.ref in healing:
                self.known[key] = replace(each, state=DiscrepancyState.HEALED)
        self.healed |= healing
        outcome, credits_ = self._compare(day)
        findings = [*outcome.findings, *credits_.findings]
        self._follow(day, findings, outcome, credits_)
        open_now = {key for key, each in self.known.items() if each.state.is_open}
        self._digest.update(outcome.canonical())
        return Night(
            day=day,
            found=found,
            to_find=_expected([each.discrepancy for each in due]),
            found_after_reads=self._told(findings),
            to_find_after_reads=_expected([e.discrepancy for e in truth if not e.heals]),
            faults=(*faults, *self._faults(day, outcome)),
            is_followed=open_now == {each.key for each in findings if not each.is_explained},
            digest=self._digest.digest(),
        )

    def _evidence(self, day: date) -> Evidence:
        files = list(self.files.values())
        return Evidence(
            as_of=ist_instant(day + timedelta(days=1), time(2)),
            books=self._books(),
            lines=[line for each in files for line in each.lines],
            rejected=[row for each in files for row in each.rejected],
            declared=[total for each in files for total in each.declared],
            complete_until=self._complete_until(),
        )

    def _compare(self, day: date) -> tuple[Outcome, CreditsOutcome]:
        outcome = reconcile(self._evidence(day), self.agreement)
        payouts = payouts_of(
            line
            for each in self.files.values()
            if each.whole
            for line in each.lines
            if line.ref not in outcome.uncounted
        )
        config = self.book.config
        statement = statement_of(
            self.book.payouts,
            account=config.account,
            opening=config.opening_paise,
            first=self.first,
            last=day,
        ).written(self.statement_form)
        self._digest.update(statement)
        name = f"statement.{STATEMENT_ENDINGS[self.statement_form]}"
        report = STATEMENTS.read(io.BytesIO(statement), name)
        assert not report.is_held, report.rejected
        rules = CreditRules(
            terms=self.agreement.terms,
            today=day + timedelta(days=1),
            mids=NARRATIONS,
            statement_until=day,
        )
        entries = [entry for each in report.statements for entry in each.entries]
        return outcome, match_credits(
            payouts, [AccountCredit.of(config.account, each) for each in entries], rules
        )

    def _faults(self, day: date, outcome: Outcome) -> tuple[str, ...]:
        return partition_faults(self._evidence(day), outcome)

    def _follow(
        self, day: date, findings: list[Finding], outcome: Outcome, credits_: CreditsOutcome
    ) -> None:
        closed = [entry for each in findings for entry in each.closed]
        judged = Judged(
            lines=frozenset(
                [
                    *(match.line.ref for match in outcome.matches),
                    *outcome.silent,
                    *(ref for each in findings for ref in each.lines),
                    *(
                        ref
                        for each in self.known.values()
                        for ref in each.finding.lines
                        if ref.file in self.replaced
                    ),
                ]
            ),
            entries=frozenset([*(match.entry.id for match in outcome.matches), *closed])
            | {entry for each in findings for entry in each.entries},
            bank_entries=frozenset(
                entry for entry, what in credits_.credits.items() if what in TAKEN
            ),
            settlements=frozenset(
                [
                    *(name for name, what in credits_.payouts.items() if what in PLACED),
                    *self._told_anew(),
                ]
            ),
            files=frozenset(self.replaced),
        )
        for each in follow_up(
            self.known,
            findings,
            judged,
            at=ist_instant(day + timedelta(days=1), time(2)),
            calendar=self.agreement.terms.calendar,
            by=f"run of {day}",
        ):
            self.known[each.key] = each

    def _told_anew(self) -> set[str]:
        """Return the settlements of whole reports that replaced another one."""
        return {
            line.settlement
            for each in self.files.values()
            if each.whole and each.version > 1
            for line in each.lines
        }

    def _told(self, findings: list[Finding]) -> Counter[Told]:
        files = {each.name for each in self.files.values()}
        return Counter(
            (
                each.type.value,
                each.cause.value,
                each.subject.value,
                _plain(each.ref, files, is_credit=each.subject == "bank_credit"),
                "" if each.settlement in files else each.settlement,
                each.difference_paise,
            )
            for each in findings
        )


def _plain(ref: str, files: set[str], *, is_credit: bool) -> str:
    """Return *ref* without what only the reader can name: a file, a row of it, the key of a bank entry."""
    if ref in files or ref.startswith("line "):
        return ""
    return ref.partition("/")[0] if is_credit else ref


def _expected(found: list[TrueDiscrepancy]) -> Counter[Told]:
    return Counter(
        (each.type, each.cause, each.subject, each.ref, each.settlement, each.difference)
        for each in found
    )


@asynccontextmanager
async def _reports(trade: ReconciledTrade) -> AsyncIterator[HdfcReports]:
    def answer(request: httpx.Request) -> httpx.Response:
        query = ReportQuery(
            day=date.fromisoformat(request.url.params["date"]), page=int(request.url.params["page"])
        )
        if not trade.publisher.settlements(query):
            return httpx.Response(204, stream=httpx.ByteStream(b""))
        return httpx.Response(200, stream=httpx.ByteStream(trade.publisher.page(query)[0]))

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        yield HdfcReports(
            client, "https://bank.example.com", dict, lambda: ist_instant(trade.first, time())
        )


async def _downloaded(reports: HdfcReports, day: date) -> bytes | None:
    """Return the report of the bank's API, empty when nothing was settled, None when it cannot be read."""
    answer = await reports.reports_of(day)
    if isinstance(answer, ReportsReady):
        try:
            async with reports.open(answer.reports[0]) as chunks:
                return b"".join([chunk async for chunk in chunks])
        except ReportUnavailable:
            return None
    return b"" if isinstance(answer, NothingSettled) else None
