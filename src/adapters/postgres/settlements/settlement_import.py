"""One import in one transaction: lines are copied aside, then added in order, and decided on all at once."""

# ruff: noqa: S608 - these texts hold only constants of this code

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import text

from adapters.postgres.audit.audit_log import to_write
from adapters.postgres.engine.database import Connection
from adapters.postgres.engine.statements import Prepared, prepare
from adapters.postgres.settlements.file_rows import from_content
from adapters.postgres.settlements.line_rows import AMOUNTS, COPIED, READ, to_line
from adapters.postgres.settlements.report_rows import from_totals
from domain.settlements.file_state import SettlementFileState
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_key import line_key
from domain.settlements.line_warning import RejectedRow
from domain.settlements.reissue import ReportedAgain
from domain.settlements.settlement_line import LineState
from domain.settlements.settlement_report import ReportState
from domain.settlements.settlement_totals import SettlementTotals
from ports.audit_log import AuditEntry
from ports.settlements.settlement_files import (
    FileContent,
    Release,
    ReportedDifference,
    ReportVerdict,
    SettlementFile,
)

LIMIT: Final = timedelta(minutes=15)
"""How long one statement of an import may run; less than a worker may hold the file."""

DECIDING: Final = 7_310_001
"""The number of the lock that lets one import decide at a time."""

STATES: Final = {
    ReportState.LIVE: LineState.LIVE,
    ReportState.HELD: LineState.HELD,
    ReportState.WAITING: LineState.HELD,
    ReportState.DECLINED: LineState.HELD,
    ReportState.REPEATED: LineState.DUPLICATE,
}
"""What the lines of a report are, before one of them is found to be told already."""

_VERDICTS: Final = (
    "unnest(CAST(:settlements AS text[]), CAST(:states AS text[]), CAST(:causes AS text[]))"
    " AS v (settlement, state, cause)"
)
_SAME: Final = " AND ".join(f"o.{name} = n.{name}" for name in AMOUNTS)
_READ: Final = ", ".join(f"l.{name}" for name in READ)

STAGE: Final = prepare(
    text(
        "CREATE TEMPORARY TABLE staged_line ON COMMIT DROP AS"
        f" SELECT {', '.join(COPIED)} FROM settlement_line WITH NO DATA"
    )
)
DECIDE: Final = prepare(
    text("SELECT pg_advisory_xact_lock(:number), set_config('work_mem', '64MB', true)")
)
ADD: Final = prepare(
    text(f"""
        INSERT INTO settlement_line (file_id, state, cause, {", ".join(COPIED)})
        SELECT :file, v.state, v.cause, {", ".join(f"l.{name}" for name in COPIED)}
        FROM staged_line l JOIN {_VERDICTS} ON v.settlement = l.settlement
        ORDER BY l.payment_id, l.line_no
    """)
)
"""In the order of the payments, so that the index of payments is filled from left to right."""

CHANGE: Final = prepare(
    text(f"""
        UPDATE settlement_line l SET state = v.state, cause = v.cause
        FROM {_VERDICTS}
        WHERE l.file_id = :file AND l.settlement = v.settlement AND l.state <> 'superseded'
    """)
)
SUPERSEDE: Final = (
    prepare(
        text("""
            UPDATE settlement_line SET state = 'superseded', cause = NULL
            WHERE (file_id, settlement) IN (
                SELECT file_id, settlement FROM settlement
                WHERE settlement = ANY(CAST(:settlements AS text[])) AND file_id <> :file
                  AND state = ANY(CAST(:states AS text[])))
        """)
    ),
    prepare(
        text("""
            UPDATE settlement SET state = 'superseded', live_lines = 0, net_paise = 0
            WHERE settlement = ANY(CAST(:settlements AS text[])) AND file_id <> :file
              AND state = ANY(CAST(:states AS text[]))
        """)
    ),
    prepare(
        text("""
            UPDATE settlement_file f SET state = 'superseded'
            WHERE f.id <> :file AND f.state IN ('imported', 'held')
              AND f.id IN (SELECT file_id FROM settlement
                           WHERE settlement = ANY(CAST(:settlements AS text[])))
              AND NOT EXISTS (SELECT FROM settlement s
                              WHERE s.file_id = f.id AND s.state <> 'superseded')
        """)
    ),
)
REPEATED: Final = prepare(
    text("""
        SELECT line_no, first FROM (
            SELECT line_no, first_value(line_no) OVER (PARTITION BY event_key ORDER BY line_no) AS first
            FROM settlement_line WHERE file_id = :file AND state IN ('live', 'held')
        ) told WHERE first < line_no
    """)
)
"""
Which lines tell an event again that an earlier line of the file has told, and which one that is.

Nobody knows yet how many lines the file has: a join of them with themselves may be done line by line, a sort is not.
"""

