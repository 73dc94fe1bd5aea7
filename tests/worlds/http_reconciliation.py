"""What books and bank disagree on, in the world in memory: found as by a run, with the line of a settlement file."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Final

from application.settlements.import_settlement_file import IncomingFile
from contracts.reconciliation.discrepancies_contract import CALENDAR, UNKNOWN
from contracts.reconciliation.runs_contract import SUMMARY
from domain.business_day import business_day_of
from domain.identifiers import DiscrepancyId, PaymentId
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.finding import Finding, facts
from domain.reconciliation.reported import LineRef
from domain.reconciliation.run import Run, RunId, RunTrigger
from domain.reconciliation.run_state import RunState
from domain.reconciliation.taxonomy import Cause, DiscrepancyType, Subject
from domain.settlements.settlement_report import FileOrigin
from fakes.samples import BY_STAFF
from fakes.store import RunRow
from worlds.http import HttpWorld

SAMPLES: Final = Path(__file__).parents[1] / "samples" / "settlement"
FIRST_ID: Final = b"SK7QMZ2VKA4CYD6HRN3B"
FIRST_LINE: Final = 2
BANKS_PAISE: Final = 11_800_00


def found(
    world: HttpWorld, number: int = 1, paise: int = -9_00, cause: Cause = Cause.GROSS_DIFFERS
) -> DiscrepancyId:
    """Keep an amount mismatch that a run found so many days ago, and return its id."""
    finding = replace(
        UNKNOWN,
        type=DiscrepancyType.AMOUNT_MISMATCH,
        cause=cause,
        ref=f"ref-{number}",
        difference_paise=paise,
        posted_paise=paise,
    )
    return keep(world, finding, days=number)


async def differing(world: HttpWorld, payment: PaymentId) -> DiscrepancyId:
    """Import a file whose first line settles *payment* with another amount, and keep what a run finds of it."""
    content = (SAMPLES / "01-clean.csv").read_bytes().replace(FIRST_ID, payment.encode())
    incoming = IncomingFile(
        name="settlements.csv", content=BytesIO(content), origin=FileOrigin.UPLOAD
    )
    file = await world.use_cases().settlements().import_file()(incoming, BY_STAFF)
    ours = world.memory.store.payments[payment].captured.paise
    finding = replace(
        UNKNOWN,
        type=DiscrepancyType.AMOUNT_MISMATCH,
        cause=Cause.GROSS_DIFFERS,
        subject=Subject.PAYMENT,
        ref=payment,
        difference_paise=BANKS_PAISE - ours,
        posted_paise=BANKS_PAISE - ours,
        lines=(LineRef(file.received.sha256, FIRST_LINE),),
        rejected_lines=(),
        entries=(payment,),
        closed=(payment,),
        evidence=facts(ours=ours, bank=BANKS_PAISE),
    )
    return keep(world, finding, days=3)


def ended_run(world: HttpWorld) -> str:
    """Keep a run of the day that found all that is open, and return its id."""
    at = world.clock.now()
    run = Run(
        id=RunId(f"RC{'B' * 18}"),
        first=business_day_of(at),
        last=business_day_of(at),
        trigger=RunTrigger.JOB,
        requested_at=at,
        requested_by="system",
        state=RunState.COMPLETE,
        as_of=at,
        ended_at=at,
        summary=SUMMARY,
    )
    world.memory.store.runs[run.id] = RunRow(run=run)
    return run.id


def keep(world: HttpWorld, finding: Finding, *, days: int = 0) -> DiscrepancyId:
    """Keep the discrepancy of *finding*, found so many days ago."""
    now = world.clock.now()
    found_first = Discrepancy.of(finding, now - timedelta(days=days), CALENDAR)
    new = replace(found_first, version=1, times_found=2, last_found_at=now)
    world.memory.store.discrepancies[new.id] = new
    return new.id
