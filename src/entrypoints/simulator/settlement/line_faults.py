"""Put the faults of the schedule into the lines of a settlement; each says what it must lead to."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from entrypoints.simulator.faults.fault_schedule import FaultSchedule
from entrypoints.simulator.faults.settlement_faults import (
    Discrepancy,
    SettlementFault,
    SettlementFaultRecord,
)
from entrypoints.simulator.orders.bank_numbers import bank_digits
from entrypoints.simulator.orders.instruments import Method
from entrypoints.simulator.settlement.fee_contract import FeeContract, FeeHeads
from entrypoints.simulator.settlement.settlement_lines import (
    Direction,
    LineType,
    SettlementLine,
)
from entrypoints.simulator.settlement.settlement_terms import SettlementTerms

Kind = SettlementFault
PAYMENT_FAULTS: Final = (
    # An order whose webhooks never came is not sold at the merchant, whatever else goes wrong with its line.
    Kind.LINE_UNSOLD,
    Kind.LINE_DROP,
    Kind.LINE_LATE,
    Kind.LINE_HOLD,
    Kind.LINE_AMOUNT,
    Kind.LINE_FEE,
    Kind.LINE_TAX,
    Kind.LINE_NET,
    Kind.LINE_DUPLICATE,
)
REFUND_FAULTS: Final = (Kind.LINE_REFUND_NETTED, Kind.LINE_REFUND_DROP)
ROWS: Final = (
    (Kind.LINE_ORPHAN, LineType.PAYMENT, "unknown_order"),
    (Kind.LINE_ADJUSTMENT, LineType.ADJUSTMENT, "adjustment"),
)
UNAGREED_RESERVE: Final = (Kind.LINE_RESERVE, LineType.RESERVE_HOLD, "reserve_held")
"""A reserve that the contract does not know; where it has one, the row is nothing to find."""

OUTCOMES: Final = {Kind.LINE_LATE: "late", Kind.LINE_UNSOLD: "heals"}
MISSING: Final = "missing_in_gateway"
MISMATCH: Final = "amount_mismatch"
WRONG_TAX: Final = 5
WRONG_NET: Final = 1_00
ORDER_PART_LENGTH: Final = 18


@dataclass(slots=True)
class Faulty:
    """The lines as the report tells them, those that come later, and the faults."""

    settlement_id: str
    lines: list[SettlementLine] = field(default_factory=list)
    late: list[SettlementLine] = field(default_factory=list)
    faults: list[SettlementFaultRecord] = field(default_factory=list)


def faulty(
    lines: Sequence[SettlementLine],
    *,
    settlement_id: str,
    at: datetime,
    method: Method,
    schedule: FaultSchedule,
    terms: SettlementTerms,
) -> Faulty:
    """Return *lines* with at most one fault in each, and the rows, of the time *at*, that the faults add."""
    found, fees = Faulty(settlement_id), terms.fees
    for line in lines:
        kinds = {LineType.PAYMENT: PAYMENT_FAULTS, LineType.REFUND: REFUND_FAULTS}
        ordinal = line.refund_id or "payment"
        name = line.order_id or settlement_id
        netting = _payment_of(found, line)
        kind = next(
            (
                each
                for each in kinds.get(line.type, ())
                if (each is not Kind.LINE_REFUND_NETTED or netting is not None)
                and schedule.injects(each, name, ordinal)
            ),
            None,
        )
        if kind is None:
            found.lines.append(line)
        elif kind is Kind.LINE_REFUND_NETTED and netting is not None:
            _net(found, line, netting, fees)
        else:
            _inject(found, kind, line, method, schedule, fees)
    kinds_of_rows = [*ROWS] if terms.reserve_percent else [*ROWS, UNAGREED_RESERVE]
    for row in kinds_of_rows:
        if schedule.injects(row[0], settlement_id, "1"):
            _add_row(found, row, method, schedule, at)
    return found


def _inject(  # noqa: PLR0917 - what the fault needs to know of its line
    found: Faulty,
    kind: SettlementFault,
    line: SettlementLine,
    method: Method,
    schedule: FaultSchedule,
    fees: FeeContract,
) -> None:
    name, ordinal = line.order_id or "", line.refund_id or "payment"
    part = schedule.part(kind, name, ordinal)
    told: tuple[SettlementLine, ...] = (line,)
    cause, difference, kind_of = "", 0, MISMATCH
    match kind:
        case Kind.LINE_DROP:
            told, cause, difference, kind_of = (), "not_settled_when_due", -line.gross, MISSING
        case Kind.LINE_REFUND_DROP:
            told, cause, difference, kind_of = (), "refund_not_netted", line.gross, MISSING
        case Kind.LINE_LATE:
            found.late.append(line)
            told = ()
        case Kind.LINE_HOLD:
            told = (replace(line, on_hold=True),)
            cause, difference, kind_of = "held_by_bank", -line.gross, MISSING
        case Kind.LINE_AMOUNT:
            difference = -min(line.gross - 1, 1_00 + int(part * 900)) or 1_00
            gross = line.gross + difference
            told = (replace(line, gross=gross, fees=fees.fees(method, gross)),)
            cause = "gross_differs"
        case Kind.LINE_FEE:
            more = 2_00 + int(part * 100)
            taxed, old = fees.terms[method].with_tax(more), line.fees
            told = (
                line.costing(
                    replace(
                        old,
                        fee=old.fee + more,
                        cgst=old.cgst + taxed.cgst,
                        sgst=old.sgst + taxed.sgst,
                        igst=old.igst + taxed.igst,
                    )
                ),
            )
            cause, difference = "fee_differs", -more
        case Kind.LINE_TAX:
            head = "igst" if fees.terms[method].heads is FeeHeads.IGST else "cgst"
            wrong = replace(line.fees, **{head: getattr(line.fees, head) + WRONG_TAX})
            told, cause, difference = (line.costing(wrong),), "tax_on_fee_differs", -WRONG_TAX
        case Kind.LINE_NET:
            told, cause = (replace(line, wrong_net=-WRONG_NET),), "net_does_not_follow"
            difference = -WRONG_NET
        case Kind.LINE_DUPLICATE:
            told, cause, difference = (
                (line, replace(line, repeated=True)),
                "duplicate_line",
                line.gross,
            )
        case _:
            cause, kind_of, difference = "settled_but_not_sold_here", "status_mismatch", line.gross
    found.lines += told
    subject = "refund" if line.refund_id else "payment"
    found.faults.append(
        SettlementFaultRecord(
            kind=kind,
            subject_id=name,
            ordinal=ordinal,
            outcome=OUTCOMES.get(kind, "discrepancy"),
            discrepancy=Discrepancy(
                type=kind_of,
                cause=cause,
                subject=subject,
                ref=line.refund_id or name,
                difference=difference,
                settlement=found.settlement_id if told else "",
            )
            if cause
            else None,
            line=told[-1] if told else None,
        )
    )


def changed_amount(
    settlement_id: str, line: SettlementLine, difference: int
) -> SettlementFaultRecord:
    """Return what a correction leads to that tells another amount of *line*, by *difference* paise."""
    is_refund = line.type is LineType.REFUND
    return SettlementFaultRecord(
        kind=Kind.LINE_AMOUNT,
        subject_id=line.order_id or settlement_id,
        ordinal=line.refund_id or "payment",
        discrepancy=Discrepancy(
            type=MISMATCH,
            cause="refund_amount_differs" if is_refund else "gross_differs",
            subject="refund" if is_refund else "payment",
            ref=line.refund_id or line.order_id or "",
            difference=difference,
            settlement=settlement_id,
        ),
        line=line,
    )


def _payment_of(found: Faulty, refund: SettlementLine) -> int | None:
    """Return where the payment stands that takes the refund into its own row, if nothing else is wrong with it."""
    spoilt = {
        each.subject_id
        for each in found.faults
        if each.ordinal == "payment" and each.kind is not Kind.LINE_REFUND_NETTED
    }
    for number, line in enumerate(found.lines):
        if (line.type, line.order_id) == (LineType.PAYMENT, refund.order_id):
            usable = refund.type is LineType.REFUND and refund.order_id not in spoilt
            return number if usable and line.gross > refund.gross else None
    return None


def _net(found: Faulty, refund: SettlementLine, number: int, fees: FeeContract) -> None:
    payment = found.lines[number]
    gross = payment.gross - refund.gross
    cost = fees.fees(payment.method, gross) if payment.method else payment.fees
    told = replace(payment, gross=gross, fees=cost)
    found.lines[number] = told
    # Several refunds within one row are one discrepancy, which is seen in the row as it stands at last.
    found.faults = [
        replace(each, line=told) if each.netted and each.line == payment else each
        for each in found.faults
    ]
    found.faults.append(
        SettlementFaultRecord(
            kind=Kind.LINE_REFUND_NETTED,
            subject_id=refund.order_id or "",
            ordinal=refund.refund_id or "",
            outcome="explained",
            discrepancy=Discrepancy(
                type=MISMATCH,
                cause="netted_refund",
                subject="payment",
                ref=refund.order_id or "",
                settlement=found.settlement_id,
            ),
            line=told,
            netted=refund.source,
        )
    )


def _add_row(
    found: Faulty,
    row: tuple[SettlementFault, LineType, str],
    method: Method,
    schedule: FaultSchedule,
    at: datetime,
) -> None:
    (kind, kind_of, cause), settlement_id = row, found.settlement_id
    gross = 100_00 + int(schedule.part(kind, settlement_id, "1") * 900_00)
    is_order = kind_of is LineType.PAYMENT
    letters = base64.b32encode(hashlib.sha256(f"{settlement_id}{kind}".encode()).digest())
    order_id = f"SK{letters.decode()[:ORDER_PART_LENGTH]}" if is_order else None
    number = f"{kind_of.value[:3]}{bank_digits(9, settlement_id, kind)}"
    line = SettlementLine(
        type=kind_of,
        direction=Direction.CR if is_order else Direction.DR,
        source=f"{kind} {settlement_id}",
        at=at,
        gross=gross,
        method=method if is_order else None,
        order_id=order_id,
        txn_id=f"SIMMERCHANT-{order_id}-1" if is_order else None,
        bank_txn_id=number,
        rrn=f"6{bank_digits(11, settlement_id, kind)}" if is_order else None,
    )
    found.lines.append(line)
    found.faults.append(
        SettlementFaultRecord(
            kind=kind,
            subject_id=settlement_id,
            ordinal="1",
            discrepancy=Discrepancy(
                type="missing_in_system",
                cause=cause,
                subject="line",
                ref=order_id or number,
                difference=line.net,
                settlement=settlement_id,
            ),
            line=line,
        )
    )
