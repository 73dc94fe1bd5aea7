"""What the simulated bank has to settle: each capture, paid refund and disputed amount as a line, with its day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from entrypoints.simulator.orders.bank_numbers import bank_digits
from entrypoints.simulator.orders.disputes import Dispute, DisputeStage, DisputeStatus
from entrypoints.simulator.orders.instruments import BRAND_ISINS, Card, Instrument, Method, Upi
from entrypoints.simulator.orders.order import Attempt, Order
from entrypoints.simulator.orders.refunds import Refund, RefundStatus
from entrypoints.simulator.settlement.settlement_lines import (
    CREDITS,
    Direction,
    LineType,
    SettlementLine,
)
from entrypoints.simulator.settlement.settlement_terms import SettlementTerms

LOST = frozenset({DisputeStatus.RESOLVED_IN_CUSTOMER_FAVOUR, DisputeStatus.EXPIRED})
WON = frozenset({DisputeStatus.RESOLVED_IN_MERCHANT_FAVOUR, DisputeStatus.CANCELED})


@dataclass(frozen=True, slots=True)
class DueLine:
    due_on: date
    method: Method
    line: SettlementLine


def due_lines(orders: Iterable[Order], terms: SettlementTerms) -> Iterator[DueLine]:
    """Yield what is due sooner or later, whether or not it was settled already."""
    for order in orders:
        attempt = order.decisive
        if attempt is None or not order.is_closed or attempt.ended_at is None:
            continue
        method = attempt.instrument.method
        for line in _lines(order, attempt, attempt.ended_at, terms):
            yield DueLine(terms.due_on(line.at), method, line)


def _lines(
    order: Order, attempt: Attempt, captured_at: datetime, terms: SettlementTerms
) -> Iterator[SettlementLine]:
    gross = paise(order)
    yield payment_line(order, attempt, captured_at).costing(
        terms.fees.fees(attempt.instrument.method, gross)
    )
    for refund in order.refunds:
        if refund.status is RefundStatus.SUCCESS and refund.ended_at is not None:
            yield _refund_line(order, attempt, refund, refund.ended_at)
    for number, dispute in enumerate(order.disputes, start=1):
        yield from _dispute_lines(order, attempt, dispute, number)


def payment_line(order: Order, attempt: Attempt, captured_at: datetime) -> SettlementLine:
    """Return the capture's line, without its fees."""
    card = attempt.instrument if isinstance(attempt.instrument, Card) else None
    return SettlementLine(
        type=LineType.PAYMENT,
        direction=Direction.CR,
        source=f"payment {order.request.order_id}",
        at=captured_at,
        gross=paise(order),
        method=attempt.instrument.method,
        order_id=order.request.order_id,
        txn_id=attempt.txn_id,
        bank_txn_id=_bank_id(attempt.instrument.method, attempt.epg_txn_id),
        rrn=attempt.rrn,
        arn=f"7{bank_digits(22, 'arn', attempt.txn_id)}" if card else None,
        auth_code=attempt.auth_id_code if card else None,
        payer=_payer(attempt.instrument),
        card=f"{card.brand} CREDIT" if card else "",
    )


def _refund_line(
    order: Order, attempt: Attempt, refund: Refund, paid_at: datetime
) -> SettlementLine:
    method = attempt.instrument.method
    return SettlementLine(
        type=LineType.REFUND,
        direction=Direction.DR,
        source=f"refund {refund.unique_request_id}",
        at=paid_at,
        gross=int(refund.amount * 100),
        method=method,
        order_id=order.request.order_id,
        txn_id=attempt.txn_id,
        refund_id=refund.unique_request_id,
        bank_txn_id=_bank_id(method, bank_digits(14, "refund", refund.unique_request_id)),
        rrn=refund.ref,
        arn=refund.arn,
        payer=_payer(attempt.instrument),
        card=_card_words(attempt.instrument),
    )


def _dispute_lines(
    order: Order, attempt: Attempt, dispute: Dispute, number: int
) -> Iterator[SettlementLine]:
    """
    Yield the debit of a chargeback, and the credit that gives it back once it is won or withdrawn.

    The amount is taken when the chargeback begins; a retrieval request takes it only when it is lost.
    """
    ended_at = dispute.ended_at
    lost, won = dispute.status in LOST, dispute.status in WON
    if dispute.stage is not DisputeStage.RETRIEVAL:
        yield dispute_line(LineType.CHARGEBACK, order, attempt, dispute, number, dispute.created_at)
        if won and ended_at is not None:
            yield dispute_line(
                LineType.CHARGEBACK_REVERSAL, order, attempt, dispute, number, ended_at
            )
    elif lost and ended_at is not None:
        yield dispute_line(LineType.CHARGEBACK, order, attempt, dispute, number, ended_at)


def dispute_line(  # noqa: PLR0917 - all of it stands in the line
    kind: LineType, order: Order, attempt: Attempt, dispute: Dispute, number: int, at: datetime
) -> SettlementLine:
    """Return the line of the *number*-th dispute of the order."""
    word = "CB" if kind is LineType.CHARGEBACK else "CR"
    return SettlementLine(
        type=kind,
        direction=Direction.CR if kind in CREDITS else Direction.DR,
        source=f"{kind.lower()} {order.request.order_id} {number}",
        at=at,
        gross=int(dispute.amount * 100),
        method=attempt.instrument.method,
        order_id=order.request.order_id,
        txn_id=attempt.txn_id,
        bank_txn_id=f"{word}{bank_digits(9, 'dispute', order.request.order_id, number)}",
        rrn=attempt.rrn,
        payer=_payer(attempt.instrument),
        card=_card_words(attempt.instrument),
    )


def paise(order: Order) -> int:
    return int(order.request.amount * 100)


def _bank_id(method: Method, digits: str) -> str:
    """Return the transaction id as the report of *method* writes it: 16 digits for cards, 35 characters otherwise."""
    return f"{digits:0>16}" if method is Method.CARD else f"HDFSIM{digits:0>29}"


def _payer(instrument: Instrument) -> str:
    match instrument:
        case Upi(vpa):
            return vpa
        case Card() as card:
            return f"{BRAND_ISINS[card.brand] or '000000'}XXXXXX{card.last_four}"
        case _:
            return ""


def _card_words(instrument: Instrument) -> str:
    return f"{instrument.brand} CREDIT" if isinstance(instrument, Card) else ""