AGAIN: Final = prepare(
    text(f"""
        UPDATE settlement_line n SET
            state = CASE WHEN {_SAME} THEN 'duplicate' ELSE 'held' END,
            cause = CASE WHEN {_SAME} THEN 'duplicate_line' END
        FROM unnest(CAST(:lines AS integer[]), CAST(:firsts AS integer[])) AS told (line_no, first)
        JOIN settlement_line o ON o.file_id = :file AND o.line_no = told.first
        WHERE n.file_id = :file AND n.line_no = told.line_no AND n.line_no = ANY(CAST(:lines AS integer[]))
    """)
)
"""What the file tells more than once counts once: equal amounts are a duplicate, others are held."""


def _elsewhere(same_key: str) -> Prepared:
    return prepare(
        text(f"""
            UPDATE settlement_line n SET
                state = CASE WHEN {_SAME} THEN 'duplicate' ELSE 'held' END,
                cause = CASE WHEN {_SAME} THEN 'reported_before' END
            FROM settlement_line o
            WHERE n.file_id = :file AND n.state = 'live' AND o.file_id <> :file AND o.state = 'live'
              AND o.event_key = n.event_key AND {same_key}
        """)
    )


ELSEWHERE: Final = (
    _elsewhere(
        "n.payment_id IS NOT NULL AND o.payment_id = n.payment_id AND o.line_type = n.line_type"
    ),
    _elsewhere("n.payment_id IS NULL AND o.payment_id IS NULL"),
)
REPORT: Final = prepare(
    text("""
        INSERT INTO settlement (file_id, settlement, settlement_id, mid, settled_on, utr, state, reported,
                                lines, credits_paise, debits_paise, fee_paise, cgst_paise, sgst_paise,
                                igst_paise, utgst_paise, reported_net_paise, live_lines, net_paise,
                                sales_days, imported_at)
        SELECT :file, t.settlement, t.settlement_id, t.mid, t.settled_on, t.utr, t.state, t.reported,
               t.lines, t.credits_paise, t.debits_paise, t.fee_paise, t.cgst_paise, t.sgst_paise,
               t.igst_paise, t.utgst_paise, t.reported_net_paise, coalesce(l.live, 0), coalesce(l.net, 0),
               coalesce(l.days, '{}'), :at
        FROM unnest(CAST(:settlement AS text[]), CAST(:settlement_id AS text[]), CAST(:mid AS text[]),
                    CAST(:settled_on AS date[]), CAST(:utr AS text[]), CAST(:state AS text[]),
                    CAST(:reported AS text[]), CAST(:lines AS integer[]), CAST(:credits_paise AS bigint[]),
                    CAST(:debits_paise AS bigint[]), CAST(:fee_paise AS bigint[]),
                    CAST(:cgst_paise AS bigint[]), CAST(:sgst_paise AS bigint[]),
                    CAST(:igst_paise AS bigint[]), CAST(:utgst_paise AS bigint[]),
                    CAST(:reported_net_paise AS bigint[]))
             AS t (settlement, settlement_id, mid, settled_on, utr, state, reported, lines, credits_paise,
                   debits_paise, fee_paise, cgst_paise, sgst_paise, igst_paise, utgst_paise,
                   reported_net_paise)
        LEFT JOIN (
            SELECT settlement, sum(live)::integer AS live, sum(net)::bigint AS net,
                   array_agg(day ORDER BY day) FILTER (WHERE day IS NOT NULL) AS days
            FROM (
                SELECT settlement, (txn_at AT TIME ZONE 'Asia/Kolkata')::date AS day,
                       count(*) FILTER (WHERE state = 'live') AS live,
                       coalesce(sum(net_paise) FILTER (WHERE state = 'live'), 0) AS net
                FROM settlement_line WHERE file_id = :file GROUP BY 1, 2
            ) by_day GROUP BY settlement
        ) l ON l.settlement = t.settlement
        ON CONFLICT (file_id, settlement) DO UPDATE SET
            state = excluded.state, reported = excluded.reported, live_lines = excluded.live_lines,
            net_paise = excluded.net_paise
        WHERE settlement.state <> 'superseded'
    """)
)
END: Final = prepare(
    text("""
        UPDATE settlement_file SET state = :state, lease_until = NULL, read_at = coalesce(read_at, :at),
               format = CAST(:format AS jsonb), line_count = :line_count,
               rejected_count = :rejected_count, skipped_count = :skipped_count,
               warnings = CAST(:warnings AS jsonb), declared = CAST(:declared AS jsonb),
               held_for = :held_for,
               released_at = coalesce(released_at, CAST(:released_at AS timestamptz)),
               released_by = coalesce(released_by, CAST(:released_by AS text)),
               released_why = coalesce(released_why, CAST(:released_why AS text))
        WHERE id = :file
    """)
)
LOOPS: Final = prepare(text("SELECT set_config('enable_nestloop', :allowed, true)"))
"""Two large sides are not compared line by line: how large they are is not known before they are."""

