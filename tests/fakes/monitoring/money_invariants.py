"""Invariants of which a test says which are broken, and which cannot be checked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ports.monitoring.money_invariants import Breach, Invariant, Unchecked


@dataclass(slots=True)
class ToldInvariants:
    """*asked* holds the name of each invariant that was checked, at which instant, and whether in full."""

    broken: list[Breach] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)
    failing: dict[str, Exception] = field(default_factory=dict)
    holding: list[Invariant] = field(default_factory=list)
    asked: list[tuple[str, datetime, bool]] = field(default_factory=list)
    in_full: dict[str, datetime] = field(default_factory=dict)

    @property
    def known(self) -> Sequence[Invariant]:
        return [*self.holding, *(each.invariant for each in self._wrong)]

    @property
    def _wrong(self) -> Sequence[Breach | Unchecked]:
        return [*self.broken, *self.unchecked]

    async def check(
        self, invariant: Invariant, at: datetime, *, full: bool
    ) -> Sequence[Breach | Unchecked]:
        self.asked.append((invariant.name, at, full))
        if invariant.name in self.failing:
            raise self.failing[invariant.name]
        found = [each for each in self._wrong if each.invariant == invariant]
        if full and not any(isinstance(each, Unchecked) for each in found):
            self.in_full[invariant.name] = at
        return found

    async def not_checked_in_full(self, since: datetime) -> Sequence[Invariant]:
        return [
            each
            for each in self.known
            if each.name not in self.in_full or self.in_full[each.name] < since
        ]
