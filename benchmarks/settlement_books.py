"""Payments that wait for their settlement, reports of the bank about them, and what was settled long ago."""

# ruff: noqa: S608 - these texts hold only constants of this code

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

DAY: Final = date(2026, 11, 12)
"""The business date of what is open; the bank settles it a day later."""

SETTLED_ON: Final = DAY + timedelta(days=1)
FILE_LINES: Final = 250_000
"""So many lines of HDFC's width stay below the 64 MiB that a file may have."""

ID: Final = "'SK' || translate(substr(md5(n::text), 1, 18), '0189abcdef', 'GHIJKLMNOP')"
RUPEES: Final = "FM9999999990.00"
PAISE: Final = "10000 + (n::bigint * 7919) % 4000000"
AT: Final = f"timestamptz '{DAY} 00:00:00+05:30' + ((n - :first) % 86000) * interval '1 second'"

SOLD: Final = f"""
    INSERT INTO payment (
        id, student_id, student_name, student_email, student_phone, course_id, course_title,
        list_price_paise, discount_paise, taxable_paise, cgst_paise, sgst_paise, igst_paise,
        payable_paise, second_tax, supply, place_code, price_mode, sac, gst_rate, exempt,
        rounding_policy, buyer_name, buyer_state, state, opened_at, expires_at, closed_at,
        gateway_order_id, payment_url, captured_paise, captured_at, bank_txn_id, bank_reference,
        method, card_brand, card_issuer, version)
    SELECT {ID}, 'student-' || n, 'A Student', 'student@example.com', '', 'course', 'A course',
           {PAISE}, 0, {PAISE}, 0, 0, 0, {PAISE}, 'SGST', 'intra_state', '29', 'inclusive',
           '999293', 18, false, 'half-up-paise-1', 'A Student', '29', 'success', {AT},
           {AT} + interval '15 minutes', {AT}, 'bank_' || n, 'https://example.com/', {PAISE}, {AT},
           'txn' || n, lpad((600000000000 + n)::text, 12, '0'), 'UPI', '', '', 1
    FROM generate_series(:first, :last) AS n
"""
EXPECTED: Final = f"""
    INSERT INTO expectation (payment_id, refund_id, amount_paise, business_date)
    SELECT {ID}, '', {PAISE}, '{DAY}' FROM generate_series(:first, :last) AS n
"""
# Each five hundredth fee was not agreed, each two hundredth row is written in an unusual way.
TOLD: Final = f"""
    SELECT 'SIM' || lpad(:file::text, 4, '0') AS "External MID", 'SIMT01' AS "External TID",
           'SIMUPI01' AS "UPI Merchant ID", 'Sim Merchant' AS "Merchant Name",
           'sim@hdfcbank' AS "Merchant VPA",
           CASE WHEN n % 200 = 0 THEN 'asha, with love@upi' ELSE n || '@upi' END AS "Payer VPA",
           'HDFSIM' || lpad(n::text, 29, '0') AS "UPI Trxn ID", '70001-' || {ID} || '-1' AS "Order ID",
           lpad((600000000000 + n)::text, 12, '0') AS "Txn ref no. (RRN)",
           to_char(({AT}) AT TIME ZONE 'Asia/Kolkata', 'DD-MON-YYYY HH24:MI:SS') AS "Transaction Req Date",
           '{SETTLED_ON:%d-%b-%Y}' AS "Settlement Date", 'INR' AS "Currency",
           rupees AS "Transaction Amount", fee AS "MSF Amount", '0.00' AS "CGST AMT",
           '0.00' AS "SGST AMT", '0.00' AS "IGST AMT", '0.00' AS "UTGST AMT", net AS "Net Amount",
           NULL AS "GST Invoice No", 'PAY' AS "Trans Type", 'P2M' AS "Pay Type", 'CR' AS "CR / DR",
           NULL AS "Additional Field 1"
    FROM generate_series(:first, :last) AS n,
         LATERAL (SELECT CASE WHEN n % 500 = 7 AND :odd THEN 100 ELSE 0 END AS odd) taken,
         LATERAL (SELECT to_char(({PAISE}) / 100.0, '{RUPEES}') AS rupees, to_char(odd / 100.0, '{RUPEES}') AS fee,
                         to_char(({PAISE} - odd) / 100.0, '{RUPEES}') AS net) amount
"""
DAY_LINES: Final = 10_000
"""What a usual day settles: each old file is one of them."""

