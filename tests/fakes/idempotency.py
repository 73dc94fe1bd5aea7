"""Idempotency keys in memory: claimed by one request, completed once, released while there is no answer."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from domain.errors import ChangedMeanwhile
from domain.identifiers import PaymentId
from fakes.store import Change, Store
from ports.idempotency import IdempotencyKey, IdempotencyRecord


@dataclass(frozen=True, slots=True)
class MemoryIdempotencyRecords:
    store: Store

    async def forget(self, before: datetime, *, at_most: int) -> int:
        await asyncio.sleep(0)
        records = self.store.idempotency
        old = [each for each in records.values() if each.locked_until < before]
        old.sort(key=lambda each: each.locked_until)
        for each in old[:at_most]:
            del records[each.key]
        return len(old[:at_most])


@dataclass(frozen=True, slots=True)
class MemoryIdempotency:
    changes: list[Change]

    def claim(
        self,
        key: IdempotencyKey,
        *,
        body_sha256: str,
        payment: PaymentId,
        at: datetime,
        until: datetime,
        completed: bool = False,
    ) -> None:
        def change(store: Store) -> None:
            known = store.idempotency.get(key)
            if known and (
                known.completed or known.locked_until > at or known.body_sha256 != body_sha256
            ):
                raise ChangedMeanwhile("idempotency key")
            store.idempotency[key] = IdempotencyRecord(
                key=key,
                body_sha256=body_sha256,
                payment=payment,
                completed=completed,
                locked_until=until,
            )

        self.changes.append(change)

    def complete(self, key: IdempotencyKey, payment: PaymentId) -> None:
        def change(store: Store) -> None:
            if known := _held(store, key, payment):
                store.idempotency[key] = replace(known, completed=True)

        self.changes.append(change)

    def release(self, key: IdempotencyKey, payment: PaymentId, at: datetime) -> None:
        def change(store: Store) -> None:
            known = _held(store, key, payment)
            if known and not known.completed:
                store.idempotency[key] = replace(known, locked_until=at)

        self.changes.append(change)


def _held(store: Store, key: IdempotencyKey, payment: PaymentId) -> IdempotencyRecord | None:
    known = store.idempotency.get(key)
    return known if known and known.payment == payment else None
