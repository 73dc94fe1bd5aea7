"""Postings in rows: a journal and its entries are two parts of the statement that writes the unit."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.statements import ISSUED, Prepared, Write, prepare
from domain.ledger.journal import Journal, JournalKey, Reversal
from domain.reconciliation.expectation import Expectation, expected_by

COLUMNS: Final = "kind, subject, sequence, fact_date, business_date, posted_at, reference, reverses"
OPEN_DAY: Final = "greatest(CAST(:fact_date AS date), (SELECT max(last) + 1 FROM closed_period))"
POST: Final = f"""
    INSERT INTO journal ({COLUMNS})
    SELECT CAST(:kind AS text), CAST(:subject AS text), CAST(:sequence AS integer),
           CAST(:fact_date AS date), {OPEN_DAY}, CAST(:posted_at AS timestamptz), {{reference}}, NULL
    ON CONFLICT DO NOTHING RETURNING id, business_date
"""
GIVEN: Final = prepare(text(POST.format(reference="CAST(:reference AS text)")))
NUMBERED: Final = prepare(text(POST.format(reference=f"(SELECT number FROM {ISSUED})")))
REVERSE: Final = prepare(
    text(f"""
        INSERT INTO journal ({COLUMNS})
        SELECT 'reversal', o.kind || '/' || o.subject || '/' || o.sequence, 1,
               CAST(:fact_date AS date), {OPEN_DAY}, CAST(:posted_at AS timestamptz), o.reference, o.id
        FROM journal o WHERE o.kind = :kind AND o.subject = :subject AND o.sequence = :sequence
        ON CONFLICT DO NOTHING RETURNING id, business_date, reverses
    """)
)
ENTRIES: Final = """
    INSERT INTO entry (journal_id, line, business_date, account, amount_paise,
                       payment_id, settlement, discrepancy)
    SELECT j.id, e.line, j.business_date, e.account, e.amount_paise,
           e.payment_id, e.settlement, e.discrepancy
    FROM {name} j, unnest(CAST(:accounts AS text[]), CAST(:amounts AS bigint[]),
                          CAST(:payments AS text[]), CAST(:settlements AS text[]),
                          CAST(:discrepancies AS text[])) WITH ORDINALITY
         AS e (account, amount_paise, payment_id, settlement, discrepancy, line)
    RETURNING 1
"""
MIRROR: Final = """
    INSERT INTO entry (journal_id, line, business_date, account, amount_paise,
                       payment_id, settlement, discrepancy)
    SELECT j.id, e.line, j.business_date, e.account, -e.amount_paise,
           e.payment_id, e.settlement, e.discrepancy
    FROM {name} j JOIN entry e ON e.journal_id = j.reverses
    RETURNING 1
"""
# A journal that was posted before expects nothing more; one that corrects a capture changes its amount.
EXPECT: Final = """
    INSERT INTO expectation (payment_id, refund_id, amount_paise, business_date)
    SELECT CAST(:payment_id AS text), CAST(:refund_id AS text), CAST(:amount_paise AS bigint),
           CAST(:day AS date)
    FROM {name}
    ON CONFLICT (payment_id, refund_id)
    DO UPDATE SET amount_paise = expectation.amount_paise + excluded.amount_paise
    RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class PostgresJournalWrites:
    writes: list[Write]

    def post(self, journal: Journal, at: datetime) -> None:
        self._post(GIVEN, journal, at)

    def post_document(self, journal: Journal, at: datetime) -> None:
        self._post(NUMBERED, journal, at)

    def reverse(self, reversal: Reversal, at: datetime) -> None:
        name = self._next()
        values = {**_of_key(reversal.of), "fact_date": reversal.day, "posted_at": at}
        self.writes.append(Write(REVERSE, values, name=name))
        self.writes.append(Write(_reading(MIRROR, name), {}))

    def _post(self, statement: Prepared, journal: Journal, at: datetime) -> None:
        name = self._next()
        values = {
            **_of_key(journal.key),
            "fact_date": journal.day,
            "posted_at": at,
            "reference": journal.reference,
        }
        entries = {
            "accounts": [entry.account.value for entry in journal.entries],
            "amounts": [entry.amount.paise for entry in journal.entries],
            "payments": [entry.payment for entry in journal.entries],
            "settlements": [entry.settlement for entry in journal.entries],
            "discrepancies": [entry.discrepancy for entry in journal.entries],
        }
        self.writes.append(Write(statement, values, name=name))
        self.writes.append(Write(_reading(ENTRIES, name), entries))
        if (expected := expected_by(journal)) is not None:
            self.writes.append(Write(_reading(EXPECT, name), _of_expectation(expected)))

    def _next(self) -> str:
        return f"posted{len(self.writes)}"


@lru_cache(maxsize=256)
def _reading(statement: str, name: str) -> Prepared:
    return prepare(text(statement.format(name=name)))


def _of_expectation(expected: Expectation) -> Mapping[str, object]:
    return {
        "payment_id": expected.payment,
        "refund_id": expected.refund,
        "amount_paise": expected.amount.paise,
        "day": expected.day,
    }


def _of_key(key: JournalKey) -> Mapping[str, object]:
    return {"kind": key.kind.value, "subject": key.subject, "sequence": key.sequence}
