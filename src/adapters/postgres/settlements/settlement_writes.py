"""What a run concludes about reports of settlements, in the statement of its unit."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.statements import Prepared, Write, prepare
from domain.reconciliation.payout import CreditOutcome, CreditPart, PayoutOutcome
from domain.reconciliation.reported import LineRef
from ports.file_store import FileHash

POSTED: Final = prepare(
    text("""
        UPDATE settlement SET journal = :journal, posted_at = :at, payout = :payout
        WHERE file_id = (SELECT id FROM settlement_file WHERE sha256 = :file)
          AND settlement = :settlement AND state = 'live' AND posted_at IS NULL RETURNING 1
    """)
)
REVERSED: Final = prepare(
    text("""
        UPDATE settlement SET reversed_at = :at
        WHERE file_id = (SELECT id FROM settlement_file WHERE sha256 = :file)
          AND settlement = :settlement AND state = 'superseded'
          AND posted_at IS NOT NULL AND reversed_at IS NULL RETURNING 1
    """)
)
# A statement changes a row once: what the same unit posts says with that where its money is.
PAYOUT: Final = prepare(
    text("""
        UPDATE settlement SET payout = :outcome
        WHERE settlement = :settlement AND state = 'live' AND posted_at IS NOT NULL RETURNING 1
    """)
)
RELEASED: Final = prepare(
    text("""
        UPDATE settlement_line l SET state = 'live', cause = NULL
        FROM unnest(CAST(:files AS text[]), CAST(:numbers AS integer[])) AS w (sha256, line_no)
        JOIN settlement_file f ON f.sha256 = w.sha256
        JOIN settlement s ON s.file_id = f.id AND s.state = 'live'
        WHERE l.file_id = f.id AND l.line_no = w.line_no AND l.state IN ('duplicate', 'held')
          AND s.settlement = l.settlement
        RETURNING l.file_id, l.settlement, l.net_paise
    """)
)
COUNTED: Final = """
    UPDATE settlement s SET payout = NULL, live_lines = s.live_lines + (
            SELECT count(*) FROM {name} l WHERE l.file_id = s.file_id AND l.settlement = s.settlement),
        net_paise = s.net_paise + coalesce((SELECT sum(l.net_paise) FROM {name} l
            WHERE l.file_id = s.file_id AND l.settlement = s.settlement), 0)
    WHERE s.state = 'live' AND s.settlement IN (SELECT settlement FROM {name}) RETURNING 1
"""
ALL_RELEASED: Final = "SELECT 1 FROM (SELECT count(*) AS n FROM {name}) AS r WHERE n = :wanted"
MARK: Final = prepare(
    text("""
        UPDATE bank_entry SET outcome = :outcome
        WHERE entry_key = :key AND closed_at IS NULL RETURNING 1
    """)
)
CLOSE: Final = prepare(
    text("""
        UPDATE bank_entry SET outcome = :outcome, closed_at = :at
        WHERE entry_key = :key AND closed_at IS NULL RETURNING 1
    """)
)
_OF_PART: Final = """
    booked_on = CAST(:day AS date) AND entry_key BETWEEN :low AND :high AND amount_paise = :paise
"""
CLOSE_PART: Final = prepare(
    text(f"""
        UPDATE bank_entry SET outcome = 'differs', closed_at = :at
        WHERE {_OF_PART} AND closed_at IS NULL RETURNING 1
    """)
)
REOPEN_PART: Final = prepare(
    text(f"""
        UPDATE bank_entry SET closed_at = NULL
        WHERE {_OF_PART} AND closed_at IS NOT NULL AND outcome = 'differs' RETURNING 1
    """)
)
REPORT: Final = "a report of a settlement"
KEY_BYTES: Final = 32
"""A SHA-256."""

ENTRY: Final = "an entry of a statement"


@dataclass(frozen=True, slots=True)
class PostgresSettlementWrites:
    writes: list[Write]

    def mark_posted(
        self,
        report: tuple[FileHash, str],
        journal: int,
        at: datetime,
        payout: PayoutOutcome | None = None,
    ) -> None:
        file, settlement = report
        values = {
            "file": file,
            "settlement": settlement,
            "journal": journal,
            "at": at,
            "payout": payout.value if payout else None,
        }
        self.writes.append(Write(POSTED, values, REPORT))

    def mark_reversed(self, report: tuple[FileHash, str], at: datetime) -> None:
        file, settlement = report
        values = {"file": file, "settlement": settlement, "at": at}
        self.writes.append(Write(REVERSED, values, REPORT))

    def mark_payout(self, settlement: str, outcome: PayoutOutcome) -> None:
        self.writes.append(Write(PAYOUT, {"settlement": settlement, "outcome": outcome.value}))

    def release_lines(self, places: Collection[LineRef]) -> None:
        told = sorted(set(places))
        values = {
            "files": [each.file for each in told],
            "numbers": [each.line_no for each in told],
        }
        name = f"released{len(self.writes)}"
        self.writes.append(Write(RELEASED, values, name=name))
        self.writes.append(Write(_naming(COUNTED, name), {}))
        self.writes.append(Write(_naming(ALL_RELEASED, name), {"wanted": len(told)}, REPORT))


@lru_cache(maxsize=64)
def _naming(statement: str, name: str) -> Prepared:
    return prepare(text(statement.format(name=name)))


@dataclass(frozen=True, slots=True)
class PostgresBankEntryWrites:
    writes: list[Write]

    def mark(self, key: str, outcome: CreditOutcome) -> None:
        self._write(MARK, key, outcome=outcome.value)

    def close(self, key: str, outcome: CreditOutcome, at: datetime) -> None:
        self._write(CLOSE, key, outcome=outcome.value, at=at)

    def close_part(self, part: CreditPart, at: datetime) -> None:
        self.writes.append(Write(CLOSE_PART, {**_of_part(part), "at": at}, ENTRY))

    def reopen_part(self, part: CreditPart) -> None:
        self.writes.append(Write(REOPEN_PART, _of_part(part), ENTRY))

    def _write(self, statement: Prepared, key: str, **values: object) -> None:
        self.writes.append(Write(statement, {"key": bytes.fromhex(key), **values}, ENTRY))


def _of_part(part: CreditPart) -> dict[str, object]:
    """Return the day of an entry, and between which keys its own is, of which its name holds the beginning."""
    day, _, begins = part.entry.partition("/")
    prefix = bytes.fromhex(begins)
    left = KEY_BYTES - len(prefix)
    return {
        "day": date.fromisoformat(day),
        "low": prefix + bytes(left),
        "high": prefix + b"\xff" * left,
        "paise": part.amount_paise,
    }
