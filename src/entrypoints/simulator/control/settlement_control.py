"""
The control API for settlements and the account in which they are paid out.

- ``POST /_control/settlements/run`` ``{"date": "2026-11-13", "mid": null}`` settles what is due on that day, whatever
  the time is, and what was due before it; it answers the day's settlements with their totals in rupees.
- ``POST /_control/settlements/{id}/reissue`` ``{"changes": [{"line": 2, "amount": "4990.00", "remove": false}]}``
  corrects a report; without changes it tells the lines as they ought to be.
- ``GET /_control/settlements/{date}/truth?format=json|csv`` tells every line that the bank ought to have written for
  the day, every fault, and what a reconciliation that reads reports of that format must have found by its end.
- ``GET /_control/statement?from=&to=&format=csv|mt940|camt053`` is the statement of the account.
"""

from dataclasses import replace
from datetime import date
from typing import Annotated, Final

import msgspec
from litestar import Response, get, post
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, JSONBody, QueryParameter

from entrypoints.simulator.faults.settlement_faults import (
    FILE_OUTCOMES,
    Discrepancy,
    SettlementFaultRecord,
)
from entrypoints.simulator.rupees import rupees_in
from entrypoints.simulator.settlement.bank_calendar import ist_day
from entrypoints.simulator.settlement.line_faults import changed_amount
from entrypoints.simulator.settlement.reports import ReportFormat, line_body, rupees
from entrypoints.simulator.settlement.settlement import Settlement
from entrypoints.simulator.settlement.settlement_lines import SettlementLine
from entrypoints.simulator.settlement.statement import StatementFormat, statement_of
from entrypoints.simulator.settlement.truth import to_find
from entrypoints.simulator.simulated_bank import TheBank
from entrypoints.simulator.wire import Count, JsonObject, Strict, json_answer

MEDIA: Final = {
    StatementFormat.CSV: "text/csv",
    StatementFormat.MT940: "text/plain",
    StatementFormat.CAMT053: "application/xml",
}


class Run(Strict):
    date: date
    mid: str | None = None


class Change(Strict):
    line: Count
    amount: str | None = None
    remove: bool = False


class Reissue(Strict):
    changes: list[Change] = msgspec.field(default_factory=list)


@post("/settlements/run", status_code=200)
async def run_settlements(data: JSONBody[Run], bank: TheBank) -> Response[bytes]:
    mids = {each.mid for each in bank.config.settlement.codes.values()}
    if data.mid is not None and data.mid not in mids:
        raise NotFoundException("no such MID")
    made = bank.settlements.run(data.date, data.mid)
    return json_answer(
        {
            "date": data.date,
            "working_day": bank.terms.calendar.is_working_day(data.date),
            "settlements": [_shown(each) for each in made],
        }
    )


@post("/settlements/{settlement_id:str}/reissue", status_code=200)
async def reissue_settlement(
    settlement_id: FromPath[str], data: JSONBody[Reissue], bank: TheBank
) -> Response[bytes]:
    settlement = bank.settlements.known(settlement_id)
    if settlement is None:
        raise NotFoundException("no such settlement")
    lines = settlement.should
    if data.changes:
        lines, faults = _changed(settlement, data.changes)
        settlement.faults += faults
    difference = bank.settlements.reissue(settlement, lines, ist_day(bank.clock()))
    return json_answer(_shown(settlement) | {"difference": rupees(difference)})


@get("/settlements/{day:str}/truth")
async def show_truth(
    day: FromPath[str],
    bank: TheBank,
    form: Annotated[str, QueryParameter(name="format")] = "json",
) -> Response[bytes]:
    if form not in set(ReportFormat):
        raise ClientException(f"the format is one of {', '.join(ReportFormat)}")
    found = bank.settlements.of(_day(day))
    return json_answer(
        {
            "date": day,
            "settlements": [
                _shown(each) | {"lines": [line_body(line) for line in each.should]}
                for each in found
            ],
            "faults": [_fault(fault) for each in found for fault in each.faults],
            "file_faults": {
                kind: FILE_OUTCOMES[kind]
                for kind in sorted(bank.settlements.file_faults(_day(day)))
            },
            "discrepancies": [
                _discrepancy(each.discrepancy) | {"heals": each.heals}
                for each in to_find(bank.settlements, _day(day), ReportFormat(form))
            ],
        }
    )


@get("/statement")
async def read_statement(
    bank: TheBank,
    first: Annotated[str, QueryParameter(name="from")] = "",
    last: Annotated[str, QueryParameter(name="to")] = "",
    form: Annotated[str, QueryParameter(name="format")] = "csv",
) -> Response[bytes]:
    if form not in set(StatementFormat):
        raise ClientException(f"the format is one of {', '.join(StatementFormat)}")
    days = _day(first), _day(last)
    if days[0] > days[1]:
        raise ClientException("the statement ends before it begins")
    bank.settlements.catch_up(bank.clock())
    terms = bank.config.settlement
    statement = statement_of(
        bank.settlements.payouts,
        account=terms.account,
        opening=terms.opening_paise,
        first=days[0],
        last=days[1],
    )
    written = statement.written(StatementFormat(form))
    return Response(written, media_type=MEDIA[StatementFormat(form)])


def _fault(fault: SettlementFaultRecord) -> JsonObject:
    found = fault.discrepancy
    return {
        "kind": fault.kind,
        "subject_id": fault.subject_id,
        "ordinal": fault.ordinal,
        "outcome": fault.outcome,
        "discrepancy": found and _discrepancy(found),
    }


def _discrepancy(found: Discrepancy) -> JsonObject:
    return {
        "type": found.type,
        "cause": found.cause,
        "subject": found.subject,
        "ref": found.ref,
        "settlement": found.settlement,
        "difference_paise": found.difference,
    }


def _changed(
    settlement: Settlement, changes: list[Change]
) -> tuple[tuple[SettlementLine, ...], list[SettlementFaultRecord]]:
    """Return the lines with *changes*, and what is wrong with those whose amount is changed."""
    lines: dict[int, SettlementLine] = dict(enumerate(settlement.lines, start=1))
    right = {line.source: line for line in settlement.should}
    faults = []
    for change in changes:
        if change.line not in lines:
            raise ClientException(f"there is no line {change.line}, or it is removed already")
        if change.remove:
            del lines[change.line]
            continue
        amount = rupees_in(change.amount or "")
        if amount is None:
            raise ClientException("write an amount in rupees, such as 4990.00, or remove the line")
        line = replace(lines[change.line], gross=int(amount * 100))
        lines[change.line] = line
        known = right.get(line.source)
        if known is not None and line.signed != known.signed:
            faults.append(changed_amount(settlement.id, line, line.signed - known.signed))
    return tuple(lines.values()), faults


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ClientException("write a day as 2026-11-13") from None


def _shown(settlement: Settlement) -> JsonObject:
    totals = settlement.totals
    return {
        "settlement_id": settlement.id,
        "mid": settlement.mid,
        "settled_on": settlement.settled_on,
        "version": settlement.version,
        "utr": None if settlement.is_carried_forward else settlement.utr,
        "paid": rupees(settlement.paid),
        "totals": {
            "lines": totals.lines,
            "credits": rupees(totals.credits),
            "debits": rupees(totals.debits),
            "fee": rupees(totals.fee),
            "tax": rupees(totals.tax),
            "net": rupees(totals.net),
        },
    }


SETTLEMENT_CONTROL: Final = (
    run_settlements,
    reissue_settlement,
    show_truth,
    read_statement,
)
