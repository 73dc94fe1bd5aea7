"""Calls to the bank in rows: counts by quarter of an hour, operation, result and step of their time."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from adapters.postgres.engine.database import Database
from adapters.postgres.engine.statements import prepare
from ports.monitoring.gateway_calls import CallResult, OperationFigures, TimedCall
from ports.payments.payment_gateway import GatewayOperation

# In one order, so that two processes that write at once wait for each other and never in a circle.
ADD: Final = prepare(
    text("""
        INSERT INTO gateway_call_rollup AS r (bucket, operation, result, step, calls)
        SELECT date_bin('15 minutes', CAST(:at AS timestamptz), 'epoch'::timestamptz), o, t, s, c
        FROM unnest(CAST(:operations AS text[]), CAST(:results AS text[]), CAST(:steps AS smallint[]),
                    CAST(:calls AS bigint[])) AS a (o, t, s, c)
        ORDER BY 1, 2, 3, 4
        ON CONFLICT (bucket, operation, result, step) DO UPDATE SET calls = r.calls + excluded.calls
    """)
)
FIGURES: Final = prepare(
    text("""
        SELECT operation, result, step, sum(calls)::bigint AS calls FROM gateway_call_rollup
        WHERE bucket >= :since AND bucket < :until GROUP BY 1, 2, 3
    """)
)


@dataclass(frozen=True, slots=True)
class PostgresGatewayCalls:
    database: Database

    async def add(self, calls: Mapping[TimedCall, int], at: datetime) -> None:
        counted = sorted(calls.items())
        await self.database.fetch(
            ADD,
            at=at,
            operations=[call.operation.value for call, _ in counted],
            results=[call.result.value for call, _ in counted],
            steps=[call.step for call, _ in counted],
            calls=[count for _, count in counted],
        )

    async def figures(self, since: datetime, until: datetime) -> Sequence[OperationFigures]:
        rows = await self.database.fetch(FIGURES, since=since, until=until)
        results: defaultdict[str, Counter[CallResult]] = defaultdict(Counter)
        times: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for row in rows:
            results[row["operation"]][CallResult(row["result"])] += row["calls"]
            times[row["operation"]][row["step"]] += row["calls"]
        return [
            OperationFigures(operation=each, results=results[each], times=times[each])
            for each in GatewayOperation
        ]