REPORTED: Final = prepare(
    text("""
        SELECT DISTINCT settlement FROM settlement
        WHERE settlement = ANY(CAST(:settlements AS text[])) AND file_id <> :file
          AND state IN ('live', 'held')
    """)
)
_BEFORE: Final = """
    reports AS (
        SELECT file_id, state, posted_at FROM settlement
        WHERE settlement = :settlement AND file_id <> :file AND state IN ('live', 'held')
    ), counted AS (
        SELECT * FROM reports
        WHERE state = CASE WHEN EXISTS (SELECT FROM reports WHERE state = 'live') THEN 'live' ELSE 'held' END
    ), old AS (
        SELECT l.*, c.posted_at IS NOT NULL AND l.state = 'live' AS posted, c.state = 'held' AS in_held
        FROM settlement_line l JOIN counted c USING (file_id)
        WHERE l.file_id = ANY(ARRAY(SELECT file_id FROM counted))
          AND l.settlement = :settlement AND l.state <> 'superseded'
    )
"""


def _left(side: str, other: str, *, unpaired: str) -> str:
    """
    Return the SQL of what is left of *side*: all that *other* may pair with, and one line of the rest.

    A line pairs by its event or by its payment alone. Of those that nothing can pair with, however many
    there are, it matters only whether there is one.
    """
    return f"""
        SELECT * FROM (
            SELECT l.*, row_number() OVER (PARTITION BY l.may_pair ORDER BY l.line_no) AS nth
            FROM (
                SELECT l.*, l.event_key IN (SELECT event_key FROM {other})
                    OR coalesce((l.payment_id, l.line_type) IN (
                        SELECT payment_id, line_type FROM {other} WHERE payment_id IS NOT NULL), false)
                    AS may_pair
                FROM {side} l WHERE {unpaired}
            ) l
        ) l WHERE l.may_pair OR l.nth = 1
    """


def _difference(new: str) -> Prepared:
    """Return the query of what stands on one side alone, and of how much stands on both."""
    old_left = _left(
        "old",
        "new",
        unpaired="l.cause IS DISTINCT FROM 'reported_before' AND NOT EXISTS"
        " (SELECT FROM pairs p WHERE (p.file_id, p.before) = (l.file_id, l.line_no))",
    )
    new_left = _left(
        "new", "old", unpaired="NOT EXISTS (SELECT FROM pairs p WHERE p.after = l.line_no)"
    )
    return prepare(
        text(f"""
            WITH {_BEFORE}, new AS (SELECT * FROM {new}), pairs AS (
                SELECT o.file_id, o.line_no AS before, n.line_no AS after
                FROM old o JOIN new n USING (line_key, occurrence)
            )
            SELECT 'old' AS side, l.posted, l.in_held, 0::bigint AS unchanged, {_READ}
            FROM ({old_left}) l
            UNION ALL
            SELECT 'new', false, false, 0, {_READ} FROM ({new_left}) l
            UNION ALL
            SELECT 'both', false, EXISTS (SELECT FROM counted WHERE state = 'held'),
                   (SELECT count(DISTINCT after) FROM pairs),
                   {", ".join(f"NULL::{kind}" for kind in _KINDS)}
            ORDER BY side, line_no
        """)
    )


_KINDS: Final = (
    "integer", "text", "text", "text", "text", "text", "smallint", "text", "text", "text", "text", "text",
    "text", "text", "text", "bigint", "bigint", "bigint", "bigint", "bigint", "bigint", "bigint",
    "timestamptz", "date", "text", "boolean", "integer", "text",
)  # fmt: skip
"""The types of the columns ``READ``."""

STAGED_DIFFERENCE: Final = _difference("staged_line WHERE settlement = :settlement")
KEPT_DIFFERENCE: Final = _difference(
    "settlement_line WHERE file_id = :file AND settlement = :settlement AND state <> 'superseded'"
)


