"""Expectations as rows, settled and reopened many by one part of the unit's statement."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Connection
from adapters.postgres.engine.statements import Prepared, Write, prepare
from domain.identifiers import PaymentId
from domain.money import Money
from domain.reconciliation.expectation import (
    ExpectationMove,
    ExpectationStanding,
    PlainMove,
)
from domain.reconciliation.reported import LineRef

MOVE: Final = prepare(
    text("""
        UPDATE expectation x SET settled_file = m.by_file, settled_line = m.by_line,
               settled_paise = CASE WHEN m.by_file IS NULL THEN 0 ELSE x.amount_paise END
        FROM unnest(CAST(:payments AS text[]), CAST(:refunds AS text[]), CAST(:amounts AS bigint[]),
                    CAST(:was_files AS text[]), CAST(:was_lines AS integer[]),
                    CAST(:by_files AS text[]), CAST(:by_lines AS integer[]))
             AS m (payment_id, refund_id, amount_paise, was_file, was_line, by_file, by_line)
        WHERE x.payment_id = m.payment_id AND x.refund_id = m.refund_id
          AND x.amount_paise = m.amount_paise
          AND x.settled_file IS NOT DISTINCT FROM m.was_file
          AND x.settled_line IS NOT DISTINCT FROM m.was_line
        RETURNING 1
    """)
)
OF: Final = prepare(
    text("""
        SELECT amount_paise, settled_file, settled_line FROM expectation
        WHERE payment_id = :payment AND refund_id = ''
    """)
)
SETTLE: Final = prepare(
    text("""
        UPDATE expectation x SET settled_file = told.sha256, settled_line = told.line_no,
               settled_paise = x.amount_paise
        FROM (
            SELECT w.sha256, l.line_no, l.payment_id, l.gross_paise
            FROM unnest(CAST(:files AS text[]), CAST(:settlements AS text[])) AS w (sha256, settlement)
            JOIN settlement_file f ON f.sha256 = w.sha256
            JOIN settlement_line l ON l.file_id = f.id AND l.settlement = w.settlement
            WHERE l.state = 'live' AND l.line_type = 'payment' AND l.direction = 'CR'
              AND (w.sha256, l.line_no) NOT IN (
                SELECT * FROM unnest(CAST(:apart_files AS text[]), CAST(:apart_lines AS integer[])))
        ) told
        WHERE x.payment_id = told.payment_id AND x.refund_id = '' AND x.settled_file IS NULL
          AND x.amount_paise = told.gross_paise
        RETURNING x.amount_paise
    """)
)
ALL_SETTLED: Final = """
    SELECT 1 FROM (SELECT count(*) AS lines, sum(amount_paise) AS paise FROM {name}) AS s
    WHERE lines = :lines AND paise = :paise
"""
LIMIT: Final = timedelta(minutes=10)
"""For a unit that settles plainly: a million sales take less than a minute."""

FEW: Final = 50_000
"""So many lines find their sales by the keys; more of them by one pass over all that was ever sold."""

ALL_MOVED: Final = "SELECT 1 FROM (SELECT count(*) AS moved FROM {name}) AS m WHERE moved = :wanted"


@dataclass(frozen=True, slots=True)
class PostgresExpectations:
    connection: Connection
    writes: list[Write]

    async def of(self, payment: PaymentId) -> ExpectationStanding | None:
        for row in await self.connection.fetch(OF, payment=payment):
            file = row["settled_file"]
            return ExpectationStanding(
                payment=payment,
                amount=Money(row["amount_paise"]),
                settled_by=LineRef(file, row["settled_line"]) if file else None,
            )
        return None

    def move(self, moves: Iterable[ExpectationMove]) -> None:
        told = sorted(moves, key=lambda each: (each.payment, each.refund))
        if not told:
            return
        name = f"expectations{len(self.writes)}"
        values = {
            "payments": [each.payment for each in told],
            "refunds": [each.refund for each in told],
            "amounts": [each.amount.paise for each in told],
            "was_files": [each.was.file if each.was else None for each in told],
            "was_lines": [each.was.line_no if each.was else None for each in told],
            "by_files": [each.by.file if each.by else None for each in told],
            "by_lines": [each.by.line_no if each.by else None for each in told],
        }
        self.writes.append(Write(MOVE, values, name=name))
        self.writes.append(Write(_all_moved(name), {"wanted": len(told)}, expects="an expectation"))

    def settle_plainly(self, move: PlainMove) -> None:
        reports, apart = sorted(move.reports), sorted(move.apart_from)
        name = f"plain{len(self.writes)}"
        values = {
            "files": [file for file, _ in reports],
            "settlements": [settlement for _, settlement in reports],
            "apart_files": [each.file for each in apart],
            "apart_lines": [each.line_no for each in apart],
        }
        wanted = {"lines": move.lines, "paise": move.gross.paise}
        few = move.lines <= FEW
        self.writes.append(Write(SETTLE, values, name=name, limit=LIMIT, few=few))
        self.writes.append(
            Write(_all_settled(name), wanted, expects="an expectation", limit=LIMIT, few=few)
        )


@lru_cache(maxsize=256)
def _all_settled(name: str) -> Prepared:
    return prepare(text(ALL_SETTLED.format(name=name)))


@lru_cache(maxsize=256)
def _all_moved(name: str) -> Prepared:
    return prepare(text(ALL_MOVED.format(name=name)))
