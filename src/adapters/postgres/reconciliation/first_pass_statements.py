"""
The statements of the first pass, in their order: lines aside, what else tells of them, and what is plain of all that.

The rules are those of ``domain.reconciliation.plain_case``: a property test holds both beside each other.
"""

# ruff: noqa: S608 - these texts hold only constants of this code

from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.statements import prepare
from adapters.postgres.reconciliation.book_reads import PAYMENTS, REFUNDS
from adapters.postgres.settlements.settlement_reads import IN_ORDER, LINES
from domain.reconciliation.fee_contract import (
    FEE_TOLERANCE_PAISE,
    GST_RATE,
    HEAD_TOLERANCE_PAISE,
    WHOLE,
)
from domain.reconciliation.plain_case import PLAIN_BELOW_PAISE

_KEPT: Final = (
    "file_id", "line_no", "settlement", "settled_on", "line_type", "event_key", "payment_id", "rrn", "arn", "method",
    "gross_paise", "fee_paise", "cgst_paise", "sgst_paise", "igst_paise", "utgst_paise",
)  # fmt: skip
_HEADS: Final = ("fee_paise", "cgst_paise", "sgst_paise", "igst_paise", "utgst_paise")
_OWN: Final = ", ".join(f"l.{name}" for name in _KEPT)

ASIDE: Final = (
    prepare(
        text(
            f"CREATE TEMPORARY TABLE compared_line ON COMMIT DROP AS SELECT {', '.join(_KEPT)},"
            " false AS told_anew, false AS is_usual FROM settlement_line WITH NO DATA"
        )
    ),
    prepare(
        text(
            "CREATE TEMPORARY TABLE named_sale (file_id bigint, line_no integer, method text, rrn text,"
            " at timestamp) ON COMMIT DROP"
        )
    ),
    prepare(
        text(
            "CREATE TEMPORARY TABLE left_line ON COMMIT DROP AS"
            " SELECT file_id, line_no FROM settlement_line WITH NO DATA"
        )
    ),
)
OWN: Final = prepare(
    text(f"""
        INSERT INTO compared_line
        SELECT {_OWN}, w.report = 'live' AND l.state = 'held',
               w.is_live AND w.report = 'live' AND l.state = 'live'
               AND l.line_type = 'payment' AND l.direction = 'CR' AND NOT l.on_hold AND l.occurrence = 1
               AND octet_length(coalesce(l.status_word, '')) = length(coalesce(l.status_word, ''))
               AND lower(coalesce(l.status_word, '')) <> ALL(CAST(:hold_words AS text[]))
               AND (CAST(:mids AS text[]) = '{{}}' OR l.mid = ANY(CAST(:mids AS text[])))
               AND l.gross_paise < {PLAIN_BELOW_PAISE}
               AND {" AND ".join(f"l.{head} BETWEEN 0 AND {PLAIN_BELOW_PAISE - 1}" for head in _HEADS)}
               AND l.net_paise = l.gross_paise - {" - ".join(f"l.{head}" for head in _HEADS)}
               AND l.payment_id <> ALL(CAST(:apart_from AS text[]))
               AND (l.file_id, l.line_no) NOT IN (
                   SELECT f.id, a.line_no
                   FROM unnest(CAST(:again_files AS text[]), CAST(:again_lines AS integer[])) AS a (sha256, line_no)
                   JOIN settlement_file f ON f.sha256 = a.sha256)
        FROM (
            SELECT s.file_id, s.settlement, s.state AS report, w.is_live
            FROM unnest(CAST(:files AS text[]), CAST(:settlements AS text[]), CAST(:are_live AS boolean[]))
                 AS w (sha256, settlement, is_live)
            JOIN settlement_file f ON f.sha256 = w.sha256
            JOIN settlement s ON s.file_id = f.id AND s.settlement = w.settlement
        ) w
        JOIN settlement_line l ON l.file_id = w.file_id AND l.settlement = w.settlement
        WHERE l.state <> 'superseded' AND l.cause IS DISTINCT FROM 'reported_before'
    """)
)
"""``is_usual``: all that the line by itself has to be."""

OTHERS: Final = prepare(
    text(f"""
        INSERT INTO compared_line
        SELECT {_OWN}, false, false
        FROM (
            SELECT o.file_id, o.line_no FROM compared_line n JOIN settlement_line o
                ON o.payment_id = n.payment_id AND o.line_type = n.line_type
               AND o.event_key = n.event_key AND o.state = 'live'
            WHERE n.told_anew AND n.payment_id IS NOT NULL
            UNION
            SELECT o.file_id, o.line_no FROM compared_line n JOIN settlement_line o
                ON o.event_key = n.event_key AND o.payment_id IS NULL AND o.state = 'live'
            WHERE n.told_anew AND n.payment_id IS NULL
            UNION
            SELECT f.id, a.line_no
            FROM unnest(CAST(:again_files AS text[]), CAST(:again_lines AS integer[])) AS a (sha256, line_no)
            JOIN settlement_file f ON f.sha256 = a.sha256
        ) place
        JOIN settlement_line l USING (file_id, line_no)
        WHERE l.state <> 'superseded'
          AND NOT EXISTS (SELECT FROM compared_line c WHERE (c.file_id, c.line_no) = (l.file_id, l.line_no))
    """)
)
COUNT: Final = (
    prepare(text("CREATE INDEX ON compared_line (payment_id)")),
    prepare(text("ANALYZE compared_line")),
)
"""How many lines there are decides how they are joined."""

LOOPS: Final = prepare(text("SELECT set_config('enable_nestloop', :allowed, true)"))
"""
What is left aside has no indexes but that one: nobody may walk through it line by line, however few seem to be there.
"""

