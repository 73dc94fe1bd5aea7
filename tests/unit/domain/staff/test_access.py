"""Who may do what stands in one table."""

from itertools import product

import pytest

from domain.staff.access import NotAllowed, Permission, Role, check_permission, is_of_students

TABLE = {
    Role.STUDENT: {Permission.PAY, Permission.SEE_OWN_PAYMENTS},
    Role.SUPPORT: {
        Permission.USE_CONSOLE,
        Permission.SEE_ALL_PAYMENTS,
        Permission.SEE_MONITORING,
        Permission.ASK_BANK,
        Permission.SEE_PERSONAL_DATA,
        Permission.SEE_ENROLMENTS,
        Permission.SEE_WEBHOOKS,
        Permission.SEE_CATALOGUE,
    },
    Role.FINANCE: {
        Permission.HOLD_PAYMENTS,
        Permission.MAKE_PROOFS,
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
        Permission.SEE_GATEWAY,
        Permission.SEE_JOBS,
        Permission.SEE_ARCHIVE,
        Permission.ANSWER_ALERTS,
    },
    Role.ADMIN: {
        Permission.EXPORT_PERSONAL_DATA,
        Permission.ERASE_PERSONAL_DATA,
        Permission.HOLD_PAYMENTS,
        Permission.MAKE_PROOFS,
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
        Permission.SEE_STAFF,
        Permission.WRITE_STAFF,
        Permission.RUN_RECONCILIATION,
        Permission.SEE_DISCREPANCIES,
        Permission.EXPORT_RETURNS,
        Permission.IMPORT_SETTLEMENTS,
        Permission.SEE_MONITORING,
        Permission.CLOSE_DEAD_LETTERS,
        Permission.SEE_GATEWAY,
        Permission.PROPOSE_GATEWAY,
        Permission.APPROVE_GATEWAY,
        Permission.TEST_CONNECTION,
        Permission.SEE_JOBS,
        Permission.SEE_ARCHIVE,
        Permission.RUN_JOBS,
        Permission.ANSWER_ALERTS,
        Permission.SEE_WEBHOOKS,
        Permission.WRITE_WEBHOOKS,
        Permission.SEE_KEYS,
        Permission.WRITE_KEYS,
    },
    Role.AUDITOR: {
        Permission.MAKE_PROOFS,
        Permission.USE_CONSOLE,
        Permission.SEE_ALL_PAYMENTS,
        Permission.SEE_PERSONAL_DATA,
        Permission.SEE_ENROLMENTS,
        Permission.SEE_CATALOGUE,
        Permission.SEE_DISCREPANCIES,
        Permission.SEE_MONITORING,
        Permission.SEE_STAFF,
        Permission.SEE_WEBHOOKS,
        Permission.SEE_GATEWAY,
        Permission.SEE_JOBS,
        Permission.SEE_ARCHIVE,
        Permission.SEE_KEYS,
    },
}


@pytest.mark.parametrize(("role", "permission"), list(product(Role, Permission)))
def test_every_role_may_what_the_table_says(role: Role, permission: Permission) -> None:
    """
    Each pair is allowed or refused, none by accident.
    """
    if permission in TABLE[role]:
        check_permission([role], permission)
    else:
        with pytest.raises(NotAllowed) as refused:
            check_permission([role], permission)
        assert refused.value.permission is permission


def test_one_role_of_several_is_enough() -> None:
    """
    Roles add up; none of them takes away.
    """
    check_permission([Role.STUDENT, Role.ADMIN], Permission.WRITE_COURSES)


def test_nobody_may_do_nothing_at_all() -> None:
    """
    Without a role there is no permission.
    """
    with pytest.raises(NotAllowed):
        check_permission([], Permission.PAY)


def test_what_students_may_is_theirs() -> None:
    """
    Everything else only staff may, so there a suspended account is looked up.
    """
    of_students = {each for each in Permission if is_of_students(each)}

    assert of_students == {Permission.PAY, Permission.SEE_OWN_PAYMENTS}
