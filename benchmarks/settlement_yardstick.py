"""The same import by DuckDB: the same columns and keys out of the same files, into a file of its own."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Sequence
from pathlib import Path
from typing import Final

ORDER: Final = "^(?:[A-Za-z0-9]{1,20}-)?(SK[A-Z2-7]{18})(?:-([0-9]{1,2}))?$"
PAISE: Final = "CAST(CAST({} AS DECIMAL(18, 2)) * 100 AS BIGINT)"
INSTANT: Final = (
    "strptime(\"Transaction Req Date\", '%d-%b-%Y %H:%M:%S') - INTERVAL '5 hours 30 minutes'"
)
TYPED: Final = f"""
    SELECT file_id, line_no, mid || '/' || settled_on AS settlement, line_type, direction, mid, tid, payment_id,
           attempt, bank_txn_id, rrn, 'UPI' AS method, gross, fee, cgst, sgst, igst, utgst, net, txn_at, settled_on,
           sha256(concat_ws(chr(31), 'settlement-line-v1', line_type, direction, mid, tid, payment_id,
                            attempt, '', bank_txn_id, rrn, '', '', '', '', 'UPI', gross, fee, cgst, sgst, igst,
                            utgst, net, strftime(txn_at, '%Y-%m-%dT%H:%M:%SZ'), settled_on)) AS line_key,
           sha256(concat_ws(chr(31), 'settlement-event-v1', mid, line_type, payment_id, bank_txn_id)) AS event_key
    FROM (
        SELECT :file AS file_id, row_number() OVER () + 1 AS line_no,
               CASE "CR / DR" WHEN 'CR' THEN 'payment' ELSE 'refund' END AS line_type, "CR / DR" AS direction,
               "External MID" AS mid, "External TID" AS tid,
               regexp_extract("Order ID", '{ORDER}', 1) AS payment_id,
               regexp_extract("Order ID", '{ORDER}', 2) AS attempt, "UPI Trxn ID" AS bank_txn_id,
               "Txn ref no. (RRN)" AS rrn, {PAISE.format('"Transaction Amount"')} AS gross,
               {PAISE.format('"MSF Amount"')} AS fee, {PAISE.format('"CGST AMT"')} AS cgst,
               {PAISE.format('"SGST AMT"')} AS sgst, {PAISE.format('"IGST AMT"')} AS igst,
               {PAISE.format('"UTGST AMT"')} AS utgst, {PAISE.format('"Net Amount"')} AS net,
               {INSTANT} AS txn_at, CAST(strptime("Settlement Date", '%d-%b-%Y') AS DATE) AS settled_on
        FROM read_csv(':path', header = true, all_varchar = true)
    )
"""
TABLE: Final = f"CREATE TABLE line AS SELECT *, 'live' AS state FROM ({TYPED}) WITH NO DATA"
ADD: Final = f"INSERT INTO line SELECT *, 'live' FROM ({TYPED})"
# What is told twice counts once, in one file and in all.
AGAIN: Final = """
    UPDATE line SET state = 'duplicate'
    WHERE event_key IN (SELECT event_key FROM line GROUP BY event_key HAVING count(*) > 1)
"""
SUMS: Final = """
    CREATE TABLE settlement AS
    SELECT file_id, settlement, count(*) AS lines, sum(gross) AS credits, sum(fee) AS fee, sum(net) AS net
    FROM line GROUP BY ALL
