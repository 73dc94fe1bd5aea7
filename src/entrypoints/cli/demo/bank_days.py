"""Three days of trade at the stand-in bank, its reports and statement, and what a reconciliation finds in them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any, Final

import httpx
from dependency_injector import providers

from application.discrepancies.resolve_discrepancies import ResolveDiscrepanciesCommand
from domain.business_day import IST, business_day_of
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import ResolutionAction
from domain.reconciliation.run import Run, RunTrigger
from domain.reconciliation.taxonomy import Cause, DiscrepancyType
from domain.staff.staff_member import StaffId
from entrypoints.cli.demo.announcement import token_for
from entrypoints.cli.demo.clients import Payer, StudentClient, expected
from entrypoints.cli.demo.seeds import STAFF, STUDENTS
from entrypoints.cli.demo.stack import Stack
from entrypoints.operations.run_in_container import BY_COMMAND
from entrypoints.wiring.container import Shulk, build, close
from ports.ledger.ledger_queries import AccountBalance
from ports.reconciliation.discrepancy_queries import NO_FILTER, DiscrepancyOrder

DAYS: Final = 3
OPEN_AT: Final = time(11)
NIGHT: Final = time(2, 30)
SHOWN_MAX: Final = 200
WRONG_PAISE: Final = 10_00
FINANCE: Final = next(each for each in STAFF if "finance" in each.roles)


@dataclass(frozen=True, slots=True)
class NightClock:
    """Tells the night in which the reconciliation of the demo is done: its bank is some days ahead."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class BankControl:
    """The control API of the stand-in bank."""

    http: httpx.AsyncClient
    simulator: str

    async def post(self, path: str, **body: object) -> Any:
        answer = await self.http.post(f"{self.simulator}/_control/{path}", json=body)
        return expected(answer, HTTPStatus.OK).json()

    async def open_next_day(self) -> date:
        """Turn the bank's time to the next working day, an hour after its reports are there."""
        shown = await self.http.get(f"{self.simulator}/_control/clock")
        day = date.fromisoformat(expected(shown, HTTPStatus.OK).json()["next_working_day"])
        await self.post("clock", now=datetime.combine(day, OPEN_AT, IST).isoformat())
        return day

    async def statement(self, first: date, last: date) -> bytes:
        answer = await self.http.get(
            f"{self.simulator}/_control/statement",
            params={"from": first.isoformat(), "to": last.isoformat(), "format": "csv"},
        )
        return expected(answer, HTTPStatus.OK).content


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciledDays:
    """What the run came to, and the discrepancies as they stand after one was resolved."""

    run: Run
    discrepancies: Sequence[Discrepancy]
    through: date
    """The night of the run: so far the bank is ahead."""

    @property
    def problem(self) -> str | None:
        """Say what was not found that should be there, if anything."""
        found = {each.finding.type for each in self.discrepancies}
        states = {each.state for each in self.discrepancies}
        if missing := set(DiscrepancyType) - found:
            return f"no discrepancy {', '.join(sorted(missing))}"
        if missing_states := {DiscrepancyState.HEALED, DiscrepancyState.RESOLVED} - states:
            return f"none is {', '.join(sorted(missing_states))}"
        return None if self.run.summary and self.run.summary.matched else "nothing matched"

    def as_json(self, balances: Sequence[AccountBalance]) -> dict[str, object]:
        summary = self.run.summary
        if summary is None:
            return {"problem": f"the run is {self.run.state}"}
        suspense = [each.balance.plain() for each in balances if each.account == "suspense"]
        return {
            "matched": summary.matched,
            "expected": summary.expected,
            "discrepancies": dict(
                sorted(Counter(e.finding.cause for e in self.discrepancies).items())
            ),
            "healed": [e.finding.cause for e in self.discrepancies if e.state == "healed"],
            "resolved": [e.finding.cause for e in self.discrepancies if e.state == "resolved"],
            "net": _rupees(summary.net_paise),
            "credited": _rupees(summary.credited_paise),
            "suspense": suspense[0] if suspense else "0.00",
            **({"problem": self.problem} if self.problem else {}),
        }


