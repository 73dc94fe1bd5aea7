"""What staff, and back ends, are shown of people is written to the audit log, unless a route shows nobody."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from litestar.handlers import BaseRouteHandler

from application.audit.record_access import Access
from domain.identifiers import PaymentId, is_discrepancy_id, is_payment_id, is_refund_id
from domain.staff.access import Permission, is_of_students
from entrypoints.http.dependencies import Dependencies
from entrypoints.http.security.guards import (
    SAFE_METHODS,
    Connection,
    opening_permission,
    origin_of_request,
    route_of,
)
from ports.audit_log import Source

SHOW_NOBODY: Final[Mapping[Permission, str]] = MappingProxyType(
    {
        Permission.SEE_CATALOGUE: "courses and codes",
        Permission.WRITE_COURSES: "courses",
        Permission.WRITE_DISCOUNTS: "codes",
        Permission.USE_CONSOLE: "how much work waits",
        Permission.IMPORT_SETTLEMENTS: "files of the bank, by count and sum",
        Permission.SEE_MONITORING: "figures and alerts",
        Permission.SEE_JOBS: "jobs",
        Permission.SEE_GATEWAY: "the gateway configuration, masked",
        Permission.PROPOSE_GATEWAY: "the gateway configuration, masked",
        Permission.SEE_WEBHOOKS: "addresses and attempts",
        Permission.SEE_KEYS: "names of server keys",
    }
)
"""Permissions whose pages show no person, and what they show; reads by every other one are written down."""


NAMES_MAX: Final = 12
DOCUMENT: Final = "number"
_NAME: Final = re.compile(r"[a-z_]{1,30}")
_DOCUMENT_NUMBER: Final = re.compile(r"[A-Z0-9/-]{1,16}")


def is_audited(method: str, handler: BaseRouteHandler, permission: Permission) -> bool:
    """Whether a request with *method*, which *permission* opens, is written down before it is answered."""
    return (
        method in SAFE_METHODS
        and not is_of_students(permission)
        and permission not in SHOW_NOBODY
        and "shows_nobody" not in handler.opt
    )


async def note_reading(connection: Connection, handler: BaseRouteHandler) -> None:
    """
    Write who asks to be shown what, before anything is read.

    Where that cannot be written nothing is shown: ``StorageUnavailable``.
    """
    permission = opening_permission(connection, handler)
    if permission is None or not is_audited(
        str(connection.scope.get("method")), handler, permission
    ):
        return
    deps: Dependencies = connection.app.state.deps
    await deps.record_access.shown(
        Access(
            route=route_of(connection),
            permission=permission,
            payment=_payment(connection),
            facts=_facts(connection),
        ),
        origin_of_request(connection, Source.ADMIN),
    )


def _payment(connection: Connection) -> PaymentId | None:
    named = str(connection.path_params.get("transaction_id", ""))
    return PaymentId(named) if is_payment_id(named) else None


def _facts(connection: Connection) -> dict[str, str]:
    """Return which thing of ours the address names, and the names of what was asked by: its words may name a person."""
    facts = {
        name: str(value)
        for name, value in connection.path_params.items()
        if is_refund_id(str(value)) or is_discrepancy_id(str(value))
    }
    if (number := connection.query_params.get(DOCUMENT)) and _DOCUMENT_NUMBER.fullmatch(number):
        facts[DOCUMENT] = number
    if asked := sorted(filter(_NAME.fullmatch, set(connection.query_params)))[:NAMES_MAX]:
        facts["asked_by"] = " ".join(asked)
    return facts