"""
KEYS: Final = (
    "CREATE UNIQUE INDEX line_once ON line (file_id, line_no)",
    "CREATE INDEX line_of_payment ON line (payment_id)",
)


def import_by_duckdb(database: Path, files: Sequence[Path]) -> int:
    """Import *files* into the new *database*, with keys and sums, durably; return how many lines there are."""
    import duckdb  # noqa: PLC0415 - only the yardstick's process pays for it

    with duckdb.connect(str(database)) as connection:
        connection.execute(_filled(TABLE, 0, files[0]))
        for number, path in enumerate(files, 1):
            connection.execute(_filled(ADD, number, path))
        for statement in (AGAIN, SUMS, *KEYS, "CHECKPOINT"):
            connection.execute(statement)
        return int(connection.execute("SELECT count(*) FROM line").fetchall()[0][0])


SALE: Final = """
    CREATE TABLE sale AS
    SELECT payment_id, amount_paise, method, rrn, paid_at, NULL::BIGINT AS settled_file, NULL::BIGINT AS settled_line
    FROM read_csv(':path', header = true,
                  types = {'amount_paise': 'BIGINT', 'rrn': 'VARCHAR', 'paid_at': 'TIMESTAMP'})
"""
# What two lines name settles nothing, and neither does a sale whose reference stands in another line.
TWICE: Final = """
    CREATE TABLE twice AS
    SELECT payment_id AS name FROM line WHERE state = 'live' GROUP BY payment_id HAVING count(*) > 1
    UNION ALL SELECT rrn FROM line WHERE state = 'live' GROUP BY rrn HAVING count(*) > 1
    UNION ALL SELECT s.rrn FROM sale s JOIN line l USING (payment_id) JOIN line o ON o.rrn = s.rrn WHERE l.rrn <> s.rrn
"""
FOUND: Final = """
    CREATE TABLE discrepancy AS
    SELECT coalesce(s.payment_id, l.payment_id) AS ref, s.amount_paise AS ours, l.gross AS bank
    FROM sale s FULL JOIN (SELECT * FROM line WHERE state = 'live') l ON l.payment_id = s.payment_id
    WHERE s.payment_id IS NULL OR l.payment_id IS NULL OR s.amount_paise <> l.gross OR l.fee <> 0 OR l.net <> l.gross
       OR l.payment_id IN (FROM twice) OR l.rrn IN (FROM twice) OR s.rrn IN (FROM twice)
"""
# To update the rows in their place takes DuckDB four to ten times as long as to write them anew.
SETTLED: Final = """
    CREATE OR REPLACE TABLE sale AS
    SELECT s.* EXCLUDE (settled_file, settled_line), l.file_id AS settled_file, l.line_no AS settled_line
    FROM sale s LEFT JOIN line l ON l.payment_id = s.payment_id AND l.state = 'live' AND l.gross = s.amount_paise
"""
BY_DAY: Final = """
    CREATE TABLE by_day AS
    SELECT l.file_id, l.settlement, l.settled_on, s.method, CAST(s.paid_at AS DATE) AS business_date, count(*) AS lines,
           sum(l.gross) AS gross, sum(l.fee) AS fee, sum(l.cgst + l.sgst + l.igst + l.utgst) AS tax
    FROM sale s JOIN line l USING (payment_id) WHERE l.state = 'live' GROUP BY ALL
"""
SALE_KEYS: Final = (
    "CREATE UNIQUE INDEX sale_once ON sale (payment_id)",
    "CREATE INDEX sale_of_file ON sale (settled_file)",
)
"""After the rows, as is quickest; our sales have theirs before."""


def match_by_duckdb(database: Path, sales: Path) -> int:
    """Settle *sales* (a CSV file, read here) by the imported lines of *database*, durably; return how many are."""
    import duckdb  # noqa: PLC0415 - only the yardstick's process pays for it

    with duckdb.connect(str(database)) as connection:
        connection.execute(SALE.replace(":path", str(sales)))
        for statement in (TWICE, FOUND, SETTLED, BY_DAY, *SALE_KEYS, "CHECKPOINT"):
            connection.execute(statement)
        query = "SELECT count(*) FROM sale WHERE settled_file IS NOT NULL"
        return int(connection.execute(query).fetchall()[0][0])


def _filled(statement: str, number: int, path: Path) -> str:
    return statement.replace(":file", str(number)).replace(":path", str(path))
