"""Whoever is shown people's data leaves an entry of the audit log, on each route there is and each that will be."""

import re
from collections.abc import Iterator

import pytest
from litestar.routes import HTTPRoute

from application.audit.record_access import RecordAccess
from domain.staff.access import Permission, Role, is_of_students
from entrypoints.http.app import new_app
from entrypoints.http.security.audited_reads import SHOW_NOBODY, is_audited
from fakes.samples import payment_id
from ports.unit_of_work import StorageUnavailable
from worlds.http import Client, HttpWorld, begun_payment, into_console
from worlds.http_refunds import refunded
from worlds.settings import settings_with

NAMED = {
    "transaction_id": payment_id(1),
    "letter": "7",
    "webhook": "7",
    "version": "7",
    "period": "2026-07",
}
EVERY_ROLE = ("support", "finance", "admin", "auditor")
EVENTS = "/console/reconciliation/{run_id}/events"
"""The one route that shows nobody although its permission does."""


def staff_reads() -> Iterator[tuple[str, bool]]:
    """Walk the addresses of the routes that staff read, with whether people are shown there."""
    for route in new_app(settings_with()).routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            needed = (handler.opt.get("permission"), handler.opt.get("or_else"))
            theirs = [each for each in needed if each is not None and not is_of_students(each)]
            if "GET" in handler.http_methods and theirs:
                yield route.path_format, is_audited("GET", handler, theirs[0])


def filled(path: str, **named: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda part: {**NAMED, **named}.get(part[1], "none"), path)


def test_what_shows_nobody_is_named() -> None:
    """
    A new permission, and so a new route, is audited until somebody says what it shows in place of people.
    """
    assert {path for path, audited in staff_reads() if not audited and "api" not in path} == {
        "/console",
        "/console/{rest}",
        "/console/bank-statements",
        "/console/courses",
        "/console/courses/course",
        "/console/courses/import",
        "/console/discounts",
        "/console/discounts/code",
        "/console/discounts/import",
        "/console/gateway",
        "/console/gateway/change",
        "/console/jobs",
        "/console/keys",
        "/console/keys/{key_id}",
        "/console/monitoring",
        EVENTS,
        "/console/settlement-files",
        "/console/settlement-files/{sha256}",
        "/console/settlement-files/{sha256}/reissue",
        "/console/webhooks",
        "/console/webhooks/{endpoint_id}",
    }
    assert Permission.SEE_ALL_PAYMENTS not in SHOW_NOBODY


async def test_each_route_that_shows_people_leaves_an_entry(
    client: Client, world: HttpWorld
) -> None:
    """
    One each, that says who, what, by which permission, from where and in which request.
    """
    audited = [path for path, each in staff_reads() if each]
    assert len(audited) > 20
    await into_console(client, world, "mira", *map(Role, EVERY_ROLE))
    for path in audited:
        before = len(world.memory.store.audit)
        answer = await client.get(filled(path), follow_redirects=False)
        entries = world.memory.store.audit[before:]
        assert [entry.action for entry in entries].count("access.shown") == 1, path
        shown = next(entry for entry in entries if entry.action == "access.shown")
        assert answer.status_code != 403, path
        assert shown.facts["route"] == f"GET {path}"
        assert shown.facts["permission"]
        assert (shown.origin.actor, shown.origin.ip) == ("staff:mira", world.peer)
        assert shown.origin.correlation_id == answer.headers["x-request-id"]
        if "{transaction_id" in path:
            assert shown.subject == f"shown:{payment_id(1)}"


async def test_what_is_not_audited_shows_nobody(client: Client, world: HttpWorld) -> None:
    """
    Neither name nor id, email or telephone number of who bought, on any such page.
    """
    bought = await refunded(world, client, 500_00, arn="74537604221", revokes=False)
    await into_console(client, world, "mira", *map(Role, EVERY_ROLE))
    audited = await client.get(f"/console/payments/{bought}")
    assert "asha" in audited.text
    for path, each in staff_reads():
        if not each and path != EVENTS:
            text = (await client.get(filled(path, transaction_id=bought))).text.lower()
            assert not re.search(r"\basha\b", text), path


async def test_a_search_keeps_no_words(client: Client, world: HttpWorld) -> None:
    """
    By which parameters was asked is written, and not for whom; which document was taken is.
    """
    await begun_payment(client, world.bearer("asha"))
    staff = world.bearer("mira", "finance")
    await client.get("/api/admin/payments", params={"q": "asha@example.com"}, headers=staff)
    receipt = f"/api/payment/receipt/{payment_id(1)}"
    await client.get(receipt, params={"number": "INV/2627/0000001"}, headers=staff)
    search, receipt_read = world.memory.store.audit[-2:]

    assert search.facts["asked_by"] == "q"
    assert "asha" not in str(search)
    assert receipt_read.facts["number"] == "INV/2627/0000001"


async def test_students_and_the_unwelcome_leave_no_reading(
    client: Client, world: HttpWorld
) -> None:
    """
    A student sees what is their own; whoever is refused sees nothing, and that is an entry, once a minute.
    """
    payment = await begun_payment(client, world.bearer("asha"))
    before = len(world.memory.store.audit)
    await client.get(f"/api/payment/status/{payment}", headers=world.bearer("asha"))
    for _ in range(3):
        await client.get("/api/admin/payments", headers=world.bearer("ravi"))
    await client.get("/api/admin/payments", headers={"Authorization": "Bearer nonsense"})
    refused, token = world.memory.store.audit[before:]

    assert (refused.action, refused.origin.actor) == ("access.refused", "student:ravi")
    assert refused.facts["permission"] == Permission.SEE_ALL_PAYMENTS
    assert (token.action, token.origin.actor) == ("sign_in.refused", "anonymous")


async def test_without_its_entry_nothing_is_shown(
    client: Client, world: HttpWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    While the storage is away there is no way around the log.
    """

    async def away(*_: object) -> None:
        raise StorageUnavailable("gone")

    monkeypatch.setattr(RecordAccess, "shown", away)
    answer = await client.get("/api/admin/payments", headers=world.bearer("mira", "finance"))

    assert answer.status_code == 503


@pytest.mark.parametrize("role", ["support", "auditor"])
async def test_a_masked_permission_is_noted_all_the_same(
    client: Client, world: HttpWorld, role: str
) -> None:
    """
    Whoever may only read leaves the same entries as whoever may act.
    """
    await client.get("/api/admin/payment/refunds", headers=world.bearer("mira", role))

    assert world.memory.store.audit[-1].action == "access.shown"
