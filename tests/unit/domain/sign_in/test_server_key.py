"""Server keys: their form, what they may do, and when their secrets count."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest

from domain.sign_in.server_key import (
    KEY_SECRET_CHARS,
    OVERLAP_MAX,
    SCOPES,
    USED_EVERY,
    OfferedKey,
    ServerKey,
    ServerKeyId,
    ServerKeyInvalid,
    ServerKeyRefused,
    ServerKeyState,
    check_key,
    digest,
    key_text,
)
from domain.staff.access import PERMISSIONS, Permission, Role
from domain.text.card_number import CardNumberRefused
from fakes.clock import NOON

HOUR: Final = timedelta(hours=1)
ID: Final = ServerKeyId("KY" + "A" * 18)
FIRST: Final = key_text(ID, "B" * KEY_SECRET_CHARS)
SECOND: Final = key_text(ID, "C" * KEY_SECRET_CHARS)
KEY: Final = ServerKey(
    id=ID,
    name="Back end",
    scopes=frozenset({Permission.PAY}),
    secret_sha256=digest(FIRST),
    added_at=NOON,
)


def offered(text: str) -> OfferedKey:
    read = OfferedKey.read(text)
    assert read is not None
    return read


def why_not(key: ServerKey, text: str, at: datetime) -> str:
    with pytest.raises(ServerKeyInvalid) as refused:
        key.check(offered(text), at)
    assert refused.value.key == ID
    return refused.value.why


@pytest.mark.parametrize(
    "text",
    ["", "shulk_sk_", FIRST[:-1], f"{FIRST}B", FIRST.lower(), f" {FIRST}", f"{FIRST}\n", "eyJ.a.b"],
)
def test_only_what_has_the_form_of_a_key_is_looked_at(text: str) -> None:
    """
    Its whole text counts; a key names its row.
    """
    assert OfferedKey.read(text) is None
    assert offered(FIRST) == OfferedKey(ID, digest(FIRST))


def test_a_secret_opens_and_another_does_not() -> None:
    """
    Neither shows in a text of the key.
    """
    KEY.check(offered(FIRST), NOON)

    assert why_not(KEY, SECOND, NOON) == "wrong secret"
    assert KEY.secret_sha256 not in repr(KEY)
    assert digest(FIRST) not in repr(offered(FIRST))


def test_a_key_ends_at_its_instant() -> None:
    """
    One without an end does not; to say so it takes the right secret.
    """
    ending = replace(KEY, expires_at=NOON + HOUR)

    ending.check(offered(FIRST), NOON + HOUR - timedelta(microseconds=1))
    assert why_not(ending, FIRST, NOON + HOUR) == "expired"
    assert why_not(ending, SECOND, NOON + HOUR) == "wrong secret"
    assert ending.state(NOON + HOUR) is ServerKeyState.EXPIRED
    assert KEY.state(NOON + 1000 * OVERLAP_MAX) is ServerKeyState.ACTIVE


def test_during_a_rotation_both_secrets_open() -> None:
    """
    The one before until the overlap ends, and none from before that.
    """
    rotated = KEY.rotated(digest(SECOND), HOUR, NOON)

    rotated.check(offered(SECOND), NOON)
    rotated.check(offered(FIRST), NOON + HOUR - timedelta(microseconds=1))
    assert why_not(rotated, FIRST, NOON + HOUR) == "wrong secret"
    twice = rotated.rotated(digest(key_text(ID, "D" * KEY_SECRET_CHARS)), HOUR, NOON)
    assert why_not(twice, FIRST, NOON) == "wrong secret"
    twice.check(offered(SECOND), NOON)


def test_a_revoked_key_opens_nothing() -> None:
    """
    It stays revoked since then, and cannot be rotated; nor can one that has expired.
    """
    revoked = KEY.revoked(NOON)

    assert why_not(revoked, FIRST, NOON) == "revoked"
    assert revoked.revoked(NOON + HOUR) == revoked
    for ended in (revoked, replace(KEY, expires_at=NOON)):
        with pytest.raises(ServerKeyRefused):
            ended.rotated(digest(SECOND), HOUR, NOON)


@pytest.mark.parametrize("overlap", [-HOUR, OVERLAP_MAX + HOUR])
def test_an_overlap_is_short(overlap: timedelta) -> None:
    """
    At most a week, and none is fine.
    """
    with pytest.raises(ServerKeyRefused):
        KEY.rotated(digest(SECOND), overlap, NOON)
    assert why_not(KEY.rotated(digest(SECOND), 0 * HOUR, NOON), FIRST, NOON) == "wrong secret"


def test_the_last_use_is_known_to_the_minute() -> None:
    """
    A use within a minute of the last one noted is none to note.
    """
    used = replace(KEY, last_used_at=NOON)

    assert KEY.is_used_again(NOON)
    assert not used.is_used_again(NOON + USED_EVERY - timedelta(seconds=1))
    assert used.is_used_again(NOON + USED_EVERY)


@pytest.mark.parametrize(
    ("name", "scopes", "expires_at"),
    [
        ("", {Permission.PAY}, None),
        ("x" * 101, {Permission.PAY}, None),
        ("Back end", set(), None),
        ("Back end", {Permission.PAY, Permission.CREATE_REFUNDS}, None),
        ("Back end", {Permission.PAY}, NOON),
    ],
)
def test_what_makes_no_key(name: str, scopes: set[Permission], expires_at: datetime | None) -> None:
    """
    No name, no scope, one that no key has, or an end that is there already; of several faults each is named.
    """
    with pytest.raises(ServerKeyRefused) as all_wrong:
        check_key(" ", {Permission.CREATE_REFUNDS}, NOON, NOON)
    assert [field for field, _ in all_wrong.value.faults] == ["name", "scopes", "expires_at"]
    assert all(reason in str(all_wrong.value) for _, reason in all_wrong.value.faults)
    with pytest.raises(ServerKeyRefused):
        check_key(name, scopes, expires_at, NOON)
    check_key("Back end", SCOPES, NOON + HOUR, NOON)
    with pytest.raises(CardNumberRefused):
        check_key("4111 1111 1111 1111", SCOPES, None, NOON)


def test_no_scope_moves_money_back_or_changes_who_may_what() -> None:
    """
    Neither refunds, nor accounts, the gateway, or keys; and what students may is among them.
    """
    of_people = {"refunds", "staff", "gateway", "keys", "webhooks", "console", "reconciliation"}

    assert not {each for each in SCOPES if each.partition(":")[0] in of_people}
    assert PERMISSIONS[Role.STUDENT] <= SCOPES
