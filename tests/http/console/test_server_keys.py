"""The console's server keys: added with a code, seen by those who may, rotated, revoked."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from domain.sign_in.server_key import SCOPES, ServerKeyState
from domain.staff.access import Role
from entrypoints.http.console.server_keys import SCOPE_WORDS, STATE_WORDS
from worlds.http import Client, HttpWorld, into_console

KEYS: Final = "/console/keys"
NEW: Final[dict[str, Any]] = {"name": "Back end", "scope": ["payments:pay", "payments:own"]}


class Admin:
    """An administrator in the console, whose codes are each good for one act."""

    def __init__(self, client: Client, world: HttpWorld, token: str) -> None:
        self.client, self.world, self.token = client, world, token

    async def post(self, place: str = KEYS, /, **fields: Any) -> Any:
        self.world.clock.move(timedelta(seconds=30))
        code = self.world.code(self.world.seeds["zoya"])
        form = {"csrf_token": self.token, "code": code, **fields}
        return await self.client.post(place, data=form)

    async def added(self) -> str:
        """Add a key by the form, and return the address of its page."""
        answer = await self.post(**NEW)
        assert answer.status_code == 200, answer.text
        found = re.search(rf'href="({KEYS}/KY[A-Z2-7]+)"', answer.text)
        assert found
        return found[1]


@pytest.fixture
async def admin(client: Client, world: HttpWorld) -> Admin:
    return Admin(client, world, await into_console(client, world, "zoya", Role.ADMIN))


def test_each_scope_and_state_has_its_words() -> None:
    """
    What is given and what is shown is told to people.
    """
    assert set(SCOPE_WORDS) == SCOPES
    assert set(STATE_WORDS) == set(ServerKeyState)


async def test_a_key_is_added_and_shown_once(admin: Admin) -> None:
    """
    Its last day is of India and included; nothing of the secret stands on the pages later.
    """
    client = admin.client
    assert "No back end has a key" in (await client.get(KEYS)).text

    shown = await admin.post(**NEW, last_day="2027-03-31")

    assert shown.status_code == 200, shown.text
    (kept,) = admin.world.memory.store.server_keys.values()
    secret = re.search(rf"shulk_sk_{kept.id}_([A-Z2-7]+)", shown.text)
    assert secret
    assert kept.expires_at == datetime(2027, 3, 31, 18, 30, tzinfo=UTC)
    page, listed = (await client.get(f"{KEYS}/{kept.id}")).text, (await client.get(KEYS)).text
    assert secret[1] not in page + listed
    assert kept.secret_sha256 not in page + listed
    assert "payments:own" in listed
    assert "staff:zoya" in page


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"scope": []}, "it has no scope"),
        ({"name": " "}, "the name"),
        ({"last_day": "2020-01-01"}, "expired already"),
        ({"last_day": "soon"}, "The last day is a date"),
        ({"code": "000000"}, 'id="code-fault" role="alert"'),
    ],
    ids=["no scope", "no name", "over", "no day", "wrong code"],
)
async def test_what_makes_no_key_is_told(admin: Admin, fields: dict[str, Any], told: str) -> None:
    """
    What was typed stays in the form, and nothing is kept.
    """
    answer = await admin.post(**NEW | fields)

    assert (answer.status_code, told in answer.text) == (422, True)
    assert 'value="Back end"' in answer.text or "name" in fields
    assert not admin.world.memory.store.server_keys


async def test_a_card_number_is_not_shown_again(admin: Admin) -> None:
    """
    Nor does a scope that no key has get through.
    """
    card = await admin.post(**NEW | {"name": "4111 1111 1111 1111"})
    foreign = await admin.post(**NEW | {"scope": ["refunds:create"]})

    assert (card.status_code, "4111 1111" in card.text) == (422, False)
    assert foreign.status_code == 422
    assert not admin.world.memory.store.server_keys


async def test_a_key_is_rotated(admin: Admin) -> None:
    """
    With a code, for so many hours with both; a wrong code or time changes nothing.
    """
    place = await admin.added()
    (before,) = admin.world.memory.store.server_keys.values()

    wrong = await admin.post(f"{place}/rotate", overlap_hours="1", code="000000")
    for hours in ("200", "-1", "", "1.5"):
        refused = await admin.post(f"{place}/rotate", overlap_hours=hours)
        assert (refused.status_code, 'id="rotate-fault"' in refused.text) == (422, True)
    (still,) = admin.world.memory.store.server_keys.values()
    rotated = await admin.post(f"{place}/rotate", overlap_hours="1")

    assert (wrong.status_code, 'id="code-fault"' in wrong.text) == (422, True)
    assert still == before
    assert f"shulk_sk_{before.id}_" in rotated.text
    (after,) = admin.world.memory.store.server_keys.values()
    assert after.previous_sha256 == before.secret_sha256
    assert after.previous_until == admin.world.clock.now() + timedelta(hours=1)
    assert "Secret before" in (await admin.client.get(place)).text


async def test_a_key_is_revoked_without_a_code(admin: Admin) -> None:
    """
    By who says that it is not needed; then nothing more can be done about it.
    """
    place = await admin.added()

    unsure = await admin.post(f"{place}/revoke")
    revoked = await admin.client.post(
        f"{place}/revoke", data={"csrf_token": admin.token, "sure": "yes"}
    )
    page = (await admin.client.get(place)).text
    late = await admin.post(f"{place}/rotate", overlap_hours="0")

    assert (unsure.status_code, 'id="revoke-fault"' in unsure.text) == (422, True)
    assert (revoked.status_code, revoked.headers["location"]) == (303, place)
    assert "Revoked" in page
    assert "New secret" not in page
    assert (late.status_code, "it is revoked" in late.text) == (422, True)


async def test_what_is_no_key_is_not_found(admin: Admin) -> None:
    """
    Whether it looks like one or not.
    """
    for gone in (f"{KEYS}/KYNONE", f"{KEYS}/no-id"):
        assert (await admin.client.get(gone)).status_code == 404
        assert (await admin.post(f"{gone}/rotate", overlap_hours="1")).status_code == 404
        assert (await admin.post(f"{gone}/revoke", sure="yes")).status_code == 404


async def test_others_look_or_do_not(client: Client, world: HttpWorld) -> None:
    """
    An auditor has no form and none is taken; finance does not see the page. Without a form token nothing is done.
    """
    token = await into_console(client, world, "asha.audit", Role.AUDITOR)
    page = await client.get(KEYS)
    refused = await client.post(KEYS, data={"csrf_token": token, **NEW})
    await into_console(client, world, "farhan", Role.FINANCE)
    hidden = await client.get(KEYS)
    await into_console(client, world, "zoya", Role.ADMIN)
    forged = await client.post(KEYS, data={**NEW, "code": world.code(world.seeds["zoya"], 1)})

    assert (page.status_code, "Add a key" in page.text) == (200, False)
    assert (refused.status_code, hidden.status_code, forged.status_code) == (403, 403, 403)
    assert not world.memory.store.server_keys
