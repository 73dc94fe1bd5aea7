"""Finance sees discrepancies over HTTP, resolves them, and a second person approves: by permission, once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from httpx import Response

from contracts.reconciliation.discrepancies_contract import CALENDAR, UNKNOWN
from domain.identifiers import DiscrepancyId
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.taxonomy import Cause, DiscrepancyType
from domain.staff.access import Role
from entrypoints.http.api.discrepancy_cursor import (
    read_discrepancy_cursor,
    write_discrepancy_cursor,
)
from entrypoints.http.problems import HttpProblem
from fakes.clock import NOON
from ports.reconciliation.discrepancy_queries import DiscrepancyCursor
from worlds.http import Client, HttpWorld, problem
from worlds.settings import settings_with

LIST: Final = "/api/admin/discrepancies"
ACT: Final = "/api/admin/reconciliation"
MIRA, NOOR = "mira", "noor"


@pytest.fixture
def seed(world: HttpWorld) -> str:
    world.add_member(NOOR, Role.FINANCE)
    return world.add_member(MIRA, Role.FINANCE)


def found(
    world: HttpWorld, number: int = 1, paise: int = -9_00, cause: Cause = Cause.GROSS_DIFFERS
) -> DiscrepancyId:
    finding = replace(
        UNKNOWN,
        type=DiscrepancyType.AMOUNT_MISMATCH,
        cause=cause,
        ref=f"ref-{number}",
        difference_paise=paise,
        posted_paise=paise,
    )
    at = world.clock.now() - timedelta(days=number)
    new = replace(Discrepancy.of(finding, at, CALENDAR), version=1, times_found=2)
    world.memory.store.discrepancies[new.id] = new
    return new.id


async def act(
    client: Client,
    world: HttpWorld,
    path: str,
    who: str = MIRA,
    key: str | None = None,
    **body: Any,
) -> Response:
    headers = world.bearer(who, "finance") | ({"Idempotency-Key": key} if key else {})
    return await client.post(f"{ACT}/{path}", json=body, headers=headers)


async def write_off(client: Client, world: HttpWorld, *ids: str, **other: Any) -> Response:
    body = {"ids": list(ids), "action": "write_off", "note": "as agreed", "version": 1, **other}
    return await act(client, world, "resolve", **body)


async def test_the_list_is_filtered_and_read_by_pages(client: Client, world: HttpWorld) -> None:
    """
    By state, age and id, the gravest first; each page leads to the next.
    """
    ids = [found(world, number) for number in (1, 2, 3)]
    headers = world.bearer(MIRA, "finance")

    async def read(**query: Any) -> Any:
        return (await client.get(LIST, params=query, headers=headers)).json()

    first = await read(limit=2, order="found")
    rest = await read(limit=2, order="found", cursor=first["next"])

    assert [each["id"] for each in (*first["items"], *rest["items"])] == ids
    assert rest["next"] is None
    assert [each["id"] for each in (await read(order="priority"))["items"]] == ids[::-1]
    assert [each["id"] for each in (await read(search=ids[1]))["items"]] == [ids[1]]
    assert [each["id"] for each in (await read(older_than_days=2))["items"]] == [ids[2]]
    assert (await read(state=["resolved", "healed"]))["items"] == []
    assert len((await read(cause="gross_differs", owner="finance", search=" "))["items"]) == 3
    assert first["items"][0]["difference"] == "-9.00"
    problem(await client.get(f"{LIST}?cursor=x", headers=headers), 400, "cursor-invalid")
    problem(await client.get(f"{LIST}?state=x", headers=headers), 422, "invalid-request")


async def test_a_small_one_is_written_off_and_its_timeline_tells_so(
    client: Client, world: HttpWorld, seed: str
) -> None:
    """
    First by a dry run, which shows the journal; then by name, and undone.
    """
    small = found(world)
    headers = world.bearer(MIRA, "finance")

    dry = (await write_off(client, world, small, dry_run=True)).json()["outcomes"]
    first, repeat = [await write_off(client, world, small, key="k-1") for _ in range(2)]
    done, again = first.json()["outcomes"], repeat.json()["outcomes"]
    assert [each.headers.get("Idempotent-Replayed") for each in (first, repeat)] == [None, "true"]
    undone = (await write_off(client, world, small, action="undo", version=2)).json()["outcomes"]
    detail = (await client.get(f"{LIST}/{small}", headers=headers)).json()

    assert [each["amount"] for each in dry[0]["journal"]["entries"]] == ["9.00", "-9.00"]
    assert (dry[0]["version"], dry[0]["state"]) == (1, "resolved")
    assert (done[0]["state"], done[0]["version"]) == ("resolved", 2)
    assert again == done
    assert undone[0]["state"] == "open"
    assert [each["state"] for each in detail["resolutions"]] == ["undone", "in_force"]
    assert [each["what"] for each in detail["timeline"]] == [
        "found",
        "found again, 2 times in all",
        "write_off decided",
        "write_off undone",
        "undo decided",
    ]
    assert detail["evidence"]["rrn"] == "631612345678"
    assert detail["lines"][0]["line"] == 4


async def test_a_second_person_approves_or_rejects(
    client: Client, world: HttpWorld, seed: str
) -> None:
    """
    The first person is refused in the answer for that discrepancy; both names are told.
    """
    large, other = found(world, 1, -900_00), found(world, 2, -900_00)
    await write_off(client, world, large, other)

    headers = world.bearer(MIRA, "finance")
    proposed = (await client.get(f"{LIST}?proposed=true", headers=headers)).json()
    own = (await act(client, world, "approve", ids=[large], version=2)).json()["outcomes"]
    approved = await act(client, world, "approve", NOOR, ids=[large], version={large: 2})
    rejected = await act(client, world, "reject", NOOR, ids=[other, large], version=2)

    assert {each["id"] for each in proposed["items"]} == {large, other}
    assert own[0]["problem"]["type"].endswith("/resolution-second-person-needed")
    told = approved.json()["outcomes"][0]
    assert (told["state"], told["resolution"]["approved_by"]) == ("resolved", "staff:noor")
    first, second = rejected.json()["outcomes"]
    assert (first["state"], first["resolution"]["state"]) == ("open", "rejected")
    assert second["problem"]["type"].endswith("/discrepancy-stale")
    detail = (await client.get(f"{LIST}/{large}", headers=headers)).json()
    assert detail["timeline"][-1]["what"] == "write_off approved"


@pytest.mark.parametrize(
    ("changes", "slug", "members"),
    [
        (
            {"action": "not_ours"},
            "resolution-action-unlawful",
            {"lawful": ["accept_bank", "claim", "wait_until", "write_off"]},
        ),
        (
            {"action": "claim"},
            "resolution-field-refused",
            {
                "errors": [
                    {
                        "field": "until",
                        "code": "invalid",
                        "detail": "claim needs the day of the bank",
                        "pointer": "/until",
                    }
                ]
            },
        ),
        ({"version": 7}, "discrepancy-stale", {"version": 1}),
        ({"version": {}}, "discrepancy-stale", {"version": 1}),
        (
            {"note": "\u0301\u0301\u0301"},
            "resolution-note-refused",
            {
                "errors": [
                    {
                        "field": "note",
                        "code": "invalid",
                        "detail": "it is blank",
                        "pointer": "/note",
                    }
                ]
            },
        ),
        ({"note": "4111 1111 1111 1111"}, "card-number-refused", {}),
        ({"action": "undo"}, "nothing-in-force", {}),
    ],
    ids=["action", "field", "version", "none", "note", "card", "undo"],
)
async def test_a_refusal_is_told_for_each(
    client: Client, world: HttpWorld, seed: str, *, changes: Any, slug: str, members: Any
) -> None:
    """
    As a problem inside the answer, with what would be right.
    """
    small = found(world)

    answer = await write_off(client, world, small, **changes)

    told = answer.json()["outcomes"][0]["problem"]
    assert told["type"].endswith(f"/{slug}")
    assert {name: told[name] for name in members} == members
    assert world.memory.store.discrepancies[small].state is DiscrepancyState.OPEN


async def test_a_request_that_cannot_be_right_is_refused_whole(
    client: Client, world: HttpWorld, seed: str
) -> None:
    """
    A refund without a code, a payment that is none, an amount that is none, and too many.
    """
    twice = found(world, cause=Cause.CHARGED_TWICE)
    refund = {"action": "refund_student", "payment_id": "x"}

    problem(await write_off(client, world, twice, action="refund_student"), 422, "invalid-request")
    problem(
        await write_off(client, world, twice, **refund, otp="123456"),
        422,
        "resolution-field-refused",
    )
    problem(await write_off(client, world, twice, amount="1.005"), 422, "amount-inexact")
    problem(await write_off(client, world, *[f"DC{n}" for n in range(51)]), 422, "invalid-request")
    problem(await write_off(client, world, twice, key="x" * 256), 400, "idempotency-key-invalid")
    closed = await write_off(client, world, twice, amount="9.00", until="2026-08-04")
    assert closed.json()["outcomes"][0]["problem"]["status"] == 409


async def test_each_student_who_is_refunded_counts_as_a_refund() -> None:
    """
    Two in one request are two; beyond the refunds of an hour none is refunded, and losses are written off still.
    """
    world = HttpWorld(settings_with(limit_refund="2/hour"))
    world.add_member(MIRA, Role.FINANCE)
    refund = {"action": "refund_student", "otp": "123456"}
    async with world.serve() as client:
        both = [found(world, number, cause=Cause.CHARGED_TWICE) for number in (1, 2)]
        first = await write_off(client, world, *both, **refund)
        second = await write_off(client, world, both[0], **refund)
        other = await write_off(client, world, found(world, 3))

    assert first.headers["ratelimit"].startswith('"resolution";r=29;t=60, "refund";r=0;t=')
    problem(second, 429, "too-many-requests")
    assert other.status_code == 200


async def test_who_may(client: Client, world: HttpWorld, seed: str) -> None:
    """
    Administrators see discrepancies and decide nothing; an id that is none of ours is not found.
    """
    small = found(world)
    admin = world.bearer("ada", "admin")
    body = {"ids": [small], "action": "write_off", "note": "as agreed", "version": 1}

    assert (await client.get(f"{LIST}/{small}", headers=admin)).status_code == 200
    problem(await client.get(f"{LIST}/DCX", headers=admin), 404, "not-found")
    problem(await client.get(f"{LIST}/DCAAAAAAAAAAAAAAAAAA", headers=admin), 404, "not-found")
    problem(await client.post(f"{ACT}/resolve", json=body, headers=admin), 403, "not-allowed")
    problem(await client.get(LIST, headers=world.bearer("sana", "support")), 403, "not-allowed")


def test_a_cursor_is_read_as_it_was_written() -> None:
    """
    And anything else is refused, whatever it is.
    """
    cursor = DiscrepancyCursor(
        at=NOON, overdue=True, weight=7, found_at=NOON, id=DiscrepancyId("DCAAAAAAAAAAAAAAAAAA")
    )

    text = write_discrepancy_cursor(cursor)

    assert read_discrepancy_cursor(text) == cursor
    for broken in (
        "",
        "x" * 300,
        text[:-3],
        text + "A",
        "é",
        write_discrepancy_cursor(replace(cursor, id=DiscrepancyId("x"))),
    ):
        with pytest.raises(HttpProblem):
            read_discrepancy_cursor(broken)
