"""Calls to the bank in memory."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fakes.store import Store
from ports.monitoring.gateway_calls import CallResult, OperationFigures, TimedCall
from ports.monitoring.payment_rollups import BUCKET
from ports.payments.payment_gateway import GatewayOperation


@dataclass(frozen=True, slots=True)
class MemoryGatewayCalls:
    store: Store

    async def add(self, calls: Mapping[TimedCall, int], at: datetime) -> None:
        await asyncio.sleep(0)
        self.store.gateway_calls.append((at, dict(calls)))

    async def figures(self, since: datetime, until: datetime) -> Sequence[OperationFigures]:
        await asyncio.sleep(0)
        found = []
        for operation in GatewayOperation:
            results, times = Counter[CallResult](), Counter[int]()
            for at, calls in self.store.gateway_calls:
                if not since <= at - (at - since) % BUCKET < until:
                    continue
                for call, count in calls.items():
                    if call.operation is operation:
                        results[call.result] += count
                        times[call.step] += count
            found.append(OperationFigures(operation=operation, results=results, times=times))
        return found
