"""The disputes of a payment in its row, as JSON."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.money import Money
from domain.payments.dispute import Dispute, open_disputes
from domain.payments.dispute_state import DisputeState


def dispute_columns(disputes: Sequence[Dispute]) -> dict[str, object]:
    """Return the columns of *disputes*: all of them, and the earliest deadline of those that are open."""
    told = [
        {
            "id": each.id,
            "amount_paise": each.amount.paise,
            "state": each.state.value,
            "opened_at": each.opened_at.isoformat(),
            "respond_by": each.respond_by.isoformat(),
            "reason": each.reason,
            "unclear": each.unclear,
            "closed_at": each.closed_at.isoformat() if each.closed_at else None,
            "alerted_at": each.alerted_at.isoformat() if each.alerted_at else None,
        }
        for each in disputes
    ]
    return {
        "disputes": json.dumps(told) if told else None,
        "dispute_respond_by": min(
            (each.respond_by for each in open_disputes(disputes)), default=None
        ),
    }


def to_disputes(told: Sequence[Mapping[str, Any]] | None) -> tuple[Dispute, ...]:
    """Return the disputes in *told*, whose JSON the driver has decoded."""
    return tuple(
        Dispute(
            id=each["id"],
            amount=Money(each["amount_paise"]),
            state=DisputeState(each["state"]),
            opened_at=datetime.fromisoformat(each["opened_at"]),
            respond_by=datetime.fromisoformat(each["respond_by"]),
            reason=each["reason"],
            unclear=each["unclear"],
            closed_at=_instant(each["closed_at"]),
            # A release before the alerts wrote none, and may still write while this one runs.
            alerted_at=_instant(each.get("alerted_at")),
        )
        for each in told or ()
    )


def _instant(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None
