"""Who may do what: roles come with the token, and one table gives each role its permissions."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.errors import DomainError


class Role(StrEnum):
    STUDENT = "student"
    SUPPORT = "support"
    FINANCE = "finance"
    ADMIN = "admin"
    AUDITOR = "auditor"
    """Sees what there is to see, and changes nothing."""


class Permission(StrEnum):
    PAY = "payments:pay"
    SEE_OWN_PAYMENTS = "payments:own"
    SEE_ALL_PAYMENTS = "payments:all"
    ASK_BANK = "payments:ask-bank"
    SEE_PERSONAL_DATA = "payments:show-personal"
    SEE_ENROLMENTS = "enrolments:see"
    SEE_CATALOGUE = "catalogue:see"
    WRITE_COURSES = "courses:write"
    WRITE_DISCOUNTS = "discounts:write"
    CREATE_REFUNDS = "refunds:create"
    APPROVE_REFUNDS = "refunds:approve"
    RESOLVE_REVIEWS = "reviews:resolve"
    SEE_DISCREPANCIES = "reconciliation:see"
    RESOLVE_DISCREPANCIES = "reconciliation:resolve"
    RUN_RECONCILIATION = "reconciliation:run"
    USE_CONSOLE = "console:use"
    SEE_STAFF = "staff:see"
    WRITE_STAFF = "staff:write"
    EXPORT_RETURNS = "returns:export"
    IMPORT_SETTLEMENTS = "settlements:import"
    SEE_MONITORING = "monitoring:see"
    CLOSE_DEAD_LETTERS = "dead-letters:close"
    SEE_JOBS = "jobs:see"
    RUN_JOBS = "jobs:run"
    SEE_ARCHIVE = "archive:see"
    ANSWER_ALERTS = "alerts:answer"
    SEE_GATEWAY = "gateway:see"
    PROPOSE_GATEWAY = "gateway:propose"
    APPROVE_GATEWAY = "gateway:approve"
    TEST_CONNECTION = "gateway:test"
    SEE_WEBHOOKS = "webhooks:see"
    WRITE_WEBHOOKS = "webhooks:write"
    SEE_KEYS = "keys:see"
    WRITE_KEYS = "keys:write"
    MAKE_PROOFS = "proofs:make"
    """A proof pack shows the buyer, the books and the audit log of a payment at once."""

    EXPORT_PERSONAL_DATA = "privacy:export"
    ERASE_PERSONAL_DATA = "privacy:erase"
    HOLD_PAYMENTS = "privacy:hold"


PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.STUDENT: frozenset({Permission.PAY, Permission.SEE_OWN_PAYMENTS}),
        Role.SUPPORT: frozenset(
            {
                Permission.USE_CONSOLE,
                Permission.SEE_MONITORING,
                Permission.SEE_ALL_PAYMENTS,
                Permission.ASK_BANK,
                Permission.SEE_PERSONAL_DATA,
                Permission.SEE_ENROLMENTS,
                Permission.SEE_CATALOGUE,
                Permission.SEE_WEBHOOKS,
            }
        ),
        Role.FINANCE: frozenset(
            {
                Permission.USE_CONSOLE,
                Permission.SEE_ALL_PAYMENTS,
                Permission.ASK_BANK,
                Permission.SEE_PERSONAL_DATA,
                Permission.SEE_ENROLMENTS,
                Permission.SEE_CATALOGUE,
                Permission.WRITE_DISCOUNTS,
                Permission.CREATE_REFUNDS,
                Permission.APPROVE_REFUNDS,
                Permission.RESOLVE_REVIEWS,
                Permission.SEE_DISCREPANCIES,
                Permission.RESOLVE_DISCREPANCIES,
                Permission.RUN_RECONCILIATION,
                Permission.EXPORT_RETURNS,
                Permission.IMPORT_SETTLEMENTS,
                Permission.SEE_MONITORING,
                Permission.CLOSE_DEAD_LETTERS,
                Permission.SEE_JOBS,
                Permission.SEE_ARCHIVE,
                Permission.ANSWER_ALERTS,
                Permission.SEE_GATEWAY,
                Permission.MAKE_PROOFS,
                Permission.HOLD_PAYMENTS,
            }
        ),
        Role.ADMIN: frozenset(
            {
                Permission.USE_CONSOLE,
                Permission.SEE_ALL_PAYMENTS,
                Permission.ASK_BANK,
                Permission.SEE_PERSONAL_DATA,
                Permission.SEE_ENROLMENTS,
                Permission.SEE_CATALOGUE,
                Permission.WRITE_COURSES,
                Permission.WRITE_DISCOUNTS,
                Permission.CREATE_REFUNDS,
                Permission.APPROVE_REFUNDS,
                Permission.RESOLVE_REVIEWS,
                Permission.SEE_DISCREPANCIES,
                Permission.RUN_RECONCILIATION,
                Permission.SEE_STAFF,
                Permission.WRITE_STAFF,
                Permission.EXPORT_RETURNS,
                Permission.IMPORT_SETTLEMENTS,
                Permission.SEE_MONITORING,
                Permission.CLOSE_DEAD_LETTERS,
                Permission.SEE_JOBS,
                Permission.SEE_ARCHIVE,
                Permission.RUN_JOBS,
                Permission.ANSWER_ALERTS,
                Permission.SEE_GATEWAY,
                Permission.PROPOSE_GATEWAY,
                Permission.APPROVE_GATEWAY,
                Permission.TEST_CONNECTION,
                Permission.SEE_WEBHOOKS,
                Permission.WRITE_WEBHOOKS,
                Permission.SEE_KEYS,
                Permission.WRITE_KEYS,
                Permission.MAKE_PROOFS,
                Permission.EXPORT_PERSONAL_DATA,
                Permission.ERASE_PERSONAL_DATA,
                Permission.HOLD_PAYMENTS,
            }
        ),
        Role.AUDITOR: frozenset(
            {
                Permission.USE_CONSOLE,
                Permission.SEE_ALL_PAYMENTS,
                Permission.SEE_PERSONAL_DATA,
                Permission.SEE_ENROLMENTS,
                Permission.SEE_CATALOGUE,
                Permission.SEE_DISCREPANCIES,
                Permission.SEE_MONITORING,
                Permission.SEE_STAFF,
                Permission.SEE_JOBS,
                Permission.SEE_ARCHIVE,
                Permission.SEE_GATEWAY,
                Permission.SEE_WEBHOOKS,
                Permission.SEE_KEYS,
                Permission.MAKE_PROOFS,
            }
        ),
    }
)


class NotAllowed(DomainError):
    """The account is known, and lacks the permission for this."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission
        super().__init__(f"this needs the permission {permission}")


def check_permission(roles: Iterable[Role], permission: Permission) -> None:
    """Return when one of *roles* carries *permission*, or raise ``NotAllowed``."""
    if not any(permission in PERMISSIONS[role] for role in roles):
        raise NotAllowed(permission)


def is_of_students(permission: Permission) -> bool:
    """Whether students have *permission*, for what is their own; only staff have the others."""
    return permission in PERMISSIONS[Role.STUDENT]