@dataclass(slots=True)
class PostgresFileImport:
    connection: Connection
    file_id: int
    file: SettlementFile
    is_staged: bool = False
    _decides: bool = field(default=False)

    async def add(self, lines: Sequence[KeyedLine]) -> None:
        if not self.is_staged:
            await self.connection.fetch_within(LIMIT, STAGE)
            self.is_staged = True
        await self.connection.copy(LIMIT, "staged_line", COPIED, lines)

    async def reject(self, rows: Sequence[RejectedRow]) -> None:
        await self.connection.copy(
            LIMIT,
            "rejected_row",
            ("file_id", "line_no", "reason", "text"),
            [(self.file_id, row.line_no, row.reason.value, row.text) for row in rows],
        )

    async def reported_before(self, settlements: Collection[str]) -> frozenset[str]:
        await self._decide()
        rows = await self.connection.fetch_within(
            LIMIT, REPORTED, settlements=list(settlements), file=self.file_id
        )
        return frozenset(row["settlement"] for row in rows)

    async def difference(self, settlement: str) -> ReportedDifference:
        statement = STAGED_DIFFERENCE if self.is_staged else KEPT_DIFFERENCE
        run = self.connection.fetch_within
        await run(LIMIT, LOOPS, allowed="off")
        rows = await run(LIMIT, statement, settlement=settlement, file=self.file_id)
        await run(LIMIT, LOOPS, allowed="on")
        (both,) = (row for row in rows if row["side"] == "both")
        before = [(to_line(row), row["posted"]) for row in rows if row["side"] == "old"]
        return ReportedDifference(
            before=[line for line, _ in before],
            after=[to_line(row) for row in rows if row["side"] == "new"],
            unchanged=both["unchanged"],
            matched=frozenset(line_key(line) for line, posted in before if posted),
            is_held=both["in_held"],
        )

    async def conclude(
        self,
        state: SettlementFileState,
        content: FileContent,
        totals: Sequence[SettlementTotals],
        verdicts: Sequence[ReportVerdict],
        audit: AuditEntry,
        *,
        release: Release | None = None,
    ) -> None:
        await self._decide()
        if verdicts:
            await self._decide_lines(verdicts)
            await self._keep_reports(totals, verdicts, audit)
        await self.connection.fetch_within(
            LIMIT,
            END,
            file=self.file_id,
            state=state.value,
            at=audit.at,
            released_at=None if release is None else release.at,
            released_by=None if release is None else release.by,
            released_why=None if release is None else release.why,
            **from_content(content),
        )
        await self.connection.apply([to_write(audit)])

    async def _decide(self) -> None:
        if not self._decides:
            await self.connection.fetch_within(LIMIT, DECIDE, number=DECIDING)
            self._decides = True

    async def _decide_lines(self, verdicts: Sequence[ReportVerdict]) -> None:
        run = self.connection.fetch_within
        await run(
            LIMIT,
            ADD if self.is_staged else CHANGE,
            file=self.file_id,
            settlements=[each.settlement for each in verdicts],
            states=[STATES[each.state].value for each in verdicts],
            causes=[
                "reported_before" if each.state is ReportState.REPEATED else None
                for each in verdicts
            ],
        )
        for states, wanted in (
            (["live", "held", "waiting"], ReportState.LIVE),
            (["waiting"], ReportState.WAITING),
        ):
            replaced = [
                each.settlement
                for each in verdicts
                if each.reported is ReportedAgain.REISSUE and each.state is wanted
            ]
            if replaced:
                for statement in SUPERSEDE[:2]:
                    await run(
                        LIMIT, statement, settlements=replaced, file=self.file_id, states=states
                    )
                await run(LIMIT, SUPERSEDE[2], settlements=replaced, file=self.file_id)
        repeated = await run(LIMIT, REPEATED, file=self.file_id)
        if repeated:
            lines = [row["line_no"] for row in repeated]
            firsts = [row["first"] for row in repeated]
            await run(LIMIT, AGAIN, file=self.file_id, lines=lines, firsts=firsts)
        for statement in ELSEWHERE:
            await run(LIMIT, statement, file=self.file_id)

    async def _keep_reports(
        self,
        totals: Sequence[SettlementTotals],
        verdicts: Sequence[ReportVerdict],
        audit: AuditEntry,
    ) -> None:
        by_key = {each.key: each for each in totals}
        columns: dict[str, list[object]] = {"state": [], "reported": []}
        for verdict in verdicts:
            columns["state"].append(verdict.state.value)
            columns["reported"].append(None if verdict.reported is None else verdict.reported.value)
            for name, value in from_totals(by_key[verdict.settlement]).items():
                columns.setdefault(name, []).append(value)
        await self.connection.fetch_within(LIMIT, REPORT, file=self.file_id, at=audit.at, **columns)
