"""The seal of the audit log in memory: entries are numbered in the order in which they were written."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from domain.audit.audit_line import instant_text, line_parts
from domain.audit.logged_line import LoggedLine
from domain.audit.merkle_proofs import Span, SpanLeaves
from domain.audit.merkle_tree import CompactRange
from domain.audit.trail import SealedBatch
from domain.errors import ChangedMeanwhile
from fakes.store import Store
from ports.audit.sealed_log import LogPosition, NewLeaf, SealState, Unsealed


@dataclass(frozen=True, slots=True)
class MemorySealedLog:
    store: Store

    async def state(self) -> SealState:
        await asyncio.sleep(0)
        return self.store.seals[-1][0] if self.store.seals else SealState()

    async def unsealed(self, state: SealState, *, at_most: int) -> Unsealed:
        await asyncio.sleep(0)
        first = state.position.entry
        last = min(first + at_most, len(self.store.audit))
        return Unsealed(
            lines=[self._line(each + 1) for each in range(first, last)],
            position=LogPosition(transaction=0, entry=max(first, last)),
        )

    async def append(
        self,
        state: SealState,
        leaves: Sequence[NewLeaf],
        sealed: SealState,
        at: datetime,
    ) -> None:
        await asyncio.sleep(0)
        known = self.store.seals[-1][0] if self.store.seals else SealState()
        if known.tree.size != state.tree.size:
            raise ChangedMeanwhile("audit_leaf_pkey")
        self.store.seals.append((sealed, [*leaves]))
        self.store.sealed_at.append(at)

    @asynccontextmanager
    async def batches(self) -> AsyncIterator[AsyncIterator[SealedBatch]]:
        yield self._batches([*self.store.seals])

    async def strays(self, state: SealState, *, at_most: int) -> Sequence[int]:
        await asyncio.sleep(0)
        sealed = {leaf.entry for _, leaves in self.store.seals for leaf in leaves}
        return sorted({*range(1, state.position.entry + 1)} - sealed)[:at_most]

    async def lines(self, indices: Sequence[int]) -> Mapping[int, bytes]:
        await asyncio.sleep(0)
        sealed = [leaf for _, leaves in self.store.seals for leaf in leaves]
        return {
            index: self._line(sealed[index].entry).sealed(sealed[index].salt)
            for index in indices
            if sealed[index].entry not in self.store.dropped_entries
        }

    async def leaves_of(self, spans: Sequence[Span]) -> Sequence[SpanLeaves]:
        await asyncio.sleep(0)
        return [self._parts(span) for span in spans]

    def _parts(self, span: Span) -> SpanLeaves:
        hashes = [leaf.leaf for _, leaves in self.store.seals for leaf in leaves]
        trees = [state.tree for state, _ in self.store.seals]
        inside = [each for each in trees if span.start < each.size < span.stop]
        tree = inside[-1] if inside else CompactRange()
        return SpanLeaves(tree, hashes[max(span.start, tree.size) : span.stop])

    async def leaves_about(self, subject: str, *, at_most: int) -> Sequence[int]:
        await asyncio.sleep(0)
        sealed = [leaf.entry for _, leaves in self.store.seals for leaf in leaves]
        about = [
            index
            for index, entry in enumerate(sealed)
            if self.store.audit[entry - 1].subject == subject
            and entry not in self.store.dropped_entries
        ]
        return about[:at_most]

    async def _batches(
        self, seals: Sequence[tuple[SealState, list[NewLeaf]]]
    ) -> AsyncIterator[SealedBatch]:
        for state, leaves in seals:
            await asyncio.sleep(0)
            yield SealedBatch(
                note=state.note,
                leaves=[each.leaf for each in leaves],
                lines=[
                    None
                    if each.entry in self.store.dropped_entries
                    else self._line(each.entry).sealed(each.salt)
                    for each in leaves
                ],
            )

    def _line(self, number: int) -> LoggedLine:
        entry = self.store.audit[number - 1]
        before, behind = line_parts(
            entry=number,
            at=instant_text(entry.at),
            actor=entry.origin.actor,
            source=entry.origin.source,
            action=entry.action,
            subject=entry.subject,
            from_state=entry.from_state or "",
            to_state=entry.to_state or "",
            correlation_id=entry.origin.correlation_id,
            facts=entry.facts,
        )
        return LoggedLine(number, before, behind, entry.origin.ip, entry.origin.user_agent)
