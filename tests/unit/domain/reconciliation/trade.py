"""Small books and lines for the tests of matching, and random trade with random faults of the bank."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.payment_state import State
from domain.payments.refund_state import RefundState
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.evidence import Agreement, Evidence
from domain.reconciliation.reported import OrderRead, ReportedLine, UnreadableRow
from domain.reconciliation.settlement_terms import SettlementTerms
from domain.settlements.settlement_line import Direction, LineType, SettlementLine

THURSDAY: Final = datetime(2026, 11, 12, 6, tzinfo=UTC)
FRIDAY: Final = date(2026, 11, 13)
SATURDAY_2AM: Final = datetime(2026, 11, 13, 20, 30, tzinfo=UTC)
FILE: Final = "f" * 64
UPI: Final = "SIM0001"
CARD: Final = "SIM9001"
AGREEMENT: Final = Agreement(
    terms=SettlementTerms(calendar=BankCalendar(version="trade")),
    mids=frozenset({UPI, CARD, "SHARED"}),
    shared_mids=frozenset({"SHARED"}),
)
CHARGED: Final = OrderRead(is_charged=True)

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def payment_id(number: int) -> PaymentId:
    """Return an id of our shape for the *number*th payment."""
    return PaymentId(
        f"SK{'A' * 15}{LETTERS[number // 32 // 32 % 32]}{LETTERS[number // 32 % 32]}{LETTERS[number % 32]}"
    )


def refund_id(number: int) -> RefundId:
    """Return an id of our shape for the *number*th refund."""
    return RefundId(f"RF{payment_id(number)[2:]}")


def sold(number: int = 1, paise: int = 1_000_00, **changes: Any) -> BookEntry:
    """Return a capture of Thursday that is due on Friday."""
    entry = BookEntry(
        id=payment_id(number),
        payment_id=payment_id(number),
        amount_paise=paise,
        at=THURSDAY,
        state=State.SUCCESS,
        due_on=FRIDAY,
        mid=UPI,
        method="UPI",
        rrn=f"{number:012d}",
    )
    return replace(entry, **changes)


def refunded(number: int = 1, paise: int = 400_00, of: int = 1, **changes: Any) -> BookEntry:
    """Return a paid refund of Thursday that is due on Friday."""
    entry = BookEntry(
        id=refund_id(number),
        payment_id=payment_id(of),
        amount_paise=paise,
        at=THURSDAY,
        state=RefundState.SUCCESS,
        due_on=FRIDAY,
        mid=UPI,
        method="UPI",
        rrn=f"9{number:011d}",
    )
    return replace(entry, **changes)


def credit(
    number: int = 1, paise: int = 1_000_00, line_no: int = 2, **changes: Any
) -> ReportedLine:
    """Return the line that settles ``sold(number, paise)`` on Friday."""
    file = changes.pop("file", FILE)
    values: dict[str, Any] = {
        "line_no": line_no,
        "line_type": LineType.PAYMENT,
        "direction": Direction.CR,
        "mid": UPI,
        "method": "UPI",
        "payment_id": payment_id(number),
        "bank_txn_id": f"BANK{number:06d}",
        "rrn": f"{number:012d}",
        "gross": Money(paise),
        "txn_at": THURSDAY,
        "settled_on": FRIDAY,
    } | changes
    signed = values["direction"].sign * values["gross"].paise
    costs = sum(
        values.get(name, Money(0)).paise for name in ("fee", "cgst", "sgst", "igst", "utgst")
    )
    values.setdefault("net", Money(signed - costs))
    return ReportedLine(file=file, line=SettlementLine(**values))


def debit(
    number: int = 1, paise: int = 400_00, of: int = 1, line_no: int = 3, **changes: Any
) -> ReportedLine:
    """Return the line that takes ``refunded(number, paise, of)`` out of Friday's sales."""
    told: dict[str, Any] = {
        "line_type": LineType.REFUND,
        "direction": Direction.DR,
        "bank_txn_id": f"REFUND{number:06d}",
        "rrn": f"9{number:011d}",
    }
    return credit(of, paise, line_no, **(told | changes))


