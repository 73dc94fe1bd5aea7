"""The invariants of settlement files and statements: nothing of them is lost, counted twice, or waits unseen."""

# ruff: noqa: S608 - these texts hold only constants of this code

from typing import Final

from adapters.postgres.invariants.invariant_query import invariant_query

EXPECTED_NET: Final = (
    "(CASE l.direction WHEN 'CR' THEN l.gross_paise ELSE -l.gross_paise END - l.fee_paise"
    " - l.cgst_paise - l.sgst_paise - l.igst_paise - l.utgst_paise)"
)
# An equal line that a person has released is an event of its own.
_NOT_RELEASED: Final = """(l.occurrence = 1 OR NOT EXISTS (
    SELECT FROM discrepancy d JOIN resolution r ON r.discrepancy_id = d.id
    WHERE r.action = 'release_line' AND r.state = 'in_force'
      AND d.lines @> jsonb_build_array(jsonb_build_array(f.sha256, l.line_no))))"""
UNPOSTED_DAYS_MAX: Final = 1
"""A run that posts what is imported comes at least once a day."""

SETTLEMENT_QUERIES: Final = (
    invariant_query(
        "settlement_sum_differs",
        means="L8: the net amount of a settlement is not the sum of its lines that count.",
        remedy="Nothing but an import and a released line may change them. Find the write.",
        finds="""
            SELECT s.settlement AS subject, s.settlement AS key
            FROM settlement s LEFT JOIN settlement_line l
                ON l.file_id = s.file_id AND l.settlement = s.settlement AND l.state = 'live'
            WHERE AMONG(s.settlement)
            GROUP BY s.file_id, s.settlement, s.net_paise, s.live_lines
            HAVING s.net_paise <> coalesce(sum(l.net_paise), 0) OR s.live_lines <> count(l.line_no)
        """,
        by_changes=False,
    ),
    invariant_query(
        "line_net_unexplained",
        means="L9: the net of a line is not its gross amount less fee and taxes, and no discrepancy names it.",
        remedy="Run a reconciliation of its day. If the line is still not named, report it.",
        finds=f"""
            SELECT f.sha256 || '/' || l.line_no AS subject, l.settlement AS key
            FROM settlement_line l
            JOIN settlement s ON s.file_id = l.file_id AND s.settlement = l.settlement
            JOIN settlement_file f ON f.id = l.file_id
            WHERE AMONG(l.settlement) AND l.state = 'live' AND s.posted_at IS NOT NULL
              AND l.net_paise <> {EXPECTED_NET}
              AND NOT EXISTS (
                SELECT FROM discrepancy d
                WHERE d.lines @> jsonb_build_array(jsonb_build_array(f.sha256, l.line_no)))
        """,
        by_changes=False,
    ),
    invariant_query(
        "event_live_twice",
        means="L10: two lines that count tell of one event at the bank.",
        remedy="Compare the files of the lines; take the re-issue that is right.",
        finds=f"""
            SELECT min(f.sha256 || '/' || l.line_no) AS subject, min(l.settlement) AS key
            FROM settlement_line l JOIN settlement_file f ON f.id = l.file_id
            WHERE l.state = 'live' AND l.event_key IN (
                SELECT event_key FROM settlement_line
                WHERE state = 'live' GROUP BY event_key HAVING count(*) > 1)
              AND {_NOT_RELEASED}
            GROUP BY l.event_key HAVING count(*) > 1
        """,
        finds_among=f"""
            SELECT min(f.sha256 || '/' || l.line_no) AS subject, min(o.settlement) AS key
            FROM settlement_line o
            JOIN settlement_line l ON l.event_key = o.event_key AND l.state = 'live'
            JOIN settlement_file f ON f.id = l.file_id
            WHERE o.state = 'live' AND AMONG(o.settlement) AND {_NOT_RELEASED}
            GROUP BY o.event_key HAVING count(DISTINCT (l.file_id, l.line_no)) > 1
        """,
        by_changes=False,
    ),
    invariant_query(
        "row_unaccounted",
        means="L11: a row of a settlement file is neither a line nor a rejected row.",
        remedy="The file's bytes stand in the file store under its hash; find out what lost the row.",
        finds="""
            SELECT f.hash AS subject, f.hash AS key
            FROM (SELECT sha256 AS hash, * FROM settlement_file) f
            WHERE AMONG(f.hash) AND f.state IN ('imported', 'held', 'superseded') AND (
                f.line_count <> (SELECT count(*) FROM settlement_line l WHERE l.file_id = f.id)
                OR f.rejected_count <> (SELECT count(*) FROM rejected_row r WHERE r.file_id = f.id))
        """,
        by_changes=False,
    ),
    invariant_query(
        "statements_do_not_join",
        means="L21: a statement of an account does not begin where the one before it ends.",
        remedy="Nothing but an import may write statements. Find the write; import what is missing.",
        finds="""
            SELECT account || '/' || sequence AS subject FROM (
                SELECT account, sequence, begins_paise,
                       lag(coalesce(ends_paise, closing_paise)) OVER chain AS ends_before,
                       lag(sequence) OVER chain AS before
                FROM bank_statement WHERE sequence IS NOT NULL
                WINDOW chain AS (PARTITION BY account ORDER BY sequence)
            ) placed
            WHERE before IS NOT NULL AND (begins_paise <> ends_before OR sequence <> before + 1)
        """,
    ),
    invariant_query(
        "statement_sum_differs",
        means="The new entries of a statement are not the difference of the balances around them.",
        remedy="Nothing but an import may write entries. Find the write.",
        finds="""
            SELECT s.account || '/' || s.sequence AS subject
            FROM bank_statement s LEFT JOIN bank_entry e ON e.statement_id = s.id
            WHERE s.sequence IS NOT NULL
            GROUP BY s.id
            HAVING coalesce(sum(e.amount_paise), 0) <> coalesce(s.ends_paise, s.closing_paise) - s.begins_paise
                OR count(e.id) <> s.new_count
        """,
    ),
    invariant_query(
        "settlement_unposted",
        means="A settlement was imported more than a day ago, and nothing is posted for it.",
        remedy="Does a worker run? `shulk reconcile` of its day posts it, or says why it can not.",
        finds=f"""
            SELECT s.settlement AS subject FROM settlement s
            WHERE s.posted_at IS NULL AND s.state = 'live'
              AND s.imported_at < CAST(:at AS timestamptz) - interval '{UNPOSTED_DAYS_MAX} days'
        """,
    ),
    invariant_query(
        "settlement_file_unread",
        means="A settlement file was received, and nobody reads it.",
        remedy="Does a worker run? Sending the same file again reads it as well.",
        finds="""
            SELECT sha256 AS subject FROM settlement_file
            WHERE state IN ('received', 'reading') AND received_at < :overdue
              AND (lease_until IS NULL OR lease_until < :overdue)
        """,
    ),
)
