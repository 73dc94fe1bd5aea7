"""Refunds of the bank that could not be applied, as JSON in the row of their payment."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.order_facts import ReviewReason
from domain.payments.refused_refund import RefusedRefund


def to_refused(told: Sequence[Mapping[str, Any]] | None) -> tuple[RefusedRefund, ...]:
    """Return what the column holds; the driver has decoded it."""
    return tuple(
        RefusedRefund(
            id=RefundId(each["id"]),
            amount=None if each["paise"] is None else Money(each["paise"]),
            why=ReviewReason(each["why"]),
            accepted=each["accepted"],
        )
        for each in told or ()
    )


def refused_column(refused: Sequence[RefusedRefund]) -> str | None:
    """Return the column's value; NULL when nothing is refused."""
    if not refused:
        return None
    return json.dumps(
        [
            {
                "id": each.id,
                "paise": None if each.amount is None else each.amount.paise,
                "why": each.why.value,
                "accepted": each.accepted,
            }
            for each in refused
        ]
    )