NAMED: Final = prepare(
    text("""
        INSERT INTO named_sale
        SELECT c.file_id, c.line_no, nullif(p.method, ''), nullif(p.bank_reference, ''),
               coalesce(p.captured_at, p.closed_at, p.opened_at) AT TIME ZONE 'Asia/Kolkata'
        FROM compared_line c
        JOIN expectation x ON x.payment_id = c.payment_id AND x.refund_id = ''
        JOIN payment p ON p.id = c.payment_id
        WHERE c.is_usual AND x.settled_file IS NULL AND x.amount_paise = c.gross_paise
          AND coalesce(p.captured_paise, p.payable_paise) = c.gross_paise
          AND NOT EXISTS (SELECT FROM refund r WHERE r.payment_id = c.payment_id)
    """)
)
"""The open sale of each line that names one of its amount: found by the indexes of the books."""


def _told_once(key: str) -> str:
    return f"""
        AND NOT EXISTS (
            SELECT FROM (
                SELECT {key} FROM compared_line WHERE {key} IS NOT NULL GROUP BY {key} HAVING count(*) > 1
            ) again WHERE again.{key} = c.{key})
    """


_DAY: Final = "b.at::date"
_HALF: Final = f"""
    CASE WHEN c.gross_paise <= rate.exempt THEN 0
         ELSE (2 * c.fee_paise * rate.gst + {2 * WHOLE}) / {4 * WHOLE} END
"""
_ONE: Final = f"""
    CASE WHEN c.gross_paise <= rate.exempt THEN 0
         ELSE (2 * c.fee_paise * rate.gst + {WHOLE}) / {2 * WHOLE} END
"""


def _near(told: str, agreed: str) -> str:
    return f"abs(c.{told} - {agreed}) <= {HEAD_TOLERANCE_PAISE}"


DECIDE: Final = prepare(
    text(f"""
        WITH plain AS MATERIALIZED (
            SELECT c.*, b.method AS paid_by,
                   {_DAY} + CASE WHEN b.at::time >= coalesce(cut.cut_off, CAST(:usual_cut_off AS time))
                                 THEN 1 ELSE 0 END AS business_date
            FROM compared_line c
            JOIN named_sale b USING (file_id, line_no)
            LEFT JOIN unnest(CAST(:cut_off_methods AS text[]), CAST(:cut_offs AS time[])) AS cut (method, cut_off)
                ON cut.method = coalesce(b.method, '')
            LEFT JOIN unnest(
                CAST(:methods AS text[]), CAST(:since AS date[]), CAST(:until AS date[]), CAST(:rates AS bigint[]),
                CAST(:gst_rates AS bigint[]), CAST(:exempt AS bigint[])
            ) AS r (method, since, until, rate, gst, exempt)
                ON r.method = coalesce(nullif(c.method, ''), b.method)
               AND r.since <= {_DAY} AND {_DAY} < r.until
            CROSS JOIN LATERAL (
                SELECT coalesce(r.rate, 0) AS rate, coalesce(r.gst, {GST_RATE}) AS gst, coalesce(r.exempt, 0) AS exempt
            ) rate
            WHERE abs(c.fee_paise - (2 * c.gross_paise * rate.rate + {WHOLE}) / {2 * WHOLE}) <= {FEE_TOLERANCE_PAISE}
              AND CASE
                  WHEN c.utgst_paise <> 0 THEN {_near("cgst_paise", _HALF)} AND {_near("utgst_paise", _HALF)}
                       AND {_near("sgst_paise", "0")} AND {_near("igst_paise", "0")}
                  WHEN c.cgst_paise <> 0 OR c.sgst_paise <> 0
                  THEN {_near("cgst_paise", _HALF)} AND {_near("sgst_paise", _HALF)} AND {_near("igst_paise", "0")}
                  ELSE {_near("igst_paise", _ONE)} END
              {_told_once("payment_id")} {_told_once("rrn")} {_told_once("arn")}
              AND NOT EXISTS (
                  SELECT FROM compared_line o WHERE o.payment_id IS NULL AND o.event_key = c.event_key)
              AND NOT EXISTS (
                  SELECT FROM compared_line o
                  WHERE o.rrn = b.rrn AND o.rrn IS DISTINCT FROM c.rrn)
        ), rest AS (
            INSERT INTO left_line SELECT c.file_id, c.line_no FROM compared_line c
            WHERE NOT EXISTS (
                SELECT FROM plain WHERE (plain.file_id, plain.line_no) = (c.file_id, c.line_no))
        )
        SELECT f.sha256, g.*
        FROM (
            SELECT file_id, settlement, settled_on, paid_by, business_date, count(*) AS lines,
                   {", ".join(f"sum({name})::bigint AS {name}" for name in ("gross_paise", *_HEADS))}
            FROM plain GROUP BY file_id, settlement, settled_on, paid_by, business_date
        ) g JOIN settlement_file f ON f.id = g.file_id
    """)
)
LEFT: Final = prepare(
    text(f"""
        {LINES} left_line p JOIN settlement_line l USING (file_id, line_no)
        JOIN settlement_file f ON f.id = l.file_id {IN_ORDER}
    """)
)
OPEN: Final = prepare(
    text(f"""
        SELECT * FROM (
            {PAYMENTS.format(join="JOIN")} WHERE x.settled_file IS NULL AND x.business_date <= :last
              AND NOT EXISTS (SELECT FROM compared_line c WHERE c.payment_id = x.payment_id)
            UNION ALL
            {REFUNDS.format(join="JOIN")}
            WHERE x.refund_id <> '' AND x.settled_file IS NULL AND x.business_date <= :last
        ) books ORDER BY payment_id, id
    """)
)
