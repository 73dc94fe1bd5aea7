"""Administrators keep server keys over HTTP, by codes of theirs; a secret is shown once."""

from datetime import timedelta
from typing import Any, Final

import pytest

from domain.staff.access import Role
from worlds.http import Client, HttpWorld, pointers, problem

KEYS: Final = "/api/admin/keys"
NEW: Final = {"name": "Back end", "scopes": ["payments:pay", "payments:own"]}


class Admin:
    """An administrator with an app, whose codes are each good for one act."""

    def __init__(self, client: Client, world: HttpWorld) -> None:
        self.client, self.world = client, world
        self.seed = world.add_member("mira", Role.ADMIN)

    @property
    def headers(self) -> dict[str, str]:
        return self.world.bearer("mira", "admin")

    async def post(self, path: str, **body: Any) -> Any:
        self.world.clock.move(timedelta(seconds=30))
        body = {"otp": self.world.code(self.seed), **body}
        return await self.client.post(f"{KEYS}{path}", json=body, headers=self.headers)


@pytest.fixture
def admin(client: Client, world: HttpWorld) -> Admin:
    return Admin(client, world)


async def test_a_key_is_added_and_shows_its_secret_once(admin: Admin) -> None:
    """
    The list does not show it, nor a digest of it.
    """
    shown = await admin.post("", **NEW, expires_at="2027-08-03T00:00:00+05:30")
    listed = await admin.client.get(KEYS, headers=admin.headers)

    assert shown.status_code == 201, shown.text
    key, secret = shown.json()["key"], shown.json()["secret"]
    assert secret.startswith(f"shulk_sk_{key['id']}_")
    assert listed.json() == {"items": [key]}
    assert (key["state"], key["scopes"]) == ("active", ["payments:own", "payments:pay"])
    (kept,) = admin.world.memory.store.server_keys.values()
    assert kept.secret_sha256 not in listed.text


async def test_what_makes_no_key_is_told(admin: Admin) -> None:
    """
    A scope that no key has, none at all, and a code that is wrong.
    """
    wrong = {"name": " ", "scopes": ["refunds:create"], "expires_at": "2020-01-01T00:00:00Z"}
    refused = problem(await admin.post("", **wrong), 422, "server-key-refused")
    assert pointers(refused) == ["/name", "/scopes", "/expires_at"]
    problem(await admin.post("", **NEW | {"scopes": ["refunds:all"]}), 422, "invalid-request")
    problem(await admin.post("", **NEW | {"scopes": []}), 422, "invalid-request")
    problem(await admin.post("", **NEW, otp="000000"), 403, "second-factor-refused")
    assert not admin.world.memory.store.server_keys


async def test_a_key_is_rotated_and_revoked(admin: Admin) -> None:
    """
    A wrong code rotates nothing; to revoke takes none.
    """
    shown = (await admin.post("", **NEW)).json()
    at = f"/{shown['key']['id']}"

    problem(await admin.post(f"{at}/rotate", otp="000000"), 403, "second-factor-refused")
    rotated = (await admin.post(f"{at}/rotate", overlap_hours=1)).json()
    revoked = await admin.client.post(f"{KEYS}{at}/revoke", headers=admin.headers)

    assert rotated["secret"] != shown["secret"]
    assert rotated["key"]["previous_until"]
    assert revoked.json()["state"] == "revoked"
    problem(await admin.post(f"{at}/rotate"), 422, "server-key-refused")
    problem(await admin.post("/KYNONE/rotate"), 404, "not-found")
    assert [entry.action for entry in admin.world.memory.store.audit] == [
        "server_key.added",
        "staff.code_accepted",
        "staff.code_refused",
        "server_key.rotated",
        "staff.code_accepted",
        "server_key.revoked",
    ]


async def test_others_see_or_do_not_see_them(admin: Admin) -> None:
    """
    An auditor sees them; finance does not, and only an administrator revokes.
    """
    world, get = admin.world, admin.client.get
    world.add_member("noor", Role.AUDITOR)
    auditor = world.bearer("noor", "auditor")

    assert (await get(KEYS, headers=auditor)).status_code == 200
    problem(await get(KEYS, headers=world.bearer("farhan", "finance")), 403, "not-allowed")
    answer = await admin.client.post(f"{KEYS}/KYNONE/revoke", headers=auditor)
    problem(answer, 403, "not-allowed")
