"""An invariant and the SQL that finds what breaks it."""

from dataclasses import dataclass

from ports.monitoring.money_invariants import Invariant


@dataclass(frozen=True, slots=True)
class InvariantQuery:
    """*finds* returns one column, ``subject``; ``:at`` and ``:overdue`` stand for instants."""

    invariant: Invariant
    finds: str


def invariant_query(name: str, *, means: str, remedy: str, finds: str) -> InvariantQuery:
    return InvariantQuery(Invariant(name=name, means=means, remedy=remedy), finds)
