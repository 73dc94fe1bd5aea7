"""
The statements of the first pass, in their order: lines aside, what else tells of them, and what is plain of all that.

The rules are those of ``domain.reconciliation.plain_case``: a property test holds both beside each other.
"""

# ruff: noqa: S608 - these texts hold only constants of this code

from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.statements import prepare
from adapters.postgres.reconciliation.book_reads import OPEN_PAYMENTS, OPEN_REFUNDS
from adapters.postgres.settlements.settlement_reads import IN_ORDER, LINES
from domain.reconciliation.fee_contract import (
    FEE_TOLERANCE_PAISE,
    GST_RATE,
    HEAD_TOLERANCE_PAISE,
    WHOLE,
)
from domain.reconciliation.plain_case import PLAIN_BELOW_PAISE

_KEPT: Final = (
    "file_id", "line_no", "settled_on", "event_key", "payment_id", "rrn", "arn", "method", "gross_paise",
     "fee_paise", "cgst_paise", "sgst_paise", "igst_paise", "utgst_paise",
)  # fmt: skip
_HEADS: Final = ("fee_paise", "cgst_paise", "sgst_paise", "igst_paise", "utgst_paise")
_C_HEADS: Final = ", ".join(f"c.{name}" for name in _HEADS)
_OWN: Final = ", ".join(f"l.{name}" for name in _KEPT)

