"""An invariant and the SQL that finds what breaks it."""

from dataclasses import dataclass

from ports.monitoring.money_invariants import Invariant


@dataclass(frozen=True, slots=True)
class Question:
    """*finds* returns one column, ``subject``; ``:at`` and ``:overdue`` stand for instants."""

    invariant: Invariant
    finds: str


def question(name: str, *, means: str, mends: str, finds: str) -> Question:
    return Question(Invariant(name=name, means=means, mends=mends), finds)