OLD_BEGIN: Final = 1_000_000_000
OLD: Final = (
    """
    CREATE TEMPORARY TABLE put_off AS
    SELECT indexname AS name, indexdef AS definition FROM pg_indexes
    WHERE tablename IN ('settlement_line', 'expectation')
      AND indexname NOT IN (SELECT conname FROM pg_constraint)
    """,
    """
    DO $$ DECLARE each record; BEGIN
        FOR each IN SELECT * FROM put_off LOOP EXECUTE 'DROP INDEX ' || each.name; END LOOP;
    END $$
    """,
    """
    CREATE TEMPORARY TABLE old_file AS
    SELECT f, encode(sha256(('old' || f)::bytea), 'hex') AS sha256, DATE '2020-01-01' + f AS day
    FROM generate_series(1, :files) f
    """,
    """
    INSERT INTO settlement_file (sha256, name, size, origin, received_at, received_by, state, attempts,
                                 line_count, read_at)
    SELECT sha256, 'old.csv', 1, 'folder', day, 'bench', 'imported', 1, :each, day FROM old_file
    """,
    """
    INSERT INTO settlement (file_id, settlement, mid, settled_on, state, lines, credits_paise,
                            debits_paise, fee_paise, cgst_paise, sgst_paise, igst_paise, utgst_paise,
                            reported_net_paise, live_lines, net_paise, sales_days, imported_at, journal,
                            posted_at, payout)
    SELECT s.id, 'OLD/' || o.day, 'OLD', o.day, 'live', :each, 1, 0, 0, 0, 0, 0, 0, 1, :each, 1,
           ARRAY[o.day], o.day, 1, o.day, 'credited'
    FROM old_file o JOIN settlement_file s USING (sha256)
    """,
    f"""
    INSERT INTO settlement_line (file_id, line_no, settlement, state, line_key, event_key, line_type,
                                 direction, mid, payment_id, bank_txn_id, rrn, method, gross_paise,
                                 fee_paise, cgst_paise, sgst_paise, igst_paise, utgst_paise, net_paise,
                                 txn_at, settled_on, on_hold, occurrence)
    SELECT s.id, i + 1, 'OLD/' || o.day, 'live', sha256(n::text::bytea), sha256((-n)::text::bytea), 'payment',
           'CR', 'OLD', {ID}, 'HDFOLD' || lpad(n::text, 29, '0'), lpad(n::text, 12, '0'), 'UPI', 10000, 0, 0, 0, 0,
           0, 10000, o.day, o.day, false, 1
    FROM old_file o JOIN settlement_file s USING (sha256), generate_series(1, :each) i,
         LATERAL (SELECT :begin + o.f::bigint * :each + i AS n) number
    """,
    f"""
    INSERT INTO expectation (payment_id, refund_id, amount_paise, business_date, settled_file, settled_line,
                             settled_paise)
    SELECT {ID}, '', 10000, o.day, o.sha256, i + 1, 10000
    FROM old_file o, generate_series(1, :each) i,
         LATERAL (SELECT :begin + o.f::bigint * :each + i AS n) number
    """,
    """
    DO $$ DECLARE each record; BEGIN
        FOR each IN SELECT * FROM put_off LOOP EXECUTE each.definition; END LOOP;
    END $$
    """,
    "VACUUM (ANALYZE) settlement_file, settlement, settlement_line, expectation",
)
"""Lines that were settled, posted and credited long ago, with the expectations that they closed."""


async def settle_long_ago(connection: Any, lines: int) -> None:
    """Fill the tables with *lines* of old days, ``DAY_LINES`` each."""
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("SET maintenance_work_mem = '512MB'")
    for statement in OLD:
        await connection.execute(
            _filled(statement, files=lines // DAY_LINES, each=DAY_LINES, begin=OLD_BEGIN)
        )
    await connection.execute("SET session_replication_role = origin")


async def sell(connection: Any, first: int, last: int) -> None:
    """Make sales *first* to *last* (any numbers), which the bank has not settled yet."""
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(_filled(SOLD, first=first, last=last))
    await connection.execute("SET session_replication_role = origin")
    await connection.execute(_filled(EXPECTED, first=first, last=last))
    # What was sold on the day before was read since, and has been vacuumed.
    await connection.execute("VACUUM (ANALYZE) payment, expectation, open_expectation")


async def report(
    connection: Any, folder: Path, first: int, last: int, *, odd: bool = True
) -> list[Path]:
    """Write what the bank reports of these sales, in files that it may send; some of it *odd*."""
    written = []
    for number, begins in enumerate(range(first, last + 1, FILE_LINES), first // FILE_LINES + 1):
        ends = min(last, begins + FILE_LINES - 1)
        path = folder / f"mpr-{begins}.csv"
        with path.open("wb") as file:
            query = _filled(TOLD, first=begins, last=ends, file=number, odd=odd)
            await connection.copy_from_query(query, output=file, format="csv", header=True)
        written.append(path)
    return written


def _filled(statement: str, **values: object) -> str:
    for name, value in values.items():
        statement = statement.replace(f":{name}", str(value))
    return statement
