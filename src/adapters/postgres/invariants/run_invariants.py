"""The invariants of what runs conclude: the control accounts are what lines, credits and discrepancies say."""

# ruff: noqa: S608 - these texts hold only constants of this code

from typing import Final

from adapters.postgres.invariants.invariant_query import invariant_query
from domain.reconciliation.conclusion import IN_SUSPENSE
from domain.reconciliation.taxonomy import TAXONOMY

_ELSEWHERE: Final = ", ".join(
    f"'{cause.value}'"
    for cause in sorted(
        {cause for (_, cause), rule in TAXONOMY.items() if rule.posting not in IN_SUSPENSE}
    )
)
# What was superseded and is not taken back yet is still in the ledger, until the next run.
_SETTLED: Final = (
    "NOT EXISTS (SELECT FROM settlement u WHERE u.state = 'superseded'"
    " AND u.reversed_at IS NULL AND u.posted_at IS NOT NULL)"
)
_PAYING: Final = """
    settlement_line l JOIN settlement s ON s.file_id = l.file_id AND s.settlement = l.settlement
    WHERE l.state = 'live' AND NOT l.on_hold AND s.state = 'live' AND s.posted_at IS NOT NULL
"""
_DAY_AGO: Final = "CAST(:at AS timestamptz) - interval '1 day'"
"""What came after it may be news to the latest run."""

# As a run sees it: the days up to which the files of each MID are there without a gap.
_REACHED: Final = f"""
    SELECT s.mid, max(s.settled_on) AS until FROM (
        SELECT mid, settled_on FROM settlement WHERE state = 'live' AND posted_at < {_DAY_AGO}
        UNION ALL
        SELECT mid, day FROM report_answer WHERE answer = 'nothing_settled' AND asked_at < {_DAY_AGO}
    ) s LEFT JOIN LATERAL (
        SELECT min(day) AS first FROM (
            SELECT h.mid, h.settled_on AS day FROM settlement h
            WHERE (h.state = 'held' AND h.posted_at IS NULL)
               OR (h.state = 'live' AND (h.posted_at IS NULL OR h.posted_at >= {_DAY_AGO}))
            UNION ALL
            SELECT a.mid, a.day FROM report_answer a, told
            WHERE a.day >= CAST(told.days ->> 'first' AS date) AND NOT told.days -> 'closed' ? a.day::text
              AND NOT EXISTS (
                SELECT FROM report_answer d WHERE d.day = a.day AND a.mid IN (d.mid, '*')
                AND d.answer IN ('ready', 'nothing_settled') AND d.asked_at < {_DAY_AGO})
              AND NOT EXISTS (
                SELECT FROM settlement f WHERE f.settled_on = a.day AND a.mid IN (f.mid, '*')
                AND f.state = 'live' AND f.posted_at < {_DAY_AGO})
        ) gap WHERE gap.mid IN (s.mid, '*')
    ) missing ON true
    WHERE missing.first IS NULL OR s.settled_on < missing.first
    GROUP BY s.mid
"""
_FEES: Final = "l.fee_paise + l.cgst_paise + l.sgst_paise + l.igst_paise + l.utgst_paise"


def _control(account: str, amount: str, *, only: str = "true") -> str:
    """Return the query of a control account whose balance is to be *amount*."""
    return f"""
        SELECT account AS subject, account AS key, {_SETTLED} AS broken
        FROM (SELECT '{account}' AS account) of
        WHERE AMONG(account)
          AND coalesce((SELECT sum(e.amount_paise) FROM entry e WHERE e.account = '{account}' AND {only}), 0)
           <> coalesce(({amount}), 0)
    """


