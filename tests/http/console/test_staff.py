"""The console's staff accounts: seen by those who may, changed by another administrator with a code."""

import re
from datetime import timedelta
from typing import Any

import pytest

from adapters.totp.second_factor import code_of, step_at
from domain.staff.access import Role
from domain.staff.staff_member import StaffId
from entrypoints.http.qr_code import qr_code_of
from worlds.http import Client, HttpWorld, into_console

STAFF = "/console/staff"
MEMBER = f"{STAFF}/member"


async def form_of(client: Client, world: HttpWorld, **fields: Any) -> Any:
    """Send the form about mira as zoya, with a code that was not used."""
    world.clock.move(timedelta(seconds=30))
    page = (await client.get(MEMBER, params={"id": "mira"})).text
    seen = re.search(r'name="seen" value="(\w+)"', page)
    token = (await client.get("/api/csrf")).json()["csrf_token"]
    code = world.code(world.seeds["zoya"])
    sent = {"csrf_token": token, "id": "mira", "code": code, **fields}
    if seen is not None:
        sent.setdefault("seen", seen[1])
    return await client.post(MEMBER, data=sent)


@pytest.fixture
async def admin(client: Client, world: HttpWorld) -> str:
    """Mira of finance has an account, and Zoya, an administrator, is in the console."""
    world.add_member("mira", Role.FINANCE)
    return await into_console(client, world, "zoya", Role.ADMIN)


@pytest.mark.usefixtures("admin")
async def test_an_account_is_changed(client: Client, world: HttpWorld) -> None:
    """
    Its page tells what was done, and by whom.
    """
    assert f'href="{MEMBER}?id=mira"' in (await client.get(STAFF)).text
    done = await form_of(client, world, act="roles", role=["support", "auditor"])
    assert (done.status_code, done.headers["location"]) == (303, f"{MEMBER}?id=mira")
    await form_of(client, world, act="suspend")
    suspended = (await client.get(MEMBER, params={"id": "mira"})).text
    assert "Suspended" in suspended
    assert "auditor, support" in suspended
    assert "staff:zoya" in suspended
    assert 'value="suspend"' not in suspended
    await form_of(client, world, act="resume")
    await form_of(client, world, act="remove_app")

    member = world.memory.store.staff[StaffId("mira")]
    assert member.active
    assert member.seed is None


@pytest.mark.usefixtures("admin")
async def test_what_is_not_done(client: Client, world: HttpWorld) -> None:
    """
    Each fault is told at the form: a choice that is missing, no role, a wrong code, a change meanwhile.
    """
    for fields, words in (
        ({"act": "burn"}, "Choose what is to be done"),
        ({"act": "roles"}, "there is at least one"),
        ({"act": "suspend", "seen": "0" * 16}, "changed this account meanwhile"),
        ({"act": "suspend", "code": "000000"}, "wrong or too old"),
    ):
        answer = await form_of(client, world, **fields)
        assert answer.status_code == 422
        assert words in answer.text
    assert (await form_of(client, world, act="roles", role="student")).status_code == 422
    assert (await form_of(client, world, act="suspend", id="nobody")).status_code == 404
    assert (await form_of(client, world, act="suspend", id="\x01")).status_code == 404
    own = await form_of(client, world, act="suspend", id="zoya")
    assert "nobody changes their own account".capitalize() in own.text

    assert world.memory.store.staff[StaffId("mira")].active


@pytest.mark.usefixtures("admin")
async def test_an_app_is_set_up(client: Client, world: HttpWorld) -> None:
    """
    The QR code is shown once; its first right code stores the secret, for this member alone.
    """
    shown = (await form_of(client, world, act="show_code")).text
    secret = re.search(r'<code class="broken">([A-Z2-7 ]+)</code>', shown)
    offered = re.search(r'name="offered" value="([^"]+)"', shown)
    assert secret is not None
    assert offered is not None
    seed = secret[1].replace(" ", "")
    assert 'role="img"' in shown
    token = (await client.get("/api/csrf")).json()["csrf_token"]
    form = {"csrf_token": token, "id": "mira", "offered": offered[1]}
    wrong = await client.post(f"{MEMBER}/app", data={**form, "code": "000000"})
    assert wrong.status_code == 422
    assert "clock of the phone" in wrong.text
    assert secret[1] not in wrong.text
    other = await client.post(f"{MEMBER}/app", data={**form, "offered": "no", "code": "1"})
    assert "cannot be used any more" in other.text

    code = code_of(seed, step_at(world.clock.now()))
    done = await client.post(f"{MEMBER}/app", data={**form, "code": code})

    assert (done.status_code, done.headers["location"]) == (303, f"{MEMBER}?id=mira")
    assert world.memory.store.audit[-1].action == "staff.second_factor_set"


async def test_a_member_is_added(client: Client, world: HttpWorld, admin: str) -> None:
    """
    With a code of whoever adds; what cannot be kept is told, and what was typed stays.
    """
    new = f"{STAFF}/new"
    form = {"id": "r/avi&", "name": "Ravi", "email": "ravi@example.com", "role": "support"}

    async def sent(**changes: str) -> Any:
        world.clock.move(timedelta(seconds=30))
        code = world.code(world.seeds["zoya"])
        return await client.post(new, data={"csrf_token": admin, "code": code, **form, **changes})

    assert "sub" in (await client.get(new)).text
    for changes, words in (
        ({"email": "nobody"}, "Staff email"),
        ({"code": "000000"}, "wrong or too old"),
        ({"id": "zoya"}, "already"),
    ):
        answer = await sent(**changes)
        assert answer.status_code == 422
        assert words in answer.text
        assert 'value="Ravi"' in answer.text
    done = await sent()
    assert done.status_code == 303
    assert "Ravi" in (await client.get(done.headers["location"])).text


async def test_an_auditor_only_looks(client: Client, world: HttpWorld) -> None:
    """
    Nothing to press, and one's own account is told to be another's to change.
    """
    await into_console(client, world, "ritu", Role.AUDITOR)

    assert "Add a member" not in (await client.get(STAFF)).text
    own = (await client.get(MEMBER, params={"id": "ritu"})).text
    assert "another administrator changes it" in own
    assert "Do it" not in own


def test_a_qr_code_is_drawn_with_its_quiet_zone() -> None:
    """
    Version 1 has 21 modules a side; the first dark one is the corner of a finder pattern.
    """
    code = qr_code_of("A")

    assert code.size == 21 + 8
    assert code.path.startswith("M4 4h1v1h-1z")
