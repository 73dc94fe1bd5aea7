"""Members of staff and their TOTPs: each is accepted once, and few may be tried."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from domain.staff.access import NotAllowed, Permission, Role
from domain.staff.second_factor import TotpLimit, TotpLocked, TotpNotEnrolled, TotpUsed, TotpWrong
from domain.staff.staff_member import StaffId, StaffInvalid, StaffMember
from domain.text.card_number import CardNumberRefused
from fakes.clock import NOON
from fakes.samples import a_member
from text_vectors import BLANK_NAMES, EMAILS, NO_EMAILS, UNPRINTABLE_NAMES

LIMIT: Final = TotpLimit(attempts=3, lock=timedelta(minutes=15))
MIRA: Final = a_member(seed="k:sealed")


def tried(member: StaffMember, times: int) -> StaffMember:
    for _ in range(times):
        member = member.count_attempt(NOON, LIMIT)
    return member


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("id", {"id": ""}),
        ("id", {"id": " mira"}),
        ("id", {"id": "m" * 256}),
        ("id", {"id": "मीरा"}),
        ("name", {"name": " "}),
        ("name", {"name": "m" * 101}),
        ("name", {"name": "Mi\nra"}),
        ("email", {"email": "mira"}),
        ("email", {"email": "mira@example.com\n"}),
        ("roles", {"roles": frozenset()}),
        ("roles", {"roles": frozenset({Role.FINANCE, Role.STUDENT})}),
    ],
)
def test_what_cannot_be_kept_names_its_field(field: str, changes: dict[str, object]) -> None:
    """
    One refusal, one field to mend.
    """
    with pytest.raises(StaffInvalid) as refusal:
        replace(MIRA, **changes)  # type: ignore[arg-type]  # each is of its field's kind
    assert [name for name, _ in refusal.value.faults] == [field]


def test_all_that_is_wrong_is_named_at_once() -> None:
    """
    So that nobody sends the same form again for each field.
    """
    with pytest.raises(StaffInvalid) as refusal:
        replace(MIRA, id=StaffId(""), name=" ", email="mira", roles=frozenset())
    assert [name for name, _ in refusal.value.faults] == ["id", "name", "email", "roles"]
    assert "staff email: " in str(refusal.value)


def test_no_name_is_a_card_number() -> None:
    """
    As everywhere else.
    """
    with pytest.raises(CardNumberRefused):
        replace(MIRA, name="4111 1111 1111 1111")


@pytest.mark.parametrize("text", EMAILS)
def test_an_address_that_mail_can_go_to_is_taken(text: str) -> None:
    """
    By the rule of every entrance.
    """
    assert text == replace(MIRA, email=text).email


@pytest.mark.parametrize("text", NO_EMAILS)
def test_an_address_that_no_mail_can_go_to_is_refused(text: str) -> None:
    """
    Before it is kept.
    """
    with pytest.raises(StaffInvalid) as refusal:
        replace(MIRA, email=text)
    assert [name for name, _ in refusal.value.faults] == ["email"]


@pytest.mark.parametrize("text", [*BLANK_NAMES, *UNPRINTABLE_NAMES])
def test_a_name_is_visible(text: str) -> None:
    """
    The audit log's readers have to know who it was.
    """
    with pytest.raises(StaffInvalid) as refusal:
        replace(MIRA, name=text)
    assert [name for name, _ in refusal.value.faults] == ["name"]


def test_an_account_allows_what_its_roles_carry() -> None:
    """
    And nothing more.
    """
    MIRA.check(Permission.CREATE_REFUNDS)
    a_member("ravi", Role.SUPPORT).check(Permission.SEE_ALL_PAYMENTS)

    with pytest.raises(NotAllowed):
        a_member("ravi", Role.SUPPORT).check(Permission.CREATE_REFUNDS)


def test_a_suspended_account_allows_nothing() -> None:
    """
    Whatever its roles; and everything again once it is resumed.
    """
    suspended = MIRA.activated(active=False)

    with pytest.raises(NotAllowed):
        suspended.check(Permission.CREATE_REFUNDS)
    suspended.activated(active=True).check(Permission.CREATE_REFUNDS)


def test_roles_are_replaced() -> None:
    """
    Nobody keeps a role that was not named again.
    """
    assert MIRA.with_roles([Role.SUPPORT]).roles == {Role.SUPPORT}


def test_a_totp_is_accepted_once() -> None:
    """
    The same step never again, nor one before it; the next one is.
    """
    after = MIRA.accept(100)

    for used in (100, 99, 0):
        with pytest.raises(TotpUsed):
            after.accept(used)
    assert after.accept(101).last_step == 101


def test_no_step_is_no_code() -> None:
    """
    What fits no step is wrong.
    """
    with pytest.raises(TotpWrong):
        MIRA.accept(None)


def test_attempts_end_in_a_lock() -> None:
    """
    The last one may still be right; after it no TOTP is checked until the lock ends.
    """
    last = tried(MIRA, 3)

    assert tried(MIRA, 2).locked_until is None
    assert (last.attempts, last.locked_until) == (3, NOON + LIMIT.lock)
    with pytest.raises(TotpLocked) as refusal:
        last.count_attempt(NOON + LIMIT.lock - timedelta(microseconds=1), LIMIT)
    assert refusal.value.retry_after == timedelta(microseconds=1)


def test_a_right_code_forgets_the_wrong_ones() -> None:
    """
    The lock that the last attempt brought goes with them.
    """
    after = tried(MIRA, 3).accept(100)

    assert (after.attempts, after.locked_until) == (0, None)


def test_after_the_lock_the_count_begins_anew() -> None:
    """
    As many attempts as before, no lock for a single one.
    """
    again = tried(MIRA, 3).count_attempt(NOON + LIMIT.lock, LIMIT)

    assert (again.attempts, again.locked_until) == (1, None)


def test_an_attempt_that_was_not_checked_is_not_counted() -> None:
    """
    With the lock it brought; never more than there were.
    """
    back = tried(MIRA, 3).uncount_attempt()

    assert (back.attempts, back.locked_until) == (2, None)
    assert MIRA.uncount_attempt().attempts == 0


def test_without_an_app_there_is_nothing_to_try() -> None:
    """
    And nothing is counted.
    """
    with pytest.raises(TotpNotEnrolled):
        a_member().count_attempt(NOON, LIMIT)


def test_a_new_app_takes_the_place_of_the_old_one() -> None:
    """
    Its first code is used up with it, and the old attempts are forgotten.
    """
    enrolled = tried(MIRA, 3).enrol("k:new", 100)

    assert (enrolled.seed, enrolled.attempts, enrolled.locked_until) == ("k:new", 0, None)
    with pytest.raises(TotpUsed):
        enrolled.accept(100)


def test_a_new_app_brings_no_used_step_back() -> None:
    """
    Steps count for the member, whatever app showed them.
    """
    assert MIRA.accept(101).enrol("k:new", 100).last_step == 101
    assert MIRA.enrol("k:new", 0).last_step == 0


def test_a_removed_app_is_gone() -> None:
    """
    The seed is not kept, the last step is.
    """
    removed = tried(MIRA.accept(100), 3).without_second_factor()

    assert (removed.seed, removed.last_step, removed.attempts) == (None, 100, 0)
    assert removed.locked_until is None


def test_a_seed_shows_in_no_representation() -> None:
    """
    Encrypted or not, it never appears in a repr.
    """
    assert "encrypted" not in repr(MIRA)