def evidence(
    *books: BookEntry, lines: tuple[ReportedLine, ...] = (), complete: bool = True, **more: Any
) -> Evidence:
    """Return what a run of the night after Friday knows."""
    until = {UPI: FRIDAY, CARD: FRIDAY, "SHARED": FRIDAY} if complete else {}
    return Evidence(
        as_of=more.pop("as_of", SATURDAY_2AM),
        books=books,
        lines=lines,
        complete_until=more.pop("complete_until", until),
        **more,
    )


@dataclass(slots=True)
class Trade:
    """Books of a day and the lines that an honest bank would write."""

    books: list[BookEntry] = field(default_factory=list)
    lines: list[ReportedLine] = field(default_factory=list)


AMOUNTS: Final = st.sampled_from([100_00, 400_00, 1_000_00, 1_499_50, 11_800_00])
DAYS: Final = st.integers(0, 4).map(lambda days: THURSDAY + timedelta(days=days))


@st.composite
def trades(draw: st.DrawFn) -> Trade:
    """Draw payments and refunds in all states; the bank settles most, also some that are open here."""
    trade, number = Trade(), 0
    for number in range(1, draw(st.integers(1, 8)) + 1):
        paise, at = draw(AMOUNTS), draw(DAYS)
        state = draw(st.sampled_from(State))
        calendar = AGREEMENT.terms
        trade.books.append(
            sold(
                number,
                paise,
                state=state,
                at=at,
                due_on=calendar.due_on(at, UPI, "UPI"),
                mid=draw(st.sampled_from([UPI, None])),
                settled_earlier=draw(st.integers(0, 9)) == 0,
            )
        )
        if state.is_sold or draw(st.booleans()):
            trade.lines.append(
                credit(
                    number, paise, line_no=2 * number, settled_on=calendar.due_on(at, UPI, "UPI")
                )
            )
    for refund in range(1, draw(st.integers(0, 6)) + 1):
        of, paise = draw(st.integers(1, number)), draw(AMOUNTS)
        refund_state = draw(st.sampled_from([*RefundState, *[RefundState.SUCCESS] * 6]))
        trade.books.append(refunded(refund, paise, of, state=refund_state))
        if draw(st.integers(0, 3)) > 0:
            named = draw(st.booleans())
            trade.lines.append(
                debit(
                    refund,
                    paise,
                    of,
                    line_no=100 + refund,
                    refund_id=refund_id(refund) if named else None,
                )
            )
    return trade


FAULTS: Final = (
    "drop", "netted", "twice", "other_bank_id", "amount", "fee", "tax", "net", "orphan", "no_id", "other_file",
    "other_file_differs", "chargeback", "reserve", "release", "adjustment", "fee_line", "reversal", "hold",
    "wrong_way", "foreign", "borrowed", "unknown_mid", "abroad",
)  # fmt: skip