RUN_QUERIES: Final = (
    invariant_query(
        "settled_not_cleared",
        means="L6: a payment is settled, and its amount in clearing is not that of the lines that settled it.",
        remedy="Compare `shulk ledger journal PAYMENT` with the lines; run a reconciliation.",
        finds="""
            SELECT x.payment_id AS subject, x.payment_id AS key FROM expectation x
            WHERE AMONG(x.payment_id)
            GROUP BY x.payment_id
            HAVING bool_and(x.settled_file IS NOT NULL AND x.settled_paise = x.amount_paise)
               AND coalesce((
                    SELECT sum(e.amount_paise) FROM entry e JOIN journal j ON j.id = e.journal_id
                    LEFT JOIN journal o ON o.id = j.reverses
                    WHERE e.payment_id = x.payment_id AND e.account = 'clearing'
                      AND coalesce(o.kind, j.kind) <> 'match'), 0)
                <> coalesce((
                    SELECT sum(CASE l.direction WHEN 'CR' THEN l.gross_paise ELSE -l.gross_paise END)
                    FROM (SELECT DISTINCT o.settled_file, o.settled_line FROM expectation o
                          WHERE o.payment_id = x.payment_id) by
                    JOIN settlement_file f ON f.sha256 = by.settled_file
                    JOIN settlement_line l ON l.file_id = f.id AND l.line_no = by.settled_line), 0)
        """,
    ),
    invariant_query(
        "transit_not_awaited",
        means="L7: the balance of transit is not what was settled and is not credited.",
        remedy="Compare the journals of settlements and of bank credits with the files; tell finance.",
        finds=_control(
            "transit",
            f"""
            SELECT (SELECT sum(l.net_paise) FROM {_PAYING})
                   - coalesce((SELECT sum(c.amount_paise + c.rounding_paise) FROM settlement_credit c), 0)
            """,
        ),
        by_changes=False,
    ),
    invariant_query(
        "fees_differ_from_lines",
        means="L12: fees and taxes that settlements posted are not those of their lines.",
        remedy="Compare the journals of settlements with their lines; tell finance.",
        finds=f"""
            SELECT account AS subject, account AS key, {_SETTLED} AS broken
            FROM (SELECT 'mdr' AS account) of
            WHERE AMONG(account)
              AND coalesce((
                SELECT sum(e.amount_paise) FROM entry e WHERE e.settlement IS NOT NULL
                AND e.account IN ('mdr', 'cb_fee', 'itc_cgst', 'itc_sgst', 'itc_igst')), 0)
               <> coalesce((SELECT sum({_FEES}) FROM {_PAYING}), 0)
        """,
        by_changes=False,
    ),
    invariant_query(
        "suspense_unexplained",
        means="L16: the balance of suspense is not what stands there by the discrepancies.",
        remedy="Look for entries of suspense whose discrepancy is closed; tell finance.",
        finds=_control(
            "suspense",
            f"""
            SELECT -sum(d.posted_paise) FROM discrepancy d
            WHERE d.cause NOT IN ({_ELSEWHERE})
              AND (d.state IN ('open', 'healing', 'awaiting_approval') OR (
                d.state = 'resolved' AND NOT EXISTS (
                    SELECT FROM resolution r WHERE r.discrepancy_id = d.id AND r.state = 'in_force'
                    AND r.posts IN ('accepted', 'match'))))
            """,
        ),
        by_changes=False,
    ),
    invariant_query(
        "credit_overspent",
        means="L17: the parts of a bank credit are not its amount.",
        remedy="Undo the match of the entry; run a reconciliation.",
        finds="""
            SELECT c.entry AS subject, c.entry AS key FROM settlement_credit c
            WHERE AMONG(c.entry)
            GROUP BY c.entry HAVING sum(c.amount_paise) <> coalesce((
                SELECT b.amount_paise FROM bank_entry b
                WHERE b.booked_on::text || '/' || left(encode(b.entry_key, 'hex'), 12) = c.entry), 0)
        """,
        by_changes=False,
    ),
    invariant_query(
        "overdue_unseen",
        means="L22: a sale or refund is overdue, a complete file is there, and no discrepancy says so.",
        remedy="Run a reconciliation of its day; its MID may be missing in SHULK_SETTLEMENT_MIDS.",
        finds=f"""
            WITH told AS MATERIALIZED (SELECT CAST(:settlement_days AS jsonb) AS days),
            due AS MATERIALIZED (
                SELECT d.* FROM told, jsonb_to_recordset(told.days -> 'due')
                    AS d (method text, mid text, day date, due_on date, in_time date)),
            reached AS MATERIALIZED ({_REACHED})
            SELECT x.payment_id AS subject, x.payment_id AS key
            FROM told, expectation x JOIN payment p ON p.id = x.payment_id, due
            WHERE AMONG(x.payment_id) AND x.settled_file IS NULL
              AND due.day = greatest(x.business_date, CAST(told.days ->> 'first' AS date))
              AND due.method = CASE WHEN p.method IN (SELECT method FROM due) THEN p.method ELSE '' END
              AND due.in_time < CAST(({_DAY_AGO}) AT TIME ZONE 'Asia/Kolkata' AS date)
              AND due.due_on <= CASE
                WHEN due.mid IS NOT NULL THEN (SELECT until FROM reached WHERE mid = due.mid)
                -- While nobody knows the MID, each of ours has to have such a file.
                ELSE (SELECT min(until) FROM reached
                      HAVING array_agg(mid) @> ARRAY(SELECT jsonb_array_elements_text(told.days -> 'mids')))
                END
              AND NOT EXISTS (
                SELECT FROM discrepancy d
                WHERE d.state IN ('open', 'healing', 'awaiting_approval', 'resolved')
                  AND (d.ids @> ARRAY[x.payment_id::text] OR d.ids @> ARRAY[x.refund_id::text]))
        """,
        by_changes=False,
    ),
    invariant_query(
        "disputed_without_dispute",
        means="L24: the ledger keeps money as disputed, and no chargeback of its payment is open.",
        remedy="See the payment's discrepancies: a lost dispute is recorded, a won one comes back in a file.",
        finds="""
            SELECT e.payment_id AS subject, e.payment_id AS key FROM entry e
            WHERE AMONG(e.payment_id) AND e.account = 'disputed' AND e.payment_id IS NOT NULL
              AND NOT EXISTS (
                SELECT FROM discrepancy d WHERE d.cause = 'chargeback'
                AND d.state IN ('open', 'healing', 'awaiting_approval')
                AND d.ids @> ARRAY[e.payment_id::text])
            GROUP BY e.payment_id HAVING sum(e.amount_paise) > 0
        """,
    ),
    invariant_query(
        "reserve_not_held",
        means="L25: the balance of the reserve is not what lines have held back and released.",
        remedy="Compare the journals of settlements with their reserve lines; tell finance.",
        finds=_control(
            "reserve",
            f"""
            SELECT -sum(l.net_paise + {_FEES}) FROM {_PAYING}
            AND l.line_type IN ('reserve_hold', 'reserve_release') AND NOT EXISTS (
                -- What is released and was never held stands in suspense.
                SELECT FROM discrepancy d JOIN settlement_file f ON f.id = l.file_id
                WHERE d.cause = 'adjustment' AND d.state NOT IN ('healed', 'explained')
                  AND d.lines @> jsonb_build_array(jsonb_build_array(f.sha256, l.line_no)))
            """,
        ),
        by_changes=False,
    ),
)
