"""The search of stored texts for card numbers: SQL finds long numbers, and the rule of the domain decides."""

import re
import unicodedata
from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from sqlalchemy import ARRAY, Column, String, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from domain.text.card_number import DIGITS_MAX, DIGITS_MIN, contains_card_number, is_card_number

OPAQUE: Final = frozenset(
    {
        "audit_checkpoint.note",
        "audit_log.actor",
        "audit_log.correlation_id",
        "audit_log.subject",
        "bank_statement.sha256",
        "browser_session.id",
        "browser_session.subject",
        "browser_session.token_sha256",
        "closed_period.closed_by",
        "discount_use.student_id",
        "document_file.sha256",
        "enrolment.payment_id",
        "enrolment.student_id",
        "entry.discrepancy",
        "entry.payment_id",
        "entry.settlement",
        "idempotency.body_sha256",
        "idempotency.key",
        "idempotency.payment_id",
        "idempotency.student_id",
        "inbox.body_sha256",
        "inbox.event_id",
        "inbox.order_id",
        "invariant_watch.followed",
        "journal.reference",
        "journal.subject",
        "ledger_backfill.after",
        "outbox.payment_id",
        "outbox.subject",
        "payment.bank_txn_id",
        "payment.client_reference",
        "payment.client_reference_first",
        "payment.consent_version",
        "payment.first_attempt",
        "payment.gateway_order_id",
        "payment.id",
        "payment.retried_as",
        "payment.retry_of",
        "payment.student_id",
        "question.id",
        "question.student_id",
        "refund.asked_by",
        "refund.decided_by",
        "refund.id",
        "refund.payment_id",
        "refund.request_key",
        "refund.request_sha256",
        "refund_watch.payment_id",
        "refund_watch.refund_id",
        "settlement_file.sha256",
        "staff.id",
        "tax_document.payment_id",
        "tax_document.refund_id",
        "tax_document.sha256",
    }
)
"""Columns of ids and digests: a card number is looked for as the whole of them, never inside."""

NOT_SEARCHED: Final = frozenset(
    {
        "bank_entry.reference",
        # What the bank calls its movements, and what the evidence names of them.
        *(
            f"discrepancy.{name}"
            for name in ("ref", "settlement", "lines", "entries", "closed", "evidence", "ids")
        ),
        "settlement.settlement",
        "settlement.settlement_id",
        "settlement.utr",
        *(
            f"settlement_line.{name}"
            for name in (
                "settlement", "mid", "tid", "payment_id", "refund_id", "bank_txn_id", "rrn", "arn", "auth_code",
                "utr", "settlement_id",
            )
        ),
    }
)  # fmt: skip
"""Ids of the bank: one of 13 to 19 digits in ten passes the test of a card number. Readers take none from texts."""

_ID_FACT: Final = re.compile(
    r'"(?:id|refund|payment|dispute|event|arn|reference|bank_reference|bank_txn_id|refund_id|transaction_id'
    r'|gateway_order_id)": "([^"\\]*)"'
)
"""An id in a text of JSON as PostgreSQL writes it. Of ids with hexadecimal digits, one in some thousand holds digits
that look like a card number."""

BETWEEN: Final = "|"
"""Stands between the texts of two columns: no card number goes over it."""

ID_MARK: Final = "\N{SYMBOL FOR SHIFT IN}"
"""Stands before an opaque id in what a search finds."""


PLANES_WITH_DIGITS: Final = range(0x20000)
"""Unicode has digits in its first two planes alone; to go through all takes each process a tenth of a second."""


def _digits() -> str:
    """Return the digits of all scripts, as ranges of a bracket expression."""
    codes = [code for code in PLANES_WITH_DIGITS if unicodedata.digit(chr(code), None) is not None]
    gaps = [(before, after) for before, after in pairwise(codes) if after != before + 1]
    starts, ends = [codes[0], *(each[1] for each in gaps)], [*(each[0] for each in gaps), codes[-1]]
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends, strict=True))


