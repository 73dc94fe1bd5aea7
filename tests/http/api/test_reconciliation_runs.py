"""Finance ask for reconciliations over HTTP, list them, and read what each of them found."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any, Final
from zipfile import ZipFile

import pytest
from httpx import Response

from application.reconciliation.ask_reconciliation import ASKED_A_DAY_MAX
from contracts.reconciliation.discrepancies_contract import CALENDAR, UNKNOWN
from contracts.reconciliation.runs_contract import SUMMARY
from domain.business_day import business_day_of
from domain.identifiers import DiscrepancyId
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.run import Run, RunId, RunTrigger
from domain.reconciliation.run_state import RunState
from domain.staff.access import Role
from entrypoints.http.api.cursor import write_text_cursor
from fakes.clock import NOON
from fakes.store import RunRow
from worlds.http import Client, HttpWorld, pointers, problem

RUNS: Final = "/api/admin/reconciliation"
DAY: Final = timedelta(days=1)
TODAY: Final = business_day_of(NOON)
NAMES: Final = "ABCDEFGHIJ"


@pytest.fixture
def finance(world: HttpWorld) -> dict[str, str]:
    world.add_member("mira", Role.FINANCE)
    return world.bearer("mira", "finance")


async def ask(
    client: Client, headers: Mapping[str, str], first: date = TODAY, last: date | None = None
) -> Response:
    body = {"first": first.isoformat(), "last": (last or first).isoformat()}
    return await client.post(f"{RUNS}/run", json=body, headers=headers)


def a_run(world: HttpWorld, number: int = 0, **changes: Any) -> Run:
    """Keep a run that has ended half a minute after it was asked for, the later the higher its number."""
    at = world.clock.now() - 9 * DAY + number * DAY
    run = Run(
        id=RunId(f"RC{NAMES[number] * 18}"),
        first=TODAY,
        last=TODAY,
        trigger=RunTrigger.JOB,
        requested_at=at,
        requested_by="system",
        state=RunState.COMPLETE,
        attempts=1,
        as_of=at,
        ended_at=at + timedelta(seconds=30),
        summary=SUMMARY,
    )
    run = replace(run, **changes)
    world.memory.store.runs[run.id] = RunRow(run=run)
    return run


def found(world: HttpWorld, number: int, first: datetime, last: datetime) -> DiscrepancyId:
    finding = replace(UNKNOWN, ref=f"ref-{number}", difference_paise=number, posted_paise=number)
    new = replace(Discrepancy.of(finding, first, CALENDAR), last_found_at=last, version=1)
    world.memory.store.discrepancies[new.id] = new
    return new.id


async def test_a_run_is_asked_for_done_and_read(
    client: Client, world: HttpWorld, finance: dict[str, str]
) -> None:
    """
    While it has not ended it is the same one; a worker is woken for it, and its address tells what came of it.
    """
    world.woken = 0
    asked = await ask(client, finance, TODAY - DAY, TODAY)
    assert world.woken == 1
    again = await ask(client, finance, TODAY - DAY, TODAY)
    waiting = (await client.get(asked.headers["location"], headers=finance)).json()
    await world.use_cases().reconciliation().run()()
    ended = (await client.get(asked.headers["location"], headers=finance)).json()

    assert (asked.status_code, again.status_code) == (202, 202)
    assert asked.json() == again.json()
    assert asked.headers["location"] == f"{RUNS}/{asked.json()['id']}"
    assert (asked.json()["state"], asked.json()["requested_by"]) == ("requested", "staff:mira")
    assert (asked.json()["first"], asked.json()["last"]) == ("2026-08-02", "2026-08-03")
    assert (waiting["totals"], waiting["counts"], waiting["calendar"]) == (None, None, None)
    assert waiting["found"] == {"items": [], "next": None, "currency": "INR"}
    assert (ended["state"], ended["matched"], ended["discrepancies"]) == ("complete", 0, 0)
    assert ended["as_of"] == ended["ended_at"] == "2026-08-03T12:00:00Z"
    assert (await ask(client, finance, TODAY - DAY, TODAY)).json()["id"] != ended["id"]


@pytest.mark.parametrize(
    ("first", "last"),
    [(TODAY, TODAY - DAY), (TODAY - 31 * DAY, TODAY), (TODAY, TODAY + DAY)],
    ids=["backwards", "long", "future"],
)
async def test_another_range_is_refused(
    client: Client, world: HttpWorld, finance: dict[str, str], first: date, last: date
) -> None:
    """
    Nothing is begun; 31 days up to today are the most.
    """
    assert pointers(problem(await ask(client, finance, first, last), 422, "range-refused")) == [
        "/last"
    ]

    assert world.memory.store.runs == {}
    assert (await ask(client, finance, TODAY - 30 * DAY, TODAY)).status_code == 202


@pytest.mark.parametrize(
    "body", [{}, {"first": "2026-08-03"}, {"first": "3 August", "last": "2026-08-03"}]
)
async def test_what_is_no_range_is_refused(
    client: Client, finance: dict[str, str], body: dict[str, str]
) -> None:
    """
    Both days are needed, as dates.
    """
    answer = await client.post(f"{RUNS}/run", json=body, headers=finance)

    problem(answer, 422, "invalid-request")


async def test_one_person_asks_ten_times_a_day(
    client: Client, world: HttpWorld, finance: dict[str, str]
) -> None:
    """
    The next one waits for midnight in India; what has not ended is answered all the same.
    """
    for each in range(ASKED_A_DAY_MAX):
        await ask(client, finance, TODAY - each * DAY)

    refused = await ask(client, finance, TODAY - 20 * DAY)

    assert "at most 10 runs" in problem(refused, 429, "too-many-runs")["detail"]
    assert refused.headers["retry-after"] == str(6 * 3600 + 30 * 60)
    assert (await ask(client, finance)).status_code == 202
    colleague = world.bearer("ada", "admin")
    assert (await ask(client, colleague, TODAY - 20 * DAY)).status_code == 202


async def test_a_run_tells_what_it_came_to(
    client: Client, world: HttpWorld, finance: dict[str, str]
) -> None:
    """
    Totals in rupees, counts by type and cause, its files, and those that it awaits.
    """
    told = replace(
        SUMMARY,
        types={"missing_in_system": 1},
        refunded_paise=-500_00,
        missing={"SIM0001": "2026-08-02"},
    )
    run = a_run(world, summary=told, state=RunState.INCOMPLETE)

    answer = (await client.get(f"{RUNS}/{run.id}", headers=finance)).json()

    assert answer["state"] == "incomplete"
    assert answer["totals"]["matched_amount"] == "1180.00"
    assert answer["totals"]["refunded"] == "-500.00"
    assert answer["counts"] == {
        "types": {"missing_in_system": 1},
        "causes": {"unknown_order": 1},
        "credits": {},
        "payouts": {},
    }
    assert answer["files"] == [
        {"sha256": "a" * 64, "settlement": "SIM0001/2026-11-13", "posted": True}
    ]
    assert answer["awaited"] == [{"mid": "SIM0001", "day": "2026-08-02"}]
    assert answer["calendar"] == "maharashtra-2026"


async def test_what_a_run_found_is_read_by_pages(
    client: Client, world: HttpWorld, finance: dict[str, str]
) -> None:
    """
    The gravest first; neither what earlier runs found last nor what later ones found first.
    """
    run = a_run(world, 5)
    at = run.ended_at
    assert at
    ids = [
        found(world, 1, at, at),
        found(world, 2, at - DAY, at),
        found(world, 3, at - DAY, at + DAY),
    ]
    found(world, 4, at - 2 * DAY, at - DAY)
    found(world, 5, at + DAY, at + DAY)

    async def read(**query: Any) -> Any:
        answer = await client.get(f"{RUNS}/{run.id}", params=query, headers=finance)
        return answer.json()["found"]

    first = await read(limit=2)
    rest = await read(limit=2, cursor=first["next"])

    assert [each["id"] for each in (*first["items"], *rest["items"])] == ids[::-1]
    assert rest["next"] is None
    failed = a_run(world, 5, summary=None, state=RunState.FAILED, why="line lost")
    told = (await client.get(f"{RUNS}/{failed.id}", headers=finance)).json()
    assert (told["why"], told["found"]["items"]) == ("line lost", [])


async def test_runs_are_listed_by_pages(
    client: Client, world: HttpWorld, finance: dict[str, str]
) -> None:
    """
    The latest first; each page leads to the next.
    """
    ids = [a_run(world, number).id for number in range(3)]

    first = (await client.get(RUNS, params={"limit": 2}, headers=finance)).json()
    query = {"limit": 2, "cursor": first["next"]}
    rest = (await client.get(RUNS, params=query, headers=finance)).json()

    assert [each["id"] for each in (*first["items"], *rest["items"])] == ids[::-1]
    assert rest["next"] is None
    assert rest["items"][0]["matched"] == 2


async def test_what_is_no_run_is_not_found(
    client: Client, world: HttpWorld, finance: dict[str, str]
) -> None:
    """
    Nor is a cursor of another list, or none at all, a place in this one.
    """
    run = a_run(world)
    foreign = write_text_cursor(NOON, "RC1")

    for name in ("RCX", "RC" + "Z" * 18):
        problem(await client.get(f"{RUNS}/{name}", headers=finance), 404, "not-found")
    for path in (f"{RUNS}?cursor={foreign}", f"{RUNS}?cursor=x", f"{RUNS}/{run.id}?cursor=x"):
        problem(await client.get(path, headers=finance), 400, "cursor-invalid")
    problem(await client.get(f"{RUNS}?limit=0", headers=finance), 422, "invalid-request")


async def test_who_may(client: Client, world: HttpWorld) -> None:
    """
    Finance and administrators; support neither asks nor reads.
    """
    run, support = a_run(world), world.bearer("sana", "support")

    assert (await ask(client, world.bearer("ada", "admin"))).status_code == 202
    for refused in (
        await ask(client, support),
        await client.get(RUNS, headers=support),
        await client.get(f"{RUNS}/{run.id}", headers=support),
    ):
        problem(refused, 403, "not-allowed")


WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(("form", "media_type"), [("csv", "application/zip"), ("xlsx", WORKBOOK)])
async def test_a_run_is_fetched_as_a_file(
    client: Client, world: HttpWorld, finance: dict[str, str], form: str, media_type: str
) -> None:
    """
    With a name, and for no cache; who fetched it is written down.
    """
    run = a_run(world)

    answer = await client.get(f"{RUNS}/{run.id}/export?format={form}", headers=finance)

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    name = f"reconciliation-{run.id}.{'zip' if form == 'csv' else form}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert "no-store" in answer.headers["cache-control"]
    assert ZipFile(BytesIO(answer.content)).testzip() is None
    entry = world.memory.store.audit[-1]
    assert (entry.action, entry.subject, entry.origin.actor) == (
        "reconciliation.exported",
        run.id,
        "staff:mira",
    )


async def test_what_cannot_be_exported_is_refused(
    client: Client, world: HttpWorld, finance: dict[str, str]
) -> None:
    """
    A run that has not concluded, one that nobody knows, and another form; support exports nothing.
    """
    asked = (await ask(client, finance)).json()["id"]
    run, support = a_run(world), world.bearer("sana", "support")

    refused = await client.get(f"{RUNS}/{asked}/export", headers=finance)
    problem(refused, 409, "run-not-concluded")
    for name in ("RCX", "RC" + "Z" * 18):
        problem(await client.get(f"{RUNS}/{name}/export", headers=finance), 404, "not-found")
    another = await client.get(f"{RUNS}/{run.id}/export?format=pdf", headers=finance)
    problem(another, 422, "invalid-request")
    problem(await client.get(f"{RUNS}/{run.id}/export", headers=support), 403, "not-allowed")
