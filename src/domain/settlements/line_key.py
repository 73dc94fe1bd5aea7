"""How two reported movements are recognised as the same: by their content, and by what they are about."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.identifiers import RefundId
from domain.settlements.settlement_line import LineType, SettlementLine

LINE_KEY_VERSION: Final = "settlement-line-v1"
EVENT_KEY_VERSION: Final = "settlement-event-v1"
_SEPARATOR: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class EventKey:
    """
    What a line is about. A settlement holds at most one live line of each.

    ``subject`` is the payment's id, else the bank's transaction id, else the RRN; ``movement`` the
    refund's id, else the bank's transaction id, else the RRN.
    """

    mid: str
    line_type: LineType
    subject: str | None
    movement: str | RefundId | None


def line_key(line: SettlementLine) -> str:
    """
    Return the SHA-256 of everything that a line says, as 64 hex digits.

    The text that is hashed is the version and the fields below, each null empty, joined by U+001F and encoded
    in UTF-8. Line number, occurrence and status word are no part of it. Amounts are whole paise, the instant is
    ``2026-11-12T04:45:00Z``, the day ``2026-11-13``.
    """
    fields = (
        line.line_type.value,
        line.direction.value,
        line.mid,
        line.tid or "",
        line.payment_id or "",
        "" if line.attempt is None else str(line.attempt),
        line.refund_id or "",
        line.bank_txn_id or "",
        line.rrn or "",
        line.arn or "",
        line.auth_code or "",
        line.utr or "",
        line.settlement_id or "",
        line.method or "",
        str(line.gross.paise),
        str(line.fee.paise),
        str(line.cgst.paise),
        str(line.sgst.paise),
        str(line.igst.paise),
        str(line.utgst.paise),
        str(line.net.paise),
        "" if line.txn_at is None else instant_text(line.txn_at),
        line.settled_on.isoformat(),
    )
    return line_digest(fields).hex()


def line_digest(fields: tuple[str, ...]) -> bytes:
    """Return the 32 bytes of a line key, of its *fields* in the order of ``line_key``."""
    text = LINE_KEY_VERSION + _SEPARATOR + _SEPARATOR.join(fields)
    return hashlib.sha256(text.encode()).digest()


def event_key(line: SettlementLine) -> EventKey:
    """Return what *line* is about, whatever its amounts are."""
    return EventKey(
        line.mid,
        line.line_type,
        line.payment_id or line.bank_txn_id or line.rrn,
        line.refund_id or line.bank_txn_id or line.rrn,
    )


def event_hash(line: SettlementLine, key: str) -> str:
    """
    Return the SHA-256 of what *line* is about, as 64 hex digits; *key* is its line key.

    Hashed are the version, MID, line type, subject and movement, joined by U+001F in UTF-8. Where no id
    names the event, the line key and its occurrence stand for both: equal rows of one file may both be
    real, and come again when the file does.
    """
    event = event_key(line)
    subject, movement = event.subject or "", event.movement or ""
    if not subject and not movement:
        subject, movement = key, str(line.occurrence)
    return event_digest(line.mid, line.line_type.value, subject, movement).hex()


def event_digest(mid: str, line_type: str, subject: str, movement: str) -> bytes:
    """Return the 32 bytes of the hash of an event that *subject* or *movement* names."""
    fields = (EVENT_KEY_VERSION, mid, line_type, subject, movement)
    return hashlib.sha256(_SEPARATOR.join(fields).encode()).digest()


def instant_text(instant: datetime) -> str:
    """Return an instant in UTC as ``2026-11-12T04:45:00Z``; a part of a second follows where there is one."""
    return instant.isoformat().removesuffix("+00:00") + "Z"
