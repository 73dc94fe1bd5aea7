"""Finance at its desk in the days after: statements, held files and re-issues, and discrepancies that two decide."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from random import Random
from typing import Any, Final

from domain.business_day import IST, business_day_of
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import ResolutionAction
from domain.reconciliation.resolution_rules import (
    ACCOUNTS,
    LAWFUL_ACTIONS,
    NEED_PAYMENT,
    NEED_UNTIL,
    journal_kind,
)
from domain.settlements.file_state import SettlementFileState
from domain.settlements.settlement_report import ReportState
from entrypoints.simulator.simulated_bank import SimulatedBank
from fakes.store import Store
from simulation.bank import BANK_URL, MERCHANT
from simulation.loop import begin
from simulation.people import OK
from simulation.plan import DeskDay
from simulation.sealed import BEGINNING
from simulation.staff import ADMIN, SEEDS, Staff

RECONCILIATION: Final = "/api/admin/reconciliation"
ENDINGS: Final = {"csv": "csv", "mt940": "mt940", "camt053": "xml"}
BOUNDARY: Final = "a-boundary-of-the-form"
FORM: Final = f"multipart/form-data; boundary={BOUNDARY}"
CLOSES_AT: Final = time(2, 30)
"""In the night, when the day before is over and its file has come (India)."""

CLOSING_TRIES: Final = 4
SHIFTING: Final = frozenset(
    {
        ResolutionAction.MATCH_TO,
        ResolutionAction.RELEASE_LINE,
        ResolutionAction.RECORD_CHARGEBACK,
        ResolutionAction.RECORD_WON,
        ResolutionAction.RECORD_LOST,
        ResolutionAction.REFUND_STUDENT,
    }
)
"""After these the books say something else than before, of which the bank knows nothing."""


@dataclass(slots=True)
class Finance:
    """*shifted* is what people did by which more or less is found than what went wrong at the bank."""

    staff: Staff
    bank: Callable[[], SimulatedBank]
    now: Callable[[], datetime]
    shifted: list[str] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.staff.store

    async def live(self, day: DeskDay) -> None:
        """Do all of *day*."""
        await asyncio.sleep(day.at)
        self.staff.people.tell(day.officer, str(day))
        draws = Random(day.pick)  # noqa: S311 - not for secrets
        if day.corrects:
            await self._corrected(draws)
        if day.brings:
            await self._bring(day.officer, day.form)
            await self._bring_reports(day.officer)
        await self._see_to_files(day)
        if day.part:
            await self._decide(day, draws)
        if day.asks_run:
            await self._ask_run(day.officer)

    async def close(self, form: str) -> date:
        """Wait until a day is over, bring all that the bank says of it, ask for a run, and return the day."""
        last = business_day_of(self.now())
        closing = datetime.combine(last + timedelta(days=1), CLOSES_AT, IST)
        await asyncio.sleep((closing - self.now()).total_seconds())
        officer = next(iter(SEEDS))
        await self._bring(officer, form, last)
        await self._bring_reports(officer)
        for _ in range(CLOSING_TRIES):
            await self.staff.ask(ADMIN, "/api/admin/jobs/fetch_settlements/run", b"")
            await asyncio.sleep(300)
            await self._ask_run(officer, last)
            await asyncio.sleep(300)
            if not any(row.run.state.is_live for row in self.store.runs.values()):
                break
        return last

    async def _bring(self, officer: str, form: str, last: date | None = None) -> None:
        """Send the statement in that the bank's page gives out, as the preview showed it."""
        last = last or business_day_of(self.now())
        days = f"from={business_day_of(BEGINNING)}&to={last}"
        url = f"{BANK_URL}/_control/statement?{days}&format={form}"
        statement = await self.staff.people.ask(officer, "GET", url)
        if statement is None or statement.status != OK:
            return
        # As CSV it does not say of which account it is.
        account = self.bank().config.settlement.account if form == "csv" else ""
        name = f"statement.{ENDINGS[form]}"
        await self._send(officer, "bank-statements", name, statement.body, account)

    async def _bring_reports(self, officer: str) -> None:
        """Send in what the bank has issued anew: nobody asks it again for a day of which all has come."""
        bank = self.bank()
        key = b64encode(f"{bank.config.api_key}:".encode()).decode("ascii")
        for day in sorted({each.settled_on for each in bank.settlements.settlements}):
            if max(each.version for each in bank.settlements.of(day)) == 1:
                continue
            url = f"{BANK_URL}/settlements?date={day}"
            login = {"authorization": f"Basic {key}", "x_merchantid": MERCHANT}
            report = await self.staff.people.ask(officer, "GET", url, **login)
            if report is not None and report.status == OK and report.header("x-pages") == "1":
                await self._send(officer, "settlement-files", f"{day}.json", report.body)

    async def _send(
        self, officer: str, where: str, name: str, content: bytes, account: str = ""
    ) -> None:
        """Send a file in, as its preview showed it."""
        body = (
            b""
            if not account
            else (
                f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="account"\r\n\r\n{account}\r\n'
            ).encode()
        )
        body += (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: text/plain\r\n\r\n"
        ).encode()
        body += content + f"\r\n--{BOUNDARY}--\r\n".encode()
        path = f"/api/admin/{where}?take=true&sha256={sha256(content).hexdigest()}"
        await self.staff.ask(officer, path, body, content_type=FORM)

    async def _corrected(self, draws: Random) -> None:
        """Let the bank issue a report anew that tells one line less."""
        settlements = self.bank().settlements.settlements
        if settlements:
            chosen = draws.choice(settlements)
            self.shifted.append(f"{chosen.id} was issued anew")
            url = f"{BANK_URL}/_control/settlements/{chosen.id}/reissue"
            body = {"changes": [{"line": draws.randint(1, len(chosen.lines) or 1), "remove": True}]}
            await self.staff.people.ask("the bank's staff", "POST", url, body=body)

    async def _see_to_files(self, day: DeskDay) -> None:
        files = self.store.settlement_files.items()
        held = [name for name, row in files if row.file.state is SettlementFileState.HELD]
        for file in held if day.releases else ():
            self.shifted.append(f"{file} was released")
            path = f"/api/admin/settlement-files/{file}/release"
            await self.staff.ask(day.officer, path, {"reason": "Compared by hand"})
        reports = self.store.settlements.items()
        waiting = [place for place, row in reports if row.state is ReportState.WAITING]
        for file, settlement in waiting if day.takes else ():
            self.shifted.append(f"the re-issue of {settlement} was decided about")
            path = f"/api/admin/settlement-files/{file}/{day.takes}"
            asked = {"settlement": settlement, "reason": "The bank wrote of it"}
            await self.staff.ask(day.officer, path, asked)

    async def _decide(self, day: DeskDay, draws: Random) -> None:
        for each in sorted(self.store.discrepancies.values(), key=lambda found: found.id):
            if draws.random() >= day.part:
                continue
            if each.state is DiscrepancyState.RESOLVED and day.undoes:
                asked = self._asked(each, ResolutionAction.UNDO)
                await self._resolve(day, each, asked, draws)
            lawful = sorted(LAWFUL_ACTIONS[each.finding.cause])
            if each.state is DiscrepancyState.OPEN and lawful:
                action = draws.choice(lawful)
                asked = self._asked(each, action) | self._fields(each, action, draws)
                if action is ResolutionAction.REFUND_STUDENT:
                    asked["otp"] = await self.staff.code(day.officer)
                await self._resolve(day, each, asked, draws)

    @staticmethod
    def _asked(discrepancy: Discrepancy, action: ResolutionAction) -> dict[str, Any]:
        return {
            "ids": [discrepancy.id],
            "action": action.value,
            "note": "Asked the bank about it",
            "version": discrepancy.version,
        }

    def _fields(
        self, discrepancy: Discrepancy, action: ResolutionAction, draws: Random
    ) -> dict[str, str]:
        """Return what *action* names besides, mostly as it has to."""
        found: dict[str, str] = {}
        if action in ACCOUNTS and journal_kind(action, discrepancy.finding) is not None:
            found["account"] = draws.choice(sorted(ACCOUNTS[action])).value
        if action in NEED_UNTIL:
            until = business_day_of(self.now()) + timedelta(days=draws.choice((1, 5, 20)))
            found["until"] = until.isoformat()
        if action in NEED_PAYMENT and self.store.payments:
            found["payment_id"] = str(draws.choice(sorted(self.store.payments)))
        return found

    async def _resolve(
        self, day: DeskDay, discrepancy: Discrepancy, asked: dict[str, Any], draws: Random
    ) -> None:
        if asked["action"] in SHIFTING:
            self.shifted.append(f"{asked['action']} of {discrepancy.id}")
        key = f"desk-{day.number}-{discrepancy.id}-{draws.randrange(1000)}"
        path = f"{RECONCILIATION}/resolve"
        outcomes = await self._outcomes(day.officer, path, asked, idempotency_key=key)
        for outcome in outcomes:
            if outcome["state"] == DiscrepancyState.AWAITING_APPROVAL and day.answer != "none":
                begin(self._answered(day, discrepancy.id, outcome["version"]))

    async def _answered(self, day: DeskDay, discrepancy: str, version: int) -> None:
        await asyncio.sleep(day.answered_after)
        other = next(each for each in SEEDS if each != day.officer)
        by = day.officer if day.answer == "own" else other
        how = "reject" if day.answer == "reject" else "approve"
        asked = {"ids": [discrepancy], "version": version}
        await self._outcomes(by, f"{RECONCILIATION}/{how}", asked)

    async def _outcomes(
        self, officer: str, path: str, asked: dict[str, Any], **headers: str
    ) -> Sequence[dict[str, Any]]:
        """Return what became of each discrepancy that was asked about; refusals are noted."""
        answer = await self.staff.ask(officer, path, asked, **headers)
        if answer is None or answer.status != OK:
            return ()
        outcomes = json.loads(answer.body)["outcomes"]
        for each in outcomes:
            if each.get("problem"):
                slug = str(each["problem"]["type"]).rpartition("/")[2]
                self.staff.people.promises.problems[slug] += 1
                self.staff.people.tell(officer, f"may not do {asked.get('action', 'that')}: {slug}")
        return [each for each in outcomes if not each.get("problem")]

    async def _ask_run(self, officer: str, last: date | None = None) -> None:
        yesterday = business_day_of(self.now()) - timedelta(days=1)
        asked = {
            "first": business_day_of(BEGINNING).isoformat(),
            "last": (last or max(yesterday, business_day_of(BEGINNING))).isoformat(),
        }
        await self.staff.ask(officer, f"{RECONCILIATION}/run", asked)
