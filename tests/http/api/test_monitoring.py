"""Staff read figures and the standing of the installation over HTTP."""

from datetime import timedelta
from typing import Final

import pytest

from application.monitoring.watch_credentials import BY_JOB, FIRST_USED
from domain.staff.access import Role
from entrypoints.wiring.bootstrap_configuration import bootstrap_configuration
from entrypoints.wiring.credentials import held_credentials
from fakes.clock import NOON
from fakes.samples import ASHA
from fakes.store import OutboxRow
from ports.audit_log import AuditEntry
from ports.notifications.outbox import OutboxTask
from worlds.http import CHECKOUT, Client, HttpWorld, problem

MONITORING: Final = "/api/admin/monitoring"


@pytest.fixture
def support(world: HttpWorld) -> dict[str, str]:
    world.add_member("mira", Role.SUPPORT)
    return world.bearer("mira", "support")


async def test_figures_follow_what_was_counted(
    client: Client, world: HttpWorld, support: dict[str, str]
) -> None:
    """
    A payment that was begun is there once a worker has counted it; until then the answer says what is missing.
    """
    begun = await client.post(
        "/api/payment/initiate",
        json=CHECKOUT,
        headers=world.bearer(ASHA.id) | {"Idempotency-Key": "key-for-the-first"},
    )
    assert begun.status_code == 201
    before = (await client.get(f"{MONITORING}/metrics", headers=support)).json()
    world.clock.move(timedelta(minutes=1))
    await world.use_cases().monitoring().count_payments()()
    after = (await client.get(f"{MONITORING}/metrics?range=30d", headers=support)).json()

    assert (before["range"], before["outcomes"]["begun"]) == ("24h", 0)
    assert before["complete_until"] == "2026-08-03T12:00:00Z"
    assert (after["outcomes"]["begun"], len(after["spans"])) == (1, 30)
    assert after["complete_until"] == "2026-08-03T12:01:00Z"
    assert after["success_rate"] == {
        "paid": 0,
        "attempts": 0,
        "share": None,
        "low": 0.0,
        "high": 1.0,
        "telling": False,
    }


async def test_another_range_is_refused(client: Client, support: dict[str, str]) -> None:
    """
    Day, week and month are all there is.
    """
    problem(
        await client.get(f"{MONITORING}/metrics?range=1y", headers=support), 422, "invalid-request"
    )


async def test_health_tells_parts_queues_and_jobs(
    client: Client, world: HttpWorld, support: dict[str, str]
) -> None:
    """
    What is wrong with a dependency, how long the oldest entry waits, and which job has missed its slots.
    """
    world.parts = {"database": "ok", "redis": "TimeoutError"}
    world.memory.store.outbox[1] = OutboxRow(
        due_at=NOON - timedelta(seconds=90),
        task=OutboxTask.PAYMENT_CONFIRMATION,
        payment=world.draw(),
        subject="",
    )
    await world.memory.job_runs.claim("check_invariants", NOON)
    seen = (await client.get(f"{MONITORING}/health", headers=support)).json()

    assert (seen["status"], seen["parts"]["redis"]) == ("degraded", "TimeoutError")
    assert seen["queues"][1] == {"name": "outbox", "due": 1, "oldest_due_seconds": 90, "dead": 0}
    late = {each["name"]: each["late"] for each in seen["jobs"]}
    assert not late["check_invariants"]
    assert late["fetch_settlements"]


async def test_health_tells_what_ends(
    client: Client, world: HttpWorld, support: dict[str, str]
) -> None:
    """
    Each key by the name of its setting, since when it is in use, and whether it is to be replaced now.
    """
    held = held_credentials(world.settings, lambda: bootstrap_configuration(world.settings))()
    key = next(each for each in held if each.name == "SHULK_API_KEY")
    world.memory.store.audit.append(
        AuditEntry(
            at=NOON - timedelta(days=350),
            origin=BY_JOB,
            action=FIRST_USED,
            subject="credential/SHULK_API_KEY",
            facts={"fingerprint": key.fingerprint},
        )
    )
    seen = (await client.get(f"{MONITORING}/health", headers=support)).json()["credentials"]

    assert seen[0] == {
        "name": "SHULK_API_KEY",
        "since": "2025-08-18T12:00:00Z",
        "ends_at": "2026-08-18T12:00:00Z",
        "days_left": 15,
        "ending": True,
    }
    assert not any(each["ending"] for each in seen[1:])
    assert key.fingerprint not in str(seen)
    assert "SHULK_COOKIE_KEY" in {each["name"] for each in seen}


async def test_without_a_database_the_parts_are_told(
    client: Client, world: HttpWorld, support: dict[str, str]
) -> None:
    """
    Queues and jobs are not known then.
    """
    world.parts = {"database": "TimeoutError", "redis": "ok"}
    seen = (await client.get(f"{MONITORING}/health", headers=support)).json()

    assert seen == {
        "status": "unready",
        "parts": {"database": "TimeoutError", "redis": "ok"},
        "queues": [],
        "jobs": [],
        "credentials": [],
    }
