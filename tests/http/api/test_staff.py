"""Staff accounts by API: kept by another administrator, with a code for each change."""

from datetime import timedelta
from typing import Any

from domain.staff.access import Role
from worlds.http import Client, HttpWorld, problem

STAFF = "/api/admin/staff"
RAVI = {"id": "ravi", "name": "Ravi", "email": "ravi@example.com", "roles": ["support"]}


async def test_an_account_from_beginning_to_end(client: Client, world: HttpWorld) -> None:
    """
    Added, given other roles, suspended, re-admitted; each change is told as it is then.
    """
    seed, admin = world.add_member("zoya", Role.ADMIN), world.bearer("zoya", Role.ADMIN)
    world.add_member("mira", Role.FINANCE)

    def body(**more: Any) -> dict[str, Any]:
        world.clock.move(timedelta(seconds=30))
        return {"otp": world.code(seed), **more}

    added = await client.post(STAFF, json=body(**RAVI), headers=admin)
    assert (added.status_code, added.json()["has_app"]) == (201, False)
    problem(await client.post(STAFF, json=body(**RAVI), headers=admin), 409, "staff-exists")
    ravi = f"{STAFF}/ravi"
    roles = await client.post(f"{ravi}/roles", json=body(roles=["auditor"]), headers=admin)
    assert roles.json()["roles"] == ["auditor"]
    old = added.json()["fingerprint"]
    stale = await client.post(f"{ravi}/suspend", json=body(fingerprint=old), headers=admin)
    problem(stale, 409, "staff-changed")
    suspended = await client.post(f"{ravi}/suspend", json=body(), headers=admin)
    assert not suspended.json()["active"]
    resumed = await client.post(f"{ravi}/resume", json=body(), headers=admin)
    assert resumed.json()["active"]
    lost = await client.post(f"{STAFF}/mira/remove-app", json=body(), headers=admin)
    assert not lost.json()["has_app"]

    listed = (await client.get(STAFF, headers=admin)).json()["items"]
    assert [each["id"] for each in listed] == ["mira", "ravi", "zoya"]


async def test_what_is_refused(client: Client, world: HttpWorld) -> None:
    """
    One's own account, a wrong code, a stranger, and whoever is no administrator.
    """
    seed, admin = world.add_member("zoya", Role.ADMIN), world.bearer("zoya", Role.ADMIN)
    body = {"otp": world.code(seed)}
    own = await client.post(f"{STAFF}/zoya/suspend", json=body, headers=admin)
    problem(own, 409, "own-account")
    stranger = await client.post(f"{STAFF}/nobody/suspend", json=body, headers=admin)
    problem(stranger, 404, "not-found")
    no_id = await client.post(f"{STAFF}/%01/suspend", json=body, headers=admin)
    problem(no_id, 404, "not-found")
    wrong = await client.post(f"{STAFF}/nobody/resume", json={"otp": "000000"}, headers=admin)
    assert wrong.status_code in {403, 404, 422}
    auditor = world.bearer("ritu", Role.AUDITOR)
    assert (await client.get(STAFF, headers=auditor)).status_code == 200
    refused = await client.post(f"{STAFF}/zoya/suspend", json=body, headers=auditor)
    problem(refused, 403, "not-allowed")
