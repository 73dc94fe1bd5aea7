"""Finance fetch the proof pack of a payment over HTTP, from the console or by a program."""

from io import BytesIO
from pathlib import Path

import pytest

from domain.audit.proof_archive import check_archive
from domain.staff.access import Role
from fakes.audit.checkpoint_signer import KEY
from fakes.audit.sealing import CHECK_NOTE, seal
from worlds.http import Client, HttpWorld, into_console, problem
from worlds.http_refunds import refunded
from worlds.settings import settings_with


@pytest.fixture
def world(tmp_path: Path) -> HttpWorld:
    """A world whose API has the key of the audit log."""
    key = tmp_path / "audit.key"
    key.touch(0o600)
    key.write_text(f"{KEY.written}\n", encoding="utf-8")
    return HttpWorld(settings_with(audit_key_file=str(key)))


async def test_the_console_leads_to_a_pack(client: Client, world: HttpWorld) -> None:
    """
    Which the public key verifies; who made it is written down.
    """
    payment = await refunded(world, client, 500_00, arn="74537604221")
    await world.file_due_documents()
    await seal(world.memory.sealed_log)()
    await into_console(client, world)
    address = f"/api/admin/payments/{payment}/proof"
    assert f'href="{address}"' in (await client.get(f"/console/payments/{payment}")).text

    answer = await client.get(address)

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="proof-{payment}.zip"'
    assert "no-store" in answer.headers["cache-control"]
    found = check_archive(BytesIO(answer.content), CHECK_NOTE)
    assert (found.payment, found.proved > 0) == (payment, True)
    entry = world.memory.store.audit[-1]
    assert (entry.action, entry.subject, entry.origin.actor) == (
        "proof.made",
        payment,
        "staff:farhan",
    )


async def test_support_has_no_packs(client: Client, world: HttpWorld) -> None:
    """
    A pack shows the books; the page does not lead there, and the route refuses.
    """
    payment = await refunded(world, client, 500_00)
    await into_console(client, world, "sunita", Role.SUPPORT)
    page = await client.get(f"/console/payments/{payment}")

    assert "/proof" not in page.text
    answer = await client.get(f"/api/admin/payments/{payment}/proof")
    problem(answer, 403, "not-allowed")


async def test_what_is_not_there_has_no_pack(client: Client, world: HttpWorld) -> None:
    """
    No payment, and no id of one.
    """
    for name in ("SKAAAAAAAAAAAAAAAAAA", "nothing"):
        answer = await client.get(
            f"/api/admin/payments/{name}/proof", headers=world.bearer("mira", "finance")
        )
        problem(answer, 404, "not-found")


async def test_without_a_key_nothing_is_signed() -> None:
    """
    The operator is told what is missing.
    """
    world = HttpWorld(settings_with())
    async with world.serve() as client:
        payment = await refunded(world, client, 500_00)
        answer = await client.get(
            f"/api/admin/payments/{payment}/proof", headers=world.bearer("mira", "finance")
        )
    problem(answer, 503, "proof-unsigned")