async def reconcile_days(stack: Stack, orders: Mapping[str, str]) -> ReconciledDays:
    """
    Let the bank settle the trips, whose *orders* are known by name, and two more days of trade; reconcile it all.

    One thing goes wrong of each type: a payment is missing, one has another amount, a refund was made at the bank
    alone, one is disputed. The refund heals; the amount is written off.
    """
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=30) as http:  # noqa: S501 - plain HTTP on loopback
        bank = BankControl(http, stack.simulator)
        first = business_day_of(datetime.now(UTC))
        # Whatever happens at the bank now, students' returns tell of it, or nobody does.
        await bank.post("faults", rates={"webhook_drop": 1})
        await _refund_at_the_bank(bank, orders["over-refund refused"])
        await bank.post("chargebacks", order_id=orders["webhook never came"], webhooks=False)
        days = [await bank.open_next_day()]
        await bank.post("settlements/run", date=days[0].isoformat())
        await _report_wrongly(bank, days[0], orders)
        for student, course in zip(
            STUDENTS[: DAYS - 1], ("watercolours", "tabla-weekend"), strict=True
        ):
            client = StudentClient(http, stack.api, student, token_for(stack.settings, student))
            payer = Payer(http, stack.simulator, stack.api)
            payment = await client.initiate(course)
            await payer.come_back(await payer.pay(payment, "UPI", "success"))
            days.append(await bank.open_next_day())
            await bank.post("settlements/run", date=days[-1].isoformat())
        statement = await bank.statement(first, days[-1])
    container = build(stack.settings, fake_is_served=True)
    night = datetime.combine(days[-1] + timedelta(days=1), NIGHT, IST).astimezone(UTC)
    container.clock.override(providers.Object(NightClock(night)))
    try:
        return await _reconciled(container, first, days, statement)
    finally:
        await close(container)


async def _refund_at_the_bank(bank: BankControl, order: str) -> None:
    """Refund at the bank's dashboard, of which no webhook tells."""
    asked = await bank.post(
        f"orders/{order}/refunds", amount="100.00", outcome="pending", webhooks=False
    )
    name = asked["refund"]["unique_request_id"]
    await bank.post(f"orders/{order}/refunds/{name}/decide", outcome="success", webhooks=False)


async def _report_wrongly(bank: BankControl, day: date, orders: Mapping[str, str]) -> None:
    """Leave one payment out of the report of *day*, and tell another amount of a second one."""
    shown = await bank.http.get(f"{bank.simulator}/_control/settlements/{day.isoformat()}/truth")
    for settlement in expected(shown, HTTPStatus.OK).json()["settlements"]:
        changes: list[dict[str, object]] = []
        for number, line in enumerate(settlement["lines"], start=1):
            if line["type"] != "PAYMENT":
                continue
            if line["order_id"] == orders["paid by UPI"]:
                changes.append({"line": number, "remove": True})
            elif line["order_id"] == orders["retry after a decline"]:
                paise = round(float(line["amount"]) * 100) - WRONG_PAISE
                changes.append({"line": number, "amount": _rupees(paise)})
        if changes:
            await bank.post(f"settlements/{settlement['settlement_id']}/reissue", changes=changes)


async def _reconciled(
    container: Shulk, first: date, days: Sequence[date], statement: bytes
) -> ReconciledDays:
    use_cases = container.use_cases()
    # What the workers were asked for before is not to take what is shown here.
    while await use_cases.reconciliation().run()() is not None:
        pass
    # The workers have asked for today before the bank had anything; as at night, no day stays awaited.
    for day in (first, *days):
        await use_cases.settlements().fetch()(day, BY_COMMAND)
    await use_cases.settlements().import_statement()("statement.csv", statement, BY_COMMAND)
    run = await use_cases.reconciliation().ask()(first, days[-1], RunTrigger.COMMAND, BY_COMMAND)
    while (done := await use_cases.reconciliation().run()()) is not None and done.id != run.id:
        pass
    found = await _discrepancies(container)
    wrong = next((each for each in found if each.finding.cause is Cause.GROSS_DIFFERS), None)
    if wrong is not None:
        await use_cases.discrepancies().resolve_discrepancies()(
            ResolveDiscrepanciesCommand(
                versions={wrong.id: wrong.version},
                action=ResolutionAction.WRITE_OFF,
                note="Ten rupees, written off in the demo",
                staff=StaffId(FINANCE.id),
                origin=BY_COMMAND,
            )
        )
    return ReconciledDays(
        run=await container.storage.reconciliation_runs().get(run.id),
        discrepancies=await _discrepancies(container),
        through=business_day_of(container.clock().now()),
    )


async def _discrepancies(container: Shulk) -> Sequence[Discrepancy]:
    page = await container.storage.discrepancies().page(
        NO_FILTER,
        order=DiscrepancyOrder.FOUND,
        at=container.clock().now(),
        at_most=SHOWN_MAX,
    )
    found: Sequence[Discrepancy] = page.items
    return found


def _rupees(paise: int) -> str:
    sign, size = ("-", -paise) if paise < 0 else ("", paise)
    return f"{sign}{size // 100}.{size % 100:02d}"