def faulty(draw: st.DrawFn, lines: list[ReportedLine], fault: str) -> list[ReportedLine]:
    """Return *lines* with one fault of the bank put in."""
    at = draw(st.integers(0, len(lines) - 1)) if lines else None
    line_no = max((each.line.line_no for each in lines), default=1) + 1
    extra = {
        "orphan": lambda: credit(900 + line_no, 649_00, line_no),
        "chargeback": lambda: credit(
            draw(st.integers(1, 9)), 1_000_00, line_no, line_type=LineType.CHARGEBACK,
            direction=Direction.DR, bank_txn_id=f"CB{line_no}",
        ),
        "reserve": lambda: _payout(LineType.RESERVE_HOLD, Direction.DR, line_no),
        "release": lambda: _payout(LineType.RESERVE_RELEASE, Direction.CR, line_no),
        "adjustment": lambda: _payout(LineType.ADJUSTMENT, draw(st.sampled_from(Direction)), line_no),
        "fee_line": lambda: _payout(LineType.FEE, Direction.DR, line_no, gross=Money(0), fee=Money(500)),
        "reversal": lambda: _payout(LineType.REFUND_REVERSAL, Direction.CR, line_no),
        "foreign": lambda: credit(
            1, 300_00, line_no, payment_id=None, mid="SHARED", bank_txn_id=None, rrn=None
        ),
    }  # fmt: skip
    if fault in extra:
        return [*lines, extra[fault]()]
    if at is None or fault == "netted":
        return _netted(lines)
    line = lines[at]
    told = line.line
    changed = {
        "twice": {"line_no": line_no, "occurrence": 2},
        "other_bank_id": {"line_no": line_no, "bank_txn_id": f"AGAIN{line_no}", "rrn": None},
        "amount": {"gross": told.gross + Money(100)},
        "fee": {"fee": told.fee + Money(300)},
        "tax": {"igst": Money(54)},
        "net": {"net": told.net - Money(1)},
        "no_id": {"payment_id": None, "refund_id": None},
        "other_file": {},
        "other_file_differs": {"gross": told.gross + Money(100)},
        "hold": {"status_word": "HOLD"},
        "borrowed": {
            "line_no": line_no,
            "payment_id": draw(st.sampled_from([None, payment_id(900 + line_no)])),
            "refund_id": None,
            "bank_txn_id": f"BORROWED{line_no}",
        },
        "unknown_mid": {"mid": "OTHER"},
        "abroad": {"rrn": f"{draw(st.integers(1, 9)):012d}", "arn": "7" * 23},
        "wrong_way": {
            "direction": Direction.DR if told.direction is Direction.CR else Direction.CR
        },
    }
    if fault == "drop":
        return [*lines[:at], *lines[at + 1 :]]
    new = replace(told, **changed[fault])  # type: ignore[arg-type]  # each value belongs to its field
    if fault not in {"net", "twice"}:
        new = replace(new, net=new.expected_net)
    if fault in {"twice", "other_bank_id", "borrowed"}:
        return [*lines, replace(line, line=new)]
    if fault.startswith("other_file"):
        return [*lines, replace(line, file="0" * 64, line=new)]
    return [*lines[:at], replace(line, line=new), *lines[at + 1 :]]


def _netted(lines: list[ReportedLine]) -> list[ReportedLine]:
    """Return *lines* with a refund taken out of the line of its payment."""
    refund = next((each for each in lines if each.line.line_type is LineType.REFUND), None)
    payment = next(
        (
            each
            for each in lines
            if refund is not None
            and each.line.line_type is LineType.PAYMENT
            and each.line.payment_id == refund.line.payment_id
            and each.line.gross.paise >= refund.line.gross.paise
        ),
        None,
    )
    if refund is None or payment is None:
        return lines
    new = replace(payment.line, gross=payment.line.gross - refund.line.gross)
    netted = replace(payment, line=replace(new, net=new.expected_net))
    return [netted, *(each for each in lines if each not in (refund, payment))]


def _payout(kind: LineType, direction: Direction, line_no: int, **changes: Any) -> ReportedLine:
    values: dict[str, Any] = {
        "line_type": kind, "direction": direction, "payment_id": None, "rrn": None,
        "bank_txn_id": f"PAYOUT{line_no}", "txn_at": None,
    }  # fmt: skip
    return credit(1, 500_00, line_no, **(values | changes))


@st.composite
def disturbed(draw: st.DrawFn) -> Evidence:
    """Draw trade and a few faults of the bank, over a complete or a held file."""
    trade = draw(trades())
    lines = trade.lines
    for fault in draw(st.lists(st.sampled_from(FAULTS), max_size=6)):
        lines = faulty(draw, lines, fault)
    lines = list({line.ref: line for line in lines}.values())
    read: dict[str, OrderRead] = {
        each.payment_id: OrderRead(
            is_charged=draw(st.booleans()), is_auto_refunded=draw(st.booleans())
        )
        for each in trade.books
        if draw(st.integers(0, 3)) == 0
    }
    complete = draw(st.booleans())
    until = date(2026, 11, 20)
    return Evidence(
        as_of=THURSDAY + timedelta(days=draw(st.integers(0, 9))),
        books=trade.books,
        lines=lines,
        rejected=()
        if complete
        else (UnreadableRow(file=FILE, line_no=99, reason="row_too_short"),),
        complete_until={UPI: until, CARD: until, "SHARED": until} if complete else {},
        reads=read,
    )
