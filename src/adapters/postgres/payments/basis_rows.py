"""What payments were decided on, in rows: each kind by its word, and its fields as JSON."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, insert, literal

from adapters.postgres.engine.statements import prepare
from adapters.postgres.payments.tables import decision_basis
from domain.identifiers import PaymentId
from domain.payments.basis import KINDS, Basis, KeptBasis

COLUMNS: Final = tuple(c.name for c in decision_basis.columns if c.name != "id")
KEEP: Final = prepare(
    insert(decision_basis)
    .values({name: bindparam(f"basis_{name}") for name in COLUMNS})
    .returning(literal(1))
)
WORDS: Final = {of: word for word, of in KINDS.items()}


def basis_columns(payment: PaymentId, version: int, basis: Basis) -> dict[str, object]:
    """Return the values of ``KEEP``."""
    return {
        "basis_payment_id": payment,
        "basis_version": version,
        "basis_at": basis.at,
        "basis_kind": WORDS[type(basis)],
        "basis_told": json.dumps(written(basis), sort_keys=True),
    }


def written(value: object) -> Any:
    """Return *value* as it stands in JSON: the fields that are named in its class, but for what is usual."""
    if is_dataclass(value):
        told = {each.name: (getattr(value, each.name), each.default) for each in fields(value)}
        return {name: written(now) for name, (now, usual) in told.items() if now != usual}
    if isinstance(value, tuple):
        return [written(each) for each in value]
    return msgspec.to_builtins(value)


def to_kept(row: Mapping[str, Any]) -> KeptBasis:
    """Return what *row* keeps; no basis when it cannot be read, whoever wrote it."""
    try:
        basis: Basis = msgspec.convert(row["told"], KINDS[row["kind"]])
    except (msgspec.ValidationError, KeyError):
        return KeptBasis(row["version"], None)
    return KeptBasis(row["version"], basis)
