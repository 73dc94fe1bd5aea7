"""Administrators export and erase the data of a student over HTTP; finance holds payments back from that."""

from datetime import timedelta
from typing import Any, Final

import pytest

from contracts.privacy.personal_records_contract import ASHA, a_lapsed, an_act
from domain.staff.access import Role
from fakes.samples import payment_id
from worlds.http import Client, HttpWorld, problem

ASHAS: Final = "/api/admin/privacy/asha"
HOLDS: Final = "/api/admin/legal-holds"
CASE: Final = {"reason": "Case 4 of 2026"}


class Admin:
    """An administrator with an app, whose codes are each good for one act, and a student with an old payment."""

    def __init__(self, client: Client, world: HttpWorld) -> None:
        self.client, self.world = client, world
        self.seed = world.add_member("mira", Role.ADMIN)
        payment = a_lapsed()
        world.memory.store.payments[payment.id] = payment
        world.memory.store.audit.append(an_act(payment.id))
        world.clock.move(timedelta(days=400))

    @property
    def headers(self) -> dict[str, str]:
        return self.world.bearer("mira", "admin")

    async def get(self, path: str) -> Any:
        return await self.client.get(path, headers=self.headers)

    async def post(self, path: str, **body: Any) -> Any:
        return await self.client.post(path, json=body, headers=self.headers)

    async def erase(self, fingerprint: str, **changes: Any) -> Any:
        self.world.clock.move(timedelta(seconds=30))
        body = {"fingerprint": fingerprint, "reason": "Request 17"}
        body |= {"otp": self.world.code(self.seed)} | changes
        return await self.post(f"{ASHAS}/erase", **body)

    @property
    def actions(self) -> list[str]:
        return [each.action for each in self.world.memory.store.audit]


@pytest.fixture
def admin(client: Client, world: HttpWorld) -> Admin:
    return Admin(client, world)


async def test_all_that_is_kept_is_exported(admin: Admin) -> None:
    """
    And the audit log says who did it; nobody known has no data.
    """
    record = (await admin.get(ASHAS)).json()

    assert record["student"] == "asha"
    assert [each["email"] for each in record["payments"]] == [ASHA.email]
    assert record["payments"][0]["consent"]["version"] == "5ac1" * 16
    assert [each["ip"] for each in record["facts"]] == ["192.0.2.7"]
    assert admin.actions[-1] == "personal_data.exported"
    assert admin.world.memory.store.audit[-1].origin.actor == "staff:mira"
    problem(await admin.get("/api/admin/privacy/nobody"), 404, "not-found")
    problem(await admin.get("/api/admin/privacy/nobody/erasure"), 404, "not-found")


async def test_what_was_planned_is_erased_with_a_code(admin: Admin) -> None:
    """
    Neither a wrong code nor another plan erases anything; another plan leaves the code good.
    """
    plan = (await admin.get(f"{ASHAS}/erasure")).json()
    assert (plan["contact"], plan["names"], plan["kept"]) == ([payment_id(1)], [payment_id(1)], [])

    seen = plan["fingerprint"]
    problem(await admin.erase(seen, otp="000000"), 403, "second-factor-refused")
    problem(await admin.erase("0" * 16), 409, "changed-meanwhile")
    problem(await admin.erase(seen, reason="Asha asked"), 422, "refund-reason-refused")
    problem(await admin.erase("not one"), 422, "invalid-request")
    assert admin.world.memory.store.payments[payment_id(1)].student.email == ASHA.email
    assert "staff.code_accepted" not in admin.actions
    counts = (await admin.erase(seen)).json()

    assert counts == {"contact": 1, "names": 1, "sessions": 0, "addresses": 1}
    assert admin.actions[-2:] == ["staff.code_accepted", "personal_data.erased"]
    assert ASHA.email not in (await admin.get(ASHAS)).text


async def test_a_payment_is_held_and_released(admin: Admin) -> None:
    """
    A plan says what the hold keeps; what is not held cannot be released.
    """
    held = await admin.post(f"{HOLDS}/{payment_id(1)}", **CASE)
    plan = (await admin.get(f"{ASHAS}/erasure")).json()

    assert held.json() == {"transaction_id": payment_id(1), "is_held": True}
    assert (await admin.get(HOLDS)).json() == {"items": [payment_id(1)]}
    assert [(each["data"], each["reason"], each["until"]) for each in plan["kept"]] == [
        ("contact", "legal_hold", None),
        ("name", "legal_hold", None),
    ]
    released = await admin.post(f"{HOLDS}/{payment_id(1)}/release", **CASE)
    assert released.json() == {"transaction_id": payment_id(1), "is_held": False}
    assert (await admin.get(HOLDS)).json() == {"items": []}
    problem(await admin.post(f"{HOLDS}/{payment_id(1)}/release", **CASE), 404, "not-found")
    problem(await admin.post(f"{HOLDS}/{payment_id(9)}", **CASE), 404, "not-found")


async def test_others_hold_or_do_not(admin: Admin) -> None:
    """
    Finance holds payments, and neither exports nor erases; an auditor does none of it.
    """
    finance = admin.world.bearer("farhan", "finance")
    auditor = admin.world.bearer("noor", "auditor")
    body = {"fingerprint": "0" * 16, "reason": "Request 17", "otp": "000000"}

    held = await admin.client.post(f"{HOLDS}/{payment_id(1)}", json=CASE, headers=finance)
    assert held.status_code == 200, held.text
    for who in (finance, auditor):
        for path in (ASHAS, f"{ASHAS}/erasure"):
            problem(await admin.client.get(path, headers=who), 403, "not-allowed")
        refused = await admin.client.post(f"{ASHAS}/erase", json=body, headers=who)
        problem(refused, 403, "not-allowed")
    problem(await admin.client.get(HOLDS, headers=auditor), 403, "not-allowed")