ASIDE: Final = (
    prepare(
        text(
            f"CREATE TEMPORARY TABLE compared_line ON COMMIT DROP AS SELECT {', '.join(_KEPT)},"
            " 0 AS report, false AS told_anew, false AS is_usual FROM settlement_line WITH NO DATA"
        )
    ),
    prepare(
        text(
            "CREATE TEMPORARY TABLE told_again ON COMMIT DROP AS"
            " SELECT payment_id, rrn, arn, event_key, payment_id AS refunded FROM settlement_line WITH NO DATA"
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
        SELECT {_OWN}, w.number, w.report = 'live' AND l.state = 'held',
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
            SELECT s.file_id, s.settlement, s.state AS report, w.is_live, w.number::integer AS number
            FROM unnest(CAST(:files AS text[]), CAST(:settlements AS text[]), CAST(:are_live AS boolean[]))
                 WITH ORDINALITY AS w (sha256, settlement, is_live, number)
            JOIN settlement_file f ON f.sha256 = w.sha256
            JOIN settlement s ON s.file_id = f.id AND s.settlement = w.settlement
            OFFSET 0
        ) w
        JOIN settlement_line l ON l.file_id = w.file_id AND l.settlement = w.settlement
        WHERE l.state <> 'superseded' AND l.cause IS DISTINCT FROM 'reported_before'
    """)
)
"""
``is_usual``: all that the line by itself has to be; ``report``: which of the reports it is of, from 1.

``OFFSET 0`` keeps the few reports in one piece: otherwise the planner may look up the file of each line.
"""

OTHERS: Final = prepare(
    text(f"""
        INSERT INTO compared_line
        WITH anew AS MATERIALIZED (
            SELECT l.payment_id, l.line_type, l.event_key
            FROM compared_line c JOIN settlement_line l USING (file_id, line_no) WHERE c.told_anew
        )
        SELECT {_OWN}, 0, false, false
        FROM (
            SELECT o.file_id, o.line_no FROM anew n JOIN settlement_line o
                ON o.payment_id = n.payment_id AND o.line_type = n.line_type
               AND o.event_key = n.event_key AND o.state = 'live'
            UNION
            SELECT o.file_id, o.line_no FROM anew n JOIN settlement_line o
                ON o.event_key = n.event_key AND o.payment_id IS NULL AND o.state = 'live'
            WHERE n.payment_id IS NULL
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
    prepare(text("SELECT set_config('default_statistics_target', '10', true)")),
    prepare(text("ANALYZE compared_line")),
)
"""How many lines there are decides how they are joined; a few thousand of them tell that well enough."""

AGAIN: Final = prepare(
    text("""
        INSERT INTO told_again
        SELECT payment_id, rrn, arn, NULL::bytea, NULL FROM compared_line
        GROUP BY GROUPING SETS ((payment_id), (rrn), (arn))
        HAVING count(*) > 1 AND coalesce(payment_id, rrn, arn) IS NOT NULL
        UNION ALL
        SELECT DISTINCT NULL, NULL, NULL, event_key, NULL FROM compared_line WHERE payment_id IS NULL
        UNION ALL
        SELECT DISTINCT NULL, NULL, NULL, NULL::bytea, c.payment_id
        FROM compared_line c JOIN refund r ON r.payment_id = c.payment_id WHERE c.is_usual
    """)
)
"""
Each payment, RRN and ARN that more than one line names, the events of lines without a payment, and what was refunded.

Each of them is there once: it is joined, and may not double a line.
"""

COUNT_AGAIN: Final = prepare(text("ANALYZE told_again"))

_DAY: Final = "c.at::date"
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
        WITH judged AS MATERIALIZED (
            SELECT c.file_id, c.line_no, c.report, c.settled_on, c.gross_paise, {_C_HEADS}, c.method AS paid_by,
                   {_DAY} + CASE WHEN c.at::time >= coalesce(cut.cut_off, CAST(:usual_cut_off AS time))
                                 THEN 1 ELSE 0 END AS business_date,
                   CASE WHEN c.sold_rrn IS DISTINCT FROM c.rrn THEN c.sold_rrn END AS other_rrn,
                   coalesce(
                       c.is_sold AND payment_again.payment_id IS NULL AND rrn_again.rrn IS NULL
                       AND arn_again.arn IS NULL AND event_again.event_key IS NULL AND given_back.refunded IS NULL
                       AND abs(c.fee_paise - (2 * c.gross_paise * rate.rate + {WHOLE}) / {2 * WHOLE})
                           <= {FEE_TOLERANCE_PAISE}
                       AND CASE
                           WHEN c.utgst_paise <> 0 THEN {_near("cgst_paise", _HALF)} AND {_near("utgst_paise", _HALF)}
                                AND {_near("sgst_paise", "0")} AND {_near("igst_paise", "0")}
                           WHEN c.cgst_paise <> 0 OR c.sgst_paise <> 0
                           THEN {_near("cgst_paise", _HALF)} AND {_near("sgst_paise", _HALF)}
                                AND {_near("igst_paise", "0")}
                           ELSE {_near("igst_paise", _ONE)} END, false) AS is_plain
            FROM (
                SELECT c.file_id, c.line_no, c.report, c.settled_on, c.event_key, c.payment_id, c.rrn, c.arn,
                       c.gross_paise, {_C_HEADS}, nullif(c.method, '') AS told_method,
                       nullif(p.method, '') AS method, nullif(p.bank_reference, '') AS sold_rrn,
                       x.amount_paise = c.gross_paise
                           AND coalesce(p.captured_paise, p.payable_paise) = c.gross_paise AS is_sold,
                       coalesce(p.captured_at, p.closed_at, p.opened_at) AT TIME ZONE 'Asia/Kolkata' AS at
                FROM compared_line c
                LEFT JOIN expectation x ON x.payment_id = c.payment_id AND x.refund_id = ''
                     AND x.settled_file IS NULL AND c.is_usual
                LEFT JOIN payment p ON p.id = x.payment_id
                OFFSET 0
            ) c
            LEFT JOIN told_again payment_again ON payment_again.payment_id = c.payment_id
            LEFT JOIN told_again rrn_again ON rrn_again.rrn = c.rrn
            LEFT JOIN told_again arn_again ON arn_again.arn = c.arn
            LEFT JOIN told_again event_again ON event_again.event_key = c.event_key
            LEFT JOIN told_again given_back ON given_back.refunded = c.payment_id
            LEFT JOIN unnest(CAST(:cut_off_methods AS text[]), CAST(:cut_offs AS time[])) AS cut (method, cut_off)
                ON cut.method = coalesce(c.method, '')
            LEFT JOIN unnest(
                CAST(:methods AS text[]), CAST(:since AS date[]), CAST(:until AS date[]), CAST(:rates AS bigint[]),
                CAST(:gst_rates AS bigint[]), CAST(:exempt AS bigint[])
            ) AS r (method, since, until, rate, gst, exempt)
                ON r.method = coalesce(c.told_method, c.method)
               AND r.since <= {_DAY} AND {_DAY} < r.until
            CROSS JOIN LATERAL (
                SELECT coalesce(r.rate, 0) AS rate, coalesce(r.gst, {GST_RATE}) AS gst, coalesce(r.exempt, 0) AS exempt
            ) rate
        ), elsewhere AS (
            SELECT DISTINCT j.file_id, j.line_no
            FROM judged j JOIN compared_line o ON o.rrn = j.other_rrn WHERE j.is_plain
        ), rest AS (
            INSERT INTO left_line
            SELECT file_id, line_no FROM judged WHERE NOT is_plain UNION ALL SELECT * FROM elsewhere
        )
        SELECT report, settled_on, paid_by, business_date, count(*) AS lines,
               {", ".join(f"sum({name})::bigint AS {name}" for name in ("gross_paise", *_HEADS))}
        FROM judged j
        WHERE is_plain AND NOT EXISTS (
            SELECT FROM elsewhere e WHERE (e.file_id, e.line_no) = (j.file_id, j.line_no))
        GROUP BY report, settled_on, paid_by, business_date
    """)
)
"""
What a line lacks to be plain is told beside it, and takes no row away.

So the planner knows how many rows there are: few lines find their sales by indexes, many by one pass over the books.
"""

COUNT_LEFT: Final = prepare(text("ANALYZE left_line"))
LEFT: Final = prepare(
    text(f"""
        {LINES} left_line p JOIN settlement_line l USING (file_id, line_no)
        JOIN settlement_file f ON f.id = l.file_id {IN_ORDER}
    """)
)
OPEN: Final = prepare(
    text(f"""
        SELECT * FROM (
            {OPEN_PAYMENTS} WHERE x.settled_file IS NULL AND x.business_date <= :last
              AND NOT EXISTS (SELECT FROM compared_line c WHERE c.payment_id = x.payment_id)
            UNION ALL
            {OPEN_REFUNDS}
            WHERE x.refund_id <> '' AND x.settled_file IS NULL AND x.business_date <= :last
        ) books ORDER BY payment_id, id
    """)
)