_DIGITS: Final = _digits()
_MARKS: Final = r" ./,_+\t\n\v\f\r-"
_FOREIGN: Final = rf"[^\u0001-\u007f{_DIGITS}]"
_PIN: Final = r"[1-9][0-9]{2} ?[0-9]{3}"
_MOBILE: Final = r"(?:(?:91|0)[ -]?)?[6-9][0-9]{4}[ -]?[0-9]{5}"
_LANDLINE: Final = r"0[0-9]{2,4}[ -][0-9]{3,4}[ -]?[0-9]{3,4}"
_LONG: Final = rf"[{_DIGITS}](?:(?:[{_MARKS}]|{_FOREIGN}){{0,4}}[{_DIGITS}]){{{DIGITS_MIN - 1}}}"

PATTERNS: Final[Mapping[str, str]] = {
    # Digits enough for a card number with up to three marks between two of them: of ASCII, of any script.
    "long_number": rf"[0-9](?:[{_MARKS}]{{0,3}}[0-9]){{{DIGITS_MIN - 1}}}",
    "any_long_number": _LONG,
    "foreign": r"[^\u0001-\u007f]",
    # What a long number stands in, with all digits beside it.
    "run": rf"[{_DIGITS}](?:[{_DIGITS}{_MARKS}]|{_FOREIGN}){{{DIGITS_MIN - 2},}}[{_DIGITS}]",
    # A PIN code beside a telephone number: so often in an address that the database passes them over.
    "contact": (
        rf"{_PIN}[{_MARKS}]{{1,3}}(?:{_MOBILE}|{_LANDLINE})"
        rf"|(?:{_MOBILE}|{_LANDLINE})[{_MARKS}]{{1,3}}{_PIN}"
    ),
    # An id without letters, of as many digits as a card number has.
    "whole": (
        rf"^[^A-Za-z0-9]*[0-9](?:[^A-Za-z0-9]*[0-9]){{{DIGITS_MIN - 1},{DIGITS_MAX - 1}}}[^A-Za-z0-9]*$"
    ),
}
"""The patterns that a search is given, by the names of its parameters."""


def search(table: Table) -> str | None:
    """
    Return the SQL of what a row of *table* holds that may be a card number, empty for nothing.

    It is None for a table without texts that long. The parameters are ``PATTERNS``; what is found is for
    ``holds_card_number``.
    """
    columns = [each for each in table.columns if _holds_text(each)]
    ids = [each.name for each in columns if f"{table.name}.{each.name}" in OPAQUE]
    texts = [f"{each.name}::text" for each in columns if each.name not in ids]
    found = [
        f"CASE WHEN {each}::text ~ :whole THEN '{ID_MARK}' || {each}::text END" for each in ids
    ]
    if texts:
        joined = f"concat_ws('{BETWEEN}', {', '.join(texts)})"
        found.append(
            f"CASE WHEN ({joined} ~ :long_number"
            f" OR ({joined} ~ :foreign AND {joined} ~ :any_long_number))"
            f" AND EXISTS (SELECT FROM regexp_matches({joined}, :run, 'g') part"
            " WHERE regexp_replace(part[1], :contact, 'x', 'g') ~ :any_long_number)"
            f" THEN {joined} END"
        )
    return f"concat_ws(chr(1), {', '.join(found)})" if found else None


def holds_card_number(found: str) -> bool:
    """Return whether what ``search`` found in a row is a card number after all."""
    for each in found.split("\x01"):
        if each.startswith(ID_MARK):
            if is_card_number(each.removeprefix(ID_MARK)):
                return True
        else:
            texts = _ID_FACT.sub('""', each).split(BETWEEN)
            if any(map(contains_card_number, texts)) or any(
                map(is_card_number, _ID_FACT.findall(each))
            ):
                return True
    return False


def _holds_text(column: Column[object]) -> bool:
    if f"{column.table.name}.{column.name}" in NOT_SEARCHED:
        return False
    kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    if isinstance(kind, JSONB | Text):
        return True
    return isinstance(kind, String) and (kind.length is None or kind.length >= DIGITS_MIN)
