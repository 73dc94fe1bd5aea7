"""Refunds in rows: read in the same query as their payment, and written in the same statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.engine.statements import Write, prepare
from adapters.postgres.refunds.tables import refund
from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.payments.refund import Refund, RequestKey
from domain.payments.refund_state import RefundState
from domain.payments.refunds import NONE, Refunds
from ports.payments.payment_repository import KnownRefundRequest

COLUMNS: Final = tuple(refund.columns)
_new = insert(refund).values({c.name: bindparam(f"refund_{c.name}") for c in COLUMNS})
PUT = prepare(
    _new.on_conflict_do_update(
        constraint="refund_pkey",
        set_={c.name: _new.excluded[c.name] for c in COLUMNS if not c.primary_key},
    ).returning(literal(1))
)
REQUEST = prepare(
    select(refund.c.payment_id, refund.c.id, refund.c.request_sha256).where(
        refund.c.asked_by == bindparam("asker"), refund.c.request_key == bindparam("key")
    )
)


def refunds_of(payment_id: ColumnElement[str]) -> ScalarSelect[Any]:
    """
    Return the sub-select of one payment's refunds as JSON in any order, NULL when there are none.

    A payment has few refunds: sorting them in Python costs less than a sort in every query plan.
    """
    return (
        select(func.json_agg(func.row_to_json(refund.table_valued())))
        .where(refund.c.payment_id == payment_id)
        .scalar_subquery()
    )


def to_writes(payment: PaymentId, refunds: Refunds) -> list[Write]:
    """Return the writes that store *refunds*; a refund is never deleted."""
    return [
        Write(PUT, {f"refund_{name}": value for name, value in columns.items()})
        for columns in all_columns(payment, refunds)
    ]


def all_columns(payment: PaymentId, refunds: Refunds) -> list[dict[str, object]]:
    return [to_columns(payment, number, each) for number, each in enumerate(refunds, start=1)]


def to_columns(payment: PaymentId, number: int, refund: Refund) -> dict[str, object]:
    return {
        "payment_id": payment,
        "id": refund.id,
        "number": number,
        "amount_paise": refund.amount.paise,
        "state": refund.state,
        "asked_by": refund.asked_by,
        "asked_at": refund.asked_at,
        "reason": refund.reason,
        "revokes": refund.revokes,
        "outside": refund.outside,
        "request_key": refund.key.key if refund.key else None,
        "request_sha256": refund.key.body_sha256 if refund.key else None,
        "decided_by": refund.decided_by,
        "decided_at": refund.decided_at,
        "accepted_at": refund.accepted_at,
        "closed_at": refund.closed_at,
        "bank_reference": refund.bank_reference,
        "arn": refund.arn,
        "error": refund.error,
    }


def to_refunds(told: Sequence[Mapping[str, Any]] | None) -> Refunds:
    """Return the refunds in what ``refunds_of`` selected: JSON that the driver has decoded."""
    if told is None:
        return NONE
    in_order = sorted(told, key=itemgetter("number"))
    return Refunds(tuple(to_refund(row) for row in in_order))


def to_refund(row: Mapping[str, Any]) -> Refund:
    """Return the refund in *row*, which comes from JSON: its instants are text."""

    def instant(name: str) -> datetime | None:
        return datetime.fromisoformat(row[name]) if row[name] else None

    return Refund(
        id=RefundId(row["id"]),
        amount=Money(row["amount_paise"]),
        state=RefundState(row["state"]),
        asked_by=row["asked_by"],
        asked_at=datetime.fromisoformat(row["asked_at"]),
        reason=row["reason"],
        revokes=row["revokes"],
        outside=row["outside"],
        key=RequestKey(key=row["request_key"], body_sha256=row["request_sha256"])
        if row["request_key"]
        else None,
        decided_by=row["decided_by"],
        decided_at=instant("decided_at"),
        accepted_at=instant("accepted_at"),
        closed_at=instant("closed_at"),
        bank_reference=row["bank_reference"],
        arn=row["arn"],
        error=row["error"],
    )


def to_known_request(row: Mapping[str, Any]) -> KnownRefundRequest:
    return KnownRefundRequest(
        payment=PaymentId(row["payment_id"]),
        refund=RefundId(row["id"]),
        body_sha256=row["request_sha256"],
    )
