"""A settlement line with its keys as plain values: what is kept of it, in the order in which it is kept."""

from datetime import date, datetime
from typing import NamedTuple, Self

from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.settlements.line_key import event_hash
from domain.settlements.settlement_line import Direction, LineType, SettlementLine


class KeyedLine(NamedTuple):
    """
    A line with its line key and the hash of its event; amounts in paise.

    A file of a million lines is made of these. The values are those of ``SettlementLine``, which is made
    where somebody asks for it. *warnings* are as in ``id_lost_in_spreadsheet:rrn``, joined by blanks.
    """

    line_no: int
    settlement: str
    line_key: bytes
    event_key: bytes
    line_type: str
    direction: str
    mid: str
    tid: str | None
    payment_id: PaymentId | None
    attempt: int | None
    refund_id: RefundId | None
    bank_txn_id: str | None
    rrn: str | None
    arn: str | None
    auth_code: str | None
    utr: str | None
    settlement_id: str | None
    method: str | None
    gross_paise: int
    fee_paise: int
    cgst_paise: int
    sgst_paise: int
    igst_paise: int
    utgst_paise: int
    net_paise: int
    txn_at: datetime | None
    settled_on: date
    status_word: str | None
    on_hold: bool
    occurrence: int
    warnings: str | None = None

    @classmethod
    def of(cls, line: SettlementLine, key: str, warnings: str | None = None) -> Self:
        """Return *line* with its line *key* in hex."""
        return cls(
            line.line_no,
            line.settlement_key,
            bytes.fromhex(key),
            bytes.fromhex(event_hash(line, key)),
            line.line_type.value,
            line.direction.value,
            line.mid,
            line.tid,
            line.payment_id,
            line.attempt,
            line.refund_id,
            line.bank_txn_id,
            line.rrn,
            line.arn,
            line.auth_code,
            line.utr,
            line.settlement_id,
            line.method,
            line.gross.paise,
            line.fee.paise,
            line.cgst.paise,
            line.sgst.paise,
            line.igst.paise,
            line.utgst.paise,
            line.net.paise,
            line.txn_at,
            line.settled_on,
            line.status_word,
            line.on_hold,
            line.occurrence,
            warnings,
        )

    @property
    def key(self) -> str:
        """The line key in hex."""
        return self.line_key.hex()

    @property
    def event(self) -> str:
        """The hash of the event in hex."""
        return self.event_key.hex()

    @property
    def line(self) -> SettlementLine:
        """The line itself."""
        return SettlementLine(
            line_no=self.line_no,
            line_type=LineType(self.line_type),
            direction=Direction(self.direction),
            mid=self.mid,
            tid=self.tid,
            payment_id=self.payment_id,
            attempt=self.attempt,
            refund_id=self.refund_id,
            bank_txn_id=self.bank_txn_id,
            rrn=self.rrn,
            arn=self.arn,
            auth_code=self.auth_code,
            utr=self.utr,
            settlement_id=self.settlement_id,
            method=self.method,
            gross=Money(self.gross_paise),
            fee=Money(self.fee_paise),
            cgst=Money(self.cgst_paise),
            sgst=Money(self.sgst_paise),
            igst=Money(self.igst_paise),
            utgst=Money(self.utgst_paise),
            net=Money(self.net_paise),
            txn_at=self.txn_at,
            settled_on=self.settled_on,
            status_word=self.status_word,
            on_hold=self.on_hold,
            occurrence=self.occurrence,
        )
