"""A line by which the bank pulls a payment, or gives it back, puts the dispute on record in the unit of the run."""

from collections.abc import Container, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.payments.basis import Basis
from domain.payments.decision import Decision
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.reported import LineRef
from domain.reconciliation.told_disputes import told_basis, told_disputes
from ports.audit_log import Origin
from ports.unit_of_work import Work


class EffectsWriter(Protocol):
    """What writes a payment after a decision, with all that follows."""

    def __call__(
        self, work: Work, decision: Decision, basis: Basis, *, origin: Origin, at: datetime
    ) -> None: ...


async def record_disputes(
    work: Work,
    discrepancies: Sequence[Discrepancy],
    *,
    write_effects: EffectsWriter,
    counted: Container[LineRef],
    response: timedelta,
    origin: Origin,
    at: datetime,
) -> None:
    """
    Collect what *discrepancies*, as a run leaves them, say of disputes: the payment, audited, and the platform is told.

    It follows as from the bank's own word; what is on record already is written once. *counted* are the lines that
    count, *response* is how long a new dispute may be answered.
    """
    for payment, told in told_disputes(discrepancies, counted).items():
        known = await work.payments.repository.get(payment)
        basis = told_basis(told, at=at, response=response)
        write_effects(work, basis.decide(known), basis, origin=origin, at=at)
