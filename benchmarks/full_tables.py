"""As many payments as wanted, with all that belongs to them, in the tables of one database."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import asyncpg

FILL: Final = Path(__file__).parents[1] / "tests" / "adapters" / "postgres" / "full_tables.sql"
FEW: Final = 200_000
"""As many payments as the file makes by itself."""

LIMIT: Final = timedelta(hours=2)
"""For one statement of the filling."""

FILLED: Final = "FROM generate_series(1, 200000) AS n;"
COURSES: Final = "FROM generate_series(0, 60) AS n;"
UNDER_WAY: Final = "CASE WHEN n % 400 = 3"
ENTRIES: Final = "e (line, account, paise);"
SETTLED: Final = "at < (SELECT max(at) FROM seed) - interval '3 days'"
PAYMENTS_TOLD: Final = "FROM refund WHERE refund.payment_id = payment.id;"
NEWEST: Final = "timestamptz '2026-04-01 06:30:00+00' -"


async def fill(url: str, first: int, last: int, *, newest: datetime | None = None) -> None:
    """
    Make payments *first* to *last* in the migrated database at *url*, which may hold those before them.

    The first was begun a second before *newest*, each one after it about two minutes earlier.
    """
    sql = FILL.read_text(encoding="utf-8")
    for before, after in (
        (FILLED, f"FROM generate_series({first}, {last}) AS n;"),
        (COURSES, COURSES.replace(";", " ON CONFLICT DO NOTHING;")),
        # As many refunds are under way however many there were: they come to an end.
        (UNDER_WAY, f"{UNDER_WAY} AND n <= {FEW}"),
        (PAYMENTS_TOLD, PAYMENTS_TOLD.replace(";", " AND payment.id IN (SELECT id FROM seed);")),
        (ENTRIES, ENTRIES.replace(";", " WHERE j.subject IN (SELECT id FROM seed);")),
        # As many sales wait for their settlement however many there were.
        (SETTLED, f"{SETTLED} OR {first} > 1"),
        (NEWEST, f"timestamptz '{newest.isoformat()}' -" if newest else NEWEST),
    ):
        if before not in sql:
            raise RuntimeError(f"{FILL.name} has changed: {before}")
        sql = sql.replace(before, after)
    connection = await asyncpg.connect(url, timeout=60, command_timeout=LIMIT.total_seconds())
    # Rows and indexes alone are of interest, and a crash costs nothing but the run.
    await connection.execute("SET work_mem = '256MB'")
    await connection.execute(sql)
    await connection.execute("VACUUM (ANALYZE)")
    await connection.close()
