"""Invariants of which a test says which are broken."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ports.monitoring.money_invariants import Breach, Invariant


@dataclass(slots=True)
class ToldInvariants:
    broken: list[Breach] = field(default_factory=list)
    asked_at: list[datetime] = field(default_factory=list)

    @property
    def known(self) -> Sequence[Invariant]:
        return [each.invariant for each in self.broken]

    async def breaches(self, at: datetime) -> Sequence[Breach]:
        self.asked_at.append(at)
        return self.broken
